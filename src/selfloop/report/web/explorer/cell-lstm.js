// The LSTM: c = f ⊙ c₋₁ + i ⊙ g; h = o ⊙ tanh(c).

/** @import { Arithmetic, BackHere, Handed, Here, Run, Weights } from "./types.js" */
import { gate } from "./forward.js";

/**
 * @param {Weights} w
 * @param {Run} run
 * @param {Here} here
 */
function step(w, run, here) {
  for (const symbol of ["i", "f", "g", "o"]) gate(w, run, here, symbol);
  const { i, f, g, o } = run.gates;
  for (let j = 0; j < w.H; j++) {
    const k = here.t * w.H + j;
    run.c[k] = f[k] * here.c[j] + i[k] * g[k];
    run.h[k] = o[k] * Math.tanh(run.c[k]);
  }
}

/**
 * @param {BackHere} here
 * @returns {Handed}
 */
function back({ w: { H }, run, t, dh, dc, gradient }) {
  const { i, f, g, o } = run.gates;
  const handed = new Float64Array(H);
  for (let j = 0; j < H; j++) {
    const k = t * H + j;
    const squashed = Math.tanh(run.c[k]);
    const cell = dc[j] + dh[j] * o[k] * (1 - squashed ** 2); // dL/dc_t
    const before = t ? run.c[k - H] : run.c0[j];
    gradient.c[k] = cell;
    gradient.gates.o[k] = dh[j] * squashed * o[k] * (1 - o[k]);
    gradient.gates.f[k] = cell * before * f[k] * (1 - f[k]);
    gradient.gates.i[k] = cell * g[k] * i[k] * (1 - i[k]);
    gradient.gates.g[k] = cell * i[k] * (1 - g[k] ** 2);
    handed[j] = cell * f[k];
  }
  return { dh: new Float64Array(H), dc: handed };
}

/** @type {Arithmetic} */
export const LSTM = {
  step, back,
  formulas: {
    shown: ({ step: at, value }) => [`${at("h")} = ${at("o")} ⊙ tanh(${at("c")})`, `${value("gate", "o")} × ${value("squash")}`],
    dc: ({ step: at }) => [`dL/d${at("c")} = dL/dc handed back by the next step + dL/d${at("h")} × ${at("o")} × (1 − tanh²)`, ""],
  },
};
