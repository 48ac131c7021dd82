// The formula behind a number, in symbols and with the actual numbers.

/** @import { Exploration } from "./types.js" */
/** @import { Course, Model } from "./model.js" */
import { subscript, three } from "./numbers.js";
import { answerTerms, parseAddress, read, RECORDED } from "./quantities.js";

/** @typedef {{model: Model, course: Course, name: string, t: number, j: number, step: (symbol: string, t?: number) => string}} Ask */
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
  const [symbols, numbers] = FORMULAS[kind]({ model, course, name, t, j, step });
  const value = three(read(kind, model, course, t, j, name));
  const source = course.edited ? "computed here, with your change" : RECORDED.has(kind) ? "recorded" : "computed here from recorded numbers";
  return { symbols, numbers: numbers ? `${numbers} = ${value}` : value, source };
}

/** @param {Ask} ask */
const isTanh = ({ name }) => name === "g" || name === "n" || name === "h";

/** @param {Ask} ask */
function gateFormula(ask) {
  const { model, course, name, t, j, step } = ask;
  const before = three(read("before", model, course, t, j, name));
  const activation = model.trace.cell === "rnn_relu" ? "max(0, ·)" : isTanh(ask) ? "tanh" : "σ";
  return [`${step(name)} = ${activation}(${sumWords(ask)})`, `${activation}(${before})`];
}

/** @param {Ask} ask */
function sumWords({ model, name, t, step }) {
  const [x, h] = [step("x", t), step("h", t - 1)];
  if (name !== "n") return `W ${x} + b + U ${h} + b′`;
  return model.trace.cell === "gru" ? `W ${x} + b + ${step("r")} ⊙ (U ${h} + b′)` : `W ${x} + b + U (${step("r")} ⊙ ${h}) + b′`;
}

/** @param {Ask} ask */
function sumFormula(ask) {
  const { model, name, step } = ask;
  return [`${sumWords(ask)}, the sum that makes ${step(name)}`, `${model.w.I} inputs, ${model.H} states and the biases`];
}

/** @param {Ask} ask */
function stateFormula(ask) {
  const { model, course, name, t, j, step } = ask;
  const value = (/** @type {string} */ kind, /** @type {string} */ which = "-") => three(read(kind, model, course, t, j, which));
  if (t < 0) return [`${step(name)}, the state before the first step`, ""];
  if (name === "c") return [`${step("c")} = ${step("f")} ⊙ ${step("c", t - 1)} + ${step("i")} ⊙ ${step("g")}`, `${value("keep")} + ${value("write")}`];
  if (model.trace.cell === "lstm") return [`${step("h")} = ${step("o")} ⊙ tanh(${step("c")})`, `${value("gate", "o")} × ${value("squash")}`];
  if (model.gru) return [`${step("h")} = ${step("z")} ⊙ ${step("h", t - 1)} + (1 − ${step("z")}) ⊙ ${step("n")}`, `${value("keep")} + ${value("write")}`];
  return gateFormula({ ...ask, name: "h" });
}

/** @param {Ask} ask */
function keepFormula({ model, course, t, j, step }) {
  const [gate, state] = model.gru ? ["z", "h"] : ["f", "c"];
  return [`${step(gate)} ⊙ ${step(state, t - 1)}, what is kept`, `${three(read("gate", model, course, t, j, gate))} × ${three(read("state", model, course, t - 1, j, state))}`];
}

/** @param {Ask} ask */
function writeFormula({ model, course, t, j, step }) {
  if (model.gru) return [`(1 − ${step("z")}) ⊙ ${step("n")}, what is written`, `${three(read("opening", model, course, t, j))} × ${three(read("gate", model, course, t, j, "n"))}`];
  return [`${step("i")} ⊙ ${step("g")}, what is written`, `${three(read("gate", model, course, t, j, "i"))} × ${three(read("gate", model, course, t, j, "g"))}`];
}

/** @param {Ask} ask */
function termFormula({ model, course, name, t, j }) {
  const value = (/** @type {string} */ kind) => three(read(kind, model, course, t, j, name));
  if (name.includes(".bias.")) return ["the biases, which no input changes", ""];
  const reset = name.startsWith("n.state") && model.trace.cell === "gru" ? `${three(read("gate", model, course, t, j, "r"))} × ` : "";
  return [reset ? "reset × value × weight" : "value × weight", `${reset}${value("factor")} × ${value("weight")}`];
}

/** @param {Ask} ask */
function answerFormula({ model, course, t, j, step }) {
  const score = three(read("score", model, course, t, j));
  const label = model.head?.head.labels[j] ?? "";
  if (model.head?.head.kind === "classes") return [`P(${label}) = softmax(W ${step("h")} + b)`, `exp(${score}) / Σ exp(scores)`];
  const { scale, shift, transform } = model.head?.head ?? { scale: [], shift: [], transform: "identity" };
  const scaled = `score × ${three(scale[j] ?? 1)} + ${three(shift[j] ?? 0)}${model.head?.offset ? " + level" : ""}`;
  return [`${label} = ${transform === "exp" ? `exp(${scaled})` : scaled}`, `from the score ${score}`];
}

/** @type {Record<string, (ask: Ask) => string[]>} */
const FORMULAS = {
  x: ({ model, j, step }) => [`${step("x")}: ${model.trace.input_names[j]}, as fed`, ""],
  gate: gateFormula,
  before: sumFormula,
  state: stateFormula,
  alone: ({ model, step }) => [`${step("h")} = ${model.trace.label}(${step("x")}, 0): of this input alone`, ""],
  keep: keepFormula,
  write: writeFormula,
  u: ({ model, step, t }) => [model.trace.cell === "gru" ? `U ${step("h", t - 1)} + b′, the candidate's view of the past` : `U (${step("r")} ⊙ ${step("h", t - 1)}) + b′`, ""],
  squash: ({ model, course, t, j, step }) => [`tanh(${step("c")})`, `tanh(${three(read("state", model, course, t, j, "c"))})`],
  opening: ({ model, course, t, j, step }) => [`1 − ${step("z")}, how much is written`, `1 − ${three(read("gate", model, course, t, j, "z"))}`],
  answer: answerFormula,
  score: ({ model, course, t, j, step }) => [`W ${step("h")} + b, the score of ${model.head?.head.labels[j]}`, `${answerTerms(model, course, t, j).length} terms`],
  term: termFormula,
  weight: () => ["a weight, learnt; the same at every step", ""],
  factor: ({ name, t, step }) => [name.includes(".input.") ? `from ${step("x")}` : `from ${step("h", name.startsWith("answer") ? t : t - 1)}`, ""],
  written: ({ model, name, step }) => {
    const [keep, what] = model.gru ? ["z", "(1 − z) ⊙ n"] : ["f", "i ⊙ g"];
    return name === "start" ? [`left of the start: every ${keep} up to ${step("")} multiplied`, ""] : [`${what} of step ${step("", Number(name))}, times every ${keep} since`, ""];
  },
  dh: ({ step }) => [`dL/d${step("h")}: how the loss changes with this h`, ""],
  dc: ({ step }) => [`dL/d${step("c")} = dL/dc handed back by the next step + dL/d${step("h")} × ${step("o")} × (1 − tanh²)`, ""],
  dgate: ({ name, step }) => [`dL/d(sum before ${step(name)}): how the loss changes with this gate's sum`, ""],
  belt: ({ model, course, t, j, step }) => model.gru
    ? [`dL/d${step("h")} × ${step("z")}, along the belt`, `${three(read("dh", model, course, t, j))} × ${three(read("gate", model, course, t, j, "z"))}`]
    : [`dL/d${step("c")} × ${step("f")}, along the belt`, `${three(read("dc", model, course, t, j))} × ${three(read("gate", model, course, t, j, "f"))}`],
  path: ({ name, step, t }) => [name === "belt" ? `‖gradient along the belt from ${step("", t)} to ${step("", t - 1)}‖, all units`
    : name === "gates" ? `‖Σ Uᵀ δ‖ through all gates from ${step("", t)} to ${step("", t - 1)}` : `‖Uᵀ δ‖ through ${name}`, ""],
};
