// Every number on the stage has an address, "model/kind/.../step/unit"; here is what stands at each.

/** @import { Course, Model } from "./model.js" */
import { dot } from "./forward.js";
import { oneStep } from "./model.js";
import { pooled, scoresOf } from "./head.js";

/**
 * A state of a unit; before the first step, the one it started from.
 * @param {Course} course
 * @param {"h" | "c"} name
 * @param {number} t
 * @param {number} j
 * @param {number} H
 */
export function stateAt({ run }, name, t, j, H) {
  if (t < 0) return name === "h" ? run.h0[j] : run.c0[j];
  return run[name][t * H + j];
}

/** @typedef {(model: Model, course: Course, name: string, t: number, j: number) => number} Read */

/**
 * The GRU's U h + b' of the candidate, with h reset where the reset comes before the product.
 * @type {Read}
 */
function recurrent(model, course, _, t, j) {
  const { w, H } = model;
  const k = w.order.indexOf("n") * H + j;
  const reset = course.run.gates.r.subarray(t * H, (t + 1) * H);
  const h = Float64Array.from({ length: H }, (_, i) => stateAt(course, "h", t - 1, i, H) * (w.cell === "gru_reset_before" ? reset[i] : 1));
  return dot(w.W_hh, k, h) + w.b_hh[k];
}

/** @type {Record<string, Read>} */
const READ = {
  x: ({ w }, { run }, _, t, i) => run.x[t * w.I + i],
  gate: ({ H }, { run }, symbol, t, j) => run.gates[symbol][t * H + j],
  // From the states as they stand: recorded ones are rounded, and the terms shown must add up to the sum shown.
  before: (model, course, symbol, t, j) => termsOf(model, course, symbol, t, j).reduce((sum, { product }) => sum + product, 0),
  state: ({ H }, course, name, t, j) => stateAt(course, name === "c" ? "c" : "h", t, j, H),
  u: recurrent,
  squash: ({ H }, { run }, _, t, j) => Math.tanh(run.c[t * H + j]),
  keep: (model, course, _, t, j) => {
    const { gates } = course.run;
    const at = t * model.H + j;
    return model.gru ? gates.z[at] * stateAt(course, "h", t - 1, j, model.H)
      : gates.f[at] * stateAt(course, "c", t - 1, j, model.H);
  },
  write: ({ H, gru }, { run: { gates } }, _, t, j) => {
    const at = t * H + j;
    return gru ? (1 - gates.z[at]) * gates.n[at] : gates.i[at] * gates.g[at];
  },
  opening: ({ H }, { run }, _, t, j) => 1 - run.gates.z[t * H + j],
  alone: (model, { run }, _, t, j) => oneStep(model, run.x.subarray(t * model.w.I, (t + 1) * model.w.I), null, null, t).h[j],
  answer: ({ K }, { answers }, _, t, k) => (answers ? answers[t * K + k] : NaN),
  score: (model, { run }, _, t, k) => {
    if (!model.head) return NaN;
    const read = pooled(model.head, run.h, model.H).subarray(t * model.H, (t + 1) * model.H);
    return scoresOf(model.head, read)[k];
  },
  term: (model, course, name, t, j) => termAt(model, course, name, t, j).product,
  weight: (model, course, name, t, j) => termAt(model, course, name, t, j).weight,
  factor: (model, course, name, t, j) => termAt(model, course, name, t, j).value,
  written: (model, course, name, t, j) => {
    const { start, written } = ledger(model, course, t, j);
    return name === "start" ? start : written[Number(name)];
  },
  dh: ({ H }, course, _, t, j) => course.pull()?.h[t * H + j] ?? NaN,
  dc: ({ H }, course, _, t, j) => course.pull()?.c[t * H + j] ?? NaN,
  dgate: ({ H }, course, symbol, t, j) => course.pull()?.gates[symbol][t * H + j] ?? NaN,
  path: (_, course, name, t) => course.pull()?.paths[name][t] ?? NaN,
  belt: ({ H, gru }, course, _, t, j) => {
    const pull = course.pull();
    const at = t * H + j;
    if (!pull) return NaN;
    return gru ? pull.h[at] * course.run.gates.z[at] : pull.c[at] * course.run.gates.f[at];
  },
};

/**
 * @param {string} kind
 * @param {Model} model
 * @param {Course} course
 * @param {number} t
 * @param {number} j unit, input or output
 * @param {string} name symbol of a gate, name of a state or path
 */
export function read(kind, model, course, t, j = 0, name = "-") {
  return READ[kind](model, course, name, t, j);
}

/**
 * @param {Model} model
 * @param {Course} course
 * @param {string} name "f.input.3": the gate ("answer" for the head), what is multiplied, and which of them
 * @param {number} t
 * @param {number} j
 */
function termAt(model, course, name, t, j) {
  const [symbol, kind, index] = name.split(".");
  const terms = symbol === "answer" ? answerTerms(model, course, t, j) : termsOf(model, course, symbol, t, j);
  return terms.find((term) => term.kind === kind && term.index === Number(index)) ?? NOTHING;
}

/** @type {Term} */
const NOTHING = { kind: "bias", index: 0, weight: NaN, value: NaN, product: NaN };

/**
 * @param {Model} model
 * @param {string} kind
 * @param {number} t
 * @param {number} j
 * @param {string} name
 */
export const address = (model, kind, t, j = 0, name = "-") => `${model.trace.name}/${kind}/${name}/${t}/${j}`;

/** @param {string} text */
export function parseAddress(text) {
  const [model, kind, name, t, j] = text.split("/");
  return { model, kind, name, t: Number(t), j: Number(j) };
}

/** Was it recorded, or does this page compute it? */
export const RECORDED = new Set(["x", "gate", "state", "answer", "dh", "dc"]);

/** One term of a sum: what is multiplied, by which weight, and the product. */
/** @typedef {{kind: "input" | "state" | "bias", index: number, weight: number, value: number, product: number}} Term */

/**
 * The terms of a gate's sum at one unit and step; they add up to what the activation is applied to.
 * @param {Model} model
 * @param {Course} course
 * @param {string} symbol
 * @param {number} t
 * @param {number} j
 * @returns {Term[]}
 */
export function termsOf(model, course, symbol, t, j) {
  const { w, H } = model;
  const k = w.order.indexOf(symbol) * H + j;
  const reset = symbol === "n" ? course.run.gates.r : null;
  const after = reset && w.cell === "gru" ? reset[t * H + j] : 1; // r outside the product
  /** @type {Term[]} */
  const terms = [];
  for (let i = 0; i < w.I; i++) {
    const [weight, value] = [w.W_ih[k * w.I + i], course.run.x[t * w.I + i]];
    terms.push({ kind: "input", index: i, weight, value, product: weight * value });
  }
  for (let i = 0; i < H; i++) {
    const h = stateAt(course, "h", t - 1, i, H);
    const value = reset && w.cell === "gru_reset_before" ? reset[t * H + i] * h : h;
    const weight = w.W_hh[k * H + i];
    terms.push({ kind: "state", index: i, weight, value, product: after * weight * value });
  }
  const bias = w.b_ih[k] + after * w.b_hh[k];
  terms.push({ kind: "bias", index: 0, weight: bias, value: 1, product: bias });
  return terms;
}

/**
 * The belt's ledger: how much of what is on a unit's belt after step `t` each step before wrote, and what is left of
 * the start. The parts add up to c_t (the GRU's h_t).
 * @param {Model} model
 * @param {Course} course
 * @param {number} t
 * @param {number} j
 * @returns {{start: number, written: Float64Array}}
 */
export function ledger(model, course, t, j) {
  const { H, gru } = model;
  const { gates } = course.run;
  const written = new Float64Array(t + 1);
  let kept = 1;
  for (let s = t; s >= 0; s--) {
    written[s] = kept * read("write", model, course, s, j);
    kept *= (gru ? gates.z : gates.f)[s * H + j];
  }
  return { start: kept * stateAt(course, gru ? "h" : "c", -1, j, H), written };
}

/**
 * W h + b of one output, term by term.
 * @param {Model} model
 * @param {Course} course
 * @param {number} t
 * @param {number} k
 * @returns {Term[]}
 */
export function answerTerms(model, course, t, k) {
  if (!model.head) return [];
  const { head, H } = model;
  const h = pooled(head, course.run.h, H).subarray(t * H, (t + 1) * H);
  /** @type {Term[]} */
  const terms = Array.from(h, (value, index) => {
    const weight = head.W[k * H + index];
    return { kind: "state", index, weight, value, product: weight * value };
  });
  return [...terms, { kind: "bias", index: 0, weight: head.b[k], value: 1, product: dot(head.b, k, ONE) }];
}

const ONE = new Float64Array([1]);
