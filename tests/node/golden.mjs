// What selfloop.cells and autograd made in float64, and what the page needs to know of the package.

import { readFileSync } from "node:fs";

const read = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));

export const exploration = read("../golden/explorer/cells.json");

const gate = (symbol, name, activation, colour = "#123456") => ({ symbol, name, colour, activation, share: activation === "sigmoid", meaning: "" });
const whole = (symbol) => ({ symbol, rest: false, text: symbol });
const rest = (symbol) => ({ symbol, rest: true, text: `1 − ${symbol}` });

/** A row of selfloop's table of cells, as the page is given it (selfloop/report/explore/equations.py). */
export const kind = (name, gates, more = {}) => ({
  name, label: name.toUpperCase(), colour: "#123456", dark: "#654321", gates, shown: gates.map(({ symbol }) => symbol), states: ["h"], carried: "h",
  keep: null, write: null, candidate: null, reset: null, plain: true, formula: "", account: "", native: false, code: null, ...more,
});

const hidden = (activation) => ({ gates: [gate("h", "hidden", activation)], shown: [] });
const gru = { gates: [gate("r", "reset", "sigmoid"), gate("z", "update", "sigmoid"), gate("n", "candidate", "tanh")], keep: whole("z"), write: rest("z"), candidate: "n" };
const lstm = [gate("i", "input", "sigmoid"), gate("f", "forget", "sigmoid"), gate("g", "candidate", "tanh"), gate("o", "output", "sigmoid")];
const rows = [
  kind("rnn", [], hidden("tanh")),
  kind("rnn_relu", [], hidden("relu")),
  kind("lstm", lstm, { shown: ["f", "i", "o", "g"], states: ["h", "c"], carried: "c", keep: whole("f"), write: whole("i"), candidate: "g" }),
  kind("gru", gru.gates, { ...gru, reset: { symbol: "r", after: true } }),
  kind("gru_reset_before", gru.gates, { ...gru, reset: { symbol: "r", after: false } }),
  // Cells of nobody's: one whose belt is h, one with a belt beside h, one that says nothing of what it keeps.
  kind("leaky", [gate("a", "leak", "sigmoid", "#aa1100"), gate("v", "proposal", "tanh", "#00aa11")], { label: "Leaky cell", colour: "#445566", keep: rest("a"), write: whole("a"), candidate: "v" }),
  kind("masked", [gate("a", "leak", "sigmoid"), gate("v", "proposal", "tanh"), gate("m", "mask", "sigmoid"), gate("o", "valve", "sigmoid")], {
    label: "Masked cell", states: ["h", "c"], carried: "c", keep: whole("a"), write: rest("a"), candidate: "v", reset: { symbol: "m", after: false },
  }),
  kind("blob", [gate("p", "push", "relu"), gate("q", "squeeze", "sigmoid")], { label: "Blob", colour: "#665544", states: ["h", "c"], carried: "c", plain: false }),
];
export const facts = { kinds: Object.fromEntries(rows.map((row) => [row.name, row])) };

/** Sums of 12 terms of size about 1, five steps one after the other: a few hundred roundings. */
export const TOLERANCE = 256 * Number.EPSILON;
