// What a gate's sum is put through.

/**
 * @typedef {object} Activation
 * @property {string} name as it stands before a bracket
 * @property {(a: number) => number} of
 * @property {number} low the least that it gives
 * @property {number} high the most that it gives
 */

export const ACTIVATIONS = {
  /** @type {Activation} */
  sigmoid: { name: "σ", of: (a) => 1 / (1 + Math.exp(-a)), low: 0, high: 1 },
  /** @type {Activation} */
  tanh: { name: "tanh", of: Math.tanh, low: -1, high: 1 },
  /** @type {Activation} */
  relu: { name: "max(0, ·)", of: (a) => (a < 0 ? 0 : a), low: 0, high: Infinity },
  /** @type {Activation} */
  linear: { name: "", of: (a) => a, low: -Infinity, high: Infinity },
};
