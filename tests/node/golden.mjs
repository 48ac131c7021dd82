// What selfloop.cells and autograd made in float64, and what the page needs to know of the package.

import { readFileSync } from "node:fs";

const read = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));

export const exploration = read("../golden/explorer/cells.json");

const names = (symbols) => symbols.map((symbol) => ({ symbol, name: symbol }));
export const facts = {
  gates: { rnn: names(["h"]), rnn_relu: names(["h"]), lstm: names(["i", "f", "g", "o"]), gru: names(["r", "z", "n"]), gru_reset_before: names(["r", "z", "n"]) },
  code: {},
};

/** Sums of 12 terms of size about 1, five steps one after the other: a few hundred roundings. */
export const TOLERANCE = 256 * Number.EPSILON;
