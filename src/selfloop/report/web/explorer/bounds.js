// What can be seen and done of a model: what its cell has, and what this page can compute of it.

/** @import { Model } from "./model.js" */
/** @import { Bounds } from "./state.js" */
import { operations, roles } from "./kind.js";
import { SCENES } from "./state.js";

/**
 * @param {Model} model
 * @returns {Bounds}
 */
export function boundsOf({ trace, kind, arithmetic, w, T, H, K, ranked }) {
  // A sum needs the weights; what is on the belt is made of recorded gates alone.
  const told = (/** @type {string} */ op) => Boolean(kind.order.includes(op) ? w : kind.belt && op === kind.carried);
  const ops = operations(kind).filter((op) => arithmetic || told(op));
  const missing = new Set([...(arithmetic ? [] : ["cut"]), ...(ops.length ? [] : ["operation"])]);
  return {
    name: trace.name, T, H, K, first: trace.responses?.found[0]?.unit ?? ranked[0], ops, roles: roles(kind),
    gates: arithmetic ? kind.gates.filter(({ share }) => share).map(({ symbol }) => symbol) : [],
    scenes: SCENES.filter((scene) => !missing.has(scene)),
  };
}

/**
 * Why there is no way back to be shown; empty where there is.
 * @param {Model} model
 * @param {import("./model.js").Course} course
 */
export function noGradient({ trace: { gradients, layer, layers }, head }, course) {
  if (course.gradient()) return "";
  if (!gradients) return "No gradient was recorded: nothing was asked of this layer that could be right or wrong.";
  if (head) return "After a change the gradient is not known: it depends on the reading backwards, which is not computed here.";
  return `After a change the gradient is not known: it comes from layer ${Math.min(layer + 1, layers)}, which is not computed again.`;
}

/**
 * What a change does not reach, in a sentence; empty where it reaches everything.
 * @param {Model} model
 */
export function unreached({ head, trace: { layer, layers } }) {
  const apart = [
    ...(layers > 1 ? [`the other layers: this one, layer ${layer}, is computed alone`] : []),
    ...(head?.others ? ["the reading backwards, so that the answer is not known"] : []),
    ...(head?.head.stands_on ? [head.head.stands_on] : []),
  ];
  return apart.length ? ` What it does not reach: ${apart.join("; ")}.` : "";
}

/**
 * Why nothing can be changed; empty where it can.
 * @param {Model} model
 */
export function fixedWords({ kind, arithmetic }) {
  if (arithmetic) return "";
  return `What was recorded of this ${kind.label} is shown; this page cannot compute it anew, so inputs, gates and the loop stay as they were.`;
}
