// The way back: how a loss pulls at every step, and which path carries the pull.

/** @import { Clamp, Numbers, Pull, Run, Weights } from "./types.js" */
import { norm } from "./arrays.js";
import { held } from "./forward.js";

/**
 * Gradients of a loss with respect to everything.
 * @param {Weights} w
 * @param {Run} run
 * @param {Numbers} seed (T, H) dL/dh that comes from the head
 * @param {Clamp[]} clamps a gate that is held lets no gradient through
 * @returns {Pull}
 */
export function backward(w, run, seed, clamps = []) {
  const { H } = w;
  const make = () => new Float64Array(run.T * H);
  const each = () => Object.fromEntries(w.order.map((symbol) => [symbol, make()]));
  /** @type {Pull} */
  const pull = { h: make(), c: make(), gates: each(), paths: {} };
  for (const name of [...pathNames(w), "gates"]) pull.paths[name] = new Float64Array(run.T);
  /** @type {Float64Array} */
  let dh = new Float64Array(H);
  /** @type {Float64Array} */
  let dc = new Float64Array(H);
  for (let t = run.T - 1; t >= 0; t--) {
    for (let j = 0; j < H; j++) dh[j] += seed[t * H + j];
    pull.h.set(dh, t * H);
    const here = BACK[family(w)]({ w, run, t, dh, dc, pull });
    if (clamps.length) release(w, pull, t, clamps);
    const past = through(w, run, pull, t, clamps);
    pull.paths.gates[t] = norm(past);
    for (let j = 0; j < H; j++) past[j] += here.belt[j];
    if (w.cell !== "lstm" && "belt" in pull.paths) pull.paths.belt[t] = norm(here.belt);
    if (w.cell === "lstm") pull.paths.belt[t] = norm(here.dc);
    dh = past;
    dc = here.dc;
  }
  return pull;
}

/**
 * Names of the paths from one step to the step before: the belt where there is one, and each gate.
 * @param {Weights} w
 */
export function pathNames(w) {
  return family(w) === "rnn" ? [...w.order] : ["belt", ...w.order];
}

/** @param {Weights} w */
function family(w) {
  return w.cell === "lstm" ? "lstm" : w.cell.startsWith("gru") ? "gru" : "rnn";
}

/**
 * A held gate passes nothing on.
 * @param {Weights} w
 * @param {Pull} pull
 * @param {number} t
 * @param {Clamp[]} clamps
 */
function release(w, pull, t, clamps) {
  for (const symbol of w.order) {
    for (let j = 0; j < w.H; j++) {
      if (held(clamps, symbol, j, t) !== null) pull.gates[symbol][t * w.H + j] = 0;
    }
  }
}

/**
 * What reaches h of the step before through the gates' weights: Uᵀ δ of each, its norm noted.
 * @param {Weights} w
 * @param {Run} run
 * @param {Pull} pull
 * @param {number} t
 * @param {Clamp[]} clamps
 */
function through(w, run, pull, t, clamps) {
  const { H } = w;
  const past = new Float64Array(H);
  const reset = run.gates.r;
  // Reset before the product: r's own gradient needs the candidate's product first.
  const symbols = w.cell === "gru_reset_before" ? ["n", ...w.order.filter((symbol) => symbol !== "n")] : w.order;
  for (const symbol of symbols) {
    const first = w.order.indexOf(symbol) * H;
    const part = new Float64Array(H);
    for (let k = 0; k < H; k++) {
      let delta = pull.gates[symbol][t * H + k];
      if (delta === 0) continue;
      if (symbol === "n" && w.cell === "gru") delta *= reset[t * H + k];
      const start = (first + k) * H;
      for (let j = 0; j < H; j++) part[j] += delta * w.W_hh[start + j];
    }
    if (symbol === "n" && w.cell === "gru_reset_before") resetGradient(w, run, { pull, t, clamps }, part);
    pull.paths[symbol][t] = norm(part);
    for (let j = 0; j < H; j++) past[j] += part[j];
  }
  return past;
}

/**
 * d/dr of U (r ⊙ h₋₁), and the part that goes on to h₋₁.
 * @param {Weights} w
 * @param {Run} run
 * @param {{pull: Pull, t: number, clamps: Clamp[]}} here
 * @param {Float64Array} part Uᵀ δ_n; on return r ⊙ that
 */
function resetGradient(w, run, { pull, t, clamps }, part) {
  const { H } = w;
  for (let j = 0; j < H; j++) {
    const k = t * H + j;
    const h = t ? run.h[k - H] : run.h0[j];
    const r = run.gates.r[k];
    if (held(clamps, "r", j, t) === null) pull.gates.r[k] = part[j] * h * r * (1 - r);
    part[j] *= r;
  }
}

/** @typedef {{belt: Float64Array, dc: Float64Array}} Handed belt: to h of the step before; dc: to its c */
/** @typedef {(here: {w: Weights, run: Run, t: number, dh: Numbers, dc: Numbers, pull: Pull}) => Handed} Back */

/** @type {Record<string, Back>} */
const BACK = { rnn: elman, lstm, gru };

/** @type {Back} */
function elman({ w, run, t, dh, pull }) {
  const { H } = w;
  for (let j = 0; j < H; j++) {
    const k = t * H + j;
    const slope = w.cell === "rnn_relu" ? Number(run.before.h[k] > 0) : 1 - run.gates.h[k] ** 2;
    pull.gates.h[k] = dh[j] * slope;
  }
  return { belt: new Float64Array(H), dc: new Float64Array(H) };
}

/** @type {Back} */
function lstm({ w, run, t, dh, dc, pull }) {
  const { H } = w;
  const { i, f, g, o } = run.gates;
  const handed = new Float64Array(H);
  for (let j = 0; j < H; j++) {
    const k = t * H + j;
    const squashed = Math.tanh(run.c[k]);
    const cell = dc[j] + dh[j] * o[k] * (1 - squashed ** 2); // dL/dc_t
    const before = t ? run.c[k - H] : run.c0[j];
    pull.c[k] = cell;
    pull.gates.o[k] = dh[j] * squashed * o[k] * (1 - o[k]);
    pull.gates.f[k] = cell * before * f[k] * (1 - f[k]);
    pull.gates.i[k] = cell * g[k] * i[k] * (1 - i[k]);
    pull.gates.g[k] = cell * i[k] * (1 - g[k] ** 2);
    handed[j] = cell * f[k];
  }
  return { belt: new Float64Array(H), dc: handed };
}

/** @type {Back} */
function gru({ w, run, t, dh, pull }) {
  const { H } = w;
  const { r, z, n } = run.gates;
  const belt = new Float64Array(H);
  for (let j = 0; j < H; j++) {
    const k = t * H + j;
    const before = t ? run.h[k - H] : run.h0[j];
    pull.gates.z[k] = dh[j] * (before - n[k]) * z[k] * (1 - z[k]);
    pull.gates.n[k] = dh[j] * (1 - z[k]) * (1 - n[k] ** 2);
    pull.gates.r[k] = w.cell === "gru" ? pull.gates.n[k] * run.u[k] * r[k] * (1 - r[k]) : 0;
    belt[j] = dh[j] * z[k];
  }
  return { belt, dc: new Float64Array(H) };
}
