// The network with its loop cut, and closed: the same input after different pasts.

/** @import { Shape } from "./types.js" */
/** @import { Scene } from "./scene.js" */
import { row } from "./arrays.js";
import { HIDDEN } from "./kind.js";
import { oneStep, pastOf } from "./one-step.js";
import { fitted } from "./numbers.js";
import { read } from "./quantities.js";
import { answerAt, answerName, answerWords, at, cut, inputWords, partWords, SQUARES, standsOn, statesShown, stepNumber, sumWords, unitsShown } from "./scene.js";
import { arrow, number, rect, route, squares, path, text, way } from "./shapes.js";

/**
 * @param {Scene} scene
 * @returns {Shape[]}
 */
export function networkScene(scene) {
  const centre = scene.narrow ? scene.W * 0.36 : scene.W * 0.23;
  const box = { x: centre - 88, y: 136, width: 176, height: 144 };
  return [...loops(scene, box), ...unit(scene, box), ...pasts(scene)];
}

/** @typedef {{x: number, y: number, width: number, height: number}} Box */

/**
 * The input from below, the unit, the answer above.
 * @param {Scene} scene
 * @param {Box} box
 * @returns {Shape[]}
 */
function unit(scene, box) {
  const { model, course, state, scales } = scene;
  const { t } = state;
  const closed = state.scene === "closed";
  const centre = box.x + box.width / 2;
  const x = row(course.run.x, t, model.I);
  const alone = closed ? null : oneStep(model, x, null, t);
  const h = alone ? unitsShown(model, state.unit).map((j) => alone.h[j]) : statesShown(scene, "h", t);
  const answers = alone ? alone.answers : answerAt(scene, t);
  const said = standsOn(model) ? sumWords(model, alone ? alone.parts : partsAt(scene, t), answers, t) : answerWords(model, answers).words;
  const many = model.H > SQUARES ? `${SQUARES} of ${model.H} units` : `${model.H} units`;
  const place = { model, course, t };
  return [
    way("link:x", [[centre, 330], [centre, box.y + box.height]], { cls: "flow input", width: 2 }),
    arrow("link:x:head", centre, box.y + box.height + 2, "up"),
    way("link:answer", [[centre, box.y], [centre, 92]], { cls: "flow hidden", width: 3 }),
    arrow("link:answer:head", centre, 90, "up"),
    rect(`cell:${t}`, box.x, box.y, box.width, box.height, { r: 10, cls: "cell" }),
    text("unit:name", centre, box.y + 32, model.trace.label, { cls: "name" }),
    text("unit:size", centre, box.y + 52, many, { cls: "muted middle" }),
    ...squares(`h:${t}`, centre - (h.length * 18 - 2) / 2, box.y + 76, h, { size: 16, most: scales.h, marked: unitsShown(model, state.unit).indexOf(state.unit) }),
    closed
      ? number(place, `number:h:${t}`, centre, box.y + 120, "state", state.unit, "h", { before: `${at(scene, "h", t)} `, words: "hidden state" })
      : text("unit:alone", centre, box.y + 120, "h from this input alone", { cls: "muted middle" }),
    ...inputSquares(scene, centre, t),
    text("answer:word", centre, said ? 56 : 78, said ? answerName(model) : model.head?.others ? "the head also reads backwards" : "", { cls: "muted middle" }),
    text("answer:best", centre, 78, said, { cls: "strong middle" }),
  ];
}

/**
 * @param {Scene} scene
 * @param {number} centre
 * @param {number} t
 * @param {number} room for words, px
 */
export function inputSquares(scene, centre, t, room = Infinity) {
  const { model, course, narrow, state } = scene;
  const x = row(course.run.x, t, model.I);
  const shown = x.length <= 12 ? x : x.subarray(0, 12);
  const size = state.scene === "unrolled" ? 7 : 12;
  const most = Math.max(1, ...Array.from(x, Math.abs).filter(Number.isFinite));
  const from = centre - (shown.length * (size + 2) - 2) / 2;
  const words = cut(inputWords(scene, t), narrow || state.scene === "unrolled" ? 18 : 40);
  return [
    ...squares(`x:${t}`, from, 336, shown, { size, most }),
    text(`x:${t}:words`, centre, 336 + size + 20, words, { cls: "small middle", size: fitted(words, room, 12.5) }),
    text(`x:${t}:step`, centre, 336 + size + 40, `step ${stepNumber(scene.exploration, t)}`, { cls: t === state.t ? "strong middle" : "muted middle" }),
  ];
}

/**
 * What the unit hands to itself: cut, or closed.
 * @param {Scene} scene
 * @param {Box} box
 * @returns {Shape[]}
 */
function loops(scene, box) {
  const { model, state } = scene;
  const { cell } = model.kind;
  const right = box.x + box.width;
  const middle = box.y + box.height / 2;
  const rings = [{ key: HIDDEN, reach: 64, half: 36 }, ...(cell ? [{ key: cell, reach: 92, half: 58 }] : [])];
  return rings.flatMap(({ key, reach, half }) => loop(scene, key, right, middle, reach, half)).concat(
    state.scene === "closed" ? carried(scene, right, middle) : [
      text("loop:why", ...beside(scene, right, middle + 5), cell ? "cut: both are 0" : "cut: h is 0", { cls: scene.narrow ? "muted end" : "muted start" }),
    ],
  );
}

/**
 * @param {Scene} scene
 * @param {string} key
 * @param {number} right
 * @param {number} middle
 * @param {number} reach
 * @param {number} half
 * @returns {Shape[]}
 */
function loop({ state }, key, right, middle, reach, half) {
  const cls = `flow ${key === HIDDEN ? "hidden" : "belt"}${state.scene === "cut" ? " cut" : ""}`;
  const gap = state.scene === "cut" ? 11 : 0;
  const x = right + reach;
  return [
    path(`loop:${key}:out`, route([[right, middle - half], [x, middle - half], [x, middle - gap]], 20), { cls, width: 4 }),
    path(`loop:${key}:back`, route([[x, middle + gap], [x, middle + half], [right + 6, middle + half]], 20), { cls, width: 4 }),
    arrow(`loop:${key}:head`, right + 2, middle + half, "left", { opacity: state.scene === "cut" ? 0.35 : 1 }),
    path(`loop:${key}:scissors`, `M${x - 8},${middle - 8}L${x + 8},${middle - 14}M${x - 8},${middle + 14}L${x + 8},${middle + 8}`, {
      cls: "cutmark", opacity: state.scene === "cut" ? 1 : 0,
    }),
  ];
}

/**
 * The states on their way round.
 * @param {Scene} scene
 * @param {number} right
 * @param {number} middle
 * @returns {Shape[]}
 */
function carried(scene, right, middle) {
  const { model, course, state } = scene;
  const { cell } = model.kind;
  const before = { model, course, t: state.t - 1 };
  const anchor = scene.narrow ? "end" : "start";
  const line = (/** @type {string} */ name, /** @type {number} */ y) => number(before, `loop:${name}:number`, ...beside(scene, right, y), "state", state.unit, name, {
    before: `${at(scene, name, state.t - 1)} `, words: `${name === HIDDEN ? "hidden" : "cell"} state of the step before`, cls: `number ${anchor}`,
  });
  return cell ? [line(cell, middle - 8), line(HIDDEN, middle + 18)] : [line(HIDDEN, middle + 5)];
}

/**
 * A place for words beside the loop; under it where there is no room.
 * @param {Scene} scene
 * @param {number} right
 * @param {number} y
 * @returns {[number, number]}
 */
const beside = ({ narrow, W, model }, right, y) => (narrow ? [W - 6, y + 90] : [right + (model.kind.cell ? 104 : 76), y]);

/**
 * The network's parts of the answers of a step.
 * @param {Scene} scene
 * @param {number} t
 */
const partsAt = ({ model, course }, t) => Array.from({ length: model.K }, (_, k) => read("part", model, course, t, k));

/**
 * The same input after different pasts: rows that agree when the loop is cut, and differ when it is closed. Where the
 * cell cannot be computed here: what it made of the steps as they came. Where an answer stands on more than the
 * network, its part alone is said: that is all that the past of the network can change.
 * @param {Scene} scene
 * @returns {Past[]}
 */
export function pastRows(scene) {
  const rows = KNOWN.get(scene) ?? pastRowsOf(scene);
  KNOWN.set(scene, rows);
  return rows;
}

/** The picture and the words of one scene are made of the same rows. */
/** @type {WeakMap<Scene, Past[]>} */
const KNOWN = new WeakMap();

/**
 * @param {Scene} scene
 * @returns {Past[]}
 */
function pastRowsOf(scene) {
  const { model, course, state, narrow, exploration } = scene;
  const closed = state.scene === "closed";
  const x = row(course.run.x, state.t, model.I);
  const steps = pastSteps(state.t, narrow ? 4 : 5);
  const said = (/** @type {ArrayLike<number> | null} */ parts, /** @type {ArrayLike<number> | null} */ answers) => (standsOn(model) ? partWords(model, parts) : answerWords(model, answers, 24).words);
  if (!model.arithmetic) {
    return [...steps.slice(1), state.t].map((t) => ({
      words: `step ${stepNumber(exploration, t)}`, strong: t === state.t, h: row(course.run.h, t, model.H), said: said(partsAt(scene, t), answerAt(scene, t)),
    }));
  }
  return steps.map((past) => {
    const made = oneStep(model, x, closed && past >= 0 ? pastOf(model, course, past) : null, state.t);
    const words = past < 0 ? "after nothing" : past === state.t - 1 ? "as it came" : `after step ${stepNumber(exploration, past)}`;
    return { words, strong: past === state.t - 1, h: made?.h ?? [], said: said(made?.parts ?? null, made?.answers ?? null) };
  });
}

/**
 * @param {Scene} scene
 * @returns {Shape[]}
 */
function pasts(scene) {
  const { model, W, narrow } = scene;
  const part = standsOn(model) ? "The network’s part" : "";
  const [short, long] = model.arithmetic ? ["the same input", part ? `${part} after other pasts:` : "This input, put in after other pasts:"] : ["as recorded", part ? `${part}, as recorded:` : "Step by step, as recorded:"];
  const [left, top] = narrow ? [8, 424] : [W * 0.6, 120];
  return table(scene, { left, top, title: narrow ? short : long, rows: pastRows(scene) });
}

/** said: the answer, or the network's part of it */
/** @typedef {{words: string, strong: boolean, h: ArrayLike<number>, said: string}} Past */

/**
 * A row for each past: when, h, and the answer.
 * @param {Scene} scene
 * @param {{left: number, top: number, title: string, rows: Past[]}} what
 * @returns {Shape[]}
 */
function table({ model, state, W, narrow, scales }, { left, top, title, rows }) {
  const units = unitsShown(model, state.unit);
  const size = narrow ? 9 : units.length > 6 ? 10 : 14;
  const columns = narrow ? [left, left + 104, left + 112 + units.length * (size + 2)] : [left, left + 112, left + 124 + units.length * (size + 2)];
  const head = narrow ? top : top - 28;
  return [
    text("past:title", columns[0], top, title, { cls: narrow ? "muted" : "plain" }),
    text("past:h", columns[1], head, narrow ? "h" : "", { cls: "muted" }),
    text("past:a", columns[2], head, narrow && rows.some(({ said }) => said) ? (standsOn(model) ? "network’s part" : "answer") : "", { cls: "muted" }),
    ...rows.flatMap(({ words, strong, h, said }, k) => {
      const y = top + 24 + k * (narrow ? 26 : 44);
      return [
        text(`past:${k}:when`, columns[0], y + size - 2, words, { cls: strong ? "strong" : "muted" }),
        ...squares(`past:${k}:h`, columns[1], y, units.map((j) => h[j]), { size, most: scales.h, marked: units.indexOf(state.unit) }),
        text(`past:${k}:answer`, columns[2], y + size - 2, said, { cls: "plain", size: fitted(said, W - columns[2] - 4) }),
      ];
    }),
  ];
}

/**
 * The start, some steps before, and the one before now.
 * @param {number} t
 * @param {number} most
 */
export function pastSteps(t, most) {
  const places = Array.from({ length: most - 1 }, (_, k) => Math.round(((k + 1) * t) / (most - 1)) - 1);
  return [...new Set([-1, ...places])].filter((place) => place < t).sort((a, b) => a - b);
}
