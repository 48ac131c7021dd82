// What every scene is given, and small things that several of them draw.

/** @import { Exploration, Numbers, State } from "./types.js" */
/** @import { Course, Model } from "./model.js" */
import { row } from "./arrays.js";
import { HIDDEN } from "./kind.js";
import { baseOf } from "./head.js";
import { percent, signed, subscript, three } from "./numbers.js";
import { decade } from "./scales.js";

/**
 * @typedef {object} Scene
 * @property {number} W width of the stage, px
 * @property {boolean} narrow
 * @property {State} state
 * @property {Model} model
 * @property {Course} course
 * @property {{gradient: number, c: number, h: number}} scales
 * @property {Exploration} exploration
 */

/** Units drawn as squares at most; the ones that matter most come first. */
export const SQUARES = 8;

/** @param {Scene} scene */
export const heightOf = ({ narrow, state }) => (narrow ? NARROW : WIDE)[state.scene];

/** @type {Record<string, number>} */
const WIDE = { cut: 432, closed: 432, unrolled: 432, cell: 432, operation: 432, answer: 432 };
/** @type {Record<string, number>} */
const NARROW = { cut: 560, closed: 560, unrolled: 424, cell: 456, operation: 560, answer: 600 };

/**
 * Steps are counted from 1 and from the start of the whole sequence.
 * @param {Exploration} exploration
 * @param {number} t
 */
export const stepNumber = (exploration, t) => exploration.first_step + t + 1;

/**
 * "h₇": a symbol with its step.
 * @param {Scene} scene
 * @param {string} symbol
 * @param {number} t
 */
export const at = ({ exploration }, symbol, t) => symbol + subscript(stepNumber(exploration, t));

/**
 * The units drawn, those that matter most first; the picked one is always among them.
 * @param {Model} model
 * @param {number} unit
 */
export function unitsShown({ ranked }, unit) {
  const first = ranked.slice(0, SQUARES);
  return (first.includes(unit) ? first : [...first.slice(0, SQUARES - 1), unit]).sort((a, b) => a - b);
}

/**
 * States of the units drawn.
 * @param {Scene} scene
 * @param {string} name
 * @param {number} t -1: before the first step
 */
export function statesShown({ model, course, state }, name, t) {
  const { run } = course;
  const values = t < 0 ? (name === HIDDEN ? run.h0 : run.c0) : row(name === HIDDEN ? run.h : run.c, t, model.H);
  return unitsShown(model, state.unit).map((j) => values[j]);
}

/**
 * Gradients of the units drawn, from −1 to 1 on the one logarithmic scale.
 * @param {Scene} scene
 * @param {string} name of the state
 * @param {number} t
 */
export function pullsShown({ model, course, state, scales }, name, t) {
  const gradient = course.gradient();
  const values = gradient && row(name === HIDDEN ? gradient.h : gradient.c, t, model.H);
  return unitsShown(model, state.unit).map((j) => (values ? Math.sign(values[j]) * decade(values[j], scales.gradient) : 0));
}

/**
 * What is fed at a step, in a few words.
 * @param {Scene} scene
 * @param {number} t
 */
export function inputWords({ model, course, narrow, state }, t) {
  const names = model.trace.input_names;
  const x = row(course.run.x, t, model.I);
  const active = names.filter((_, i) => x[i] !== 0);
  if (names.length <= 2) return names.map((name, i) => `${name} ${three(x[i])}`).join(", ");
  if (active.every((name) => x[names.indexOf(name)] === 1) && active.length && active.length <= 2) return active.join(" + ");
  return narrow || state.scene === "unrolled" ? `${names.length} inputs` : `${names.length} inputs, ${active.length} not 0`;
}

/**
 * The answer's best class, or its first value.
 * @param {Model} model
 * @param {ArrayLike<number> | null} answer (K,)
 * @param {number} most characters; a longer class name is cut
 */
export function answerWords({ head }, answer, most = 40) {
  if (!head || !answer || answer.length === 0) return { words: "", share: 0 };
  if (head.head.kind === "values") return { words: three(answer[0]), share: 0 };
  const values = Array.from(answer);
  const best = values.indexOf(Math.max(...values.filter((value) => !Number.isNaN(value))));
  if (best < 0) return { words: "NaN", share: 0 };
  const share = percent(values[best]);
  return { words: `${cut(head.head.labels[best], most - share.length - 1)} ${share}`, share: values[best] };
}

/**
 * What the first value stands on, and the network's part of it: "160 + 2.20 = 162"; a logarithm's parts are factors.
 * @param {Model} model
 * @param {ArrayLike<number> | null} parts (K,)
 * @param {ArrayLike<number> | null} answers (K,)
 * @param {number} t
 */
export function sumWords(model, parts, answers, t) {
  if (!model.head || !parts || !answers) return "";
  const base = baseOf(model.head, 0, t);
  const round = (/** @type {number} */ value) => Number(value.toPrecision(3));
  const sum = model.head.head.transform === "exp" ? round(base) * round(parts[0]) : round(base) + round(parts[0]);
  return `${three(base)} ${partWords(model, parts)} ${round(sum) === round(answers[0]) ? "=" : "≈"} ${three(answers[0])}`;
}

/**
 * The network's part of the first value: "+ 2.20", "× 1.01".
 * @param {Model} model
 * @param {ArrayLike<number> | null} parts (K,)
 */
export function partWords({ head }, parts) {
  if (!head || !parts) return "";
  return head.head.transform === "exp" ? `× ${three(parts[0])}` : signed(parts[0]);
}

/**
 * What an answer stands on beside what the network says; empty where it says all.
 * @param {Model} model
 */
export const standsOn = ({ head }) => head?.head.stands_on ?? "";

/**
 * Which answer is meant where one stands for all: of several values the first.
 * @param {Model} model
 */
export const answerName = ({ head }) => (head?.head.kind === "values" ? `answer, ${head.head.labels[0]}` : "answer");

/**
 * Were inputs changed? Then nobody knows whether what was true is still true.
 * @param {State} state
 */
export const inputsChanged = ({ edits }) => Object.keys(edits).length > 0;

/**
 * @param {Scene} scene
 * @param {number} t
 * @returns {Numbers | null}
 */
export const answerAt = ({ course, model }, t) => course.answers && row(course.answers, t, model.K);

/**
 * Does the loss reach h of this step straight from the head?
 * @param {Scene} scene
 * @param {number} t
 */
export function seeded({ model }, t) {
  const step = model.trace.gradients?.step ?? -1;
  return t === step || (model.trace.head?.pool === "mean" && t < step);
}

/**
 * A text cut to fit.
 * @param {string} words
 * @param {number} most characters
 */
export const cut = (words, most) => (words.length > most ? `${words.slice(0, most - 1)}…` : words);
