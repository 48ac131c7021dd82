// The inside of any cell, from the table alone: its gates as boxes, and the belt where the table says what keeps and writes.

/** @import { Shape } from "./types.js" */
/** @import { Belt } from "./kind.js" */
/** @import { Scene } from "./scene.js" */
import { gateLook, gateOf, HIDDEN, restLook, stateLook } from "./kind.js";
import * as places from "./cell-plan.js";
import * as parts from "./scene-cell.js";
import { at } from "./scene.js";
import { arrow, node, text, way } from "./shapes.js";

const { BELT, MIDDLE, GATE, LEVEL, BUS } = places;
const OUT = 302;

/** A box: a gate, or the rest that it leaves. */
/** @typedef {{symbol: string, rest: boolean, x: number}} Box */

/**
 * @param {Scene} scene
 * @returns {Shape[]}
 */
export function anyScene(scene) {
  const plan = places.planOf(scene);
  const { kind } = scene.model;
  const boxes = boxesOf(scene, plan);
  const width = Math.min(plan.gate, Math.floor((boxes[1]?.x ?? plan.right) - boxes[0].x - 8));
  const onBelt = Boolean(kind.belt) && kind.carried === HIDDEN; // h is the belt: it does not come in along the bus
  const tight = { ...plan, gate: width };
  return [
    ...parts.outline(scene, plan),
    ...(kind.belt ? beltShapes(scene, plan, boxes, kind.belt) : stateShapes(scene, plan)),
    ...boxes.filter(({ rest }) => !rest).flatMap(({ symbol, x }) => parts.branch(scene, symbol, x)),
    ...parts.bus(scene, plan, boxes[boxes.length - 1].x, !onBelt),
    ...boxes.flatMap(({ symbol, rest, x }) => parts.gate(scene, tight, { symbol, rest, x })),
    ...(onBelt ? [] : outShapes(scene, plan, boxes)),
    ...parts.shown(scene, plan, onBelt ? BELT : OUT),
    ...(parts.backwards(scene) ? parts.gatesEdge(scene, plan, !onBelt) : []),
  ];
}

/**
 * What keeps, what writes, what is written; then the other gates in reading order, the one that resets first.
 * @param {Scene} scene
 * @param {places.Plan} plan
 * @returns {Box[]}
 */
function boxesOf({ model: { kind }, narrow }, plan) {
  const { belt, reset, shown } = kind;
  const onBelt = belt ? [belt.keep, belt.write, { symbol: belt.candidate, rest: false }] : [];
  const others = (shown.length ? shown : kind.order).filter((symbol) => !onBelt.some((box) => box.symbol === symbol));
  others.sort((a, b) => Number(b === reset?.symbol) - Number(a === reset?.symbol));
  const boxes = [...onBelt, ...others.map((symbol) => ({ symbol, rest: false }))];
  const [first, last] = narrow ? [0.16, 0.8] : [0.17, 0.78];
  return boxes.map(({ symbol, rest }, k) => ({ symbol, rest, x: plan.x(boxes.length === 1 ? 0.5 : first + (k / (boxes.length - 1)) * (last - first)) }));
}

/**
 * The belt from left to right: what is kept, then what is added; and what leads to it.
 * @param {Scene} scene
 * @param {places.Plan} plan
 * @param {Box[]} boxes
 * @param {Belt} belt
 * @returns {Shape[]}
 */
function beltShapes(scene, plan, [keep, write, candidate, ...others], belt) {
  const { W, scales, state, model } = scene;
  const { kind } = model;
  const { carried } = kind;
  const back = parts.backwards(scene);
  const most = carried === HIDDEN ? scales.h : scales.c;
  const plus = (write.x + candidate.x) / 2;
  const before = { ...scene, state: { ...state, t: state.t - 1 } };
  /** @type {(key: string, points: [number, number][], width: number) => Shape} */
  const ride = (key, points, width) => way(key, points, { stroke: `var(--${stateLook(carried)})`, width });
  const gradient = /** @type {[string]} */ ([`d${carried}`]);
  const reset = others.find(({ symbol }) => symbol === kind.reset?.symbol);
  return [
    ride("belt:in", [[0, BELT], [keep.x, BELT]], back ? parts.thickness(scene, ["keep"], ["belt"], most) : parts.thickness(before, ["state", carried], null, most)),
    ride("belt:kept", [[keep.x, BELT], [plus, BELT]], parts.thickness(scene, ["keep"], gradient, most)),
    ride("belt:out", [[plus, BELT], [W, BELT]], parts.thickness(scene, ["state", carried], gradient, most)),
    arrow("belt:head", back ? 2 : W - 2, BELT, back ? "left" : "right"),
    lane(scene, keep, [[keep.x, GATE], [keep.x, BELT]]),
    lane(scene, write, [[write.x, GATE], [write.x, MIDDLE], [plus, MIDDLE]]),
    lane(scene, candidate, [[candidate.x, GATE], [candidate.x, MIDDLE], [plus, MIDDLE]]),
    ...(reset ? [lane(scene, reset, [[reset.x, LEVEL], [candidate.x, LEVEL]])] : []),
    way("write:up", [[plus, MIDDLE], [plus, BELT]], { stroke: "var(--gate-write)", width: parts.thickness(scene, ["write"], gradient, most) }),
    ...(carried === HIDDEN ? parts.upwards(scene, plan, BELT, parts.thickness(scene, ["state", HIDDEN], ["dh"], scales.h)) : []),
    ...node("node:keep", keep.x, BELT, "×"), ...node("node:plus", plus, BELT, "+"), ...node("node:write", plus, MIDDLE, "×"),
    ...beltNumbers(scene, plan, (keep.x + plus) / 2, plus, belt),
  ];
}

/**
 * @param {Scene} scene
 * @param {Box} box
 * @param {[number, number][]} points
 */
function lane(scene, { symbol, rest }, points) {
  const width = parts.backwards(scene) ? 0.75 : parts.thickness(scene, [rest ? "rest" : "gate", symbol], null, 1);
  return way(`gate:${rest ? "rest:" : ""}${symbol}:up`, points, { stroke: `var(--${(rest ? restLook : gateLook)(scene.model.kind, symbol)})`, width });
}

/**
 * @param {Scene} scene
 * @param {places.Plan} plan
 * @param {number} kept
 * @param {number} plus
 * @param {Belt} belt
 * @returns {Shape[]}
 */
function beltNumbers(scene, plan, kept, plus, belt) {
  const { W, narrow, state, model } = scene;
  const { carried } = model.kind;
  const [first, last] = narrow ? [plan.left + 4, plan.right - 26] : [4, W - 4];
  const own = carried !== HIDDEN;
  if (parts.backwards(scene)) {
    return [
      ...parts.edge(scene, "n:belt:in", first, BELT, ["belt", "-", "by its belt", "gradient handed on by this unit’s belt"], "start"),
      ...(own ? parts.edge(scene, "n:belt:out", last, BELT, [`d${carried}`, "-", `dL/d${at(scene, carried, state.t)}`, "gradient of the cell state"], "end") : []),
    ];
  }
  const name = own ? "cell state" : "hidden state";
  const written = `what is written, ${belt.write.text} of ${gateOf(model.kind, belt.candidate)?.name}`;
  return [
    parts.beside(scene, "n:belt:in", first, BELT - 16, ["state", carried, `${at(scene, carried, state.t - 1)} `, `${name} before`], "start", state.t - 1),
    parts.beside(scene, "n:kept", kept, BELT + (narrow ? 22 : -16), ["keep", "-", narrow ? "" : "kept ", "what the belt keeps"]),
    parts.beside(scene, "n:write", plus + (narrow ? -12 : 18), (MIDDLE + BELT) / 2 + (narrow ? 14 : 5), ["write", "-", narrow ? "" : "written ", written], narrow ? "end" : "start"),
    ...(own ? [parts.beside(scene, "n:belt:out", last, BELT - 16, ["state", carried, `${at(scene, carried, state.t)} `, name], "end")] : []),
  ];
}

/**
 * No belt: what else is handed from step to step runs along the top all the same.
 * @param {Scene} scene
 * @param {places.Plan} plan
 * @returns {Shape[]}
 */
function stateShapes(scene, plan) {
  const { W, narrow, state, model, scales } = scene;
  const { cell } = model.kind;
  if (!cell) return [text("belt:none", plan.x(0.5), BELT + 4, narrow ? "no belt" : "no belt: h is made anew at every step", { cls: "muted middle" })];
  const back = parts.backwards(scene);
  const [first, last] = narrow ? [plan.left + 4, plan.right - 26] : [4, W - 4];
  const width = parts.thickness(scene, ["state", cell], ["dc"], scales.c);
  return [
    way("belt:out", [[0, BELT], [W, BELT]], { stroke: `var(--${stateLook(cell)})`, width }),
    arrow("belt:head", back ? 2 : W - 2, BELT, back ? "left" : "right"),
    ...(back ? parts.edge(scene, "n:belt:out", last, BELT, ["dc", "-", `dL/d${at(scene, cell, state.t)}`, "gradient of the cell state"], "end") : [
      parts.beside(scene, "n:belt:in", first, BELT - 16, ["state", cell, `${at(scene, cell, state.t - 1)} `, "cell state before"], "start", state.t - 1),
      parts.beside(scene, "n:belt:out", last, BELT - 16, ["state", cell, `${at(scene, cell, state.t)} `, "cell state"], "end"),
    ]),
  ];
}

/**
 * h, made of the belt and of the gates that have no part on it; of all gates where there is no belt.
 * @param {Scene} scene
 * @param {places.Plan} plan
 * @param {Box[]} boxes
 * @returns {Shape[]}
 */
function outShapes(scene, plan, boxes) {
  const { W, scales, narrow, state, model: { kind } } = scene;
  const back = parts.backwards(scene);
  const end = plan.x(narrow ? 0.93 : 0.88);
  const others = kind.belt ? boxes.slice(3).filter(({ symbol }) => symbol !== kind.reset?.symbol) : boxes;
  const width = parts.thickness(scene, ["state", HIDDEN], ["dh"], scales.h);
  const rail = MIDDLE + 22;
  return [
    ...others.map((box) => lane(scene, box, [[box.x, GATE], [box.x, rail], [end, rail]])),
    ...(kind.cell ? [way("squash", [[end, BELT], [end, rail]], { stroke: `var(--${stateLook(kind.cell)})`, width: 2 })] : []),
    way("h:next", [[end, rail], [end, OUT], [W, OUT]], { cls: "flow hidden", width }),
    ...parts.upwards(scene, plan, OUT, width, Boolean(kind.cell)),
    arrow("h:next:head", back ? plan.right + 6 : W - 2, OUT, back ? "left" : "right"),
    ...(kind.cell || back || narrow ? [] : [parts.beside(scene, "n:h:in", 4, BUS - 12, ["state", HIDDEN, `${at(scene, HIDDEN, state.t - 1)} `, "hidden state before"], "start", state.t - 1)]),
  ];
}
