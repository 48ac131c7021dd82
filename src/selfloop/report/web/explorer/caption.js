// What the line under the stage reads: the formula of a number, and the line of code that makes it.

/** @import { Code, State } from "./types.js" */
/** @import { Model } from "./model.js" */
import { address, parseAddress } from "./quantities.js";

/**
 * What a scene is about, when nothing is pointed at.
 * @param {State} state
 * @param {Model} model
 */
export function subject({ scene, view, op, t, unit, output }, model) {
  const belt = model.trace.cell === "lstm" ? "c" : "h";
  if (scene === "cut") return address(model, "alone", t, unit, "h");
  if (scene === "answer" && model.head) return address(model, "answer", t, output);
  if (view === "backward" && scene !== "operation") return address(model, belt === "c" ? "dc" : "dh", t, unit);
  if (scene === "cell") return address(model, "state", t, unit, belt);
  if (scene === "operation") return address(model, model.w.order.includes(op) && op !== "h" ? "gate" : "state", t, unit, op);
  return address(model, "state", t, unit, "h");
}

/**
 * The symbol whose line of code makes a number.
 * @param {string} text
 * @param {Model} model
 */
export function symbolOf(text, model) {
  const { kind, name } = parseAddress(text);
  const belt = model.gru ? "h" : "c";
  if (kind === "term" || kind === "weight" || kind === "factor") return name.split(".")[0];
  return { keep: belt, write: belt, written: belt, belt, opening: "h", squash: "h", u: "n", alone: "h", dh: "h", dc: "c" }[kind] ?? name;
}

/**
 * @param {Code} code
 * @param {string} symbol
 */
export function codeLine(code, symbol) {
  const at = code.lines.findIndex((line) => line.symbol === symbol);
  return at < 0 ? null : { text: code.lines[at].text.trim(), place: `selfloop/${code.file}:${code.line + at}` };
}
