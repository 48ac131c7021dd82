// What each click, key and drag does to the state. Pure.

/** @import { State } from "./types.js" */
/** @import { Bounds } from "./state.js" */
/** @import { World } from "./strips.js" */
import { hold } from "./state.js";

/**
 * @param {State} state
 * @param {string} act "verb:what"
 * @param {World} world
 * @param {Bounds[]} bounds
 * @param {State} start
 * @returns {State}
 */
export function reduce(state, act, world, bounds, start) {
  const [verb, ...rest] = act.split(":");
  const what = rest.join(":");
  return (ACTS[verb] ?? ((same) => same))(state, what, world, bounds, start);
}

/** @typedef {(state: State, what: string, world: World, bounds: Bounds[], start: State) => State} Act */

/** @type {Act} */
const step = (state, what, _, bounds) => {
  const { T } = bounds[state.model];
  const t = what === "last" ? T - 1 : Math.min(T - 1, Math.max(0, Number(what)));
  return t === state.t ? state : { ...state, t };
};

/** @type {Record<string, Act>} */
const ACTS = {
  step,
  scrub: step,
  by: (state, what, ...others) => step(state, String(state.t + Number(what)), ...others),
  scene: (state, what, _, bounds) => (bounds[state.model].scenes.includes(what) ? { ...state, scene: what } : state),
  model: (state, what, _, bounds) => ({ ...state, model: Number(what), unit: bounds[Number(what)].first }),
  unit: (state, what, world) => {
    const { ranked } = world.models[state.model];
    const place = ranked.indexOf(state.unit) + (what === "previous" ? -1 : 1);
    return { ...state, unit: /^\d+$/.test(what) ? Number(what) : ranked[(place + ranked.length) % ranked.length] };
  },
  op: (state, what) => ({ ...state, op: what, scene: "operation" }),
  output: (state, what) => ({ ...state, output: Number(what) }),
  view: (state, what) => {
    const other = state.view === "forward" ? "backward" : "forward";
    return { ...state, view: /** @type {"forward" | "backward"} */ (what === "other" ? other : what) };
  },
  edit: (state, what, world) => {
    const at = what.indexOf(":");
    const [value, name] = [Number(what.slice(0, at)), what.slice(at + 1)];
    const { recorded, trace, I } = world.models[state.model];
    const { [`${state.t}.${name}`]: _, ...others } = state.edits;
    const unchanged = recorded.run.x[state.t * I + trace.input_names.indexOf(name)] === value;
    return { ...state, edits: unchanged ? others : { ...others, [`${state.t}.${name}`]: value } };
  },
  hold: (state, what, world) => {
    const [gate, value] = what.split(":");
    return hold(state, world.models[state.model].trace.name, gate, value === "free" ? null : Number(value));
  },
  reach: (state, what) => (what === "units"
    ? { ...state, clampUnits: state.clampUnits === "unit" ? "all" : "unit" }
    : { ...state, clampSteps: state.clampSteps === "step" ? "all" : "step" }),
  reset: (state) => ({ ...state, edits: {}, clamps: {} }),
};
