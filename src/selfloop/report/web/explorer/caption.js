// What the line under the stage is about: a number, and the line of code that makes it.

/** @import { Code, State } from "./types.js" */
/** @import { Model } from "./model.js" */
import { HIDDEN } from "./kind.js";
import { address, parseAddress } from "./quantities.js";

/**
 * What a scene is about, when nothing is pointed at.
 * @param {State} state
 * @param {Model} model
 */
export function subject({ scene, view, op, t, unit, output }, model) {
  const { carried, order } = model.kind;
  if (scene === "cut") return address(model, "alone", t, unit, HIDDEN);
  if (scene === "answer" && model.head) return address(model, "answer", t, output);
  if (view === "backward" && scene !== "operation") return address(model, `d${carried}`, t, unit);
  if (scene === "cell") return address(model, "state", t, unit, carried);
  if (scene === "operation") return address(model, order.includes(op) && op !== HIDDEN ? "gate" : "state", t, unit, op);
  return address(model, "state", t, unit, HIDDEN);
}

/**
 * The symbol whose line of code makes a number.
 * @param {string} text
 * @param {Model} model
 */
export function symbolOf(text, { kind: { carried } }) {
  const { kind, name } = parseAddress(text);
  if (kind === "term" || kind === "weight" || kind === "factor") return name.split(".")[0];
  const made = { keep: carried, write: carried, written: carried, belt: carried, rest: carried, squash: HIDDEN, alone: HIDDEN, dh: HIDDEN, dc: carried };
  return /** @type {Record<string, string>} */ (made)[kind] ?? name;
}

/**
 * @param {Code | null} code
 * @param {string} symbol
 */
export function codeLine(code, symbol) {
  const at = code ? code.lines.findIndex((line) => line.symbol === symbol) : -1;
  return !code || at < 0 ? null : { text: code.lines[at].text.trim(), place: `${code.file}:${code.line + at}` };
}
