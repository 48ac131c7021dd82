// How the inside of a cell is drawn and told, by its name in selfloop's table; any other is drawn from the table alone.

/** @import { Shape } from "./types.js" */
/** @import { Kind } from "./kind.js" */
/** @import { Scene } from "./scene.js" */
/** @import { CellWords } from "./words-cells.js" */
import { anyScene } from "./scene-any.js";
import { gruScene } from "./scene-gru.js";
import { lstmOutput, lstmScene } from "./scene-lstm.js";
import { rnnScene } from "./scene-rnn.js";
import { ANY_WORDS, GRU_WORDS, LSTM_WORDS, RNN_WORDS } from "./words-cells.js";

/** shown: what makes h of the belt, where h is not on it */
/** @typedef {{scene: (scene: Scene) => Shape[], words: CellWords, shown: (scene: Scene) => Shape[]}} Drawing */

const nothing = () => [];
/** @type {Drawing} */
const RNN = { scene: rnnScene, words: RNN_WORDS, shown: nothing };
/** @type {Drawing} */
const GRU = { scene: gruScene, words: GRU_WORDS, shown: nothing };
/** @type {Record<string, Drawing>} */
const DRAWINGS = {
  rnn: RNN, rnn_relu: RNN, lstm: { scene: lstmScene, words: LSTM_WORDS, shown: lstmOutput }, gru: GRU, gru_reset_before: GRU,
};
/** @type {Drawing} */
const ANY = { scene: anyScene, words: ANY_WORDS, shown: nothing };

/**
 * @param {Kind} kind
 * @returns {Drawing}
 */
export const drawingOf = ({ name }) => (Object.hasOwn(DRAWINGS, name) ? DRAWINGS[name] : ANY);
