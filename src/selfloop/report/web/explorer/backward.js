// The way back: how a loss pulls at every step, and which path carries the gradient.

/** @import { Arithmetic, Clamp, Numbers, Gradient, Run, Weights } from "./types.js" */
/** @import { Kind } from "./kind.js" */
import { norm } from "./arrays.js";
import { held } from "./forward.js";
import { HIDDEN } from "./kind.js";

/**
 * Gradients of a loss with respect to everything.
 * @param {Arithmetic} arithmetic
 * @param {Weights} w
 * @param {Run} run
 * @param {Numbers} seed (T, H) dL/dh that comes from the head
 * @param {Clamp[]} clamps a gate that is held lets no gradient through
 * @param {Numbers | null} known (T, H) dL/dh of each step, all paths together, where the head does not say it
 * @returns {Gradient}
 */
export function backward(arithmetic, w, run, seed, clamps = [], known = null) {
  const { H } = w;
  const make = () => new Float64Array(run.T * H);
  const each = () => Object.fromEntries(w.order.map((symbol) => [symbol, make()]));
  /** @type {Gradient} */
  const gradient = { h: make(), c: make(), gates: each(), paths: {} };
  for (const name of [...pathNames(w.kind), "gates"]) gradient.paths[name] = new Float64Array(run.T);
  /** @type {Float64Array} */
  let dh = new Float64Array(H);
  /** @type {Float64Array} */
  let dc = new Float64Array(H);
  for (let t = run.T - 1; t >= 0; t--) {
    for (let j = 0; j < H; j++) dh[j] = known ? known[t * H + j] : dh[j] + seed[t * H + j];
    gradient.h.set(dh, t * H);
    const straight = arithmetic.back({ w, run, t, dh, dc, gradient });
    if (clamps.length) release(w, gradient, t, clamps);
    const past = through(w, run, gradient, t, clamps);
    gradient.paths.gates[t] = norm(past);
    for (let j = 0; j < H; j++) past[j] += straight.dh[j];
    if (w.kind.belt) gradient.paths.belt[t] = norm(w.kind.carried === HIDDEN ? straight.dh : straight.dc);
    dh = past;
    dc = straight.dc;
  }
  return gradient;
}

/**
 * Names of the paths from one step to the step before: the belt where there is one, and each gate.
 * @param {Kind} kind
 */
export const pathNames = ({ belt, order }) => (belt ? ["belt", ...order] : [...order]);

/**
 * A held gate passes nothing on.
 * @param {Weights} w
 * @param {Gradient} gradient
 * @param {number} t
 * @param {Clamp[]} clamps
 */
function release(w, gradient, t, clamps) {
  for (const symbol of w.order) {
    for (let j = 0; j < w.H; j++) {
      if (held(clamps, symbol, j, t) !== null) gradient.gates[symbol][t * w.H + j] = 0;
    }
  }
}

/**
 * What reaches h of the step before through the gates' weights: Uᵀ δ of each, its norm noted.
 * @param {Weights} w
 * @param {Run} run
 * @param {Gradient} gradient
 * @param {number} t
 * @param {Clamp[]} clamps
 */
function through(w, run, gradient, t, clamps) {
  const { H } = w;
  const past = new Float64Array(H);
  const { reset, candidate } = w.kind;
  // Reset before the product: the reset gate's own gradient needs the candidate's product first.
  const early = reset && !reset.after;
  const symbols = early ? [...w.order].sort((a, b) => Number(b === candidate) - Number(a === candidate)) : w.order;
  for (const symbol of symbols) {
    const first = w.order.indexOf(symbol) * H;
    const part = new Float64Array(H);
    const after = reset?.after && symbol === candidate ? run.gates[reset.symbol] : null;
    for (let k = 0; k < H; k++) {
      const delta = gradient.gates[symbol][t * H + k] * (after ? after[t * H + k] : 1);
      if (delta === 0) continue;
      const start = (first + k) * H;
      for (let j = 0; j < H; j++) part[j] += delta * w.W_hh[start + j];
    }
    if (early && symbol === candidate) resetGradient(reset.symbol, w, run, { gradient, t, clamps }, part);
    gradient.paths[symbol][t] = norm(part);
    for (let j = 0; j < H; j++) past[j] += part[j];
  }
  return past;
}

/**
 * d/dr of U (r ⊙ h₋₁), and the part that goes on to h₋₁.
 * @param {string} symbol of the reset gate
 * @param {Weights} w
 * @param {Run} run
 * @param {{gradient: Gradient, t: number, clamps: Clamp[]}} here
 * @param {Float64Array} part Uᵀ δ of the candidate; on return r ⊙ that
 */
function resetGradient(symbol, w, run, { gradient, t, clamps }, part) {
  const { H } = w;
  for (let j = 0; j < H; j++) {
    const k = t * H + j;
    const h = t ? run.h[k - H] : run.h0[j];
    const r = run.gates[symbol][k];
    if (held(clamps, symbol, j, t) === null) gradient.gates[symbol][k] = part[j] * h * r * (1 - r);
    part[j] *= r;
  }
}
