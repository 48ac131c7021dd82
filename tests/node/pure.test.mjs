import assert from "node:assert/strict";
import { test } from "node:test";

import { reduce } from "../../src/selfloop/report/web/explorer/actions.js";
import { deviation, unpack } from "../../src/selfloop/report/web/explorer/arrays.js";
import { answerOf, openHead, scoreFor, seedOf, softmax } from "../../src/selfloop/report/web/explorer/head.js";
import { compact, fitted, parse, percent, subscript, three } from "../../src/selfloop/report/web/explorer/numbers.js";
import { apart } from "../../src/selfloop/report/web/explorer/lags.js";
import { decade, diverging, flow, linePath, rgb, roundBelow } from "../../src/selfloop/report/web/explorer/scales.js";
import { pastSteps } from "../../src/selfloop/report/web/explorer/scene-network.js";
import { runningSpans, shownTerms } from "../../src/selfloop/report/web/explorer/scene-operation.js";
import { fromHash, hold, opening, toHash, within } from "../../src/selfloop/report/web/explorer/state.js";

const SCENES = ["cut", "closed", "unrolled", "cell", "operation", "answer"];
const MODELS = [
  { name: "lstm", T: 9, H: 4, K: 3, scenes: SCENES, ops: ["f", "i", "g", "c", "o", "h"], gates: ["i", "f", "o"], roles: { keep: "f", write: "i", candidate: "g", carried: "c" }, first: 2 },
  { name: "gru", T: 9, H: 3, K: 3, scenes: SCENES, ops: ["z", "r", "n", "h"], gates: ["r", "z"], roles: { keep: "z", write: "z", candidate: "n", carried: "h" }, first: 0 },
  { name: "own", T: 9, H: 3, K: 3, scenes: ["closed", "unrolled", "cell", "answer"], ops: [], gates: [], roles: { carried: "h" }, first: 0 },
];

test("numbers have three digits, and what is not finite is named", () => {
  const said = { 0: "0", 0.97: "0.970", 12.345: "12.3", 4287.6: "4,288", "-0.5": "−0.500", 1.2e-7: "1.20 × 10⁻⁷", 2e12: "2.00 × 10¹²" };
  for (const [value, text] of Object.entries(said)) assert.equal(three(Number(value)), text);
  assert.deepEqual([NaN, Infinity, -Infinity].map(three), ["NaN", "∞", "−∞"]);
  assert.deepEqual([0, 0.0001, 0.0007, 0.03, 0.0412, 0.0996, 0.5, 0.998, 0.99996, 1].map((share) => percent(share).replace("\u00a0", " ")), ["0 %", "less than 0.1 %", "0.1 %", "3 %", "4.1 %", "10 %", "50 %", "99.8 %", "over 99.9 %", "100 %"]);
  assert.deepEqual([1.2e-7, -0.5, 2e12].map(compact), ["1.20e−7", "−0.500", "2.00e12"]);
  assert.equal(subscript(-1) + subscript(20), "₋₁₂₀");
  assert.deepEqual(["1.5", "−2", "0,25", "x", " "].map(parse), [1.5, -2, 0.25, null, null]);
  assert.equal(fitted("0.970", 100), undefined);
  assert.ok((fitted("−1.20 × 10⁻⁷", 60) ?? 99) < 10);
});

test("arrays keep every bit", () => {
  const bytes = new Uint8Array(new Float32Array([0.1, NaN, -Infinity, -0]).buffer);
  const { values } = unpack({ shape: [4], dtype: "float32", base64: Buffer.from(bytes).toString("base64") });
  assert.deepEqual([...values].map((value) => Object.is(value, -0) ? "-0" : String(value)), [String(Math.fround(0.1)), "NaN", "-Infinity", "-0"]);
  assert.equal(deviation([NaN, 1], [NaN, 1.5]), 0.5);
  assert.equal(deviation([NaN], [1]), NaN);
});

test("the address keeps the place, and nonsense leads nowhere", () => {
  const start = within(opening(MODELS, 4), MODELS);
  assert.equal(toHash(start, MODELS, start), "");
  const there = hold({ ...start, scene: "cell", model: 1, unit: 2, t: 7, op: "z", view: "backward", edits: { "3.a b.c": -1.5, "4.100% &=+#é": 2 } }, "gru", "z", 0);
  assert.deepEqual(fromHash(toHash(there, MODELS, start), MODELS, start), there);
  assert.equal(fromHash("verdict", MODELS, start), start);
  const odd = fromHash("scene=x&model=y&step=99&unit=-4&op=q&output=z&x=a:b&hold=lstm:f:0:0:7&view=up", MODELS, start);
  assert.deepEqual(odd, { ...start, t: 8 });
});

test("another model gets the gate that does the same work", () => {
  const start = within(opening(MODELS, 4), MODELS);
  for (const [op, same] of [["f", "z"], ["i", "z"], ["g", "n"], ["c", "h"], ["o", "z"]]) {
    assert.equal(within({ ...start, model: 1, op }, MODELS).op, same);
  }
  assert.equal(within({ ...start, model: 0, op: "n" }, MODELS).op, "g");
  assert.equal(within({ ...start, model: 1, unit: 3 }, MODELS).unit, 0);
});

test("a scene that cannot be shown of a model gives way to the nearest that can", () => {
  const start = within(opening(MODELS, 4), MODELS);
  const there = (scene) => within({ ...start, model: 2, scene }, MODELS);
  assert.deepEqual(["cut", "operation", "answer", "nowhere"].map((scene) => there(scene).scene), ["closed", "cell", "answer", "closed"]);
  assert.equal(there("cell").op, "");
  const stay = within({ ...start, model: 2, scene: "cell" }, MODELS);
  assert.equal(reduce(stay, "scene:operation", {}, MODELS, start), stay);
});

test("free is free everywhere, and a wider hold covers a narrower one", () => {
  const start = within(opening(MODELS, 4), MODELS);
  const narrow = hold({ ...start, clampSteps: "step" }, "lstm", "f", 1);
  assert.deepEqual(narrow.clamps.lstm, [{ gate: "f", unit: 2, step: 4, value: 1 }]);
  const wide = hold({ ...narrow, clampUnits: "all", clampSteps: "all" }, "lstm", "f", 0);
  assert.deepEqual(wide.clamps.lstm, [{ gate: "f", unit: -1, step: -1, value: 0 }]);
  assert.deepEqual(hold(wide, "lstm", "f", null).clamps, {});
});

test("scales", () => {
  assert.equal(decade(1, 1), 1);
  assert.ok(Math.abs(decade(1e-3, 1) - 0.5) < 1e-12);
  assert.deepEqual([decade(0, 1), decade(1e-9, 1), decade(NaN, 1), decade(Infinity, 1)], [0, 0, 0, 1]);
  assert.ok(flow(0.5, 1) < flow(1, 1) && flow(-1, 1) === flow(1, 1));
  const colours = { negative: [0, 0, 255], paper: [255, 255, 255], positive: [255, 0, 0] };
  assert.deepEqual(diverging(-1, 1, colours), [0, 0, 255]);
  assert.deepEqual(diverging(0, 1, colours), [255, 255, 255]);
  assert.deepEqual([roundBelow(7), roundBelow(0.24), roundBelow(0)], [5, 0.2, 1]);
  assert.deepEqual([rgb("#fff"), rgb("#0a10ff"), rgb("rgb(1, 2, 3)")], [[255, 255, 255], [10, 16, 255], [1, 2, 3]]);
  assert.equal(linePath([1, NaN, 2, 3], (k) => k, (v) => v), "M0.0,1.0M2.0,2.0L3.0,3.0");
});

test("names keep apart", () => {
  assert.deepEqual(apart([10, 12, 50, 11], 15), [10, 40, 55, 25]);
});

test("sums are shown term by term", () => {
  assert.deepEqual(runningSpans([1, -3]), [[0, 1], [1, -2]]);
  const many = Array.from({ length: 40 }, (_, index) => ({ kind: "state", index, weight: 1, value: index, product: index }));
  const { shown, rest, left } = shownTerms([...many, { kind: "bias", index: 0, weight: 2, value: 1, product: 2 }]);
  assert.equal(shown.reduce((sum, { product }) => sum + product, 0) + left, 780 + 2);
  assert.equal(shown.length + rest, 41);
  assert.deepEqual(pastSteps(0, 5), [-1]);
  assert.deepEqual(pastSteps(8, 5), [-1, 1, 3, 5, 7]);
});

const pack = (values, shape) => ({ shape, dtype: "float64", base64: Buffer.from(new Uint8Array(new Float64Array(values).buffer)).toString("base64") });

test("forecasts are put back into the user's units", () => {
  const head = openHead({
    kind: "values", pool: "mean", W: pack([1, 2, 0.5, -1], [2, 2]), b: pack([0.1, 0.2], [2]), labels: ["1 ahead", "2 ahead"],
    scale: [2, 3], shift: [0.5, 0], transform: "exp", offset: pack([1, 1, 2, 2], [2, 2]),
  });
  const answers = answerOf(head, [0.25, -0.5], 1);
  assert.ok(deviation(answers, [Math.exp(0.25 * 2 + 0.5 + 2), Math.exp(-1.5 + 2)]) < 1e-12);
  assert.ok(Math.abs(scoreFor(head, answers[1], 1, 1) + 0.5) < 1e-15);
  const h = new Float64Array([1, 0, 0, 1]);
  const targets = Float64Array.from([NaN, NaN, ...answerOf(head, [0, 0], 1)]);
  const seed = seedOf(head, { loss: "squared_error", step: 1, output: 0 }, h, 2, targets);
  const scores = [0.5 * 1 + 0.5 * 2 + 0.1, 0.5 * 0.5 - 0.5 + 0.2]; // of the mean of h; dL/dh is half of dL/d mean
  assert.ok(deviation(seed.subarray(0, 2), [0.5 * (scores[0] * 1 + scores[1] * 0.5), 0.5 * (scores[0] * 2 - scores[1])]) < 1e-14);
  assert.deepEqual([...seed.subarray(0, 2)], [...seed.subarray(2)]);
  assert.deepEqual(softmax([1000, 1000]), [0.5, 0.5]);
});
