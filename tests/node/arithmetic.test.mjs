import assert from "node:assert/strict";
import { test } from "node:test";

import { arithmeticOf } from "../../src/selfloop/report/web/explorer/arithmetic.js";
import { deviation, valuesOf } from "../../src/selfloop/report/web/explorer/arrays.js";
import { backward } from "../../src/selfloop/report/web/explorer/backward.js";
import { forward, weightsOf } from "../../src/selfloop/report/web/explorer/forward.js";
import { openHead, answersOf, seedOf } from "../../src/selfloop/report/web/explorer/head.js";
import { openKind } from "../../src/selfloop/report/web/explorer/kind.js";
import { openModel } from "../../src/selfloop/report/web/explorer/model.js";
import { ledger, read, termsOf } from "../../src/selfloop/report/web/explorer/quantities.js";
import { opening } from "../../src/selfloop/report/web/explorer/state.js";
import { exploration, facts, TOLERANCE } from "./golden.mjs";

const kindOf = (trace) => openKind(facts, trace.cell);
const [T, H] = [5, 7];

function run(trace, clamps = []) {
  const w = weightsOf(trace, kindOf(trace));
  return { w, made: forward(arithmeticOf(trace.cell), w, valuesOf(trace.inputs, 0), valuesOf(trace.h0, H), valuesOf(trace.c0, H), clamps) };
}

const state = { ...opening([{ name: "-", T, H, K: 3, scenes: ["cell"], ops: ["h"], gates: [], roles: {}, first: 0 }], 0) };

for (const trace of exploration.models) {
  const open = () => openModel(trace, facts, exploration);

  test(`${trace.cell}: the page's forward is the cells'`, () => {
    const { made } = run(trace);
    assert.ok(deviation(made.h, valuesOf(trace.hidden, 0)) < TOLERANCE);
    if (trace.cell_state) assert.ok(deviation(made.c, valuesOf(trace.cell_state, 0)) < TOLERANCE);
    for (const [symbol, gate] of Object.entries(trace.gates)) {
      assert.ok(deviation(made.gates[symbol], valuesOf(gate, 0)) < TOLERANCE, symbol);
    }
    assert.ok(Math.abs(made.h[T * H - 1]) > 1e-3);
  });

  test(`${trace.cell}: the page's gradients are autograd's`, () => {
    const { w, made } = run(trace);
    const seed = seedOf(openHead(trace.head), trace.gradients, made.h, H, null);
    const gradient = backward(arithmeticOf(trace.cell), w, made, seed);
    assert.ok(deviation(gradient.h, valuesOf(trace.gradients.hidden, 0)) < TOLERANCE);
    assert.ok(Math.max(...gradient.h.map(Math.abs)) > 1e-3);
    if (trace.gradients.cell) assert.ok(deviation(gradient.c, valuesOf(trace.gradients.cell, 0)) < TOLERANCE);
    for (const [name, path] of Object.entries(trace.gradients.paths)) {
      assert.ok(deviation(gradient.paths[name], valuesOf(path, 0)) < TOLERANCE, name);
    }
  });

  test(`${trace.cell}: the page's answers are the head's`, () => {
    assert.ok(deviation(answersOf(openHead(trace.head), run(trace).made.h, H), valuesOf(trace.answers, 0)) < TOLERANCE);
  });

  test(`${trace.cell}: what is recorded is shown, and what is edited is computed`, () => {
    const model = open();
    assert.ok(model.gap < TOLERANCE);
    assert.deepEqual([...model.course(state).run.h], [...valuesOf(trace.hidden, 0)]);
    const edited = model.course({ ...state, edits: { [`2.${trace.input_names[1]}`]: 3 } });
    assert.ok(edited.edited);
    assert.equal(deviation(edited.run.h.subarray(0, 2 * H), model.recorded.run.h.subarray(0, 2 * H)) < TOLERANCE, true);
    assert.ok(deviation(edited.run.h.subarray(2 * H), model.recorded.run.h.subarray(2 * H)) > 1e-3);
    assert.equal(model.course({ ...state, edits: { "2.nothing": 3 } }).edited, false);
  });

  test(`${trace.cell}: the terms of every sum add up to it`, () => {
    const model = open();
    for (const symbol of kindOf(trace).order) {
      for (let t = 0; t < T; t++) {
        const sum = termsOf(model, model.recorded, symbol, t, 4).reduce((total, { product }) => total + product, 0);
        assert.ok(Math.abs(sum - model.recorded.run.before[symbol][t * H + 4]) < TOLERANCE);
      }
    }
  });

  if (kindOf(trace).belt) {
    test(`${trace.cell}: the ledger adds up to what is on the belt`, () => {
      const model = open();
      for (let t = 0; t < T; t++) {
        const { start, written } = ledger(model, model.recorded, t, 2);
        const belt = read("state", model, model.recorded, t, 2, kindOf(trace).carried);
        assert.ok(Math.abs(start + written.reduce((a, b) => a + b, 0) - belt) < TOLERANCE);
      }
    });
  }
}

/** dL/dh by central differences through a start that is moved. */
function differences(trace, clamps) {
  const { w, made } = run(trace, clamps);
  const head = openHead(trace.head);
  const loss = (h0) => {
    const again = forward(arithmeticOf(trace.cell), w, made.x, h0, made.c0, clamps);
    const answers = answersOf(head, again.h, H);
    return -Math.log(answers[(T - 1) * 3 + trace.gradients.output]);
  };
  return Float64Array.from(made.h0, (_, j) => {
    const move = (step) => loss(Float64Array.from(made.h0, (value, k) => value + (k === j ? step : 0)));
    return (move(1e-5) - move(-1e-5)) / 2e-5;
  });
}

for (const trace of exploration.models.filter(({ cell }) => !cell.startsWith("rnn"))) {
  test(`${trace.cell}: a held gate lets no gradient through`, () => {
    const gate = trace.cell === "lstm" ? "f" : "r";
    const clamps = [{ gate, unit: 3, step: -1, value: 1 }, { gate: kindOf(trace).order[1], unit: -1, step: 2, value: 0 }];
    const { w, made } = run(trace, clamps);
    assert.equal(made.gates[gate][3], 1);
    assert.equal(made.gates[kindOf(trace).order[1]][2 * H + 5], 0);
    const seed = seedOf(openHead(trace.head), trace.gradients, made.h, H, null);
    const gradient = backward(arithmeticOf(trace.cell), w, made, seed, clamps);
    assert.equal(gradient.gates[gate][4 * H + 3], 0);
    // dL/dh0: the first step's paths, added up as the page does for every other step.
    const first = Float64Array.from({ length: H }, (_, j) => w.order.reduce((total, symbol, k) => {
      let part = 0;
      for (let unit = 0; unit < H; unit++) {
        const after = symbol === "n" && trace.cell === "gru" ? made.gates.r[unit] : 1;
        part += gradient.gates[symbol][unit] * after * w.W_hh[(k * H + unit) * H + j];
      }
      const before = symbol === "n" && trace.cell === "gru_reset_before" ? made.gates.r[j] : 1;
      return total + part * before;
    }, trace.cell === "lstm" ? 0 : gradient.h[j] * made.gates.z[j]));
    assert.ok(deviation(first, differences(trace, clamps)) < 1e-8); // h² f'''/6 + eps f/h, h = 1e-5
  });
}
