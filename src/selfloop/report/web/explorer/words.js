// Words for someone who has never seen an LSTM: one sentence in sight, more for whoever asks.

/** @import { Scene } from "./scene.js" */
/** @import { Words } from "./words-cells.js" */
import { fixedWords } from "./bounds.js";
import { drawingOf } from "./drawings.js";
import { gateOf, HIDDEN, nameOf } from "./kind.js";
import { percent, three } from "./numbers.js";
import { read } from "./quantities.js";
import { noAnswer } from "./scene-answer.js";
import { pastRows } from "./scene-network.js";
import { answerName, inputsChanged, standsOn } from "./scene.js";

export const TITLES = {
  cut: "Loop cut", closed: "Loop closed", unrolled: "Unrolled", cell: "One cell", operation: "One operation", answer: "The answer",
};

const SUM = "Every gate is made the same way: each input and each state of the step before, times a learnt weight, all added up (the bars), then pressed into its range by a curve. The weights never change while the network reads; only x and h do.";
/**
 * @param {Scene} scene
 * @returns {Words}
 */
export function wordsOf(scene) {
  if (scene.state.view === "backward" && BACKWARD[scene.state.scene]) return BACKWARD[scene.state.scene](scene);
  return FORWARD[scene.state.scene](scene);
}

/** What a unit reads, by whose h of the step before its gates see. */
const READ = {
  all: "At each step h of the step before is set beside x (side by side, not added), and the unit reads the two together.",
  own: "At each step a unit reads x and its own h of the step before, not that of the other units.",
  none: "At each step the gates read x alone; h of the step before comes in along the belt, times what is kept of it.",
};

/** @type {Record<string, (scene: Scene) => Words>} */
const FORWARD = {
  cut: ({ model }) => ({
    sentence: "Without its loop a network sees one step at a time: the same input makes it say the same, whatever came before.",
    more: [
      `This is an ordinary network. An input x goes in at the bottom, a layer of units makes h of it${model.head ? ", and a head makes an answer of h" : ""}.`,
      "The rows put this step’s input in after different pasts. With the loop cut, nothing that the network made of them can get in, so all rows agree. What is not in this input itself, no such network can know.",
      ...(model.head?.head.pool === "mean" && !model.head.others ? ["The head reads the mean of h over all steps; here, h of this step alone."] : []),
      ...besides(model),
    ],
  }),
  closed: (scene) => ({
    sentence: `Close the loop, and the unit hands ${scene.model.kind.cell ? "its state" : "h"} to itself: it now sees this input and what it made of all steps before.`,
    more: [
      READ[scene.model.kind.past],
      fixedWords(scene.model) || rowsWords(scene),
      ...besides(scene.model),
      ...loopsWords(scene.model),
    ],
  }),
  unrolled: ({ model, narrow, state, exploration }) => ({
    sentence: "Unrolled in time, the loop becomes a row. It is not many units but one unit at many steps, with the same weights each time.",
    more: [
      "It is not a cascade of different layers. Every column is the same unit, so a longer sequence needs no more weights, and one network reads sequences of any length.",
      "h goes two ways: up, to the head (or to the next layer), as what the unit says now; and right, to the next step, as what it will remember.",
      ...(model.head && !noAnswersAt(model) ? [aboveWords(model, exploration)] : []),
      `Numbers, and how thick a flow is, are of unit ${state.unit + 1}. Click a column${narrow ? "" : ", or press ← and →,"} to step in time.`,
    ],
  }),
  cell: (scene) => drawingOf(scene.model.kind).words.cell(scene),
  operation: (scene) => ({
    sentence: operationSentence(scene),
    more: [gateOf(scene.model.kind, scene.state.op) ? sumOf(scene) : operationMore(scene), ...drawingOf(scene.model.kind).words.remarks],
  }),
  answer: (scene) => ({ sentence: answerSentence(scene), more: answerMore(scene.model) }),
};

/**
 * What else is in an answer, where the network is not all.
 * @param {import("./model.js").Model} model
 */
function besides(model) {
  if (model.head?.others) return ["The answer needs the reading backwards, too, which is not shown: the rows say h alone."];
  if (!standsOn(model)) return [];
  return [`The whole answer stands on ${standsOn(model)}, which is known without the network and the same in all rows: they say the network’s part, by which the answer differs from that.`];
}

/**
 * What stands above each column.
 * @param {import("./model.js").Model} model
 * @param {import("./types.js").Exploration} exploration
 */
function aboveWords(model, { asked }) {
  if (asked === "step") return "Above each column stands the likeliest label of that step.";
  if (asked === "after") return `Above each column stands ${model.head?.head.kind === "classes" ? "what the network finds likeliest to come next" : `the ${answerName(model)}, for the next step`}.`;
  return `Above each column stands the ${answerName(model)}, if the sequence ended there.`;
}

/** @param {import("./model.js").Model} model */
function loopsWords({ kind: { cell, belt }, trace }) {
  return cell ? [`This ${trace.label} has two loops: h (blue), which it also shows to the outside, and ${cell} (amber), ${belt ? "a conveyor belt of its own on which things can ride unchanged" : "which it keeps to itself"}.`] : [];
}

/**
 * What the rows of different pasts show here: that is in the numbers, not in the idea.
 * @param {Scene} scene
 */
function rowsWords(scene) {
  const rows = pastRows(scene);
  if (rows.length < 2) return "This is the first step: there is no past yet. Step on, and the rows show what another one would change.";
  const said = standsOn(scene.model) ? "part of the answer" : "answer";
  if (rows.some((row) => row.said !== rows[0].said)) return `Look at the rows again: the same input now gets another ${said} after another past. That is memory.`;
  const differs = rows.some(({ h }) => Array.from(h).some((value, j) => Math.abs(value - rows[0].h[j]) > 1e-3));
  if (!differs) return "At this step all rows agree: what came before leaves no mark on h.";
  return rows[0].said ? `Look at the rows again: after another past h is another one. The ${said}, as it is written here, is the same.` : "Look at the rows again: after another past h is another one. That is memory.";
}

/** @param {import("./model.js").Model} model */
const noAnswersAt = ({ recorded }) => !recorded.answers;

/** @param {Scene} scene */
function answerSentence({ model, course, state }) {
  const { head } = model;
  if (!head || !course.answers) return noAnswer(model);
  const what = head.head.pool === "mean" ? "the mean of h over all steps so far" : "h of this step";
  if (head.others) return `The head reads ${what}, and the same of the reading backwards, which is not shown: its part stands in the sum.`;
  if (!standsOn(model)) return `The head reads ${what} and nothing else: what the answer needs of the past must be in ${head.head.pool === "mean" ? "it" : "h"} by now.`;
  const [base, part] = ["base", "part"].map((kind) => three(read(kind, model, course, state.t, state.output)));
  const whole = three(read("answer", model, course, state.t, state.output));
  return `The answer, ${whole}, is a ${head.head.transform === "exp" ? "product" : "sum"}: ${base} is ${standsOn(model)}, ${part} is what the head makes of ${what}.`;
}

/** @param {import("./model.js").Model} model */
function answerMore(model) {
  if (!model.head) return [];
  if (model.head.head.kind === "classes") return ["Each class has a score: every h times a learnt weight, added up. Softmax turns the scores into probabilities that add up to 1. Click a class to see what its score is made of."];
  const click = "Click a point to see what it is made of.";
  if (!standsOn(model)) return [`Each value is a weighted sum of h, put back into the units of your data. ${click}`];
  return [
    `The network’s part is a weighted sum of h, the score, put back into the units of your data. What it is added to or multiplied with, ${standsOn(model)}, stands dashed in the picture. ${click}`,
  ];
}

/** @param {Scene} scene */
const sumOf = ({ model: { kind }, state }) => (kind.reset && state.op === kind.candidate ? `${SUM} ${kind.reset.after ? RESET_AFTER : RESET_BEFORE}` : SUM);
const RESET_AFTER = "Of the candidate, what comes from the past is also multiplied by the reset gate, in the products already.";
const RESET_BEFORE = "Of the candidate, the states of the step before are multiplied by their reset gates first.";

/** @param {Scene} scene */
const operationMore = ({ model: { kind }, state }) => (kind.belt && state.op === kind.carried ? LEDGER : SHOWN);
const SHOWN = "What the unit shows to the outside, and to its own gates at the next step.";

const LEDGER = "On the belt things are only multiplied by what is kept and added to. So what is there now can be traced back, exactly, to the steps that wrote it: each bar is what one step wrote, times everything that was kept since.";

/** @type {Record<string, (scene: Scene) => Words>} */
const BACKWARD = {
  unrolled: ({ model, state }) => ({
    sentence: "Learning goes the other way: the loss sends a gradient back from step to step, and what does not arrive cannot be learnt from.",
    more: [
      `L is ${model.trace.gradients?.of ?? "the loss"}${inputsChanged(state) ? ", as it was before your change" : ""}. Numbers and arrows are of unit ${state.unit + 1}: an arrow is as thick as the gradient it carries, on one logarithmic scale for all models. One sixth of the width is a factor of ten.`,
      model.kind.past === "none" ? "One path leads back: along the belt, where the gradient is only multiplied by what was kept. The gates saw the input alone."
        : model.kind.belt
        ? "Two paths lead back: along the belt, where the gradient is only multiplied by what was kept, and through the gates, where it is multiplied by weights and slopes."
        : "Only one path leads back: through the weights and the slope of what they go through, at every step. There it shrinks, or grows, by about the same factor each time.",
    ],
  }),
  cell: ({ model }) => ({
    sentence: model.kind.past === "none"
      ? "Backward, the gradient comes in from the right. The belt hands it on times what was kept; what the gates get goes no further back, because they saw the input alone."
      : model.kind.belt
      ? "Backward, the gradient comes in from the right. The belt hands it on times what was kept; the gates get their share, and send it on through the weights."
      : "Backward, everything has to go through the weights: the gradient of h comes in from the right and leaves at the bottom left.",
    more: [fixedWords(model) || "The number in a gate is the gradient of the sum before its activation: how much the loss would change if that sum were a little larger. “By its gates” is what all of them together send back through the weights of this unit, as a length. Thickness is logarithmic, on one scale for all models."],
  }),
};

/** @param {Scene} scene */
function operationSentence({ model, course, state }) {
  const { op, t, unit } = state;
  const { kind } = model;
  const gate = gateOf(kind, op);
  const value = read(gate ? "gate" : "state", model, course, t, unit, op);
  if (!Number.isFinite(value)) return `The ${nameOf(kind, op)} of this unit is not finite here (${three(value)}): what depends on it cannot be computed.`;
  const said = drawingOf(kind).words.operations[op];
  if (said) return said(value);
  if (op === kind.carried && kind.belt) return `On this unit’s belt${op === HIDDEN ? ", h," : ""} is now ${three(value)}: what was kept, plus what was written.`;
  return gate ? gateSentence(kind, gate, value) : `The ${nameOf(kind, op)} is now ${three(value)}.`;
}

/**
 * What a gate's value does, from its part on the belt.
 * @param {import("./kind.js").Kind} kind
 * @param {import("./types.js").Gate} gate
 * @param {number} value
 */
function gateSentence(kind, { symbol, name, share }, value) {
  const { belt, reset, carried } = kind;
  const open = `The ${name} gate is ${three(value)} here`;
  const part = (/** @type {import("./types.js").Share} */ { rest }) => percent(rest ? 1 - value : value);
  const [keeps, writes] = [belt?.keep.symbol === symbol, belt?.write.symbol === symbol];
  if (belt?.candidate === symbol) {
    const opened = belt.write.rest ? `${belt.write.text} were 1` : `the ${gateOf(kind, belt.write.symbol)?.name} gate were fully open`;
    return `The ${name} is ${three(value)}: what would be written if ${opened}.`;
  }
  if (belt && keeps && writes) return `${open}: ${part(belt.keep)} of ${carried} is kept, and ${part(belt.write)} of the ${gateOf(kind, belt.candidate)?.name} is written.`;
  if (belt && keeps) return `${open}: ${part(belt.keep)} of what was on this unit’s belt stays.`;
  if (belt && writes) return `${open}: ${part(belt.write)} of the ${gateOf(kind, belt.candidate)?.name} is put on the belt.`;
  if (reset?.symbol === symbol) return `${open}: ${percent(value)} of the past gets into the candidate.`;
  return share ? `${open}: ${percent(value)} of what it is multiplied by gets through.` : `The ${name} is ${three(value)} here.`;
}
