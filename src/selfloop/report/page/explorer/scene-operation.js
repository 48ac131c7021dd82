// One operation with its actual numbers: the terms of a sum, one after the other, and what the activation makes of it.

/** @import { Shape } from "./types.js" */
/** @import { Scene } from "./scene.js" */
/** @import { Term } from "./quantities.js" */
import { sigmoid } from "./cells.js";
import { three } from "./numbers.js";
import { answerTerms, read, termsOf } from "./quantities.js";
import { roundBelow } from "./scales.js";
import { at, cut, stepNumber } from "./scene.js";
import { circle, number, path, rect, text, way } from "./shapes.js";
import { ledgerShapes } from "./scene-ledger.js";

const ROW = 20;
const MOST_ROWS = 14;

/**
 * @param {Scene} scene
 * @returns {Shape[]}
 */
export function operationScene(scene) {
  const { model, state, W, narrow } = scene;
  const { op } = state;
  const isGate = model.w.order.includes(op);
  const frame = rect(isGate ? `gate:${op}` : `node:${op}:frame`, 1, 8, W - 2, narrow ? 544 : 416, {
    r: 12, cls: "gate open", stroke: isGate ? `var(--gate-${op})` : `var(--${op === "c" ? "cell-state" : "hidden-state"})`,
  });
  if (isGate) return [frame, ...gateShapes(scene)];
  if (op === "c" || model.gru) return [frame, ...ledgerShapes(scene)];
  return [frame, ...outShapes(scene)];
}

/** @param {string} symbol */
const signedGate = (symbol) => symbol === "g" || symbol === "n" || symbol === "h";

/**
 * @param {Scene} scene
 * @returns {Shape[]}
 */
function gateShapes(scene) {
  const { model, course, state, W, narrow } = scene;
  const { op, t, unit } = state;
  const terms = termsOf(model, course, op, t, unit);
  const sum = read("before", model, course, t, unit, op);
  const width = narrow ? W - 24 : W * 0.62;
  const relu = model.trace.cell === "rnn_relu";
  const curve = narrow ? { x: 60, y: 372, width: W - 140, height: 150 } : { x: W * 0.74, y: 96, width: W * 0.22, height: 248 };
  return [
    ...waterfall(scene, { name: op, terms, sum: ["before", op], j: unit, x: 12, y: 40, width, value: sum }),
    ...curveShapes(scene, curve, { sum, value: read("gate", model, course, t, unit, op), signed: signedGate(op), relu }),
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
 */

/**
 * Terms under each other; each bar starts where the one above ended, so that the last one ends at the sum.
 * @param {Scene} scene
 * @param {Sum} sum
 * @returns {Shape[]}
 */
export function waterfall(scene, { name, terms, sum, value, j, x, y, width }) {
  const { model, course, state, narrow } = scene;
  const place = { model, course, t: state.t };
  const { shown, rest, left } = shownTerms(terms);
  const spans = runningSpans([...shown.map(({ product }) => product), left]);
  const bars = { from: x + (narrow ? 176 : 0.46 * width), to: x + width - 68 };
  const scale = barScale([...spans.flat(), 0], bars.from, bars.to);
  const product = x + width - 4;
  const foot = y + 16 + (shown.length + (rest ? 1 : 0)) * ROW;
  return [
    ...(narrow ? [] : [text("sum:head:a", x + 0.28 * width, y - 4, "value", { cls: "muted end" }), text("sum:head:b", x + 0.42 * width, y - 4, "weight", { cls: "muted end" }), text("sum:head:c", product, y - 4, "product", { cls: "muted end" })]),
    way("sum:zero", [[scale(0), y + 4], [scale(0), foot + 14]], { cls: "zero" }),
    ...shown.flatMap((term, k) => termRow(scene, { name, term, j, x, y: y + 16 + k * ROW, width, span: spans[k], scale, product, place })),
    ...(rest ? [
      text("sum:rest", x + 4, y + 16 + shown.length * ROW + 4, left === 0 ? `${rest} more, all 0` : `${rest} more`, { cls: "muted start" }),
      ...(left === 0 ? [] : [bar("sum:rest:bar", spans[shown.length], y + 16 + shown.length * ROW, scale), text("sum:rest:value", product, y + 16 + shown.length * ROW + 4, three(left), { cls: "number end" })]),
    ] : []),
    way("sum:line", [[x + 4, foot - 6], [product, foot - 6]], { cls: "rule" }),
    text("sum:word", x + 4, foot + 12, "sum", { cls: "strong start" }),
    way("sum:mark", [[scale(value), foot - 4], [scale(value), foot + 14]], { cls: "mark" }),
    number(place, "sum:value", product, foot + 12, sum[0], j, sum[1], { cls: "number strong end", words: "sum" }),
  ];
}

/** @typedef {{name: string, term: Term, j: number, x: number, y: number, width: number, span: number[], scale: (value: number) => number, product: number, place: import("./shapes.js").Place}} Row */

/**
 * @param {Scene} scene
 * @param {Row} row
 * @returns {Shape[]}
 */
function termRow(scene, { name, term, j, x, y, width, span, scale, product, place }) {
  const { narrow } = scene;
  const key = `term:${term.kind}:${term.index}`;
  const address = `${name}.${term.kind}.${term.index}`;
  const columns = narrow ? [x + 116, x + 168] : [x + 0.28 * width, x + 0.42 * width];
  const words = termWords(scene, term, name);
  return [
    text(`${key}:name`, x + 4, y + 4, cut(words, narrow ? 10 : 20), { cls: "small start" }),
    ...(term.kind === "bias" ? [] : [
      number(place, `${key}:value`, columns[0], y + 4, "factor", j, address, { cls: "number end", words }),
      number(place, `${key}:weight`, columns[1], y + 4, "weight", j, address, { cls: "number end", before: "× ", words: `weight of ${words}` }),
    ]),
    bar(`${key}:bar`, span, y, scale),
    number(place, `${key}:product`, product, y + 4, "term", j, address, { cls: "number end", words: `${words} times its weight` }),
  ];
}

/**
 * @param {Scene} scene
 * @param {Term} term
 * @param {string} name
 */
function termWords(scene, { kind, index }, name) {
  if (kind === "bias") return name === "answer" ? "bias" : "bias b + b′";
  if (kind === "input") return scene.model.trace.input_names[index];
  return `${at(scene, "h", name === "answer" ? scene.state.t : scene.state.t - 1)}, unit ${index + 1}`;
}

/**
 * @param {string} key
 * @param {number[]} span
 * @param {number} y
 * @param {(value: number) => number} scale
 */
export function bar(key, [from, to], y, scale) {
  const [a, b] = [scale(from), scale(to)];
  return rect(key, Math.min(a, b), y - 6, Math.max(1, Math.abs(b - a)), 12, { r: 1, cls: "bar", fill: `var(--${to < from ? "negative" : "positive"})` });
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
 * The activation's curve with the point where we are.
 * @param {Scene} scene
 * @param {{x: number, y: number, width: number, height: number}} box
 * @param {{sum: number, value: number, signed: boolean, relu?: boolean}} at
 * @returns {Shape[]}
 */
function curveShapes(scene, box, { sum, value, signed, relu = false }) {
  const { model, state, course } = scene;
  const reach = Math.max(4, roundBelow(Math.min(1e6, Math.abs(sum) * 2.4)) || 4);
  const f = relu ? (/** @type {number} */ a) => Math.max(0, a) / reach : signed ? Math.tanh : sigmoid;
  const low = signed && !relu ? -1 : 0;
  const px = (/** @type {number} */ a) => box.x + ((a + reach) / (2 * reach)) * box.width;
  const py = (/** @type {number} */ v) => box.y + box.height - ((v - low) / (1 - low)) * box.height;
  const points = Array.from({ length: 61 }, (_, k) => (k / 30 - 1) * reach);
  const sane = Number.isFinite(sum) && Number.isFinite(value);
  const height = relu ? value / reach : value;
  return [
    way("curve:zero", [[box.x, py(0)], [box.x + box.width, py(0)]], { cls: "zero" }),
    way("curve:middle", [[px(0), box.y], [px(0), box.y + box.height]], { cls: "zero" }),
    path("curve", `M${points.map((a) => `${px(a).toFixed(1)},${py(f(a)).toFixed(1)}`).join("L")}`, { cls: "curve" }),
    text("curve:top", box.x - 8, box.y + 5, relu ? three(reach) : "1", { cls: "muted end" }),
    text("curve:bottom", box.x - 8, box.y + box.height + 5, String(low).replace("-", "−"), { cls: "muted end" }),
    text("curve:left", box.x, box.y + box.height + 22, three(-reach), { cls: "muted middle" }),
    text("curve:right", box.x + box.width, box.y + box.height + 22, three(reach), { cls: "muted middle" }),
    text("curve:name", box.x + box.width / 2, box.y - 40, relu ? "max(0, sum)" : signed ? "tanh(sum)" : "σ(sum)", { cls: "muted middle" }),
    ...(sane ? [
      way("curve:across", [[px(sum), py(low)], [px(sum), py(height)]], { cls: "guide" }),
      circle("curve:point", px(sum), py(height), 6, { cls: "point" }),
    ] : []),
    number({ model, course, t: state.t }, "curve:value", box.x + box.width / 2, box.y - 14, ...valueAddress(scene), { cls: "number large middle", words: "value", before: `${at(scene, state.op, state.t)} = ` }),
  ];
}

/**
 * @param {Scene} scene
 * @returns {[string, number, string]}
 */
function valueAddress({ model, state }) {
  return model.w.order.includes(state.op) ? ["gate", state.unit, state.op] : ["state", state.unit, "h"];
}

/**
 * h = o ⊙ tanh(c)
 * @param {Scene} scene
 * @returns {Shape[]}
 */
function outShapes(scene) {
  const { model, course, state, W, narrow } = scene;
  const { t, unit } = state;
  const place = { model, course, t };
  const sum = read("state", model, course, t, unit, "c");
  const squashed = Math.tanh(sum);
  const x = narrow ? 24 : 40;
  const lines = /** @type {[string, string, string, string][]} */ ([
    ["state", "c", `cell state ${at(scene, "c", t)}`, ""], ["squash", "-", "its tanh", ""],
    ["gate", "o", `output gate ${at(scene, "o", t)}`, "× "], ["state", "h", `hidden state ${at(scene, "h", t)}`, "= "],
  ]);
  const curve = narrow ? { x: 60, y: 340, width: W - 140, height: 170 } : { x: W * 0.66, y: 96, width: W * 0.28, height: 248 };
  return [
    text("out:title", x, 56, `How much of the belt is shown at step ${stepNumber(scene.exploration, t)}`, { cls: narrow ? "small start" : "plain" }),
    ...lines.flatMap(([kind, name, words, before], k) => [
      text(`out:${k}:name`, x, 104 + k * 36, words, { cls: k === 3 ? "strong start" : "plain" }),
      number(place, `out:${k}:value`, narrow ? W - 24 : W * 0.46, 104 + k * 36, kind, unit, name, { before, words, cls: k === 3 ? "number strong end" : "number end" }),
    ]),
    way("out:line", [[x, 104 + 2 * 36 + 14], [narrow ? W - 24 : W * 0.46, 104 + 2 * 36 + 14]], { cls: "rule" }),
    ...curveShapes(scene, curve, { sum, value: squashed, signed: true }),
  ];
}

/**
 * The sum that makes one score of the answer.
 * @param {Scene} scene
 * @param {{x: number, y: number, width: number}} box
 */
export function scoreWaterfall(scene, box) {
  const { model, course, state } = scene;
  const terms = answerTerms(model, course, state.t, state.output);
  const value = read("score", model, course, state.t, state.output);
  return waterfall(scene, { name: "answer", terms, sum: ["score", "-"], value, j: state.output, ...box });
}
