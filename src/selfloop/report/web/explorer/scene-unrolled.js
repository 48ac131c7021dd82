// The same unit at a few steps, side by side: the loop unrolled in time, forward or backward.

/** @import { Shape } from "./types.js" */
/** @import { Scene } from "./scene.js" */
import { gateLook, HIDDEN, nameOf, stateLook } from "./kind.js";
import { fitted } from "./numbers.js";
import { read, stateAt } from "./quantities.js";
import { flow, gradientFlow } from "./scales.js";
import { answerAt, answerWords, at, pullsShown, seeded, statesShown, unitsShown } from "./scene.js";
import { inputSquares } from "./scene-network.js";
import { arrow, number, rect, squares, text, way } from "./shapes.js";

const TOP = 120;
const HEIGHT = 160;
const BELT = TOP + 38;
const HIDDEN_LEVEL = TOP + 112;

/**
 * @param {Scene} scene
 * @returns {Shape[]}
 */
export function unrolledScene(scene) {
  const { state, model, W, narrow } = scene;
  const columns = narrow ? 3 : W > 960 ? 7 : 5;
  const apart = W / columns;
  const reach = (columns + 1) / 2;
  const steps = [];
  for (let t = Math.max(0, state.t - reach); t <= Math.min(model.T - 1, state.t + reach); t++) steps.push(t);
  const place = (/** @type {number} */ t) => W / 2 + (t - state.t) * apart;
  const half = apart * 0.29;
  return [
    ...steps.flatMap((t) => links(scene, t, place(t), apart, half)),
    ...steps.flatMap((t) => {
      const shapes = column(scene, t, place(t), half, apart - 8);
      return place(t) > half / 2 && place(t) < W - half / 2 ? shapes : wings(shapes);
    }),
  ];
}

/**
 * @param {Scene} scene
 * @param {number} t
 * @param {number} x
 * @param {number} half of the unit's width
 * @param {number} room for words, px
 * @returns {Shape[]}
 */
function column(scene, t, x, half, room) {
  const { model, course, state, scales, narrow } = scene;
  const { cell } = model.kind;
  const units = unitsShown(model, state.unit);
  const size = Math.min(12, (2 * half - 12) / units.length - 2);
  const wide = units.length * (size + 2) - 2;
  const place = { model, course, t };
  const back = state.view === "backward";
  const look = { size, marked: units.indexOf(state.unit) };
  /** @type {(name: string, most: number) => [number[], {size: number, most: number, marked: number}]} */
  const values = (name, most) => [statesShown(scene, name, t), { ...look, most }];
  /** @type {(name: string) => [number[], {size: number, most: number, marked: number}]} */
  const pulls = (name) => [pullsShown(scene, name, t), { ...look, most: 1 }];
  const answer = answerWords(model, answerAt(scene, t), 20).words;
  return [
    rect(`cell:${t}`, x - half, TOP, 2 * half, HEIGHT, { r: 10, cls: t === state.t ? "cell now" : "cell", act: `step:${t}`, label: `step ${t + 1 + scene.exploration.first_step}` }),
    ...(cell ? [
      ...squares(`c:${t}`, x - wide / 2, BELT - size / 2, ...(back ? pulls(cell) : values(cell, scales.c))),
      back ? number(place, `number:c:${t}`, x, BELT + 28, "dc", state.unit, "-", { words: "gradient of the cell state", fit: 2 * half - 6 })
        : number(place, `number:c:${t}`, x, BELT + 28, "state", state.unit, cell, { words: "cell state", fit: 2 * half - 6 }),
    ] : []),
    ...squares(`h:${t}`, x - wide / 2, HIDDEN_LEVEL - size / 2, ...(back ? pulls(HIDDEN) : values(HIDDEN, scales.h))),
    back ? number(place, `number:h:${t}`, x, HIDDEN_LEVEL + 28, "dh", state.unit, "-", { words: "gradient of the hidden state", fit: 2 * half - 6 })
      : number(place, `number:h:${t}`, x, HIDDEN_LEVEL + 28, "state", state.unit, "h", { words: "hidden state", fit: 2 * half - 6 }),
    ...(cell ? [text(`c:${t}:name`, x, BELT - 16, rowName(scene, cell), { cls: "muted middle" })] : []),
    text(`h:${t}:name`, x, HIDDEN_LEVEL - 16, rowName(scene, HIDDEN), { cls: "muted middle" }),
    ...(cell || narrow ? [] : [text(`name:${t}`, x, TOP + 44, model.trace.label, { cls: t === state.t ? "name" : "muted middle" })]),
    ...inputSquares(scene, x, t, room),
    text(`answer:${t}`, x, 74, answer, { cls: t === state.t ? "strong middle" : "small middle", size: fitted(answer, room, 12.5) }),
  ];
}

/**
 * A column beside the stage, on its way in or out: to be seen alone, neither read nor clicked.
 * @param {Shape[]} shapes
 */
const wings = (shapes) => shapes.filter(({ tag }) => tag !== "text").map(({ act: _, label: __, ...shape }) => shape);

/**
 * What a row of squares in a column is.
 * @param {Scene} scene
 * @param {string} name
 */
function rowName({ state, narrow, model }, name) {
  if (state.view === "backward") return `dL/d${name}`;
  if (narrow) return name;
  return `${name === HIDDEN ? "state" : nameOf(model.kind, name)} ${name}`;
}

/**
 * What comes in from the left, from below, and what goes up.
 * @param {Scene} scene
 * @param {number} t
 * @param {number} x
 * @param {number} apart
 * @param {number} half
 * @returns {Shape[]}
 */
function links(scene, t, x, apart, half) {
  const { model, state } = scene;
  const back = state.view === "backward";
  const into = x - half;
  const from = x - apart + half;
  const inside = (/** @type {number} */ middle) => middle > (into - from) / 2 && middle < scene.W - (into - from) / 2;
  const ways = back ? backwardLinks(scene, t) : forwardLinks(scene, t);
  const drawn = ways.flatMap(({ key, y, look, width, kind, name, words }) => [
    way(`link:${key}:${t}`, [[from, y], [into, y]], { stroke: `var(--${look})`, width }),
    back ? arrow(`link:${key}:${t}:head`, from + 2, y, "left") : arrow(`link:${key}:${t}:head`, into - 1, y, "right"),
    ...(back && name && inside((from + into) / 2) ? [number({ model, course: scene.course, t }, `link:${key}:${t}:number`, (from + into) / 2, y - 12, kind, state.unit, name, { words: `gradient ${words}`, cls: "number tiny", fit: into - from - 6 })] : []),
  ]);
  const answered = Boolean(model.head);
  return [
    ...drawn,
    ...(t === 0 && !back ? [text("link:start", from + 4, HIDDEN_LEVEL + 26, at(scene, "h", -1), { cls: "muted" })] : []),
    way(`up:${t}`, [[x, 332], [x, TOP + HEIGHT]], { cls: "flow input", width: 1.5 }),
    arrow(`up:${t}:head`, x, TOP + HEIGHT + 2, "up"),
    ...(answered ? [
      way(`out:${t}`, [[x, TOP], [x, 88]], { cls: "flow hidden", width: 2 }),
      arrow(`out:${t}:head`, x, 86, back && seeded(scene, t) ? "down" : "up"),
    ] : []),
  ];
}

/** look: the CSS variable that holds its colour; kind, name, words: of its number, backward; no name: it has none */
/** @typedef {{key: string, y: number, look: string, width: number, kind: string, name: string, words: string}} Link */

/**
 * @param {Scene} scene
 * @param {number} t
 * @returns {Link[]}
 */
function forwardLinks({ model, course, scales, state }, t) {
  /** @type {(name: string, most: number) => number} */
  const width = (name, most) => flow(stateAt(course, name, t - 1, state.unit, model.H), most);
  const none = { kind: "", name: "", words: "" };
  const h = { key: "h", y: HIDDEN_LEVEL, look: stateLook(HIDDEN), width: width(HIDDEN, scales.h), ...none };
  const { cell } = model.kind;
  return cell ? [{ key: "c", y: BELT, look: stateLook(cell), width: width(cell, scales.c), ...none }, h] : [h];
}

/**
 * @param {Scene} scene
 * @param {number} t
 * @returns {Link[]}
 */
function backwardLinks({ model, course, scales, state }, t) {
  if (!course.gradient()) return [];
  const { belt, carried, cell } = model.kind;
  const width = (/** @type {string} */ kind, /** @type {string} */ name) => gradientFlow(read(kind, model, course, t, state.unit, name), scales.gradient);
  const known = Boolean(model.arithmetic && model.w);
  const gates = { key: "h", y: HIDDEN_LEVEL, look: stateLook(HIDDEN), width: known ? width("sent", "gates") : 0.75, kind: "sent", name: known ? "gates" : "", words: "sent back by this unit’s gates" };
  if (!belt) return [gates];
  return [{ key: "c", y: BELT, look: cell ? stateLook(carried) : gateLook(model.kind, belt.keep.symbol), width: width("belt", "-"), kind: "belt", name: "-", words: "handed on by this unit’s belt" }, gates];
}
