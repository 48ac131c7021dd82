// The simple recurrent network: h = activation(W x + b + U h₋₁ + b′). Its one gate is h itself.

/** @import { Arithmetic, BackHere, Handed, Here, Run, Weights } from "./types.js" */
import { gate } from "./forward.js";

/**
 * @param {(h: number, a: number) => number} slope of the activation where it made h of a
 * @returns {Arithmetic}
 */
const rnn = (slope) => ({
  formulas: {},
  step: (/** @type {Weights} */ w, /** @type {Run} */ run, /** @type {Here} */ here) => {
    gate(w, run, here, "h");
    run.h.set(run.gates.h.subarray(here.t * w.H, (here.t + 1) * w.H), here.t * w.H);
  },
  /** @returns {Handed} */
  back: (/** @type {BackHere} */ { w: { H }, run, t, dh, gradient }) => {
    for (let j = 0; j < H; j++) {
      const k = t * H + j;
      gradient.gates.h[k] = dh[j] * slope(run.gates.h[k], run.before.h[k]);
    }
    return { dh: new Float64Array(H), dc: new Float64Array(H) };
  },
});

export const RNN = rnn((h) => 1 - h ** 2);
export const RELU_RNN = rnn((_, a) => Number(a > 0));
