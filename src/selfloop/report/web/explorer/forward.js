// The cells' equations, in float64: selfloop/cells is the definition, and tests hold this to it.

/** @import { CellKind, Clamp, Numbers, Run, TracedModel, Weights } from "./types.js" */
import { valuesOf } from "./arrays.js";

/** @param {number} a */
export function sigmoid(a) {
  return 1 / (1 + Math.exp(-a));
}

/**
 * @param {TracedModel} model
 * @param {string[]} order symbols of its gates, as in the weights
 * @returns {Weights}
 */
export function weightsOf(model, order) {
  const I = model.input_names.length;
  const H = model.W_hh.shape[1];
  const b_ih = Float64Array.from(valuesOf(model.b_ih, order.length * H));
  const b_hh = Float64Array.from(valuesOf(model.b_hh, order.length * H));
  return {
    cell: model.cell, order, I, H, b_ih, b_hh, b: b_ih.map((bias, k) => bias + b_hh[k]),
    W_ih: valuesOf(model.W_ih, 0), W_hh: valuesOf(model.W_hh, 0),
  };
}

/**
 * Row k of a matrix times a vector.
 * @param {Numbers} matrix
 * @param {number} k
 * @param {Numbers} vector
 */
export function dot(matrix, k, vector) {
  const size = vector.length;
  const start = k * size;
  let sum = 0;
  for (let j = 0; j < size; j++) sum += matrix[start + j] * vector[j];
  return sum;
}

/**
 * The value a gate is held at here, or null where it is free.
 * @param {Clamp[]} clamps
 * @param {string} gate
 * @param {number} unit
 * @param {number} step
 */
export function held(clamps, gate, unit, step) {
  let value = null;
  for (const clamp of clamps) {
    const here = clamp.gate === gate && (clamp.unit === -1 || clamp.unit === unit);
    if (here && (clamp.step === -1 || clamp.step === step)) value = clamp.value;
  }
  return value;
}

/**
 * An empty run.
 * @param {Weights} w
 * @param {number} T
 * @param {Numbers} x
 * @param {Numbers} h0
 * @param {Numbers} c0
 * @returns {Run}
 */
function blank(w, T, x, h0, c0) {
  const make = () => new Float64Array(T * w.H);
  const each = () => Object.fromEntries(w.order.map((symbol) => [symbol, make()]));
  return { T, x, h0, c0, h: make(), c: make(), gates: each(), before: each(), u: make() };
}

/**
 * All steps. The RNN's one gate is h itself.
 * @param {Weights} w
 * @param {Numbers} x (T, I)
 * @param {Numbers} h0
 * @param {Numbers} c0
 * @param {Clamp[]} clamps
 * @returns {Run}
 */
export function forward(w, x, h0, c0, clamps = []) {
  const T = w.I ? x.length / w.I : 0;
  const run = blank(w, T, x, h0, c0);
  for (let t = 0; t < T; t++) step(w, run, t, clamps);
  return run;
}

/**
 * One step of a run, from what stands in it for the step before.
 * @param {Weights} w
 * @param {Run} run
 * @param {number} t
 * @param {Clamp[]} clamps
 */
function step(w, run, t, clamps) {
  const { I, H } = w;
  const x = run.x.subarray(t * I, (t + 1) * I);
  const h = t ? run.h.subarray((t - 1) * H, t * H) : run.h0;
  const c = t ? run.c.subarray((t - 1) * H, t * H) : run.c0;
  STEPS[w.cell](w, run, { t, x, h, c, clamps });
}

/** @typedef {{t: number, x: Numbers, h: Numbers, c: Numbers, clamps: Clamp[]}} Here */

/**
 * Fills a gate at this step: `activation(W x + U v + b)`, or the value that it is held at.
 * @param {Weights} w
 * @param {Run} run
 * @param {Here} here
 * @param {string} symbol
 * @param {(a: number) => number} activation
 */
function gate(w, run, { t, x, h, clamps }, symbol, activation) {
  const { H } = w;
  const first = w.order.indexOf(symbol) * H;
  for (let j = 0; j < H; j++) {
    const k = first + j;
    const a = dot(w.W_ih, k, x) + w.b_ih[k] + (dot(w.W_hh, k, h) + w.b_hh[k]);
    run.before[symbol][t * H + j] = a;
    run.gates[symbol][t * H + j] = held(clamps, symbol, j, t) ?? activation(a);
  }
}

/** @type {Record<CellKind, (w: Weights, run: Run, here: Here) => void>} */
const STEPS = {
  rnn: (w, run, here) => elman(w, run, here, Math.tanh),
  rnn_relu: (w, run, here) => elman(w, run, here, (a) => (a < 0 ? 0 : a)),
  lstm,
  gru: (w, run, here) => gru(w, run, here, resetAfter),
  gru_reset_before: (w, run, here) => gru(w, run, here, resetBefore),
};

/**
 * h = tanh(W x + b + U h₋₁ + b')
 * @param {Weights} w
 * @param {Run} run
 * @param {Here} here
 * @param {(a: number) => number} activation
 */
function elman(w, run, here, activation) {
  gate(w, run, here, "h", activation);
  run.h.set(run.gates.h.subarray(here.t * w.H, (here.t + 1) * w.H), here.t * w.H);
}

/**
 * c = f ⊙ c₋₁ + i ⊙ g; h = o ⊙ tanh(c)
 * @param {Weights} w
 * @param {Run} run
 * @param {Here} here
 */
function lstm(w, run, here) {
  for (const symbol of ["i", "f", "o"]) gate(w, run, here, symbol, sigmoid);
  gate(w, run, here, "g", Math.tanh);
  const { i, f, g, o } = run.gates;
  for (let j = 0; j < w.H; j++) {
    const k = here.t * w.H + j;
    run.c[k] = f[k] * here.c[j] + i[k] * g[k];
    run.h[k] = o[k] * Math.tanh(run.c[k]);
  }
}

/**
 * h = (1 − z) ⊙ n + z ⊙ h₋₁
 * @param {Weights} w
 * @param {Run} run
 * @param {Here} here
 * @param {(w: Weights, run: Run, here: Here) => void} candidate
 */
function gru(w, run, here, candidate) {
  for (const symbol of ["r", "z"]) gate(w, run, here, symbol, sigmoid);
  candidate(w, run, here);
  const { z, n } = run.gates;
  for (let j = 0; j < w.H; j++) {
    const k = here.t * w.H + j;
    run.h[k] = (1 - z[k]) * n[k] + z[k] * here.h[j];
  }
}

/**
 * n = tanh(W x + b + r ⊙ (U h₋₁ + b'))
 * @param {Weights} w
 * @param {Run} run
 * @param {Here} here
 */
function resetAfter(w, run, { t, x, h }) {
  const first = w.order.indexOf("n") * w.H;
  for (let j = 0; j < w.H; j++) {
    const [k, at] = [first + j, t * w.H + j];
    run.u[at] = dot(w.W_hh, k, h) + w.b_hh[k];
    run.before.n[at] = dot(w.W_ih, k, x) + w.b_ih[k] + run.gates.r[at] * run.u[at];
    run.gates.n[at] = Math.tanh(run.before.n[at]);
  }
}

/**
 * n = tanh(W x + b + U (r ⊙ h₋₁) + b')
 * @param {Weights} w
 * @param {Run} run
 * @param {Here} here
 */
function resetBefore(w, run, { t, x, h }) {
  const first = w.order.indexOf("n") * w.H;
  const r = run.gates.r.subarray(t * w.H, (t + 1) * w.H);
  const reset = Float64Array.from(h, (value, j) => r[j] * value);
  for (let j = 0; j < w.H; j++) {
    const [k, at] = [first + j, t * w.H + j];
    run.u[at] = dot(w.W_hh, k, reset) + w.b_hh[k];
    run.before.n[at] = dot(w.W_ih, k, x) + w.b_ih[k] + run.u[at];
    run.gates.n[at] = Math.tanh(run.before.n[at]);
  }
}
