// Parts of one cell: gates, the bus of [h, x] below them, where flows come in and go out.

/** @import { Shape } from "./types.js" */
/** @import { Scene } from "./scene.js" */
/** @import { Plan } from "./cell-plan.js" */
import { ACTIVATIONS } from "./activations.js";
import { largest, row } from "./arrays.js";
import { TOP, BOTTOM, BELT, GATE, GATE_HEIGHT, BUS, planOf } from "./cell-plan.js";
import { held } from "./forward.js";
import { gateLook, gateOf, restLook, stateLook } from "./kind.js";
import { read } from "./quantities.js";
import { flow, gradientFlow } from "./scales.js";
import { at, cut, inputWords, seeded, statesShown, unitsShown } from "./scene.js";
import { arrow, number, rect, squares, text, way } from "./shapes.js";

/** @param {Scene} scene */
export const placeOf = ({ model, course, state }) => ({ model, course, t: state.t });

/** @param {Scene} scene */
export const backwards = ({ state }) => state.view === "backward";

/**
 * A number of the picked unit at this step.
 * @param {Scene} scene
 * @param {string} kind
 * @param {string} name
 */
export const here = ({ model, course, state }, kind, name = "-") =>
  read(kind, model, course, state.t, state.unit, name);

/**
 * How thick a flow is: its value, or the gradient that goes back along it.
 * @param {Scene} scene
 * @param {[string, string?]} value kind and name
 * @param {[string, string?] | null} gradient
 * @param {number} most
 */
export function thickness(scene, value, gradient, most) {
  if (!backwards(scene)) return flow(here(scene, ...value), most);
  return gradient ? gradientFlow(here(scene, ...gradient), scene.scales.gradient) : 0.75;
}

/**
 * The outline, and whose it is.
 * @param {Scene} scene
 * @param {Plan} plan
 * @returns {Shape[]}
 */
export function outline(scene, plan) {
  const { model, state, narrow } = scene;
  const words = narrow ? `${model.trace.label}, unit ${state.unit + 1}` : `${model.trace.label}, unit ${state.unit + 1} of ${model.H}`;
  return [
    rect(`cell:${state.t}`, plan.left, TOP, plan.width, BOTTOM - TOP, { r: 12, cls: "cell wide" }),
    text("cell:whose", plan.left + 4, TOP - 12, words, { cls: "strong start" }),
  ];
}

/**
 * A gate: how far it is open is how far it is filled. Signed ones fill from the middle.
 * @param {Scene} scene
 * @param {Plan} plan
 * @param {{symbol: string, x: number, words?: string, width?: number, rest?: boolean}} gate words: in place of its name;
 *   rest: what it leaves, 1 less it
 * @returns {Shape[]}
 */
export function gate(scene, plan, { symbol, x, words = "", width = plan.gate, rest = false }) {
  const { state, model } = scene;
  const name = words || (rest ? `1 − ${symbol}` : gateOf(model.kind, symbol)?.name ?? symbol);
  const kind = rest ? "rest" : "gate";
  const value = here(scene, kind, symbol);
  const signed = !gateOf(model.kind, symbol)?.share;
  const share = Number.isFinite(value) ? Math.min(1, Math.abs(value)) : 0;
  const [y, height] = [GATE, GATE_HEIGHT];
  const filled = signed ? (height / 2) * share : height * share;
  const level = signed ? (value >= 0 ? y + height / 2 - filled : y + height / 2) : y + height - filled;
  const still = held(state.clamps[model.trace.name] ?? [], symbol, state.unit, state.t) !== null;
  const marked = still ? `${name} ▪` : name;
  const key = rest ? `gate:rest:${symbol}` : `gate:${symbol}`;
  const paint = `var(--${(rest ? restLook : gateLook)(model.kind, symbol)})`;
  const left = x - width / 2;
  const opens = model.w ? { act: `op:${symbol}`, label: `${name}: show how it is computed` } : {};
  return [
    rect(key, left, y, width, height, { r: 6, cls: still ? "gate still" : "gate", stroke: paint, ...opens }),
    rect(`${key}:fill`, left + 1.5, level, width - 3, filled, { r: 3, cls: "fill", fill: paint, opacity: backwards(scene) ? 0.1 : 0.3 }),
    ...(signed ? [way(`${key}:zero`, [[left + 2, y + height / 2], [left + width - 2, y + height / 2]], { cls: "zero" })] : []),
    text(`${key}:name`, x, y + 20, words || rest ? marked : nameThatFits(marked, symbol, width), { cls: "small middle" }),
    ...gateNumber(scene, `${key}:value`, x, { symbol, kind, name, fit: width - 4 }),
  ];
}

/**
 * @param {string} name
 * @param {string} symbol
 * @param {number} width px
 */
function nameThatFits(name, symbol, width) {
  if (6.6 * name.length <= width) return name;
  return name.length > 6 && width >= 36 ? `${name.slice(0, 4)}.` : symbol;
}

/**
 * The gate's value; backward, the gradient of its sum, or what its path was recorded to carry.
 * @param {Scene} scene
 * @param {string} key
 * @param {number} x
 * @param {{symbol: string, kind: string, name: string, fit: number}} gate
 * @returns {Shape[]}
 */
function gateNumber(scene, key, x, { symbol, kind, name, fit }) {
  const { model, course, state } = scene;
  const [place, y] = [placeOf(scene), GATE + 44];
  if (!backwards(scene)) return [number(place, key, x, y, kind, state.unit, symbol, { words: name, fit })];
  if (kind === "rest") return []; // it is the same gate's sum, whose gradient stands in the other box
  if (model.arithmetic) return [number(place, key, x, y, "dgate", state.unit, symbol, { words: `gradient at the ${name} gate`, fit })];
  return course.gradient()?.paths[symbol] ? [number(place, key, x, y, "path", 0, symbol, { words: `gradient by ${name}, of all units`, fit })] : [];
}

/**
 * From the bus up into a gate; backward, as thick as the gradient that comes down.
 * @param {Scene} scene
 * @param {string} symbol
 * @param {number} x
 * @param {boolean} quiet without the sum
 * @returns {Shape[]}
 */
export function branch(scene, symbol, x, quiet = false) {
  const { scales, state, narrow, W, model } = scene;
  const activation = ACTIVATIONS[gateOf(model.kind, symbol)?.activation ?? "tanh"].name;
  const back = backwards(scene);
  const tight = planOf(scene).width < 620;
  const width = back ? gradientFlow(here(scene, "dgate", symbol), scales.gradient) : 2;
  const y = GATE + GATE_HEIGHT;
  return [
    way(`branch:${symbol}`, [[x, BUS], [x, y]], { cls: back ? "flow gradient" : "flow bus", width }),
    back ? arrow(`branch:${symbol}:head`, x, BUS - 2, "down") : arrow(`branch:${symbol}:head`, x, y + 2, "up"),
    ...(back || quiet || !model.w ? [] : [number(placeOf(scene), `branch:${symbol}:sum`, x + 8, y + 28, "before", state.unit, symbol, {
      before: tight ? "" : `${activation} of `, words: `sum before the activation of ${symbol}`, cls: "number tiny start", fit: narrow ? Math.min(60, W - x - 12) : 0,
    })]),
  ];
}

/**
 * [h, x] side by side, along the bottom to the gates.
 * @param {Scene} scene
 * @param {Plan} plan
 * @param {number} end where the last gate stands
 * @param {boolean} outside does h come in from the left edge, or down from the belt?
 * @returns {Shape[]}
 */
export function bus(scene, plan, end, outside) {
  const { model, narrow, scales } = scene;
  const join = plan.left + (narrow ? 36 : 48);
  const back = backwards(scene);
  const [from, blind] = [outside ? 0 : plan.left + 20, model.kind.past === "none"];
  const width = back ? gradientFlow(model.arithmetic ? here(scene, "sent", "gates") : 0, scales.gradient) : 3;
  return [
    blind ? way("bus", [[join, BUS], [end, BUS]], { cls: back ? "flow gradient" : "flow input", width: 2 })
      : way("bus", outside ? [[from, BUS], [end, BUS]] : [[from, BELT], [from, BUS], [end, BUS]], { cls: back ? "flow gradient" : "flow hidden", width }),
    ...(model.kind.peeps && model.kind.cell ? [way("bus:c", [[plan.left + 20, BELT], [plan.left + 20, BUS]], { stroke: `var(--${stateLook(model.kind.cell)})`, width: back ? 0.75 : 2 })] : []),
    way("bus:x", [[join, BOTTOM + 22], [join, BUS]], { cls: "flow input", width: 2 }),
    arrow("bus:x:head", join, BUS + 3, back ? "down" : "up"),
    ...(outside ? [arrow("bus:h:head", back ? 2 : plan.left - 4, BUS, back ? "left" : "right")] : []),
    ...vectors(scene, join, narrow ? null : outside ? BUS : BELT, model.kind.past === "all"),
  ];
}

/**
 * What comes in: h of the step before and x, as squares.
 * @param {Scene} scene
 * @param {number} join where x comes in
 * @param {number | null} level of the flow that brings h, where there is room below it
 * @param {boolean} together do the gates see h of all units?
 * @returns {Shape[]}
 */
function vectors(scene, join, level, together) {
  const { model, course, state, narrow, scales, W } = scene;
  const units = unitsShown(model, state.unit);
  const all = row(course.run.x, state.t, model.I);
  const x = all.length > 12 ? all.subarray(0, 12) : all;
  const size = narrow ? 8 : 10;
  const foot = BOTTOM + 30;
  const wide = x.length * (size + 2);
  const h = level ? { x: 4, y: level + 12, name: 4, at: level + 40, size: Math.min(size, Math.floor(80 / units.length) - 2) }
    : { x: W - units.length * (size + 2) - 6, y: foot, name: W - units.length * (size + 2) - 28, at: foot + 9, size };
  const left = narrow ? 8 : join - 24;
  return [
    ...(!together || (level && backwards(scene)) ? [] : [
      text("bus:h:name", h.name, h.at, at(scene, "h", state.t - 1), { cls: level ? "muted start" : "muted end" }),
      ...squares(`h:${state.t - 1}`, h.x, h.y, statesShown(scene, "h", state.t - 1), { size: h.size, most: scales.h, marked: units.indexOf(state.unit) }),
    ]),
    ...squares(`x:${state.t}`, left, foot, x, { size, most: Math.max(1, largest(all)) }),
    text(`x:${state.t}:words`, left + wide + 6, foot + 9, narrow ? at(scene, "x", state.t) : `${at(scene, "x", state.t)}: ${cut(inputWords(scene, state.t), 40)}`, { cls: "small start" }),
  ];
}

/**
 * A word or number beside a flow.
 * @param {Scene} scene
 * @param {string} key
 * @param {number} x
 * @param {number} y
 * @param {[string, string, string, string]} shown kind, name, what stands before it, how it is called
 * @param {string} place where it is anchored
 * @param {number} t
 */
export function beside(scene, key, x, y, [kind, name, before, words], place = "middle", t = scene.state.t) {
  return number({ ...placeOf(scene), t }, key, x, y, kind, scene.state.unit, name, {
    before, words, cls: `number ${place}`,
  });
}

/**
 * A gradient at the edge: its name above the flow, the number below it.
 * @param {Scene} scene
 * @param {string} key
 * @param {number} x
 * @param {number} y of the flow
 * @param {[string, string, string, string]} shown kind, name, what stands above, how it is called
 * @param {string} place where it is anchored
 * @returns {Shape[]}
 */
export function edge(scene, key, x, y, [kind, name, above, words], place) {
  const [first, second] = scene.narrow ? [y - 28, y - 14] : [y - 12, y + 24]; // below it, gates' flows would cross
  return [
    text(`${key}:name`, x, first, above, { cls: `small ${place}` }),
    number(placeOf(scene), key, x, second, kind, scene.state.unit, name, { words, cls: `number ${place}`, fit: scene.narrow ? 70 : 88 }),
  ];
}

/**
 * What this unit's gates send back, beside the bus; of all units together where the page knows no unit's own.
 * @param {Scene} scene
 * @param {Plan} plan
 * @param {boolean} outside does the bus reach the left edge?
 * @returns {Shape[]}
 */
export function gatesEdge(scene, plan, outside) {
  const { model, course, narrow } = scene;
  if (!model.arithmetic && !course.gradient()?.paths.gates) return [];
  const [kind, above, words] = model.arithmetic ? ["sent", "by its gates", "gradient sent back by this unit’s gates"] : ["path", "by all units’ gates", "gradient sent back by the gates of all units"];
  if (outside && !narrow) return edge(scene, "n:gates", 4, BUS, [kind, "gates", above, words], "start");
  return [number(placeOf(scene), "n:gates", plan.left + (narrow ? 46 : 58), BUS + 22, kind, scene.state.unit, "gates", { before: `${above} `, words, cls: "number start" })];
}

/**
 * h on its way up and on, or the gradient that came back to it; above the outline where there is little room.
 * @param {Scene} scene
 * @param {Plan} plan
 * @param {number} level of the flow
 * @returns {Shape[]}
 */
export function shown(scene, plan, level) {
  const { W, narrow, state } = scene;
  const name = at(scene, "h", state.t);
  const back = backwards(scene);
  if (back && !narrow) return edge(scene, "n:h", W - 4, level, ["dh", "-", `dL/d${name}`, "gradient of the hidden state"], "end");
  const [x, y] = narrow ? [plan.right - 30, TOP - 12] : [W - 4, level - (level === BELT ? 16 : 12)];
  return [back ? beside(scene, "n:h", x, y, ["dh", "-", `dL/d${name} `, "gradient of the hidden state"], "end")
    : beside(scene, "n:h", x, y, ["state", "h", `${name} `, "hidden state"], "end")];
}

/**
 * h on its way up to the head; backward, the loss comes down there, at the steps that it reads.
 * @param {Scene} scene
 * @param {Plan} plan
 * @param {number} level of the flow
 * @param {number} width
 * @param {boolean} over does it cross other flows?
 * @returns {Shape[]}
 */
export function upwards(scene, plan, level, width, over = false) {
  const up = plan.right - 16;
  const back = backwards(scene);
  const loss = back && seeded(scene, scene.state.t);
  const thick = back && !loss ? 0.75 : width;
  const points = /** @type {[number, number][]} */ ([[up, level], [up, TOP - 24]]);
  return [
    ...(over ? [way("h:up:halo", points, { cls: "halo", width: thick + 6 })] : []),
    way("h:up", points, { cls: "flow hidden", width: thick }),
    loss ? arrow("h:up:head", up, TOP + 2, "down") : arrow("h:up:head", up, TOP - 26, "up", { opacity: back ? 0.35 : 1 }),
  ];
}
