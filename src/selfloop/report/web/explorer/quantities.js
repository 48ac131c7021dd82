// Every number on the stage has an address, "model/kind/.../step/unit"; here is what stands at each.

/** @import { Course, Model } from "./model.js" */
import { HIDDEN } from "./kind.js";
import { shareAt } from "./model.js";
import { oneStep } from "./one-step.js";
import { norm } from "./arrays.js";
import { baseOf, partOf, pooled, scoresOf } from "./head.js";

/**
 * A state of a unit; before the first step, the one it started from.
 * @param {Course} course
 * @param {string} name
 * @param {number} t
 * @param {number} j
 * @param {number} H
 */
export function stateAt({ run }, name, t, j, H) {
  if (t < 0) return name === HIDDEN ? run.h0[j] : run.c0[j];
  return (name === HIDDEN ? run.h : run.c)[t * H + j];
}

/** @typedef {(model: Model, course: Course, name: string, t: number, j: number) => number} Read */

/**
 * The past's part of the candidate's sum, U h + b', before a reset gate that comes after the product.
 * @type {Read}
 */
function recurrent(model, course, symbol, t, j) {
  const states = termsOf(model, course, symbol, t, j).filter(({ kind }) => kind === "state");
  const bias = model.w?.b_hh[model.kind.order.indexOf(symbol) * model.H + j] ?? NaN;
  return states.reduce((sum, { weight, value }) => sum + weight * value, bias);
}

/** @type {Read} */
function scoreAt({ head, H }, { run }, _, t, k) {
  return head ? scoresOf(head, pooled(head, run.h, H).subarray(t * H, (t + 1) * H), t)[k] : NaN;
}

/**
 * What a unit's own gate, or all of its gates, send back to h of the step before: its rows of U times its δ.
 * @param {Model} model
 * @param {Course} course
 * @param {import("./types.js").Gradient} gradient
 * @param {string} name of a gate; "gates": all
 * @param {number} t
 * @param {number} j
 */
function sentBy({ w, kind, H }, { run }, gradient, name, t, j) {
  const sent = new Float64Array(H);
  for (const [k, symbol] of kind.order.entries()) {
    if (!w || (name !== "gates" && name !== symbol)) continue;
    const shut = kind.reset && symbol === kind.candidate ? run.gates[kind.reset.symbol] : null;
    const delta = (gradient.gates[symbol]?.[t * H + j] ?? NaN) * (shut && kind.reset?.after ? shut[t * H + j] : 1);
    for (let i = 0; i < H; i++) sent[i] += delta * w.W_hh[(k * H + j) * H + i] * (shut && !kind.reset?.after ? shut[t * H + i] : 1);
  }
  return sent;
}

/** @type {Record<string, Read>} */
const READ = {
  x: ({ I }, { run }, _, t, i) => run.x[t * I + i],
  gate: ({ H }, { run }, symbol, t, j) => run.gates[symbol][t * H + j],
  // From the states as they stand: recorded ones are rounded, and the terms shown must add up to the sum shown.
  before: (model, course, symbol, t, j) => termsOf(model, course, symbol, t, j).reduce((sum, { product }) => sum + product, 0),
  state: ({ H }, course, name, t, j) => stateAt(course, name, t, j, H),
  u: recurrent,
  squash: ({ H }, { run }, _, t, j) => Math.tanh(run.c[t * H + j]),
  keep: ({ H, kind: { belt, carried } }, course, _, t, j) =>
    (belt ? shareAt(course.run, belt.keep, t * H + j) * stateAt(course, carried, t - 1, j, H) : NaN),
  write: ({ H, kind: { belt } }, { run }, _, t, j) =>
    (belt ? shareAt(run, belt.write, t * H + j) * run.gates[belt.candidate][t * H + j] : NaN),
  rest: ({ H }, { run }, symbol, t, j) => 1 - run.gates[symbol][t * H + j],
  alone: (model, { run }, _, t, j) => oneStep(model, run.x.subarray(t * model.I, (t + 1) * model.I), null, t)?.h[j] ?? NaN,
  answer: ({ K }, { answers }, _, t, k) => (answers ? answers[t * K + k] : NaN),
  score: scoreAt,
  base: ({ head }, _course, _name, t, k) => (head ? baseOf(head, k, t) : NaN),
  part: (model, course, name, t, k) => (model.head ? partOf(model.head, scoreAt(model, course, name, t, k), k) : NaN),
  term: (model, course, name, t, j) => termAt(model, course, name, t, j).product,
  weight: (model, course, name, t, j) => termAt(model, course, name, t, j).weight,
  factor: (model, course, name, t, j) => termAt(model, course, name, t, j).value,
  written: (model, course, name, t, j) => {
    const { start, written } = ledger(model, course, t, j);
    return name === "start" ? start : written[Number(name)];
  },
  dh: ({ H }, course, _, t, j) => course.gradient()?.h[t * H + j] ?? NaN,
  dc: ({ H }, course, _, t, j) => course.gradient()?.c[t * H + j] ?? NaN,
  dgate: ({ H }, course, symbol, t, j) => course.gradient()?.gates[symbol]?.[t * H + j] ?? NaN,
  path: (_, course, name, t) => course.gradient()?.paths[name]?.[t] ?? NaN,
  sent: (model, course, name, t, j) => {
    const gradient = course.gradient();
    return gradient && model.w ? norm(sentBy(model, course, gradient, name, t, j)) : NaN;
  },
  belt: ({ H, kind: { belt, carried } }, course, _, t, j) => {
    const [gradient, at] = [course.gradient(), t * H + j];
    return gradient && belt ? (carried === HIDDEN ? gradient.h : gradient.c)[at] * shareAt(course.run, belt.keep, at) : NaN;
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
/** @typedef {{kind: "input" | "state" | "bias" | "other", index: number, weight: number, value: number, product: number}} Term */

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
  const { w, kind, H, I } = model;
  if (!w) return [];
  const k = w.order.indexOf(symbol) * H + j;
  const reset = symbol === kind.candidate ? kind.reset : null;
  const shut = reset && course.run.gates[reset.symbol];
  const after = shut && reset.after ? shut[t * H + j] : 1;
  /** @type {Term[]} */
  const terms = [];
  for (let i = 0; i < I; i++) {
    const [weight, value] = [w.W_ih[k * I + i], course.run.x[t * I + i]];
    terms.push({ kind: "input", index: i, weight, value, product: weight * value });
  }
  for (let i = 0; i < H; i++) {
    const h = stateAt(course, HIDDEN, t - 1, i, H);
    const value = shut && !reset.after ? shut[t * H + i] * h : h;
    const weight = w.W_hh[k * H + i];
    terms.push({ kind: "state", index: i, weight, value, product: after * weight * value });
  }
  const bias = w.b_ih[k] + after * w.b_hh[k];
  terms.push({ kind: "bias", index: 0, weight: bias, value: 1, product: bias });
  return terms;
}

/**
 * The belt's ledger: how much of what is on a unit's belt after step `t` each step before wrote, and what is left of
 * the start. The parts add up to the state that the belt carries.
 * @param {Model} model
 * @param {Course} course
 * @param {number} t
 * @param {number} j
 * @returns {{start: number, written: Float64Array}}
 */
export function ledger(model, course, t, j) {
  const { H, kind: { belt, carried } } = model;
  const written = new Float64Array(t + 1);
  if (!belt) return { start: NaN, written };
  let kept = 1;
  for (let s = t; s >= 0; s--) {
    written[s] = kept * read("write", model, course, s, j);
    kept *= shareAt(course.run, belt.keep, s * H + j);
  }
  return { start: kept * stateAt(course, carried, -1, j, H), written };
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
  const other = head.others?.[t * head.K + k];
  if (other !== undefined) terms.push({ kind: "other", index: 0, weight: other, value: 1, product: other });
  return [...terms, { kind: "bias", index: 0, weight: head.b[k], value: 1, product: head.b[k] }];
}
