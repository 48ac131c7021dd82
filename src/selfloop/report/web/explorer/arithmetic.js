// The cells that this page can compute itself, by their names in selfloop's table. Any other is shown as it was recorded.

/** @import { Arithmetic } from "./types.js" */
import { CHO_GRU, GRU } from "./cell-gru.js";
import { LSTM } from "./cell-lstm.js";
import { RELU_RNN, RNN } from "./cell-rnn.js";

/** @type {Record<string, Arithmetic>} */
const ARITHMETIC = { rnn: RNN, rnn_relu: RELU_RNN, lstm: LSTM, gru: GRU, gru_reset_before: CHO_GRU };

/**
 * @param {string} kind
 * @returns {Arithmetic | null}
 */
export const arithmeticOf = (kind) => (Object.hasOwn(ARITHMETIC, kind) ? ARITHMETIC[kind] : null);
