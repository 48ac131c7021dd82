import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { arithmeticOf } from "../../src/selfloop/report/web/explorer/arithmetic.js";
import { boundsOf, fixedWords } from "../../src/selfloop/report/web/explorer/bounds.js";
import { drawingOf } from "../../src/selfloop/report/web/explorer/drawings.js";
import { formulaOf } from "../../src/selfloop/report/web/explorer/formulas.js";
import { nameOf, openKind, operations } from "../../src/selfloop/report/web/explorer/kind.js";
import { openModel, sharedScales } from "../../src/selfloop/report/web/explorer/model.js";
import { tellingStep } from "../../src/selfloop/report/web/explorer/one-step.js";
import { ledger, read, termsOf } from "../../src/selfloop/report/web/explorer/quantities.js";
import { shapesOf } from "../../src/selfloop/report/web/explorer/scenes.js";
import { opening, within } from "../../src/selfloop/report/web/explorer/state.js";
import { wordsOf } from "../../src/selfloop/report/web/explorer/words.js";
import { facts } from "./golden.mjs";

const EXPLORER = new URL("../../src/selfloop/report/web/explorer/", import.meta.url);
const [T, I, H] = [5, 2, 3];
const pack = (values, shape) => ({ shape, dtype: "float64", base64: Buffer.from(new Uint8Array(new Float64Array(values).buffer)).toString("base64") });
const wave = (count, from, size = 1) => Float64Array.from({ length: count }, (_, k) => size * Math.sin(from + 1.7 * k));

/** What a cell with h = (1 − a) ⊙ h₋₁ + a ⊙ v, or one of which nothing is known, might have made. */
function traced(cell, more = {}) {
  const [a, v, h0] = [wave(T * H, 1).map((x) => x ** 2), wave(T * H, 2), wave(H, 3)];
  const h = new Float64Array(T * H);
  for (let k = 0; k < T * H; k++) h[k] = (1 - a[k]) * (k < H ? h0[k] : h[k - H]) + a[k] * v[k];
  const leaky = cell === "leaky";
  const symbols = facts.kinds[cell].gates.map(({ symbol }) => symbol);
  const G = symbols.length;
  return {
    name: "mine", label: "Mine", cell, layer: 1, layers: 1, input_names: ["x1", "x2"], inputs: pack(wave(T * I, 4), [T, I]),
    W_ih: pack(wave(G * H * I, 5), [G * H, I]), W_hh: pack(wave(G * H * H, 6), [G * H, H]), b_ih: null, b_hh: null,
    h0: pack(h0, [H]), c0: leaky ? null : pack(wave(H, 7), [H]), gates: Object.fromEntries(symbols.map((symbol, k) => [symbol, pack([a, v][k] ?? wave(T * H, 11 + k).map((x) => x ** 2), [T, H])])),
    hidden: pack(h, [T, H]), cell_state: leaky ? null : pack(wave(T * H, 8), [T, H]), head: null, answers: null,
    gradients: { of: "the loss", loss: "output", step: T - 1, output: 0, hidden: pack(wave(T * H, 9), [T, H]), cell: leaky ? null : pack(wave(T * H, 10), [T, H]), paths: {} },
    by_lag: [], horizon: null, findings: [], ...more,
  };
}
const exploration = { targets: null, target_class: null, first_step: 0, total_steps: T, time: [] };
const open = (cell) => openModel(traced(cell), facts, exploration);

const SELFLOOPS = ["rnn", "rnn_relu", "lstm", "gru", "gru_reset_before"];

test("the arithmetic and the drawing of a cell are looked up by its name, in one place each; any other has neither", () => {
  for (const name of SELFLOOPS) {
    assert.ok(arithmeticOf(name));
    assert.notEqual(drawingOf({ name }).scene, drawingOf({ name: "leaky" }).scene);
  }
  for (const name of ["leaky", "masked", "toString", "constructor", "lstm2", ""]) {
    assert.equal(arithmeticOf(name), null);
    assert.equal(drawingOf({ name }), drawingOf({ name: "blob" }));
  }
});

/** Names of cells: as strings, or as the start of one; also symbols that would be decided by. */
const NAMED = /["'`](?:rnn|lstm|gru)\w*["'`]|\b(?:cell|kind|name)\b[^\n]*\.startsWith\(["'`](?:rnn|lstm|gru)|\b(?:model|kind)\.(?:gru|lstm|rnn)\b|\b(?:isGru|isLstm|lstm \?|gru \?)/;
const DRAWN = new Set(["arithmetic.js", "drawings.js"]);

test("no script but the two registries decides by a cell's name", () => {
  const caught = (text) => NAMED.test(text.replaceAll(/^\s*(?:\/\/|\*|\/\*\*).*$/gm, ""));
  for (const slip of ['trace.cell === "lstm" ? 1 : 2', "cell.startsWith('gru')", "if (model.gru) x()", "lstm ? a : b", '`gru_reset_before`']) assert.ok(caught(slip), slip);
  const scripts = readdirSync(EXPLORER).filter((name) => name.endsWith(".js"));
  assert.ok(scripts.length > 30);
  const named = scripts.filter((name) => caught(readFileSync(new URL(name, EXPLORER), "utf8")));
  assert.deepEqual(named.filter((name) => !DRAWN.has(name)), []);
  // Who imports a cell's own module: the registries alone.
  const users = scripts.filter((name) => /from "\.\/(?:cell|scene)-(?:rnn|lstm|gru)\.js"/.test(readFileSync(new URL(name, EXPLORER), "utf8")));
  assert.deepEqual(users.sort(), [...DRAWN].sort());
});

test("the table says what can be looked at, in which order, and how it is called", () => {
  const order = (name) => operations(openKind(facts, name)).join("");
  assert.deepEqual(["rnn", "lstm", "gru", "leaky", "masked", "blob"].map(order), ["h", "fiogch", "zrnh", "avh", "avcmoh", "pqh"]);
  const lstm = openKind(facts, "lstm");
  assert.deepEqual(["f", "g", "c", "h"].map((symbol) => nameOf(lstm, symbol)), ["forget gate", "candidate", "belt", "hidden state"]);
  assert.equal(nameOf(openKind(facts, "blob"), "c"), "cell state");
});

test("a cell without arithmetic is shown as recorded, whatever is changed", () => {
  const model = open("leaky");
  const start = within(opening([boundsOf(model)], tellingStep(model)), [boundsOf(model)]);
  const edited = model.course({ ...start, edits: { "2.x1": 9 }, clamps: { mine: [{ gate: "a", unit: -1, step: -1, value: 0 }] } });
  assert.equal(edited, model.recorded);
  assert.equal(edited.edited, false);
  assert.equal(read("gate", model, edited, 2, 1, "v"), wave(T * H, 2)[2 * H + 1]);
  assert.equal(read("dh", model, edited, 2, 1), wave(T * H, 9)[2 * H + 1]);
  assert.match(fixedWords(model), /cannot compute it anew/);
  assert.deepEqual(termsOf(open("blob"), model.recorded, "p", 2, 1), []);
  assert.equal(formulaOf(exploration, model, edited, "mine/gate/v/2/1").source, "recorded");
  assert.equal(fixedWords({ arithmetic: {} }), "");
});

test("the ledger of a cell that the page has never seen adds up, from what the table says it keeps and writes", () => {
  const model = open("leaky");
  assert.ok(model.gap < 8 * Number.EPSILON);
  for (let t = 0; t < T; t++) {
    const { start, written } = ledger(model, model.recorded, t, 1);
    assert.ok(Math.abs(start + written.reduce((a, b) => a + b, 0) - read("state", model, model.recorded, t, 1, "h")) < 8 * Number.EPSILON);
  }
  const kept = 1 - wave(T * H, 1)[2 * H] ** 2;
  assert.equal(read("belt", model, model.recorded, 2, 0), wave(T * H, 9)[2 * H] * kept);
  const path = Math.hypot(...[0, 1, 2].map((j) => read("belt", model, model.recorded, 2, j)));
  assert.ok(Math.abs(read("path", model, model.recorded, 2, 0, "belt") - path) < 4 * Number.EPSILON);
});

test("where the table says that gates are plain sums, a sum is shown term by term", () => {
  const model = open("leaky");
  const [W, U] = [wave(2 * H * I, 5), wave(2 * H * H, 6)];
  const terms = termsOf(model, model.recorded, "v", 2, 1);
  assert.equal(terms.length, I + H + 1);
  assert.equal(terms[1].product, W[(H + 1) * I + 1] * wave(T * I, 4)[2 * I + 1]);
  assert.equal(terms[I].weight, U[(H + 1) * H]);
  assert.equal(terms[I].value, read("state", model, model.recorded, 1, 0, "h"));
});

test("what needs arithmetic is not offered without it", () => {
  assert.deepEqual(boundsOf(open("leaky")).scenes, ["closed", "unrolled", "cell", "operation", "answer"]);
  assert.deepEqual(boundsOf(open("blob")).scenes, ["closed", "unrolled", "cell", "answer"]);
  for (const [cell, ops] of [["leaky", ["a", "v", "h"]], ["blob", []]]) {
    assert.deepEqual(boundsOf(open(cell)).ops, ops);
    assert.deepEqual(boundsOf(open(cell)).gates, []);
  }
  assert.equal(tellingStep(open("blob")), T - 1);
});

for (const cell of ["leaky", "masked", "blob"]) {
  for (const narrow of [false, true]) {
    test(`${cell}, ${narrow ? "narrow" : "wide"}: every scene is drawn from the table, each thing once, no number made up`, () => {
      const model = open(cell);
      const bounds = boundsOf(model);
      for (const scene of bounds.scenes) {
        for (const view of ["forward", "backward"]) {
          const state = { ...within(opening([bounds], 2), [bounds]), scene, view };
          const shapes = shapesOf({ W: narrow ? 340 : 900, narrow, state, model, course: model.recorded, scales: sharedScales([model]), exploration });
          const keys = shapes.map(({ key }) => key);
          assert.equal(new Set(keys).size, keys.length, `${scene}: ${keys.find((key, k) => keys.indexOf(key) !== k)}`);
          for (const { quantity, value, at } of shapes) {
            if (quantity) assert.ok(Number.isFinite(value), `${scene} ${view}: ${quantity}`);
            assert.ok(Object.values(at ?? {}).every(Number.isFinite), scene);
          }
          assert.ok(wordsOf({ narrow, state, model, course: model.recorded }).sentence.length > 20);
          if (scene === "cell" && view === "forward") {
            const read = shapes.filter(({ quantity }) => quantity?.includes("/gate/")).map(({ quantity }) => quantity.split("/")[2]);
            assert.deepEqual(read.sort(), [...model.kind.order].sort());
          }
        }
      }
    });
  }
}
