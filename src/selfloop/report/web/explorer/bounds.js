// What can be seen and done of a model: what its cell has, and what this page can compute of it.

/** @import { Model } from "./model.js" */
/** @import { Bounds } from "./state.js" */
import { operations, roles } from "./kind.js";
import { SCENES } from "./state.js";

/**
 * @param {Model} model
 * @returns {Bounds}
 */
export function boundsOf({ trace, kind, equations, T, H, K, ranked }) {
  const recorded = kind.belt ? [kind.carried] : []; // what is on the belt is made of recorded gates alone
  const ops = equations ? operations(kind) : recorded;
  const missing = new Set([...(equations ? [] : ["cut"]), ...(ops.length ? [] : ["operation"])]);
  return {
    name: trace.name, T, H, K, first: ranked[0], ops, roles: roles(kind),
    gates: equations ? kind.gates.filter(({ share }) => share).map(({ symbol }) => symbol) : [],
    scenes: SCENES.filter((scene) => !missing.has(scene)),
  };
}

/**
 * Why nothing can be changed; empty where it can.
 * @param {Model} model
 */
export function fixedWords({ kind, equations }) {
  if (equations) return "";
  return `What was recorded of this ${kind.label} is shown; this page cannot compute it anew, so inputs, gates and the loop stay as they were.`;
}
