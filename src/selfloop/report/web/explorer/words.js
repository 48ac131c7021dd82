// Words for someone who has never seen an LSTM: one sentence in sight, more for whoever asks.

/** @import { Scene } from "./scene.js" */
import { percent, three } from "./numbers.js";
import { read } from "./quantities.js";

/** @typedef {{sentence: string, more: string[]}} Words */

export const TITLES = {
  cut: "Loop cut", closed: "Loop closed", unrolled: "Unrolled", cell: "One cell", operation: "One operation", answer: "The answer",
};

export const OPERATIONS = {
  f: "forget gate", i: "input gate", g: "candidate", o: "output gate", c: "belt", h: "hidden state", z: "update gate",
  r: "reset gate", n: "candidate",
};

const GATE = "A gate is a number between 0 and 1 that something is multiplied by: 0 lets nothing through, 1 lets everything through, 0.5 half. Every unit has its own, and they are computed anew at each step.";
const SUM = "Every gate is made the same way: each input and each state of the step before, times a learnt weight, all added up (the bars), then pressed into its range by a curve. The weights never change while the network reads; only x and h do.";
const SWAP = "Here, as in PyTorch, z keeps and 1 − z writes. Many diagrams, and some papers, swap the two: check before you compare.";

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
    sentence: model.trace.cell === "lstm"
      ? "Close the loop, and the unit hands its state to itself: it now sees this input and what it made of all steps before."
      : "Close the loop, and the unit hands h to itself: it now sees this input and what it made of all steps before.",
    more: [
      "At each step h of the step before is set beside x (side by side, not added), and the unit reads the two together.",
      "Look at the rows again: the same input now gets another answer after another past. That is memory.",
      ...(model.trace.cell === "lstm" ? ["An LSTM has two loops: h (blue), which it also shows to the outside, and c (amber), a conveyor belt of its own on which things can ride unchanged."] : []),
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
  cell: (scene) => CELLS[scene.model.trace.cell](scene),
  operation: (scene) => ({ sentence: operationSentence(scene), more: [scene.model.w.order.includes(scene.state.op) ? SUM : LEDGER, ...(scene.model.gru ? [SWAP] : [])] }),
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

/** @type {(scene: Scene) => Words} */
const gruWords = ({ model }) => ({
  sentence: "One update gate does the work of two: z says how much of h stays on the belt, and 1 − z how much of the candidate is written.",
  more: [
    GATE, SWAP,
    model.trace.cell === "gru"
      ? "The reset gate r says how much of the past the candidate n may see. This variant (PyTorch’s) resets after the product U h + b′; Cho et al., who introduced the GRU, reset before it."
      : "The reset gate r says how much of the past the candidate n may see. This variant (Cho et al. 2014) resets h before the product; PyTorch resets after it.",
    "There is no separate c: the belt is h itself, and it is shown to the outside as it is.",
  ],
});

/** @type {(scene: Scene) => Words} */
const rnnWords = () => ({
  sentence: "A simple recurrent unit has no gates: at every step it writes all of h anew from the input and the h before.",
  more: [
    "To remember something it must write it again at every single step, through the same weights and the same tanh. What is a little too small shrinks each time; what is a little too large saturates.",
    "This RNN may still do well where little has to be remembered, or where its weights happen to be good at it: compare it below on the same sequence.",
  ],
});

/** @type {Record<string, (scene: Scene) => Words>} */
const CELLS = {
  lstm: () => ({
    sentence: "The belt c runs along the top. The forget gate says what stays on it, the input gate what is put on it, the output gate what is shown as h.",
    more: [
      GATE,
      "Read it from left to right: c of the step before comes in, times f (keep or throw away), plus i times g (how much to write, and what), and goes out as c. What is shown to the outside, and to the next step’s gates, is h = o × tanh(c).",
      "Why a belt: along it a value is only multiplied by f. While f is near 1 it rides on unchanged for many steps, and so does the gradient on its way back.",
    ],
  }),
  gru: gruWords,
  gru_reset_before: gruWords,
  rnn: rnnWords,
  rnn_relu: rnnWords,
};

/** @type {Record<string, (scene: Scene) => Words>} */
const BACKWARD = {
  unrolled: ({ model }) => ({
    sentence: "Learning goes the other way: the loss sends a gradient back from step to step, and what does not arrive cannot be learnt from.",
    more: [
      `L is ${model.trace.gradients?.of ?? "the loss"}. Every arrow is as thick as the gradient it carries, on one logarithmic scale for all models: one sixth of the width is a factor of ten.`,
      model.gru || model.trace.cell === "lstm"
        ? "Two paths lead back: along the belt, where the gradient is only multiplied by what was kept, and through the gates, where it is multiplied by weights and slopes."
        : "Only one path leads back: through the weights and the slope of tanh, at every step. There it shrinks, or grows, by about the same factor each time.",
    ],
  }),
  cell: ({ model }) => ({
    sentence: model.trace.cell.startsWith("rnn")
      ? "Backward, everything has to go through the weights: the gradient of h comes in from the right and leaves at the bottom left."
      : "Backward, the gradient comes in from the right. The belt hands it on times what was kept; the gates get their share, and send it on through the weights.",
    more: ["The number in a gate is the gradient of the sum before its activation: how much the loss would change if that sum were a little larger. Thickness is logarithmic, on one scale for all models."],
  }),
};

/** @param {Scene} scene */
function operationSentence({ model, course, state }) {
  const { op, t, unit } = state;
  const value = read(model.w.order.includes(op) ? "gate" : "state", model, course, t, unit, op);
  if (!Number.isFinite(value)) return `The ${/** @type {Record<string, string>} */ (OPERATIONS)[op]} of this unit is not finite here (${three(value)}): what depends on it cannot be computed.`;
  const share = percent(value);
  /** @type {Record<string, string>} */
  const said = {
    f: `The forget gate is ${three(value)} here: ${share} of what was on this unit’s belt stays.`,
    i: `The input gate is ${three(value)} here: ${share} of the candidate is put on the belt.`,
    g: `The candidate is ${three(value)}: what would be written if the input gate were fully open.`,
    n: `The candidate is ${three(value)}: what would be written if 1 − z were 1.`,
    o: `The output gate is ${three(value)} here: ${share} of tanh(c) is shown.`,
    z: `The update gate is ${three(value)} here: ${share} of h is kept, and ${percent(1 - value)} of the candidate is written.`,
    r: `The reset gate is ${three(value)} here: ${share} of the past gets into the candidate.`,
    c: `On this unit’s belt is now ${three(value)}: what was kept, plus what was written.`,
    h: model.gru ? `On this unit’s belt, h, is now ${three(value)}: what was kept, plus what was written.`
      : model.trace.cell === "lstm" ? `The unit shows ${three(value)}: the belt, pressed between −1 and 1, times the output gate.`
        : `The new h is ${three(value)}, all of it written at this step.`,
  };
  return said[op] ?? "";
}
