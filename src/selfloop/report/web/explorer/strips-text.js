// What each step is and what was said of it: symbols, true and predicted labels, along the time axis of the strips.

/** @import { Palette } from "./canvas.js" */
/** @import { Strip } from "./strip.js" */
/** @import { Strips } from "./strips.js" */
import { row } from "./arrays.js";
import { el } from "./dom.js";
import { percent } from "./numbers.js";
import { mix, rgb } from "./scales.js";
import { stripOf } from "./strip.js";
import { bestOf, runs, truthAt, visible } from "./symbols.js";

const FONT = "13px system-ui, sans-serif";
const GAP = 6; // px between two labels
const [ROW, BAR] = [18, 14]; // px

/** What is drawn on: steps `from` to `stop` − 1, each `step` px wide. */
/** @typedef {{context: CanvasRenderingContext2D, from: number, stop: number, x: (t: number) => number, step: number}} Drawn */

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Strips} strips
 * @returns {Drawn | null}
 */
function opened(canvas, { view }) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const ratio = devicePixelRatio || 1;
  [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
  const context = canvas.getContext("2d");
  if (!context) return null;
  context.scale(ratio, ratio);
  context.font = FONT;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const { from, step, T } = view;
  return { context, from, stop: Math.min(T, from + Math.ceil(width / step) + 1), step, x: (t) => (t - from) * step };
}

/** @type {CanvasRenderingContext2D | null} */
let ruler = null;

/**
 * The width of the widest of some words, px.
 * @param {Iterable<string>} words
 */
export function widest(words) {
  ruler ??= document.createElement("canvas").getContext("2d");
  if (!ruler) return 60;
  ruler.font = FONT;
  let most = 0;
  for (const each of new Set(words)) most = Math.max(most, ruler.measureText(each).width);
  return most;
}

/**
 * A word cut so that it fits; empty where nothing of it does.
 * @param {CanvasRenderingContext2D} context
 * @param {string} word
 * @param {number} room px
 */
function fitting(context, word, room) {
  if (context.measureText(word).width <= room) return word;
  for (let most = word.length - 1; most > 0; most--) {
    const cut = `${word.slice(0, most)}…`;
    if (context.measureText(cut).width <= room) return cut;
  }
  return "";
}

/**
 * The symbols themselves: the axis that all strips share.
 * @param {Strips} strips
 * @returns {Strip}
 */
export function symbolStrip(strips) {
  const symbols = (strips.world.exploration.symbols ?? []).map(visible);
  return stripOf({
    label: el("span", { class: "muted" }, "symbol"), height: ROW, still: true, aria: "The symbol at each step", source: () => strips.view.key,
    draw: (canvas) => {
      const drawn = opened(canvas, strips);
      if (!drawn) return;
      const { context, from, stop, x, step } = drawn;
      context.fillStyle = strips.colours.look("ink");
      for (let t = from; t < stop; t++) context.fillText(fitting(context, symbols[t], step - 2), x(t) + step / 2, ROW / 2);
    },
    value: (state) => `“${symbols[state.t]}”`,
  });
}

/**
 * Labels of runs of steps, each over its steps; what has no room is left out.
 * @param {Drawn} drawn
 * @param {[number, number, number][]} found
 * @param {string[]} labels
 * @param {(t: number) => string} ink
 * @param {string} grid
 */
function labelRuns({ context, from, x, stop }, found, labels, ink, grid) {
  for (const [first, end, k] of found) {
    const [left, right] = [x(Math.max(first, from)), x(Math.min(end, stop))];
    context.fillStyle = grid;
    if (right - left > GAP) context.fillRect(right - 0.5, 3, 1, ROW - 6);
    if (k < 0) continue;
    context.fillStyle = ink(first);
    context.fillText(fitting(context, labels[k], right - left - 2), (left + right) / 2, ROW / 2);
  }
}

/**
 * What was true at each step.
 * @param {Strips} strips
 * @param {string[]} labels
 * @returns {Strip}
 */
export function truthStrip(strips, labels) {
  const { exploration, models } = strips.world;
  const truths = Array.from({ length: models[0].T }, (_, t) => truthAt(exploration, t) ?? -1);
  return stripOf({
    label: exploration.asked === "after" ? "comes next" : "true label", height: ROW, still: true, aria: "What is true at each step", source: () => strips.view.key,
    draw: (canvas) => {
      const drawn = opened(canvas, strips);
      if (drawn) labelRuns(drawn, parted(truths, drawn), labels, () => strips.colours.look("ink"), strips.colours.grid);
    },
    value: (state) => (truths[state.t] < 0 ? "not known" : labels[truths[state.t]]),
  });
}

/**
 * Steps with the same label together, where each has too little room for its own; else each by itself.
 * @param {number[]} numbers
 * @param {Drawn} drawn
 * @returns {[number, number, number][]}
 */
function parted(numbers, { from, stop, step }) {
  if (step < 10) return runs(numbers, from, stop);
  return Array.from({ length: stop - from }, (_, k) => [from + k, from + k + 1, numbers[from + k]]);
}

/**
 * What a model says at each step, how probable it finds that, and where it is wrong.
 * @param {Strips} strips
 * @param {number} which
 * @returns {Strip}
 */
export function saidStrip(strips, which) {
  const { exploration, models } = strips.world;
  const model = models[which];
  const labels = model.head?.head.labels ?? [];
  const { T, K } = model;
  /** @type {import("./types.js").Numbers | null} */
  let last = null;
  let changes = 0;
  const verb = exploration.asked === "after" ? "expects" : "says";
  return stripOf({
    label: el("span", {}, models.length > 1 ? `${model.trace.label} ${verb}` : `it ${verb}`, el("br"), el("small", {}, "how surely; red: wrong")),
    height: ROW + BAR, still: true, classes: "said", aria: `What the ${model.trace.label} says at each step, with its probability; where it is wrong it is red`,
    source: (courses) => {
      if (courses[which].answers !== last) changes++;
      last = courses[which].answers;
      return `${strips.view.key}:${changes}`;
    },
    draw: (canvas, courses) => {
      const { answers } = courses[which];
      const drawn = opened(canvas, strips);
      if (!drawn || !answers) return;
      const best = Array.from({ length: T }, (_, t) => bestOf(row(answers, t, K)));
      const wrong = (/** @type {number} */ t) => { const truth = truthAt(exploration, t); return truth !== null && truth !== best[t]; };
      bars(drawn, strips.colours, (t) => answers[t * K + best[t]], wrong);
      const [ink, red] = [strips.colours.look("ink"), strips.colours.look("positive")];
      labelRuns(drawn, parted(best, drawn), labels, (t) => (drawn.step >= 10 && wrong(t) ? red : ink), strips.colours.grid);
    },
    value: (state, courses) => {
      const { answers } = courses[which];
      if (!answers) return "";
      const answer = row(answers, state.t, K);
      const best = bestOf(answer);
      return best < 0 ? "NaN" : `${labels[best]} ${percent(answer[best])}`;
    },
  });
}

/**
 * @param {Drawn} drawn
 * @param {Palette} colours
 * @param {(t: number) => number} share
 * @param {(t: number) => boolean} wrong
 */
function bars({ context, from, stop, x, step }, colours, share, wrong) {
  const [usual, red] = [mix(colours.paper, colours.heat, 0.45), mix(colours.paper, rgb(colours.look("positive")), 0.85)];
  context.fillStyle = colours.grid;
  context.fillRect(0, ROW + BAR - 1, x(stop), 1);
  for (let t = from; t < stop; t++) {
    const height = (BAR - 1) * Math.min(1, Math.max(0, share(t) || 0));
    context.fillStyle = `rgb(${wrong(t) ? red : usual})`;
    context.fillRect(x(t) + (step > 4 ? 1 : 0), ROW + BAR - height, Math.max(step - (step > 4 ? 2 : 0), 0.5), height);
    if (wrong(t) && step > 4) context.fillRect(x(t) + 1, ROW - 2, step - 2, 2); // not by colour alone
  }
}
