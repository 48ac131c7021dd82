// One LSTM cell: the belt along the top; forget, input, candidate and output below it.

/** @import { Shape } from "./types.js" */
/** @import { Scene } from "./scene.js" */
import * as places from "./cell-plan.js";
import * as parts from "./scene-cell.js";
import { ACTIVATIONS } from "./activations.js";
import { gateLook } from "./kind.js";
import { read } from "./quantities.js";
import { curveShapes } from "./scene-curve.js";
import { at, stepNumber } from "./scene.js";
import { arrow, node, number, rect, text, way } from "./shapes.js";

const { BELT, MIDDLE, GATE, LEVEL } = places;
const OUT = 302;

/**
 * @param {Scene} scene
 * @returns {Shape[]}
 */
export function lstmScene(scene) {
  const plan = places.planOf(scene);
  const { narrow } = scene;
  const [f, i, g, o, end] = (narrow ? [0.14, 0.37, 0.58, 0.79, 0.93] : [0.13, 0.33, 0.47, 0.67, 0.84]).map(plan.x);
  const plus = (i + g) / 2;
  const back = parts.backwards(scene);
  const gates = [{ symbol: "f", x: f }, { symbol: "i", x: i }, { symbol: "g", x: g }, { symbol: "o", x: o }];
  return [
    ...parts.outline(scene, plan),
    ...belt(scene, f, plus),
    ...gates.flatMap(({ symbol, x }) => parts.branch(scene, symbol, x)),
    ...parts.bus(scene, plan, o, true),
    ...reads(scene, plan, { f, i, g, o, end, plus }),
    ...gates.flatMap((each) => parts.gate(scene, plan, each)),
    ...node("node:keep", f, BELT, "×"), ...node("node:plus", plus, BELT, "+"), ...node("node:write", plus, MIDDLE, "×"),
    ...node("node:out", end, LEVEL, "×"),
    ...words(scene, plan, { f, end, plus, back, narrow }),
  ];
}

/**
 * c from left to right: what is kept, then what is added.
 * @param {Scene} scene
 * @param {number} f
 * @param {number} plus
 * @returns {Shape[]}
 */
function belt(scene, f, plus) {
  const { W, scales, state } = scene;
  const back = parts.backwards(scene);
  const before = { ...scene, state: { ...state, t: state.t - 1 } };
  const first = back ? parts.thickness(scene, ["keep"], ["belt"], scales.c) : parts.thickness(before, ["state", "c"], null, scales.c);
  return [
    way("belt:in", [[0, BELT], [f, BELT]], { cls: "flow belt", width: first }),
    way("belt:kept", [[f, BELT], [plus, BELT]], { cls: "flow belt", width: parts.thickness(scene, ["keep"], ["dc"], scales.c) }),
    way("belt:out", [[plus, BELT], [W, BELT]], { cls: "flow belt", width: parts.thickness(scene, ["state", "c"], ["dc"], scales.c) }),
    arrow("belt:head", back ? 2 : W - 2, BELT, back ? "left" : "right"),
  ];
}

/** @typedef {{f: number, i: number, g: number, o: number, end: number, plus: number}} Columns */

/**
 * From the gates to the belt, and from the belt to h.
 * @param {Scene} scene
 * @param {places.Plan} plan
 * @param {Columns} columns
 * @returns {Shape[]}
 */
function reads(scene, plan, { f, i, g, o, end, plus }) {
  const { scales, W } = scene;
  const back = parts.backwards(scene);
  const gateway = (/** @type {string} */ symbol) => parts.thickness(scene, ["gate", symbol], ["dgate", symbol], 1);
  const written = parts.thickness(scene, ["write"], ["dc"], scales.c);
  const h = parts.thickness(scene, ["state", "h"], ["dh"], scales.h);
  const lane = (/** @type {string} */ key, /** @type {[number, number][]} */ points, /** @type {string} */ symbol, /** @type {number} */ width) =>
    way(key, points, { cls: "flow", stroke: `var(--${gateLook(scene.model.kind, symbol)})`, width });
  return [
    lane("gate:f:up", [[f, GATE], [f, BELT]], "f", gateway("f")),
    lane("gate:i:up", [[i, GATE], [i, MIDDLE], [plus, MIDDLE]], "i", gateway("i")),
    lane("gate:g:up", [[g, GATE], [g, MIDDLE], [plus, MIDDLE]], "g", gateway("g")),
    lane("write:up", [[plus, MIDDLE], [plus, BELT]], "i", written),
    lane("gate:o:up", [[o + plan.gate / 2, LEVEL], [end, LEVEL]], "o", gateway("o")),
    way("squash", [[end, BELT], [end, LEVEL]], { cls: "flow belt", width: parts.thickness(scene, ["squash"], ["dc"], 1) }),
    way("h:next", [[end, LEVEL], [end, OUT], [W, OUT]], { cls: "flow hidden", width: h }),
    ...parts.upwards(scene, plan, OUT, h, true),
    arrow("h:next:head", back ? plan.right + 6 : W - 2, OUT, back ? "left" : "right"),
    rect("squash:box", end - 22, MIDDLE - 42, 44, 22, { r: 11, cls: "capsule" }),
    text("squash:word", end, MIDDLE - 26, "tanh", { cls: "small middle" }),
  ];
}

/**
 * @param {Scene} scene
 * @param {places.Plan} plan
 * @param {{f: number, end: number, plus: number, back: boolean, narrow: boolean}} where
 * @returns {Shape[]}
 */
function words(scene, plan, { f, end, plus, back, narrow }) {
  const { W, state } = scene;
  const { t } = state;
  const first = narrow ? plan.left + 4 : 4;
  const last = narrow ? plan.right - 26 : W - 4;
  if (back) {
    return [
      ...parts.edge(scene, "n:belt:in", first, BELT, ["belt", "-", "by its belt", "gradient handed on by this unit’s belt"], "start"),
      ...parts.edge(scene, "n:belt:out", last, BELT, ["dc", "-", `dL/d${at(scene, "c", t)}`, "gradient of the cell state"], "end"),
      ...parts.shown(scene, plan, OUT),
      ...parts.gatesEdge(scene, plan, true),
    ];
  }
  const [before, now] = [at(scene, "c", t - 1), at(scene, "c", t)].map((symbol) => `${symbol} `);
  const tight = plan.width < 620; // between the belt's tanh and h on its way up
  return [
    parts.beside(scene, "n:belt:in", first, BELT - 16, ["state", "c", before, "cell state before"], "start", t - 1),
    parts.beside(scene, "n:kept", (f + plus) / 2, BELT + (narrow ? 22 : -16), ["keep", "-", narrow ? "" : "kept ", "what the belt keeps"]),
    parts.beside(scene, "n:write", plus + (narrow ? -12 : 18), (MIDDLE + BELT) / 2 + (narrow ? 14 : 5), ["write", "-", narrow ? "" : "written ", "what is written"], narrow ? "end" : "start"),
    parts.beside(scene, "n:belt:out", last, BELT - 16, ["state", "c", now, "cell state"], "end"),
    parts.beside(scene, "n:squash", end + (tight ? -28 : 28), MIDDLE - 26, ["squash", "-", "", "tanh of the cell state"], tight ? "end" : "start"),
    ...parts.shown(scene, plan, OUT),
  ];
}

/**
 * h = o ⊙ tanh(c)
 * @param {Scene} scene
 * @returns {Shape[]}
 */
export function lstmOutput(scene) {
  const { model, course, state, W, narrow } = scene;
  const { t, unit } = state;
  const place = { model, course, t };
  const sum = read("state", model, course, t, unit, "c");
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
    ...curveShapes(scene, curve, { sum, shown: ["squash", "-"], symbol: `tanh(${at(scene, "c", t)})`, words: "the belt, between −1 and 1", activation: ACTIVATIONS.tanh }),
  ];
}
