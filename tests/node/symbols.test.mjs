// Symbols under steps, the likeliest few, and the window of the strips.

import assert from "node:assert/strict";
import { test } from "node:test";

import { responseWords } from "../../src/selfloop/report/web/explorer/responses.js";
import { contrasting } from "../../src/selfloop/report/web/explorer/scales.js";
import { answerTitle, classesShown } from "../../src/selfloop/report/web/explorer/scene-answer.js";
import { answerLabel } from "../../src/selfloop/report/web/explorer/strips-lines.js";
import { areCharacters, bestOf, likeliest, likelyWords, runs, truthAt, visible, windowAt } from "../../src/selfloop/report/web/explorer/symbols.js";

test("what is white can be seen, and characters are told from words", () => {
  assert.deepEqual([" ", "\n", "\t", "a", "a b"].map(visible), ["␣", "⏎", "⇥", "a", "a b"]);
  assert.deepEqual([["a", "𝒳", " "], ["a", "the"]].map(areCharacters), [true, false]);
});

test("of many answers the likeliest six are listed, and the true one; of few all", () => {
  const many = Array.from({ length: 65 }, (_, k) => ((k * 37) % 65) / 1000);
  const six = Array.from(many.keys()).sort((a, b) => many[b] - many[a]).slice(0, 6);
  assert.deepEqual(likeliest(many), six);
  assert.deepEqual(classesShown(many, [null, 0]), [...six, 0]);
  assert.deepEqual(classesShown(many, [six[2], six[2]]), six);
  assert.deepEqual(classesShown([0.1, 0.6, 0.3], [2]), [0, 1, 2]);
  assert.deepEqual([bestOf([0.1, 0.6, 0.3]), bestOf([NaN, 0.2]), bestOf([NaN])], [1, 1, -1]);
});

test("each step has its own truth, or the sequence has one, or nobody knows it", () => {
  const each = { target_class: null, true_classes: [2, -1] };
  assert.deepEqual([truthAt(each, 0), truthAt(each, 1), truthAt({ target_class: 1 }, 5), truthAt({ target_class: null }, 0)], [2, null, 1, null]);
});

test("a step's answer is told with its rivals and what was true", () => {
  const plain = (words) => words.replaceAll("\u00a0", " ");
  const tags = { asked: "step", symbols: ["an", "old"], first_step: 4, target_class: null, true_classes: [0, 1] };
  assert.equal(plain(likelyWords(tags, ["DET", "ADJ", "X"], [0.5, 0.3, 0.2], 0)), "Step 5 “an”: DET 50 %, ADJ 30 %, X 20 % · true label DET, 50 %: right");
  assert.match(plain(likelyWords(tags, ["DET", "ADJ", "X"], [0.5, 0.3, 0.2], 1)), /true label ADJ, 30 %: wrong$/);
  const text = { asked: "after", symbols: ["\n"], first_step: 0, target_class: null, true_classes: [-1] };
  const said = likelyWords(text, Array.from({ length: 9 }, (_, k) => visible(" :cdefghi"[k])), [0.4, 0.2, 0.1, 0.1, 0.05, 0.05, 0.04, 0.03, 0.03], 0);
  assert.equal(plain(said), "After step 1 “⏎”: “␣” 40 %, “:” 20 %, “c” 10 %, “d” 10 %, “e” 5 %, “f” 5 %, ...");
});

test("no step's answer is called that of a sequence", () => {
  const models = [{ head: { head: { kind: "classes", labels: ["a", "b"] } } }];
  const state = { edits: {} };
  const titles = ["end", "step", "after", undefined].map((asked) => answerTitle({ asked, first_step: 2 }, 0));
  assert.deepEqual(titles, ["the answer if it ended at step 3", "the label at step 3", "what comes after step 3", "the answer if it ended at step 3"]);
  const label = (more) => answerLabel({ target_class: null, ...more }, models, state);
  assert.equal(label({ asked: "step", true_classes: [1, -1] }), "P(true label)");
  assert.equal(label({ asked: "after", true_classes: [1, -1] }), "P(what came next)");
  assert.equal(label({ asked: "step", true_classes: [-1] }), "P(its answer)");
  assert.equal(label({}), "P(a)");
});

test("runs of the same label are told once", () => {
  assert.deepEqual(runs([1, 1, 2, 2, 2, 1], 1, 6), [[1, 2, 1], [2, 5, 2], [5, 6, 1]]);
});

test("the window keeps the cursor in sight and inside what there is", () => {
  assert.equal(windowAt(NaN, 100, 20, 300), 90);
  assert.equal(windowAt(7, 3, 50, 40), 0);
  let from = NaN;
  for (const t of [0, 1, 150, 151, 165, 170, 299, 298, 0]) {
    const next = windowAt(from, t, 21, 300);
    assert.ok(next >= 0 && next <= 279 && t >= next && t < next + 21, `${t}: ${next}`);
    from = next;
  }
  assert.equal(windowAt(100, 110, 21, 300), 100); // in sight: nothing moves
  assert.equal(windowAt(100, 119, 21, 300), 102); // the least that keeps three steps before the edge
});

test("letters on a colour are read", () => {
  assert.deepEqual([[255, 255, 255], [197, 48, 48], [43, 108, 176], [234, 106, 106]].map(contrasting), [[0, 0, 0], [255, 255, 255], [255, 255, 255], [0, 0, 0]]);
});

test("what units go along with is told with its sample and its chance, and not as a cause", () => {
  const model = { H: 7, T: 40, kind: { gates: [], kind: {} }, trace: { label: "GRU" } };
  const found = { state: "h", steps: 12_345, features: 1, limit: 0.1234, found: [] };
  const words = responseWords(found, model);
  assert.match(words, /over 12,345 of your steps, more than are shown/);
  assert.match(words, /7 units and 1 feature passes 0\.12 in 5 % of copies/);
  assert.match(words, /No unit of this GRU is above that\./);
  assert.doesNotMatch(responseWords({ ...found, steps: 40 }, model), /more than are shown/);
  assert.doesNotMatch(words, /because|causes|detect|due to/);
});
