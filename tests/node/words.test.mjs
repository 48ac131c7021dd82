// Sentences and labels against the numbers they speak of, which are made up here.

import assert from "node:assert/strict";
import { test } from "node:test";

import { noGradient, unreached } from "../../src/selfloop/report/web/explorer/bounds.js";
import { horizonWords, lagWords } from "../../src/selfloop/report/web/explorer/lags.js";
import { openModel, sharedScales } from "../../src/selfloop/report/web/explorer/model.js";
import { parse, typed } from "../../src/selfloop/report/web/explorer/numbers.js";
import { read } from "../../src/selfloop/report/web/explorer/quantities.js";
import { noAnswer } from "../../src/selfloop/report/web/explorer/scene-answer.js";
import { shapesOf } from "../../src/selfloop/report/web/explorer/scenes.js";
import { opening } from "../../src/selfloop/report/web/explorer/state.js";
import { answerLabel } from "../../src/selfloop/report/web/explorer/strips-lines.js";
import { wordsOf } from "../../src/selfloop/report/web/explorer/words.js";
import { exploration, facts } from "./golden.mjs";

const [T, H] = [5, 7];
const bounds = [{ name: "-", T, H, K: 3, scenes: ["cell"], ops: ["h"], gates: [], roles: {}, first: 0 }];
const pack = (values, shape) => ({ shape, dtype: "float64", base64: Buffer.from(new Uint8Array(new Float64Array(values).buffer)).toString("base64") });
const traceOf = (cell) => exploration.models.find((model) => model.cell === cell);
const openAs = (trace, around = exploration) => openModel(trace, facts, around);
const sceneOf = (model, more = {}, course = model.recorded) => ({
  W: 900, narrow: false, model, course, scales: sharedScales([model]), exploration, state: { ...opening(bounds, 3), ...more },
});
const said = (scene) => { const { sentence, more } = wordsOf(scene); return [sentence, ...more].join(" "); };

/** A head that forecasts, on top of something known without the network. */
const forecasting = (trace, { transform = "identity", scale = 2, W = null } = {}) => ({
  ...trace, gradients: null, answers: pack(Array.from({ length: 2 * T }, (_, k) => 100 + k), [T, 2]),
  head: {
    kind: "values", pool: "last", W: W ?? pack(Array.from({ length: 2 * H }, (_, k) => Math.sin(k + 1)), [2, H]), b: pack([0.3, -0.2], [2]), labels: ["1 step ahead", "2 steps ahead"],
    scale: [scale, scale], shift: [], transform, offset: pack(Array.from({ length: 2 * T }, (_, k) => (transform === "exp" ? 4 : 90) + k / 7), [T, 2]),
    stands_on: "a linear forecast from the last 13 steps", others: null,
  },
});

test("a forecast is told as what it stands on and the network's part, and nowhere as the head's alone", () => {
  for (const transform of ["identity", "exp"]) {
    const model = openAs(forecasting(traceOf("gru"), { transform }));
    const W = Array.from({ length: 2 * H }, (_, k) => Math.sin(k + 1));
    const h = model.recorded.run.h.subarray(3 * H, 4 * H);
    const score = W.slice(H).reduce((sum, w, j) => sum + w * h[j], -0.2);
    const offset = (transform === "exp" ? 4 : 90) + 7 / 7;
    const [base, part] = transform === "exp" ? [Math.exp(offset), Math.exp(2 * score)] : [offset, 2 * score];
    assert.ok(Math.abs(read("base", model, model.recorded, 3, 1) / base - 1) < 1e-12);
    assert.ok(Math.abs(read("part", model, model.recorded, 3, 1) / part - 1) < 1e-12);
    const scene = sceneOf(model, { scene: "answer", output: 1 });
    const { sentence } = wordsOf(scene);
    assert.match(sentence, transform === "exp" ? /is a product/ : /is a sum/);
    for (const value of [base, part]) assert.ok(sentence.includes(value.toPrecision(3).replace("-", "−")), `${sentence}: ${value}`);
    assert.match(sentence, /a linear forecast from the last 13 steps/);
    for (const name of ["cut", "closed", "answer"]) {
      const words = said(sceneOf(model, { scene: name }));
      assert.doesNotMatch(words, /nothing else|the past cannot get in|same answer|level/, name);
      assert.match(words, /a linear forecast from the last 13 steps/, name);
    }
    const texts = shapesOf(scene).map(({ text }) => text ?? "");
    assert.ok(texts.some((text) => text === "a linear forecast from the last 13 steps"));
    assert.ok(texts.some((text) => text.startsWith("the network’s part")));
  }
  const plain = openAs(traceOf("gru"));
  assert.match(said(sceneOf(plain, { scene: "answer" })), /reads h of this step and nothing else/);
});

test("rows after other pasts say the network's part alone: all the same with the loop cut, and what they are with it closed", () => {
  const rows = (model, scene) => shapesOf(sceneOf(model, { scene })).filter(({ key }) => /^past:\d+:answer$/.test(key)).map(({ text }) => text);
  const model = openAs(forecasting(traceOf("lstm")));
  assert.equal(new Set(rows(model, "cut")).size, 1);
  assert.ok(rows(model, "cut").every((text) => /^[+−] \d/.test(text)));
  assert.ok(new Set(rows(model, "closed")).size > 1);
  assert.match(said(sceneOf(model, { scene: "closed" })), /now gets another part of the answer after another past/);
  // A head that makes nothing of h, as one that learnt nothing: h differs, what is said of it does not.
  const deaf = openAs(forecasting(traceOf("lstm"), { W: pack(new Float64Array(2 * H), [2, H]) }));
  assert.equal(new Set(rows(deaf, "closed")).size, 1);
  assert.match(said(sceneOf(deaf, { scene: "closed" })), /as it is written here, is the same/);
  assert.doesNotMatch(said(sceneOf(deaf, { scene: "closed" })), /gets another/);
  assert.match(said(sceneOf(deaf, { scene: "closed", t: 0 })), /there is no past yet/);
});

test("after another past, a head that reads the mean reads the mean of that past, too", () => {
  const trace = traceOf("gru");
  const model = openAs({ ...trace, head: { ...trace.head, pool: "mean" } });
  const rows = shapesOf(sceneOf(model, { scene: "closed" })).filter(({ key }) => /^past:\d+:answer$/.test(key));
  const scores = [0, 1, 2].map((k) => read("score", model, model.recorded, 3, k)); // of the mean of h up to this step
  const best = scores.indexOf(Math.max(...scores));
  const sum = scores.reduce((total, score) => total + Math.exp(score), 0);
  assert.equal(rows.at(-1).text.replace("\u00a0", " "), `${trace.head.labels[best]} ${Math.round((100 * Math.exp(scores[best])) / sum)} %`);
  assert.match(said(sceneOf(model, { scene: "answer" })), /the mean of h over all steps so far/);
  assert.doesNotMatch(said(sceneOf(model, { scene: "answer" })), /reads h of this step/);
});

test("numbers of the way back are of one unit, and say so", () => {
  for (const cell of ["rnn", "lstm", "gru", "gru_reset_before"]) {
    const model = openAs(traceOf(cell));
    const { run } = model.recorded;
    const [t, unit] = [3, 4];
    const gradient = model.recorded.gradient();
    const sent = new Float64Array(H);
    model.kind.order.forEach((symbol, k) => {
      for (let i = 0; i < H; i++) {
        const after = cell === "gru" && symbol === "n" ? run.gates.r[t * H + unit] : 1;
        const before = cell === "gru_reset_before" && symbol === "n" ? run.gates.r[t * H + i] : 1;
        sent[i] += gradient.gates[symbol][t * H + unit] * after * before * model.w.W_hh[(k * H + unit) * H + i];
      }
    });
    const own = Math.hypot(...sent);
    assert.ok(Math.abs(read("sent", model, model.recorded, t, unit, "gates") / own - 1) < 1e-12, cell);
    assert.notEqual(own.toPrecision(3), gradient.paths.gates[t].toPrecision(3));
    for (const scene of ["cell", "unrolled"]) {
      for (const narrow of [false, true]) {
        const shown = shapesOf({ ...sceneOf(model, { scene, view: "backward", unit }), narrow, W: narrow ? 340 : 900 }).filter(({ quantity }) => quantity);
        assert.ok(shown.some(({ quantity }) => quantity.includes("/sent/gates/")), `${cell} ${scene}`);
        for (const { quantity } of shown) {
          assert.doesNotMatch(quantity, /\/path\//, `${cell} ${scene}`);
          assert.equal(Number(quantity.split("/")[4]), unit, quantity);
        }
      }
    }
    assert.match(said(sceneOf(model, { scene: "unrolled", view: "backward", unit })), /Numbers and arrows are of unit 5/);
    assert.match(said(sceneOf(model, { scene: "unrolled", unit })), /are of unit 5/);
  }
});

test("squares under dL/dc and dL/dh are gradients, not states", () => {
  const model = openAs(traceOf("lstm"));
  const fills = (view) => shapesOf(sceneOf(model, { scene: "unrolled", view })).filter(({ key }) => /^h:3:\d+$/.test(key)).map(({ fill }) => fill);
  assert.notDeepEqual(fills("backward"), fills("forward"));
  const signs = fills("backward").map((fill) => (fill.includes("--negative") ? -1 : 1));
  assert.deepEqual(signs, Array.from({ length: H }, (_, j) => Math.sign(model.recorded.gradient().h[3 * H + j])));
});

test("what a gate does forward is not shown among the gradients", () => {
  const shapes = shapesOf(sceneOf(openAs(traceOf("gru")), { scene: "cell", view: "backward" }));
  assert.deepEqual(shapes.filter(({ quantity }) => quantity?.includes("/rest/")), []);
});

test("the lines by lag say what they are of", () => {
  const some = (cells) => cells.map((cell) => openAs({ ...traceOf(cell), by_lag: [1, 0.5] }));
  assert.match(lagWords(some(["gru", "rnn"])), /pulls at h of k steps before:/);
  assert.match(lagWords(some(["lstm"])), /pulls at c of k steps before:/);
  const [lstm, gru] = [traceOf("lstm").label, traceOf("gru").label];
  assert.ok(lagWords(some(["lstm", "gru"])).includes(`pulls at c (${lstm}) or h (${gru}) of k steps before:`));
  assert.doesNotMatch(lagWords(some(["gru"])), /all sequences|layers/);
  assert.match(lagWords([openAs({ ...traceOf("gru"), layers: 2, by_lag: [1] })]), /in all layers together/);
});

test("horizons are told as they are", () => {
  const horizon = { steps: 3, low: 2, high: 5, window: 40, epsilon: 0.01, of: "loss", falls: 0 };
  const words = (more) => horizonWords({ label: "GRU", horizon: { ...horizon, ...more } }).replaceAll("\u00a0", " ");
  assert.equal(words({}), "This GRU: inputs older than 3 steps [2 to 5] change the loss by under 1 %, in a window of 40.");
  assert.equal(words({ steps: 0, low: 0, high: 0 }), "This GRU: inputs before the last step change the loss by under 1 %, in a window of 40.");
  assert.equal(words({ steps: 1, low: 1, high: 1 }), "This GRU: inputs older than 1 step change the loss by under 1 %, in a window of 40.");
  assert.equal(words({ steps: 0, low: 0, high: 0, falls: 0.12 }), "This GRU: inputs before the last step do not help; with others in their place the loss is up to 12 % lower, in a window of 40.");
  assert.match(words({ of: "past" }), /change the loss by under 1 % of what the whole past is worth/);
  assert.match(words({ steps: null, of: "past" }), /by 1 % of what the whole past is worth or more/);
});

test("once an input is changed, nothing is called true that was true before", () => {
  const around = { ...exploration, target_class: 1 };
  const models = [openAs(traceOf("gru"), around)];
  const start = sceneOf(models[0]).state;
  const changed = { ...start, edits: { "2.x": 1 } };
  assert.equal(answerLabel(around, models, start), "P(true answer)");
  assert.equal(answerLabel(around, models, changed), `P(${traceOf("gru").head.labels[1]}), true before your change`);
  assert.equal(answerLabel({ ...around, target_class: null }, models, start), `P(${traceOf("gru").head.labels[0]})`);
  const truth = (state) => shapesOf({ ...sceneOf(models[0], { ...state, scene: "answer" }), exploration: around }).find(({ key }) => key === "class:truth").text;
  assert.equal(truth(start), "✓ the true answer");
  assert.equal(truth(changed), "✓ the true answer before your change");
  assert.match(said(sceneOf(models[0], { ...changed, scene: "unrolled", view: "backward" })), /as it was before your change/);
});

test("a field holds what can be typed again", () => {
  for (const value of [0, 0.5, -0.0123, 6.12e-5, -1.84e-16, 4287.6, 123456, 2.5e7, -3e12, 999.7]) {
    const text = typed(value);
    assert.ok([...text].length <= 9, text);
    assert.ok(Math.abs((parse(text) ?? NaN) - value) <= 0.0051 * Math.abs(value), text);
  }
  assert.equal(typed(NaN), "NaN");
});

test("why there is no answer, and no way back, is the reason there is", () => {
  const trace = traceOf("lstm");
  const silent = { ...trace, head: null, answers: null };
  const lower = openAs({ ...silent, layer: 1, layers: 2 });
  assert.match(noAnswer(lower), /feeds layer 2/);
  assert.match(noAnswer(openAs(silent)), /a layer alone/);
  const state = { ...opening(bounds, 3), edits: { [`2.${trace.input_names[0]}`]: 3 } };
  assert.equal(noGradient(lower, lower.recorded), "");
  for (const [symbol, recorded] of [["h", trace.gradients.hidden], ["c", trace.gradients.cell]]) {
    const found = lower.recorded.gradient()[symbol];
    assert.deepEqual([...found], [...openAs(trace).recorded.gradient()[symbol]], JSON.stringify(recorded.shape));
  }
  assert.ok(lower.gradientGap < 1e-12);
  assert.match(noGradient(lower, lower.course(state)), /comes from layer 2/);
  assert.match(unreached(lower), /the other layers/);
  const none = openAs({ ...silent, gradients: null });
  assert.match(noGradient(none, none.recorded), /No gradient was recorded/);
  const both = openAs({ ...trace, head: { ...trace.head, others: pack(Array.from({ length: 3 * T }, (_, k) => Math.cos(k)), [T, 3]) } });
  assert.match(noAnswer(both), /the reading backwards adds to it/);
  assert.equal(both.course(state).answers, null);
  assert.match(noGradient(both, both.course(state)), /the reading backwards/);
  const score = read("score", openAs(trace), openAs(trace).recorded, 3, 1);
  assert.ok(Math.abs(read("score", both, both.recorded, 3, 1) - score - Math.cos(3 * 3 + 1)) < 1e-12);
  assert.match(said(sceneOf(both, { scene: "answer" })), /the same of the reading backwards/);
});
