// One GRU cell: h itself is the belt. The update gate is drawn as the two that it is: z keeps, 1 − z writes.

/** @import { Shape } from "./types.js" */
/** @import { Scene } from "./scene.js" */
import * as places from "./cell-plan.js";
import * as parts from "./scene-cell.js";
import { gateLook } from "./kind.js";
import { at } from "./scene.js";
import { arrow, node, rect, text, way } from "./shapes.js";

const { BELT, MIDDLE, GATE, GATE_HEIGHT, BUS, LEVEL } = places;

/**
 * @param {Scene} scene
 * @returns {Shape[]}
 */
export function gruScene(scene) {
  const plan = places.planOf(scene);
  const { narrow } = scene;
  const [z, r, u, n] = (narrow ? [0.22, 0.55, 0.715, 0.86] : [0.25, 0.465, 0.63, 0.8]).map(plan.x);
  const half = narrow ? 50 : Math.min(76, Math.floor(0.12 * plan.width));
  const [keep, write] = [z - half / 2 - 1, z + half / 2 + 1];
  return [
    ...parts.outline(scene, plan),
    ...flows(scene, plan, { keep, write, n }),
    ...parts.branch(scene, "z", z), ...parts.branch(scene, "r", r, narrow),
    ...parts.bus(scene, plan, n, false),
    ...candidate(scene, plan, { r, u, n }),
    ...parts.gate(scene, plan, { symbol: "z", words: narrow ? "keep" : "keeps z", x: keep, width: half }),
    ...parts.gate(scene, plan, { symbol: "z", words: narrow ? "write" : "writes 1−z", x: write, width: half, rest: true }),
    ...parts.gate(scene, plan, { symbol: "r", x: r }),
    ...parts.gate(scene, plan, { symbol: "n", x: n }),
    text("gate:z:one", z - half - 12, LEVEL + 4, narrow ? "" : "update", { cls: "small end" }),
    ...node("node:keep", keep, BELT, "×"), ...node("node:plus", n, BELT, "+"), ...node("node:write", n, MIDDLE, "×"),
    ...words(scene, plan, { keep, n }),
  ];
}

/**
 * @param {Scene} scene
 * @param {places.Plan} plan
 * @param {{keep: number, write: number, n: number}} columns
 * @returns {Shape[]}
 */
function flows(scene, plan, { keep, write, n }) {
  const { W, scales, state } = scene;
  const back = parts.backwards(scene);
  const before = { ...scene, state: { ...state, t: state.t - 1 } };
  const h = parts.thickness(scene, ["state", "h"], ["dh"], scales.h);
  const lane = (/** @type {string} */ key, /** @type {[number, number][]} */ points, /** @type {string} */ colour, /** @type {number} */ width) =>
    way(key, points, { cls: "flow", stroke: `var(--${colour})`, width });
  const look = (/** @type {string} */ symbol) => gateLook(scene.model.kind, symbol);
  return [
    way("belt:in", [[0, BELT], [keep, BELT]], { cls: "flow hidden", width: back ? parts.thickness(scene, ["keep"], ["belt"], scales.h) : parts.thickness(before, ["state", "h"], null, scales.h) }),
    way("belt:kept", [[keep, BELT], [n, BELT]], { cls: "flow hidden", width: parts.thickness(scene, ["keep"], ["dh"], scales.h) }),
    way("belt:out", [[n, BELT], [W, BELT]], { cls: "flow hidden", width: h }),
    arrow("belt:head", back ? 2 : W - 2, BELT, back ? "left" : "right"),
    lane("gate:z:up", [[keep, GATE], [keep, BELT]], look("z"), parts.thickness(scene, ["gate", "z"], ["dgate", "z"], 1)),
    lane("gate:w:up", [[write, GATE], [write, MIDDLE], [n, MIDDLE]], "gate-write", parts.thickness(scene, ["rest", "z"], ["dgate", "z"], 1)),
    lane("gate:n:up", [[n, GATE], [n, MIDDLE]], look("n"), parts.thickness(scene, ["gate", "n"], ["dgate", "n"], 1)),
    lane("write:up", [[n, MIDDLE], [n, BELT]], "gate-write", parts.thickness(scene, ["write"], ["dh"], scales.h)),
    ...parts.upwards(scene, plan, BELT, h),
  ];
}

/**
 * Reset and the candidate's recurrent part: after the product, or before it (Cho et al.).
 * @param {Scene} scene
 * @param {places.Plan} plan
 * @param {{r: number, u: number, n: number}} columns
 * @returns {Shape[]}
 */
function candidate(scene, plan, { r, u, n }) {
  const { narrow, model, scales } = scene;
  const back = parts.backwards(scene);
  const before = !model.kind.reset?.after;
  const width = back ? parts.thickness(scene, ["u", "n"], ["dgate", "r"], 1) : parts.thickness(scene, ["gate", "r"], null, 1);
  const into = back ? parts.thickness(scene, ["u", "n"], ["dgate", "n"], scales.gradient) : 2;
  const y = GATE + GATE_HEIGHT + 22;
  const tight = plan.width < 700;
  const words = before ? (tight ? "h" : at(scene, "h", scene.state.t - 1)) : tight ? "U h" : "U h + b′";
  return [
    way("reset:in", [[u, BUS], [u, LEVEL]], { cls: back ? "flow gradient" : "flow bus", width: into }),
    way("gate:r:out", [[r + plan.gate / 2, LEVEL], [u, LEVEL]], { cls: "flow", stroke: `var(--${gateLook(model.kind, "r")})`, width }),
    way("reset:out", [[u, LEVEL], [n - plan.gate / 2, LEVEL]], { cls: back ? "flow gradient" : "flow bus", width: into }),
    ...parts.branch(scene, "n", n),
    rect("reset:box", u - (tight ? 18 : 36), y - 15, tight ? 36 : 72, 22, { r: 11, cls: "capsule" }),
    text("reset:word", u, y + 1, words, { cls: "small middle" }),
    ...node("node:reset", u, LEVEL, "×"),
    ...(back || narrow ? [] : [parts.beside(scene, "n:u", u, LEVEL - 22, ["u", "n", before ? "U(r⊙h) " : "", "recurrent part of the candidate"])]),
  ];
}

/**
 * @param {Scene} scene
 * @param {places.Plan} plan
 * @param {{keep: number, n: number}} columns
 * @returns {Shape[]}
 */
function words(scene, plan, { keep, n }) {
  const { state, narrow } = scene;
  const { t } = state;
  const first = narrow ? plan.left + 4 : 4;
  if (parts.backwards(scene)) {
    return [
      ...parts.edge(scene, "n:belt:in", first, BELT, ["belt", "-", "by its belt", "gradient handed on by this unit’s belt"], "start"),
      ...parts.shown(scene, plan, BELT),
      ...parts.gatesEdge(scene, plan, false),
    ];
  }
  return [
    parts.beside(scene, "n:belt:in", first, BELT - 16, ["state", "h", `${at(scene, "h", t - 1)} `, "hidden state before"], "start", t - 1),
    parts.beside(scene, "n:kept", (keep + n) / 2, BELT - 16, ["keep", "-", narrow ? "" : "kept ", "what the belt keeps"]),
    parts.beside(scene, "n:write", n - (narrow ? 8 : 14), (MIDDLE + BELT) / 2 + 5, ["write", "-", narrow ? "" : "written ", "what is written"], "end"),
    ...parts.shown(scene, plan, BELT),
  ];
}
