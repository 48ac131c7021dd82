// The GRU: h = (1 − z) ⊙ n + z ⊙ h₋₁, with the reset gate after the candidate's product (PyTorch) or before it (Cho et al.).

/** @import { Arithmetic, BackHere, Handed, Here, Run, Weights } from "./types.js" */
import { dot, gate } from "./forward.js";

/**
 * @param {Weights} w
 * @param {Run} run
 * @param {Here} here
 * @param {(w: Weights, run: Run, here: Here) => void} candidate
 */
function step(w, run, here, candidate) {
  for (const symbol of ["r", "z"]) gate(w, run, here, symbol);
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

/**
 * @param {BackHere} here
 * @param {boolean} before does r's own gradient come with the candidate's product?
 * @returns {Handed}
 */
function back({ w: { H }, run, t, dh, gradient }, before) {
  const { r, z, n } = run.gates;
  const handed = new Float64Array(H);
  for (let j = 0; j < H; j++) {
    const k = t * H + j;
    const past = t ? run.h[k - H] : run.h0[j];
    gradient.gates.z[k] = dh[j] * (past - n[k]) * z[k] * (1 - z[k]);
    gradient.gates.n[k] = dh[j] * (1 - z[k]) * (1 - n[k] ** 2);
    gradient.gates.r[k] = before ? 0 : gradient.gates.n[k] * run.u[k] * r[k] * (1 - r[k]);
    handed[j] = dh[j] * z[k];
  }
  return { dh: handed, dc: new Float64Array(H) };
}

/**
 * @param {boolean} before
 * @returns {Arithmetic}
 */
const gru = (before) => ({
  step: (w, run, here) => step(w, run, here, before ? resetBefore : resetAfter),
  back: (here) => back(here, before),
  formulas: {},
});

export const GRU = gru(false);
export const CHO_GRU = gru(true);
