// The formula behind a number, in symbols and with the actual numbers.

/** @import { Exploration } from "./types.js" */
/** @import { Course, Model } from "./model.js" */
import { ACTIVATIONS } from "./activations.js";
import { factor, gateOf, HIDDEN } from "./kind.js";
import { subscript, three } from "./numbers.js";
import { answerTerms, parseAddress, read, RECORDED } from "./quantities.js";

/**
 * What is asked for. `step` puts a step to a symbol, this one if none is given; `value` reads a number here.
 * @typedef {object} Ask
 * @property {Model} model
 * @property {Course} course
 * @property {string} name
 * @property {number} t
 * @property {number} j
 * @property {(symbol: string, t?: number) => string} step
 * @property {(kind: string, name?: string, t?: number) => string} value
 */
/** @typedef {{symbols: string, numbers: string, source: string}} Formula */

/**
 * @param {Exploration} exploration
 * @param {Model} model
 * @param {Course} course
 * @param {string} address
 * @returns {Formula}
 */
export function formulaOf(exploration, model, course, address) {
  const { kind, name, t, j } = parseAddress(address);
  const step = (/** @type {string} */ symbol, at = t) => symbol + subscript(exploration.first_step + at + 1);
  const value = (/** @type {string} */ what, which = "-", at = t) => three(read(what, model, course, at, j, which));
  const formula = model.arithmetic?.formulas[kind] ?? FORMULAS[kind];
  const [symbols, numbers] = formula({ model, course, name, t, j, step, value });
  const shown = three(read(kind, model, course, t, j, name));
  const source = course.edited ? "computed here, with your change" : RECORDED.has(kind) ? "recorded" : "computed here from recorded numbers";
  return { symbols, numbers: numbers ? `${numbers} = ${shown}` : shown, source };
}

/** @param {Ask} ask */
function gateFormula(ask) {
  const { model, name, step, value } = ask;
  const gate = gateOf(model.kind, name);
  if (!model.w || !gate) return [`${step(name)}: the ${gate?.name ?? name} that the model made`, ""];
  const activation = ACTIVATIONS[gate.activation].name;
  return [`${step(name)} = ${activation}(${sumWords(ask)})`, `${activation}(${value("before", name)})`];
}

/** @param {Ask} ask */
function sumWords({ model: { kind }, name, t, step }) {
  const [x, h] = [step("x"), step(HIDDEN, t - 1)];
  if (!kind.reset || name !== kind.candidate) return `W ${x} + b + U ${h} + b′`;
  const reset = step(kind.reset.symbol);
  return kind.reset.after ? `W ${x} + b + ${reset} ⊙ (U ${h} + b′)` : `W ${x} + b + U (${reset} ⊙ ${h}) + b′`;
}

/** @param {Ask} ask */
function sumFormula(ask) {
  const { model, name, step } = ask;
  return [`${sumWords(ask)}, the sum that makes ${step(name)}`, `${model.I} inputs, ${model.H} states and the biases`];
}

/** @param {Ask} ask */
function stateFormula(ask) {
  const { model: { kind, arithmetic }, name, t, step, value } = ask;
  const { belt, carried, order } = kind;
  if (t < 0) return [`${step(name)}, the state before the first step`, ""];
  if (belt && name === carried) {
    const kept = `${factor(belt.keep, step)} ⊙ ${step(carried, t - 1)}`;
    return [`${step(carried)} = ${kept} + ${factor(belt.write, step)} ⊙ ${step(belt.candidate)}`, `${value("keep")} + ${value("write")}`];
  }
  if (order.includes(name)) return gateFormula(ask);
  const shown = arithmetic?.formulas.shown;
  return shown ? shown(ask) : [`${step(name)}: the state that the model made`, ""];
}

/**
 * A gate's value, or the rest that it leaves, as a number.
 * @param {Ask} ask
 * @param {import("./types.js").Share} share
 */
const shareWords = ({ value }, { symbol, rest }) => value(rest ? "rest" : "gate", symbol);

/** @param {Ask} ask */
function keepFormula(ask) {
  const { model: { kind: { belt, carried } }, t, step, value } = ask;
  if (!belt) return ["", ""];
  return [`${factor(belt.keep, step)} ⊙ ${step(carried, t - 1)}, what is kept`, `${shareWords(ask, belt.keep)} × ${value("state", carried, t - 1)}`];
}

/** @param {Ask} ask */
function writeFormula(ask) {
  const { model: { kind: { belt } }, step, value } = ask;
  if (!belt) return ["", ""];
  return [`${factor(belt.write, step)} ⊙ ${step(belt.candidate)}, what is written`, `${shareWords(ask, belt.write)} × ${value("gate", belt.candidate)}`];
}

/** @param {Ask} ask */
function beltFormula(ask) {
  const { model: { kind: { belt, carried } }, step, value } = ask;
  if (!belt) return ["", ""];
  return [`dL/d${step(carried)} × ${factor(belt.keep, step)}, along the belt`, `${value(`d${carried}`)} × ${shareWords(ask, belt.keep)}`];
}

/** @param {Ask} ask */
function writtenFormula({ model: { kind: { belt } }, name, step }) {
  if (!belt) return ["", ""];
  const keep = factor(belt.keep);
  if (name === "start") return [`left of the start: every ${keep} up to ${step("")} multiplied`, ""];
  return [`${factor(belt.write)} ⊙ ${belt.candidate} of step ${step("", Number(name))}, times every ${keep} since`, ""];
}

/** @param {Ask} ask */
function recurrentFormula({ model: { kind: { reset } }, step, t }) {
  const h = step(HIDDEN, t - 1);
  return [reset && !reset.after ? `U (${step(reset.symbol)} ⊙ ${h}) + b′` : `U ${h} + b′, the candidate's view of the past`, ""];
}

/** @param {Ask} ask */
function termFormula({ model: { kind: { reset, candidate } }, name, value }) {
  if (name.includes(".bias.")) return ["the biases, which no input changes", ""];
  const factors = `${value("factor", name)} × ${value("weight", name)}`;
  if (!reset?.after || !name.startsWith(`${candidate}.state`)) return ["value × weight", factors];
  return ["reset × value × weight", `${value("gate", reset.symbol)} × ${factors}`];
}

/** @param {Ask} ask */
function pathFormula({ name, step, t }) {
  const [now, before] = [step("", t), step("", t - 1)];
  if (name === "belt") return [`‖gradient along the belt from ${now} to ${before}‖, all units`, ""];
  return [`‖${name === "gates" ? "Σ Uᵀ δ‖ through all gates" : `Uᵀ δ‖ through ${name}`}, all units, from ${now} to ${before}`, ""];
}

/** @param {Ask} ask */
function sentFormula({ name, step, t, j }) {
  return [`‖Σ U[${j + 1}]ᵀ δ‖ through ${name === "gates" ? "the gates" : name} of unit ${j + 1}, from ${step("", t)} to ${step("", t - 1)}`, ""];
}

/**
 * W h + b with what the head reads: h of the step, or the mean of all so far, and a reading that is not shown.
 * @param {Ask} ask
 */
function scoreWords({ model: { head }, step }) {
  const h = head?.head.pool === "mean" ? `mean of h up to ${step(HIDDEN)}` : step(HIDDEN);
  return `W ${head?.head.pool === "mean" ? `(${h})` : h} + b${head?.others ? " + the reading backwards" : ""}`;
}

/** @param {Ask} ask */
function answerFormula(ask) {
  const { model, j, value } = ask;
  const score = value("score");
  const label = model.head?.head.labels[j] ?? "";
  if (model.head?.head.kind === "classes") return [`P(${label}) = softmax(${scoreWords(ask)})`, `exp(${score}) / Σ exp(scores)`];
  const { scale, shift, transform, stands_on } = model.head?.head ?? { scale: [], shift: [], transform: "identity", stands_on: "" };
  if (stands_on) {
    const [sign, part] = transform === "exp" ? ["×", `exp(score × ${three(scale[j] ?? 1)})`] : ["+", `score × ${three(scale[j] ?? 1)}`];
    return [`${label} = ${stands_on} ${sign} ${part}`, `${value("base")} ${sign} ${value("part")}`];
  }
  const scaled = `score × ${three(scale[j] ?? 1)} + ${three(shift[j] ?? 0)}`;
  return [`${label} = ${transform === "exp" ? `exp(${scaled})` : scaled}`, `from the score ${score}`];
}

/** @param {Ask} ask */
function partFormula({ model, j, value }) {
  const { scale, transform } = model.head?.head ?? { scale: [], transform: "identity" };
  const [scaled, numbers] = [`score × ${three(scale[j] ?? 1)}`, `${value("score")} × ${three(scale[j] ?? 1)}`];
  return transform === "exp" ? [`exp(${scaled}), by which the network multiplies`, `exp(${numbers})`] : [`${scaled}, what the network adds`, numbers];
}

/** @param {Ask} ask */
function factorFormula({ model, name, t, step }) {
  if (name.includes(".input.")) return [`from ${step("x")}`, ""];
  if (!name.startsWith("answer")) return [`from ${step(HIDDEN, t - 1)}`, ""];
  return [model.head?.head.pool === "mean" ? `the mean of h up to ${step(HIDDEN)}` : `from ${step(HIDDEN)}`, ""];
}

/** @type {Record<string, (ask: Ask) => string[]>} */
const FORMULAS = {
  x: ({ model, j, step }) => [`${step("x")}: ${model.trace.input_names[j]}, as fed`, ""],
  gate: gateFormula,
  before: sumFormula,
  state: stateFormula,
  alone: ({ model, step }) => [`${step(HIDDEN)} = ${model.trace.label}(${step("x")}, 0): of this input alone`, ""],
  keep: keepFormula,
  write: writeFormula,
  u: recurrentFormula,
  squash: ({ model: { kind }, step, value }) => [`tanh(${step(kind.carried)})`, `tanh(${value("state", kind.carried)})`],
  rest: ({ name, step, value }) => [`1 − ${step(name)}, the rest that it leaves`, `1 − ${value("gate", name)}`],
  answer: answerFormula,
  base: ({ model }) => [`${model.head?.head.stands_on ?? ""}, known without the network`, ""],
  part: partFormula,
  score: (ask) => [`${scoreWords(ask)}, the score of ${ask.model.head?.head.labels[ask.j]}`, `${answerTerms(ask.model, ask.course, ask.t, ask.j).length} terms`],
  term: termFormula,
  weight: () => ["a weight, learnt; the same at every step", ""],
  factor: factorFormula,
  written: writtenFormula,
  dh: ({ step }) => [`dL/d${step(HIDDEN)}: how the loss changes with this h`, ""],
  dc: ({ step }) => [`dL/d${step("c")}: how the loss changes with this c`, ""],
  dgate: ({ name, step }) => [`dL/d(sum before ${step(name)}): how the loss changes with this gate's sum`, ""],
  belt: beltFormula,
  path: pathFormula,
  sent: sentFormula,
};
