// What is said of one cell's inside: of those that are drawn as everyone draws them, and of any other.

/** @import { Scene } from "./scene.js" */
import { fixedWords } from "./bounds.js";
import { gateOf, HIDDEN } from "./kind.js";
import { percent, three } from "./numbers.js";

/** @typedef {{sentence: string, more: string[]}} Words */

/**
 * @typedef {object} CellWords
 * @property {(scene: Scene) => Words} cell
 * @property {Record<string, (value: number) => string>} operations of those that no table says enough of
 * @property {string[]} remarks on each operation
 */

const GATE = "A gate is a number between 0 and 1 that something is multiplied by: 0 lets nothing through, 1 lets everything through, 0.5 half. Every unit has its own, and they are computed anew at each step.";
const SWAP = "Here, as in PyTorch, z keeps and 1 − z writes. Many diagrams, and some papers, swap the two: check before you compare.";

/** @type {CellWords} */
export const LSTM_WORDS = {
  cell: () => ({
    sentence: "The belt c runs along the top. The forget gate says what stays on it, the input gate what is put on it, the output gate what is shown as h.",
    more: [
      GATE,
      "Read it from left to right: c of the step before comes in, times f (keep or throw away), plus i times g (how much to write, and what), and goes out as c. What is shown to the outside, and to the next step’s gates, is h = o × tanh(c).",
      "Why a belt: along it a value is only multiplied by f. While f is near 1 it rides on unchanged for many steps, and so does the gradient on its way back.",
    ],
  }),
  operations: {
    o: (value) => `The output gate is ${three(value)} here: ${percent(value)} of tanh(c) is shown.`,
    h: (value) => `The unit shows ${three(value)}: the belt, pressed between −1 and 1, times the output gate.`,
  },
  remarks: [],
};

/** @type {CellWords} */
export const GRU_WORDS = {
  cell: ({ model }) => ({
    sentence: "One update gate does the work of two: z says how much of h stays on the belt, and 1 − z how much of the candidate is written.",
    more: [
      GATE, SWAP,
      model.kind.reset?.after
        ? "The reset gate r says how much of the past the candidate n may see. This variant (PyTorch’s) resets after the product U h + b′; Cho et al., who introduced the GRU, reset before it."
        : "The reset gate r says how much of the past the candidate n may see. This variant (Cho et al. 2014) resets h before the product; PyTorch resets after it.",
      "There is no separate c: the belt is h itself, and it is shown to the outside as it is.",
    ],
  }),
  operations: {},
  remarks: [SWAP],
};

/** @type {CellWords} */
export const RNN_WORDS = {
  cell: ({ model }) => ({
    sentence: "A simple recurrent unit has no gates: at every step it writes all of h anew from the input and the h before.",
    more: [
      `To remember something it must write it again at every single step, through the same weights and the same ${model.kind.gates[0].activation}. What is a little too small shrinks each time; what is a little too large ${model.kind.gates[0].activation === "tanh" ? "saturates" : "grows"}.`,
      `This ${model.trace.label} may still do well where little has to be remembered, or where its weights happen to be good at it.`,
    ],
  }),
  operations: { h: (value) => `The new h is ${three(value)}, all of it written at this step.` },
  remarks: [],
};

/** What a cell's boxes are made of beside the input, by whose h of the step before they see. */
const SEEN = { all: " and of h of the step before", own: " and of this unit’s own h of the step before", none: " alone" };

/** @type {CellWords} */
export const ANY_WORDS = {
  cell: ({ model }) => ({
    sentence: insideWords(model),
    more: [
      ...(model.kind.gates.some(({ share }) => share) ? [GATE] : []),
      `The boxes are what this cell computes of the input${SEEN[model.kind.past]}${model.kind.peeps ? ", and of its own c" : ""}; how it puts them together is written out below, in its formula and its code.`,
      fixedWords(model),
    ],
  }),
  operations: {},
  remarks: [],
};

/** @param {import("./model.js").Model} model */
function insideWords({ kind, trace }) {
  const { belt, carried } = kind;
  if (!belt) return `At every step this ${trace.label} makes ${kind.states.join(" and ")} anew from the input and what the step before handed on.`;
  const words = (/** @type {import("./types.js").Share} */ { symbol, rest, text }) => {
    const name = `the ${gateOf(kind, symbol)?.name} gate`;
    return rest ? `${text}, the rest of ${name},` : `${name} ${symbol}`;
  };
  const what = `the ${gateOf(kind, belt.candidate)?.name} ${belt.candidate}`;
  return `The belt ${carried === HIDDEN ? "is h itself, and" : carried} runs along the top: ${words(belt.keep)} says how much of it stays, ${words(belt.write)} how much of ${what} is put on it.`;
}
