// One operation with its actual numbers: the terms of a sum, one after the other, and what the activation makes of it.

/** @import { Shape } from "./types.js" */
/** @import { Scene } from "./scene.js" */
/** @import { Term } from "./quantities.js" */
/** @import { Activation } from "./activations.js" */
import { ACTIVATIONS } from "./activations.js";
import { drawingOf } from "./drawings.js";
import { gateLook, gateOf, stateLook } from "./kind.js";
import { fitted, three } from "./numbers.js";
import { answerTerms, read, termsOf } from "./quantities.js";
import { at, cut } from "./scene.js";
import { curveShapes } from "./scene-curve.js";
import { ledgerShapes } from "./scene-ledger.js";
import { number, rect, text, way } from "./shapes.js";

const MOST_ROWS = 14;

/**
 * @param {Scene} scene
 * @returns {Shape[]}
 */
export function operationScene(scene) {
  const { model: { kind }, state: { op }, W, narrow } = scene;
  const gate = gateOf(kind, op);
  const frame = rect(gate ? `gate:${op}` : `node:${op}:frame`, 1, 8, W - 2, narrow ? 544 : 416, {
    r: 12, cls: "gate open", stroke: `var(--${gate ? gateLook(kind, op) : stateLook(op)})`,
  });
  if (gate) return [frame, ...gateShapes(scene, ACTIVATIONS[gate.activation])];
  return [frame, ...(kind.belt && op === kind.carried ? ledgerShapes(scene) : drawingOf(kind).shown(scene))];
}

/**
 * @param {Scene} scene
 * @param {Activation} activation
 * @returns {Shape[]}
 */
function gateShapes(scene, activation) {
  const { model, course, state, W, narrow } = scene;
  const { op, t, unit } = state;
  const terms = termsOf(model, course, op, t, unit);
  const sum = read("before", model, course, t, unit, op);
  const width = narrow ? W - 24 : W * 0.62;
  const curve = narrow ? { x: 60, y: 372, width: W - 140, height: 150 } : { x: W * 0.74, y: 96, width: W * 0.22, height: 248 };
  const words = activation.name ? activation.name.replace("·)", "sum)").replace(/^[^(]*$/, "$&(sum)") : "the sum itself";
  return [
    ...waterfall(scene, { name: op, terms, sum: ["before", op], j: unit, x: 12, y: 40, width, height: narrow ? 300 : 372, value: sum }),
    ...curveShapes(scene, curve, { sum, shown: ["gate", op], symbol: at(scene, op, t), activation, words }),
  ];
}

/**
 * The terms to show: those that are not 0, the largest where there are many; and the rest in one line.
 * @param {Term[]} terms
 */
export function shownTerms(terms) {
  const some = terms.filter(({ product, kind }) => product !== 0 || kind === "bias");
  if (some.length <= MOST_ROWS) return { shown: some, rest: terms.length - some.length, left: 0 };
  const largest = [...some].sort((a, b) => Math.abs(b.product) - Math.abs(a.product)).slice(0, MOST_ROWS - 1);
  const shown = some.filter((term) => largest.includes(term));
  const left = terms.filter((term) => !shown.includes(term)).reduce((sum, { product }) => sum + product, 0);
  return { shown, rest: terms.length - shown.length, left };
}

/**
 * @typedef {object} Sum
 * @property {string} name
 * @property {Term[]} terms
 * @property {[string, string]} sum address of the total
 * @property {number} value
 * @property {number} j
 * @property {number} x
 * @property {number} y
 * @property {number} width
 * @property {number} height
 */

/**
 * Terms under each other; each bar starts where the one above ended, so that the last one ends at the sum.
 * @param {Scene} scene
 * @param {Sum} sum
 * @returns {Shape[]}
 */
export function waterfall(scene, { name, terms, sum, value, j, x, y, width, height }) {
  const { model, course, state } = scene;
  const place = { model, course, t: state.t };
  const { shown, rest, left } = shownTerms(terms);
  const spans = runningSpans([...shown.map(({ product }) => product), left]);
  const columns = columnsOf(x, width);
  const scale = barScale([...spans.flat(), 0], columns.bars, columns.product - 68);
  const lines = shown.length + (rest ? 1 : 0);
  const space = Math.min(28, (height - 56) / (lines + 1));
  const line = (/** @type {number} */ k) => y + 20 + k * space;
  const foot = line(lines) - space / 2 + 4;
  return [
    ...[["value", columns.value], ["weight", columns.weight], ["product", columns.product]].map(([word, at]) =>
      text(`sum:head:${word}`, Number(at), y - 8, String(word), { cls: "muted end" })),
    way("sum:zero", [[scale(0), y + 4], [scale(0), foot + 26]], { cls: "zero" }),
    ...shown.flatMap((term, k) => termRow(scene, { name, term, j, y: line(k), span: spans[k], scale, columns, place })),
    ...(rest ? [
      text("sum:rest", columns.name, line(shown.length) + 4, left === 0 ? `${rest} more, all 0` : `${rest} more`, { cls: "muted start" }),
      ...(left === 0 ? [] : [bar("sum:rest:bar", spans[shown.length], line(shown.length), scale), text("sum:rest:value", columns.product, line(shown.length) + 4, three(left), { cls: "plain end" })]),
    ] : []),
    way("sum:line", [[columns.name, foot], [columns.product, foot]], { cls: "rule" }),
    text("sum:word", columns.name, foot + 22, "sum", { cls: "strong start" }),
    way("sum:mark", [[scale(value), foot + 6], [scale(value), foot + 26]], { cls: "mark" }),
    number(place, "sum:value", columns.product, foot + 22, sum[0], j, sum[1], { cls: "number strong end", words: "sum" }),
  ];
}

/**
 * Where a row's parts stand.
 * @param {number} x
 * @param {number} width
 */
function columnsOf(x, width) {
  const tight = width < 400;
  const name = x + 4;
  const [value, weight] = tight ? [name + 108, name + 166] : [name + 0.2 * width + 44, name + 0.28 * width + 84];
  return { name, value, weight, bars: weight + 12, product: x + width - 4, tight };
}

/** @typedef {{name: string, term: Term, j: number, y: number, span: number[], scale: (value: number) => number, columns: ReturnType<typeof columnsOf>, place: import("./shapes.js").Place}} Row */

/**
 * @param {Scene} scene
 * @param {Row} row
 * @returns {Shape[]}
 */
function termRow(scene, { name, term, j, y, span, scale, columns, place }) {
  const key = `term:${term.kind}:${term.index}`;
  const address = `${name}.${term.kind}.${term.index}`;
  const words = termWords(scene, term, name, columns.tight);
  const widths = columns.tight ? { value: 48, weight: 56 } : { value: 62, weight: 76 };
  const room = columns.value - widths.value - 2 - columns.name;
  const short = cut(words, Math.floor(room / 6));
  const factors = term.kind === "input" || term.kind === "state";
  return [
    text(`${key}:name`, columns.name, y + 4, short, { cls: "small start", size: fitted(short, room, 12.5) }),
    ...(factors ? [
      number(place, `${key}:value`, columns.value, y + 4, "factor", j, address, { cls: "number end", words, fit: widths.value }),
      number(place, `${key}:weight`, columns.weight, y + 4, "weight", j, address, { cls: "number end", before: "× ", words: `weight of ${words}`, fit: widths.weight }),
    ] : []),
    bar(`${key}:bar`, span, y, scale),
    number(place, `${key}:product`, columns.product, y + 4, "term", j, address, { cls: "number end", words: `${words} times its weight`, fit: 62 }),
  ];
}

/**
 * @param {Scene} scene
 * @param {Term} term
 * @param {string} name
 * @param {boolean} tight
 */
function termWords(scene, { kind, index }, name, tight) {
  if (kind === "other") return tight ? "backwards" : "the reading backwards";
  if (kind === "bias") return name === "answer" ? "bias" : tight ? "biases" : "biases b + b′";
  if (kind === "input") return scene.model.trace.input_names[index];
  const mean = name === "answer" && scene.model.head?.head.pool === "mean";
  return tight ? `unit ${index + 1}` : `${mean ? "mean h" : at(scene, "h", name === "answer" ? scene.state.t : scene.state.t - 1)} unit ${index + 1}`;
}

/**
 * @param {string} key
 * @param {number[]} span
 * @param {number} y
 * @param {(value: number) => number} scale
 */
export function bar(key, [from, to], y, scale) {
  const [a, b] = [scale(from), scale(to)];
  return rect(key, Math.min(a, b), y - 7, Math.max(1, Math.abs(b - a)), 14, { r: 1, cls: "bar", fill: `var(--${to < from ? "negative" : "positive"})` });
}

/**
 * Where each term starts and ends.
 * @param {number[]} products
 */
export function runningSpans(products) {
  let sum = 0;
  return products.map((product) => [sum, (sum += Number.isFinite(product) ? product : 0)]);
}

/**
 * @param {number[]} values
 * @param {number} from
 * @param {number} to
 */
export function barScale(values, from, to) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const span = high - low || 1;
  return (/** @type {number} */ value) => from + ((Math.min(high, Math.max(low, Number.isFinite(value) ? value : 0)) - low) / span) * (to - from);
}

/**
 * The sum that makes one score of the answer.
 * @param {Scene} scene
 * @param {{x: number, y: number, width: number, height: number}} box
 */
export function scoreWaterfall(scene, box) {
  const { model, course, state } = scene;
  const terms = answerTerms(model, course, state.t, state.output);
  const value = read("score", model, course, state.t, state.output);
  return waterfall(scene, { name: "answer", terms, sum: ["score", "-"], value, j: state.output, ...box });
}
