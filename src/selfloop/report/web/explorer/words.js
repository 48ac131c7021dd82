// Words for someone who has never seen an LSTM: one sentence in sight, more for whoever asks.

/** @import { Scene } from "./scene.js" */
/** @import { Words } from "./words-cells.js" */
import { fixedWords } from "./bounds.js";
import { drawingOf } from "./drawings.js";
import { gateOf, HIDDEN, nameOf } from "./kind.js";
import { percent, three } from "./numbers.js";
import { read } from "./quantities.js";

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

/** @type {Record<string, (scene: Scene) => Words>} */
const FORWARD = {
  cut: () => ({
    sentence: "Without its loop a network sees one step at a time: the same input gets the same answer, whatever came before.",
    more: [
      "This is an ordinary network. An input x goes in at the bottom, a layer of units makes h of it, and a head makes an answer of h.",
      "The rows put this step’s input in after different pasts. With the loop cut, the past cannot get in, so all rows agree. Where the answer depends on what came earlier, no such network can know it.",
    ],
  }),
  closed: ({ model }) => ({
    sentence: `Close the loop, and the unit hands ${model.kind.cell ? "its state" : "h"} to itself: it now sees this input and what it made of all steps before.`,
    more: [
      "At each step h of the step before is set beside x (side by side, not added), and the unit reads the two together.",
      fixedWords(model) || "Look at the rows again: the same input now gets another answer after another past. That is memory.",
      ...(model.kind.cell ? [`This ${model.trace.label} has two loops: h (blue), which it also shows to the outside, and ${model.kind.cell} (amber), ${model.kind.belt ? "a conveyor belt of its own on which things can ride unchanged" : "which it keeps to itself"}.`] : []),
    ],
  }),
  unrolled: ({ narrow }) => ({
    sentence: "Unrolled in time, the loop becomes a row. It is not many units but one unit at many steps, with the same weights each time.",
    more: [
      "It is not a cascade of different layers. Every column is the same unit, so a longer sequence needs no more weights, and one network reads sequences of any length.",
      "h goes two ways: up, to the head (or to the next layer), as what the unit says now; and right, to the next step, as what it will remember.",
      `What flows is as thick as it is large. Click a column${narrow ? "" : ", or press ← and →,"} to step in time.`,
    ],
  }),
  cell: (scene) => drawingOf(scene.model.kind).words.cell(scene),
  operation: (scene) => ({
    sentence: operationSentence(scene),
    more: [gateOf(scene.model.kind, scene.state.op) ? SUM : LEDGER, ...drawingOf(scene.model.kind).words.remarks],
  }),
  answer: ({ model }) => ({
    sentence: "The head reads h of this step and nothing else: what the answer needs of the past must be in h by now.",
    more: [
      model.head?.head.kind === "classes"
        ? "Each class has a score: every h times a learnt weight, added up. Softmax turns the scores into probabilities that add up to 1. Click a class to see what its score is made of."
        : "Each value is a weighted sum of h, put back into the units of your data. Click a point to see what it is made of.",
      ...(model.head?.head.pool === "mean" ? ["This head reads the mean of h over all steps so far."] : []),
    ],
  }),
};

const LEDGER = "On the belt things are only multiplied by what is kept and added to. So what is there now can be traced back, exactly, to the steps that wrote it: each bar is what one step wrote, times everything that was kept since.";

/** @type {Record<string, (scene: Scene) => Words>} */
const BACKWARD = {
  unrolled: ({ model }) => ({
    sentence: "Learning goes the other way: the loss sends a gradient back from step to step, and what does not arrive cannot be learnt from.",
    more: [
      `L is ${model.trace.gradients?.of ?? "the loss"}. Every arrow is as thick as the gradient it carries, on one logarithmic scale for all models: one sixth of the width is a factor of ten.`,
      model.kind.belt
        ? "Two paths lead back: along the belt, where the gradient is only multiplied by what was kept, and through the gates, where it is multiplied by weights and slopes."
        : "Only one path leads back: through the weights and the slope of what they go through, at every step. There it shrinks, or grows, by about the same factor each time.",
    ],
  }),
  cell: ({ model }) => ({
    sentence: model.kind.belt
      ? "Backward, the gradient comes in from the right. The belt hands it on times what was kept; the gates get their share, and send it on through the weights."
      : "Backward, everything has to go through the weights: the gradient of h comes in from the right and leaves at the bottom left.",
    more: [fixedWords(model) || "The number in a gate is the gradient of the sum before its activation: how much the loss would change if that sum were a little larger. Thickness is logarithmic, on one scale for all models."],
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
