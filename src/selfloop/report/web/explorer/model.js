// A traced model, opened: what was recorded, what this page computes itself, and what follows from edits.

/** @import { Arithmetic, Clamp, Exploration, Facts, Numbers, Gradient, Run, State, TracedModel, Weights } from "./types.js" */
/** @import { OpenHead } from "./head.js" */
/** @import { Kind } from "./kind.js" */
import { arithmeticOf } from "./arithmetic.js";
import { deviation, largest, norm, valuesOf } from "./arrays.js";
import { backward, pathNames } from "./backward.js";
import { forward, weightsOf } from "./forward.js";
import { answersOf, openHead, seedOf } from "./head.js";
import { HIDDEN, openKind } from "./kind.js";

/** One run with all that hangs on it. `gradient` is null where there is none, `answers` where nobody answers. */
/**
 * @typedef {object} Course
 * @property {Run} run
 * @property {Numbers | null} answers (T, K)
 * @property {() => Gradient | null} gradient
 * @property {boolean} edited
 */

/**
 * @typedef {object} Model
 * @property {TracedModel} trace
 * @property {Kind} kind
 * @property {Arithmetic | null} arithmetic null: this page has none of such cells, and shows what was recorded
 * @property {Weights | null} w null: how the weights make the gates is not known
 * @property {OpenHead | null} head
 * @property {number} T
 * @property {number} I
 * @property {number} H
 * @property {number} K
 * @property {Course} recorded
 * @property {number} gap the largest deviation of this page's forward (of the belt, where it has none) from what was recorded
 * @property {number} gradientGap the same for gradients
 * @property {number[]} ranked units, those that matter most for the loss first
 * @property {(state: State) => Course} course
 */

/** @typedef {{h0: Numbers, c0: Numbers}} Start */

/**
 * @param {TracedModel} trace
 * @param {Facts} facts
 * @param {Exploration} exploration
 * @returns {Model}
 */
export function openModel(trace, facts, exploration) {
  const kind = openKind(facts, trace.cell);
  const [T, H] = trace.hidden.shape;
  const head = trace.head && openHead(trace.head);
  const run = recordedRun(trace, kind);
  const answers = trace.answers && valuesOf(trace.answers, 0);
  const arithmetic = arithmeticOf(kind.name);
  const w = kind.plain && trace.W_hh ? weightsOf(trace, kind) : null;
  const given = { trace, kind, arithmetic, w, head, T, H, I: trace.input_names.length, K: head?.K ?? 0 };
  if (!arithmetic || !w) {
    const gradient = recordedGradient(trace, kind, run, null);
    const recorded = { run, answers, gradient: () => gradient, edited: false };
    return { ...given, recorded, gap: beltGap(kind, run, H), gradientGap: 0, ranked: rank(run, gradient, H), course: () => recorded };
  }
  return { ...given, ...computed(arithmetic, w, given, run, answers, exploration) };
}

/**
 * What follows from the cell's arithmetic: how far it is from what was recorded, and what becomes of a change.
 * @param {Arithmetic} arithmetic
 * @param {Weights} w
 * @param {{trace: TracedModel, kind: Kind, head: OpenHead | null, H: number}} given
 * @param {Run} run as recorded
 * @param {Numbers | null} answers
 * @param {Exploration} exploration
 */
function computed(arithmetic, w, { trace, kind, head, H }, run, answers, exploration) {
  const { h0, c0 } = run;
  const targets = exploration.targets && valuesOf(exploration.targets, 0);
  const base = forward(arithmetic, w, run.x, h0, c0);
  const whole = head && !head.others; // a reading that is not shown changes with the inputs in a way not known here
  /** @type {(run: Run, clamps: Clamp[]) => Gradient | null} */
  const gradientOf = (course, clamps) =>
    head && trace.gradients ? backward(arithmetic, w, course, seedOf(head, trace.gradients, course.h, H, targets), clamps) : null;
  const known = trace.gradients && valuesOf(trace.gradients.hidden, 0);
  const mine = gradientOf(base, []) ?? (known && backward(arithmetic, w, base, base.h, [], known));
  const gradient = mine && recordedGradient(trace, kind, run, mine);
  /** @type {Course} */
  const recorded = { run: { ...run, before: base.before, u: base.u }, answers, gradient: () => gradient, edited: false };
  return {
    recorded,
    gap: forwardGap(run, base),
    gradientGap: mine && trace.gradients ? Math.max(deviation(valuesOf(trace.gradients.hidden, 0), mine.h), trace.gradients.cell ? deviation(valuesOf(trace.gradients.cell, 0), mine.c) : 0) : 0,
    ranked: rank(run, gradient, H),
    course: remember(trace, recorded, (edited, clamps) => {
      const again = forward(arithmetic, w, edited, h0, c0, clamps);
      const back = once(() => (whole ? gradientOf(again, clamps) : null));
      return { run: again, answers: whole ? answersOf(head, again.h, H) : null, gradient: back, edited: true };
    }),
  };
}

/**
 * The recorded numbers in a run's form; what was not recorded (sums before activations) is left out.
 * @param {TracedModel} trace
 * @param {Kind} kind
 * @returns {Run}
 */
function recordedRun(trace, kind) {
  const [T, H] = trace.hidden.shape;
  const h = valuesOf(trace.hidden, 0);
  const gates = Object.fromEntries(Object.entries(trace.gates).map(([symbol, gate]) => [symbol, valuesOf(gate, 0)]));
  if (kind.order.includes(HIDDEN)) gates[HIDDEN] = h; // the state itself is the only gate
  return {
    T, x: valuesOf(trace.inputs, 0), h0: valuesOf(trace.h0, H), c0: valuesOf(trace.c0, H),
    h, c: valuesOf(trace.cell_state, h.length), gates, before: {}, u: new Float64Array(),
  };
}

/**
 * @param {TracedModel} trace
 * @param {Kind} kind
 * @param {Run} run
 * @param {Gradient | null} mine what this page computed
 * @returns {Gradient | null}
 */
function recordedGradient({ gradients }, kind, run, mine) {
  if (!gradients) return null;
  const [h, c] = [valuesOf(gradients.hidden, 0), valuesOf(gradients.cell, run.h.length)];
  const named = Object.entries(gradients.paths).map(([name, path]) => [name, Float64Array.from(valuesOf(path, 0))]);
  const paths = { ...(mine ? mine.paths : beltPath(kind, run, kind.carried === HIDDEN ? h : c)), ...Object.fromEntries(named) };
  return { gates: mine?.gates ?? {}, h, c, paths };
}

/**
 * What the belt hands to the step before: the gradient of what is carried, times what was kept.
 * @param {Kind} kind
 * @param {Run} run
 * @param {Numbers} gradient (T, H) of the carried state
 * @returns {Record<string, Float64Array>}
 */
function beltPath({ belt }, run, gradient) {
  if (!belt) return {};
  const handed = Float64Array.from(gradient, (value, k) => value * shareAt(run, belt.keep, k));
  const H = run.h0.length;
  return { belt: Float64Array.from({ length: run.T }, (_, t) => norm(handed.subarray(t * H, (t + 1) * H))) };
}

/**
 * A gate's value, or the rest that it leaves.
 * @param {Run} run
 * @param {import("./types.js").Share} share
 * @param {number} k place in (T, H)
 */
export const shareAt = ({ gates }, { symbol, rest }, k) => (rest ? 1 - gates[symbol][k] : gates[symbol][k]);

/**
 * How far what is kept and what is written are, together, from what was recorded; 0 where there is no belt.
 * @param {Kind} kind
 * @param {Run} run
 * @param {number} H
 */
function beltGap({ belt, carried }, run, H) {
  if (!belt) return 0;
  const [states, start] = carried === HIDDEN ? [run.h, run.h0] : [run.c, run.c0];
  const sums = Float64Array.from(states, (_, k) =>
    shareAt(run, belt.keep, k) * (k < H ? start[k] : states[k - H]) + shareAt(run, belt.write, k) * run.gates[belt.candidate][k]);
  return deviation(states, sums);
}

/**
 * @param {Run} run
 * @param {Run} base
 */
function forwardGap(run, base) {
  const gates = Object.keys(run.gates).map((symbol) => deviation(run.gates[symbol], base.gates[symbol]));
  return Math.max(deviation(run.h, base.h), deviation(run.c, base.c), ...gates);
}

/**
 * Units by what they carry for the loss, Σ |dL/dh · h| over steps; by how much they move where there is no gradient.
 * @param {Run} run
 * @param {Gradient | null} gradient
 * @param {number} H
 */
export function rank(run, gradient, H) {
  const weight = new Float64Array(H);
  for (let k = 0; k < run.h.length; k++) {
    const share = gradient ? Math.abs(gradient.h[k] * run.h[k]) : Math.abs(run.h[k] - (k < H ? run.h0[k] : run.h[k - H]));
    if (Number.isFinite(share)) weight[k % H] += share;
  }
  return Array.from(weight.keys()).sort((a, b) => weight[b] - weight[a] || a - b);
}

/**
 * @template R
 * @param {() => R} make
 */
function once(make) {
  /** @type {{value: R} | null} */
  let made = null;
  return () => (made ??= { value: make() }).value;
}

/**
 * The course that a state asks for; the last one is kept.
 * @param {TracedModel} trace
 * @param {Course} recorded
 * @param {(x: Numbers, clamps: Clamp[]) => Course} again
 */
function remember(trace, recorded, again) {
  let key = "";
  let course = recorded;
  return (/** @type {State} */ state) => {
    const clamps = state.clamps[trace.name] ?? [];
    const edits = Object.entries(state.edits).flatMap(([place, value]) => editOf(trace, place, value));
    const asked = JSON.stringify([edits, clamps]);
    if (asked === key) return course;
    key = asked;
    if (!edits.length && !clamps.length) return (course = recorded);
    const x = Float64Array.from(recorded.run.x);
    for (const [at, value] of edits) x[at] = value;
    return (course = again(x, clamps));
  };
}

/**
 * Where an edit falls in this model's inputs; nowhere when it has no input of that name.
 * @param {TracedModel} trace
 * @param {string} place "step.input name"
 * @param {number} value
 * @returns {[number, number][]}
 */
function editOf(trace, place, value) {
  const dot = place.indexOf(".");
  const [t, input] = [Number(place.slice(0, dot)), trace.input_names.indexOf(place.slice(dot + 1))];
  return input < 0 || !(t < trace.inputs.shape[0]) ? [] : [[t * trace.input_names.length + input, value]];
}

/**
 * The same sizes for all models and all steps, so that widths can be compared.
 * @param {Model[]} models
 */
export function sharedScales(models) {
  const gradients = models.flatMap(({ recorded, kind }) => {
    const gradient = recorded.gradient();
    return gradient ? [largest(gradient.h), largest(gradient.c), ...pathNames(kind).map((name) => largest(gradient.paths[name] ?? []))] : [];
  });
  return {
    gradient: Math.max(0, ...gradients),
    c: Math.max(1e-12, ...models.map(({ recorded }) => largest(recorded.run.c))),
    h: Math.max(1e-12, ...models.map(({ recorded }) => largest(recorded.run.h))),
  };
}
