// Symbols under steps, and what is true and likeliest at a step. Pure.

/** @import { Exploration } from "./types.js" */
import { percent } from "./numbers.js";

/** How many likeliest answers are named where there are more than fit. */
export const LIKELIEST = 6;

/** @type {Record<string, string>} */
const DRAWN = { " ": "␣", "\n": "⏎", "\t": "⇥", "\r": "␍", "\u00a0": "⍽", "": "∅" };

/**
 * A symbol so that it can be seen: what is white has a sign.
 * @param {string} symbol
 */
export const visible = (symbol) => DRAWN[symbol] ?? symbol;

/**
 * Are these the characters of a text, which stand side by side?
 * @param {string[]} symbols
 */
export const areCharacters = (symbols) => symbols.every((each) => [...each].length === 1);

/**
 * The true class of the answer at a step; null where nobody knows it.
 * @param {Exploration} exploration
 * @param {number} t
 */
export function truthAt({ target_class: whole, true_classes: each }, t) {
  if (whole !== null) return whole;
  const found = each?.[t] ?? -1;
  return found < 0 ? null : found;
}

/**
 * Has every step an answer of its own, a class?
 * @param {Exploration} exploration
 */
export const stepwise = ({ asked }) => asked === "step" || asked === "after";

/**
 * The likeliest few classes, likeliest first, and those that are wanted in any case.
 * @param {ArrayLike<number>} answer (K,)
 * @param {(number | null)[]} wanted
 */
export function likeliest(answer, wanted = []) {
  const order = Array.from(answer, (_, k) => k).sort((a, b) => answer[b] - answer[a] || a - b);
  const must = new Set(wanted);
  return order.filter((k, place) => place < LIKELIEST || must.has(k));
}

/**
 * The class with the highest probability; −1 where none is a number.
 * @param {ArrayLike<number>} answer
 */
export function bestOf(answer) {
  let best = -1;
  for (let k = 0; k < answer.length; k++) if (answer[k] > (best < 0 ? -Infinity : answer[best])) best = k;
  return best;
}

/**
 * What is likeliest at a step, in words.
 * @param {Exploration} exploration
 * @param {string[]} labels
 * @param {ArrayLike<number>} answer
 * @param {number} t
 */
export function likelyWords(exploration, labels, answer, t) {
  const { asked, symbols, first_step: first } = exploration;
  const truth = truthAt(exploration, t);
  const symbol = symbols?.length ? ` “${visible(symbols[t])}”` : "";
  const where = `${asked === "after" ? "After step" : "Step"} ${first + t + 1}${symbol}: `;
  const named = (/** @type {number} */ k) => (asked === "after" ? `“${labels[k]}”` : labels[k]);
  const said = likeliest(answer).map((k) => `${named(k)} ${percent(answer[k])}`).join(", ");
  const rest = answer.length > LIKELIEST ? ", ..." : "";
  if (truth === null) return `${where}${said}${rest}`;
  const right = bestOf(answer) === truth;
  return `${where}${said}${rest} · ${asked === "after" ? "next came" : "true label"} ${named(truth)}, ${percent(answer[truth])}: ${right ? "right" : "wrong"}`;
}

/**
 * Steps that follow each other with the same number, as [first, stop, number].
 * @param {ArrayLike<number>} numbers
 * @param {number} from
 * @param {number} stop
 */
export function runs(numbers, from, stop) {
  /** @type {[number, number, number][]} */
  const found = [];
  for (let t = from; t < stop; t++) {
    const last = found[found.length - 1];
    if (last && last[2] === numbers[t]) last[1] = t + 1;
    else found.push([t, t + 1, numbers[t]]);
  }
  return found;
}

/**
 * The first step of the window that is in sight: it moves as little as it must to keep the cursor in it, and to the
 * cursor where that is far away.
 * @param {number} from NaN: nothing was in sight yet
 * @param {number} t
 * @param {number} shown steps that fit
 * @param {number} T
 */
export function windowAt(from, t, shown, T) {
  if (shown >= T) return 0;
  if (!(t >= from - shown / 2 && t < from + 1.5 * shown)) return Math.round(Math.min(Math.max(t - shown / 2, 0), T - shown)); // far away
  const margin = Math.min(3, Math.floor(shown / 4));
  const least = t - shown + 1 + margin;
  return Math.round(Math.min(Math.max(Math.min(Math.max(from, least), t - margin), 0), T - shown));
}
