// A traced model, opened: what was recorded, what this page computes itself, and what follows from edits.

/** @import { Clamp, Exploration, Facts, Numbers, Pull, Run, State, TracedModel, Weights } from "./types.js" */
/** @import { OpenHead } from "./head.js" */
import { deviation, largest, valuesOf } from "./arrays.js";
import { backward, pathNames } from "./backward.js";
import { forward, weightsOf } from "./forward.js";
import { answerOf, answersOf, openHead, scoresOf, seedOf } from "./head.js";

/** One run with all that hangs on it. `pull` is null where the trace holds no gradient. */
/**
 * @typedef {object} Course
 * @property {Run} run
 * @property {Numbers | null} answers (T, K)
 * @property {() => Pull | null} pull
 * @property {boolean} edited
 */

/**
 * @typedef {object} Model
 * @property {TracedModel} trace
 * @property {Weights} w
 * @property {OpenHead | null} head
 * @property {number} T
 * @property {number} H
 * @property {number} K
 * @property {Course} recorded
 * @property {number} gap the largest deviation of this page's forward from what was recorded
 * @property {number} gradientGap the same for gradients
 * @property {number[]} ranked units, those that matter most for the loss first
 * @property {boolean} gru
 * @property {(state: State) => Course} course
 */

/**
 * @param {TracedModel} trace
 * @param {Facts} facts
 * @param {Exploration} exploration
 * @returns {Model}
 */
export function openModel(trace, facts, exploration) {
  const w = weightsOf(trace, facts.gates[trace.cell].map((gate) => gate.symbol));
  const [T, H] = trace.hidden.shape;
  const head = trace.head && openHead(trace.head);
  const targets = exploration.targets && valuesOf(exploration.targets, 0);
  const x = valuesOf(trace.inputs, 0);
  const start = { h0: valuesOf(trace.h0, H), c0: valuesOf(trace.c0, H) };
  const base = forward(w, x, start.h0, start.c0);
  const run = recordedRun(trace, base, x, start);
  /** @type {(run: Run, clamps: Clamp[]) => Pull | null} */
  const pullOf = (course, clamps) => {
    if (!head || !trace.gradients) return null;
    return backward(w, course, seedOf(head, trace.gradients, course.h, H, targets), clamps);
  };
  const own = pullOf(base, []);
  const pull = recordedPull(trace, own);
  const answers = trace.answers && valuesOf(trace.answers, 0);
  /** @type {Course} */
  const recorded = { run, answers, pull: () => pull, edited: false };
  return {
    trace, w, head, T, H, K: head?.K ?? 0, recorded, gru: trace.cell.startsWith("gru"),
    gap: forwardGap(run, base),
    gradientGap: own && trace.gradients ? deviation(valuesOf(trace.gradients.hidden, 0), own.h) : 0,
    ranked: rank(run, pull, H),
    course: remember(trace, recorded, (edited, clamps) => {
      const again = forward(w, edited, start.h0, start.c0, clamps);
      const back = once(() => pullOf(again, clamps));
      return { run: again, answers: head && answersOf(head, again.h, H), pull: back, edited: true };
    }),
  };
}

/**
 * The recorded numbers in a run's form; what was not recorded (sums before activations) from this page.
 * @param {TracedModel} trace
 * @param {Run} base
 * @param {Numbers} x
 * @param {{h0: Numbers, c0: Numbers}} start
 * @returns {Run}
 */
function recordedRun(trace, base, x, start) {
  const h = valuesOf(trace.hidden, 0);
  const gates = Object.fromEntries(Object.entries(trace.gates).map(([symbol, gate]) => [symbol, valuesOf(gate, 0)]));
  if (trace.cell.startsWith("rnn")) gates.h = h;
  return { ...base, x, ...start, h, c: valuesOf(trace.cell_state, h.length), gates };
}

/**
 * @param {TracedModel} trace
 * @param {Pull | null} own
 * @returns {Pull | null}
 */
function recordedPull({ gradients }, own) {
  if (!gradients || !own) return null;
  const paths = { ...own.paths };
  for (const name of Object.keys(paths)) {
    if (gradients.paths[name]) paths[name] = Float64Array.from(valuesOf(gradients.paths[name], 0));
  }
  return { ...own, h: valuesOf(gradients.hidden, 0), c: valuesOf(gradients.cell, own.c.length), paths };
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
 * @param {Pull | null} pull
 * @param {number} H
 */
export function rank(run, pull, H) {
  const weight = new Float64Array(H);
  for (let k = 0; k < run.h.length; k++) {
    const share = pull ? Math.abs(pull.h[k] * run.h[k]) : Math.abs(run.h[k] - (k < H ? run.h0[k] : run.h[k - H]));
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
  const gradients = models.flatMap(({ recorded, w }) => {
    const pull = recorded.pull();
    return pull ? [largest(pull.h), largest(pull.c), ...pathNames(w).map((name) => largest(pull.paths[name]))] : [];
  });
  return {
    gradient: Math.max(0, ...gradients),
    c: Math.max(1e-12, ...models.map(({ recorded }) => largest(recorded.run.c))),
    h: Math.max(1e-12, ...models.map(({ recorded }) => largest(recorded.run.h))),
  };
}

/**
 * What the loop cut leaves: one step from states of zero, or from any other.
 * @param {Model} model
 * @param {Numbers} x (I,)
 * @param {Numbers | null} h
 * @param {Numbers | null} c
 * @param {number} t where it happens: an answer may stand on a level of that step
 */
export function oneStep(model, x, h, c, t) {
  const zeros = new Float64Array(model.H);
  const run = forward(model.w, x, h ?? zeros, c ?? zeros);
  return { h: run.h, answers: model.head && answerOf(model.head, scoresOf(model.head, run.h), t) };
}

/**
 * The step at which a loop makes the largest difference to the answer (to h, where there is none): a good place to
 * start.
 * @param {Model} model
 */
export function tellingStep(model) {
  const { run, answers } = model.recorded;
  const size = answers ? model.K : model.H;
  const stride = Math.max(1, Math.ceil((model.T * model.H * model.H) / 4e6)); // a few milliseconds, however large
  let [best, most] = [0, -1];
  for (let t = 0; t < model.T; t += stride) {
    const alone = oneStep(model, run.x.subarray(t * model.w.I, (t + 1) * model.w.I), null, null, t);
    const [mine, theirs] = answers && alone.answers ? [alone.answers, answers] : [alone.h, run.h];
    let gap = 0;
    for (let k = 0; k < size; k++) gap += Math.abs(mine[k] - theirs[t * size + k]);
    if (gap > most + 1e-3) [best, most] = [t, gap];
  }
  return best;
}
