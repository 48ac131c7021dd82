// Where the reader is, and how that is written in the address bar. Pure.

/** @import { Clamp, State } from "./types.js" */

export const SCENES = ["cut", "closed", "unrolled", "cell", "operation", "answer"];

/** What the page knows about a model when it reads an address: enough to refuse nonsense. */
/**
 * scenes: those that can be shown of it; ops: those of one operation; gates: those that can be held; roles: which of its
 * symbols does which part of the work
 * @typedef {{name: string, T: number, H: number, K: number, scenes: string[], ops: string[], gates: string[], roles: Record<string, string>, first: number}} Bounds
 */

/**
 * @param {Bounds[]} models
 * @param {number} t
 * @param {number} output
 * @returns {State}
 */
export function opening(models, t, output = 0) {
  return {
    scene: models[0].scenes[0], model: 0, t, unit: models[0].first, op: models[0].ops[0] ?? "", output, view: "forward",
    edits: {}, clamps: {}, clampUnits: "unit", clampSteps: "all",
  };
}

/**
 * The same place, inside what there is: another model may have fewer units and other gates.
 * @param {State} state
 * @param {Bounds[]} models
 * @returns {State}
 */
export function within(state, models) {
  const model = Math.min(Math.max(0, state.model), models.length - 1);
  const { T, H, K, scenes, first } = models[model];
  return {
    ...state, model,
    scene: scenes.includes(state.scene) ? state.scene : scenes.find((scene) => scene === NEAREST[state.scene]) ?? scenes[0],
    t: Math.min(Math.max(0, state.t), T - 1),
    unit: state.unit >= 0 && state.unit < H ? state.unit : first,
    op: sameWork(state.op, models[model], models),
    output: Math.min(Math.max(0, state.output), Math.max(0, K - 1)),
  };
}

/** Where to go from a scene that cannot be shown of a model. */
/** @type {Record<string, string>} */
const NEAREST = { cut: "closed", operation: "cell" };

/**
 * The operation itself, or what does the same work in this model's cell.
 * @param {string} op
 * @param {Bounds} model
 * @param {Bounds[]} models
 */
function sameWork(op, { ops, roles }, models) {
  if (ops.includes(op)) return op;
  const parts = models.flatMap((other) => Object.keys(other.roles).filter((part) => other.roles[part] === op));
  return parts.map((part) => roles[part]).find((symbol) => ops.includes(symbol)) ?? ops[0] ?? "";
}

/**
 * @param {State} state
 * @param {Bounds[]} models
 * @param {State} start what need not be written
 */
export function toHash(state, models, start) {
  const parts = new URLSearchParams();
  const { scene, t, unit, op, output, view } = state;
  const said = { scene, model: models[state.model].name, step: t + 1, unit: unit + 1, op, output, view };
  const usual = {
    scene: start.scene, model: models[start.model].name, step: start.t + 1, op: start.op, output: start.output, view: start.view,
    unit: (state.model === start.model ? start.unit : models[state.model].first) + 1, // as fromHash fills it in
  };
  for (const name of /** @type {(keyof typeof said)[]} */ (Object.keys(said))) {
    if (said[name] !== usual[name]) parts.set(name, String(said[name]));
  }
  for (const [place, value] of Object.entries(state.edits)) parts.append("x", `${place}:${value}`);
  for (const [model, clamps] of Object.entries(state.clamps)) {
    for (const { gate, unit: j, step, value } of clamps) parts.append("hold", [model, gate, j, step, value].join(":"));
  }
  return parts.toString();
}

/**
 * @param {string} hash without "#"
 * @param {Bounds[]} models
 * @param {State} start
 * @returns {State}
 */
export function fromHash(hash, models, start) {
  if (!hash.includes("=")) return start; // an anchor of the page around
  const parts = new URLSearchParams(hash);
  const number = (/** @type {string} */ name, /** @type {number} */ otherwise) => {
    const value = Number(parts.get(name) ?? NaN);
    return Number.isInteger(value) ? value - 1 : otherwise;
  };
  const model = models.findIndex(({ name }) => name === parts.get("model"));
  const output = Number(parts.get("output") ?? start.output);
  return within({
    ...start,
    scene: parts.get("scene") ?? start.scene,
    model: model < 0 ? start.model : model,
    t: number("step", start.t),
    unit: number("unit", model < 0 ? start.unit : models[model].first),
    op: parts.get("op") ?? start.op,
    output: Number.isInteger(output) ? output : start.output,
    view: parts.get("view") === "backward" ? "backward" : "forward",
    edits: Object.fromEntries(parts.getAll("x").flatMap(editFrom)),
    clamps: clampsFrom(parts.getAll("hold"), models),
  }, models);
}

/**
 * @param {string} text "step.name:value"
 * @returns {[string, number][]}
 */
function editFrom(text) {
  const at = text.lastIndexOf(":");
  const value = Number(text.slice(at + 1));
  return at > 0 && /^\d+\./.test(text) && Number.isFinite(value) ? [[text.slice(0, at), value]] : [];
}

/**
 * @param {string[]} texts "model:gate:unit:step:value"
 * @param {Bounds[]} models
 */
function clampsFrom(texts, models) {
  /** @type {Record<string, Clamp[]>} */
  const clamps = {};
  for (const text of texts) {
    const [name, gate, ...rest] = text.split(":");
    const [unit, step, value] = rest.map(Number);
    const model = models.find((each) => each.name === name);
    const sound = [unit, step, value].every(Number.isInteger) && (value === 0 || value === 1);
    if (model?.gates.includes(gate) && sound) (clamps[name] ??= []).push({ gate, unit, step, value });
  }
  return clamps;
}

/**
 * Holds a gate, or lets it go (value null), at the reach that the state has chosen.
 * @param {State} state
 * @param {string} model
 * @param {string} gate
 * @param {number | null} value
 * @returns {State}
 */
export function hold(state, model, gate, value) {
  const unit = state.clampUnits === "unit" ? state.unit : -1;
  const step = state.clampSteps === "step" ? state.t : -1;
  const others = (state.clamps[model] ?? []).filter((clamp) => {
    const covered = (unit === -1 || clamp.unit === unit) && (step === -1 || clamp.step === step);
    return clamp.gate !== gate || (value !== null && !covered); // free is free everywhere
  });
  const clamps = value === null ? others : [...others, { gate, unit, step, value }];
  const { [model]: _, ...rest } = state.clamps;
  return { ...state, clamps: clamps.length ? { ...rest, [model]: clamps } : rest };
}
