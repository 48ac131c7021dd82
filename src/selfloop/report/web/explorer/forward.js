// All steps of a cell, forward, in float64: selfloop/cells is the definition, and tests hold this to it.

/** @import { Arithmetic, Clamp, Here, Numbers, Run, TracedModel, Weights } from "./types.js" */
/** @import { Kind } from "./kind.js" */
import { ACTIVATIONS } from "./activations.js";
import { valuesOf } from "./arrays.js";

/**
 * @param {TracedModel} model
 * @param {Kind} kind
 * @returns {Weights}
 */
export function weightsOf(model, kind) {
  const { order } = kind;
  const I = model.input_names.length;
  const H = model.hidden.shape[1];
  const b_ih = Float64Array.from(valuesOf(model.b_ih, order.length * H));
  const b_hh = Float64Array.from(valuesOf(model.b_hh, order.length * H));
  return {
    kind, order, I, H, b_ih, b_hh, W_ih: valuesOf(model.W_ih, 0), W_hh: valuesOf(model.W_hh, 0),
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
 * @param {Arithmetic} arithmetic
 * @param {Weights} w
 * @param {Numbers} x (T, I)
 * @param {Numbers} h0
 * @param {Numbers} c0
 * @param {Clamp[]} clamps
 * @returns {Run}
 */
export function forward(arithmetic, w, x, h0, c0, clamps = []) {
  const T = w.I ? x.length / w.I : 0;
  const run = blank(w, T, x, h0, c0);
  for (let t = 0; t < T; t++) {
    arithmetic.step(w, run, {
      t, clamps, x: x.subarray(t * w.I, (t + 1) * w.I),
      h: t ? run.h.subarray((t - 1) * w.H, t * w.H) : h0, c: t ? run.c.subarray((t - 1) * w.H, t * w.H) : c0,
    });
  }
  return run;
}

/**
 * Fills a gate at this step: `activation(W x + U v + b)`, or the value that it is held at.
 * @param {Weights} w
 * @param {Run} run
 * @param {Here} here
 * @param {string} symbol
 */
export function gate(w, run, { t, x, h, clamps }, symbol) {
  const { H } = w;
  const place = w.order.indexOf(symbol);
  const first = place * H;
  const activation = ACTIVATIONS[w.kind.gates[place].activation].of;
  for (let j = 0; j < H; j++) {
    const k = first + j;
    const a = dot(w.W_ih, k, x) + w.b_ih[k] + (dot(w.W_hh, k, h) + w.b_hh[k]);
    run.before[symbol][t * H + j] = a;
    run.gates[symbol][t * H + j] = held(clamps, symbol, j, t) ?? activation(a);
  }
}
