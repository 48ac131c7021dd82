// Where the numbers come from, in words.

/** @import { Exploration, Numbers, State } from "./types.js" */
/** @import { Model } from "./model.js" */
/** @import { World } from "./strips.js" */
import { row, valuesOf } from "./arrays.js";
import { three } from "./numbers.js";

/**
 * @param {World} world
 * @param {State} state
 */
export function deviationWords({ models, exploration }, state) {
  const { gap, gradientGap, trace, kind, recorded, arithmetic } = models[state.model];
  const part = exploration.total_steps > models[0].T
    ? ` Shown are steps ${(exploration.first_step + 1).toLocaleString("en")} to ${(exploration.first_step + models[0].T).toLocaleString("en")} of ${exploration.total_steps.toLocaleString("en")}.` : "";
  const made = `States and gates are the ${trace.hidden.dtype} numbers that the model made, bit for bit${recorded.answers ? "; its answers are as it gave them" : ""}.`;
  if (!arithmetic) return `${made}${kind.belt ? ` What is kept and what is written are computed from them; together they agree with the recorded ${kind.carried} within ${three(gap)}.` : ""}${part}`;
  const gradient = recorded.gradient() ? `, gradients within ${three(gradientGap)}` : "";
  return `${made} What you change is computed in this page in float64; without a change that agrees with what was recorded within ${three(gap)}${gradient}.${part}`;
}

const FEW = 3; // channels whose values are said in words

/**
 * The user's own values, (T, R), where the model is fed others: scaled ones, changes. Otherwise null.
 * @param {Exploration} exploration
 * @param {Model[]} models
 * @returns {Numbers | null}
 */
export function ownOf({ raw_names, raw }, models) {
  const { trace, recorded } = models[models.length - 1]; // of stacked layers the lowest
  const values = valuesOf(raw, 0);
  const same = raw_names.join() === trace.input_names.join() && values.every((value, k) => Object.is(Math.fround(value), Math.fround(recorded.run.x[k])));
  return same ? null : values;
}

/**
 * Those of a step, in words, where they are few.
 * @param {World} world
 * @param {number} t
 */
export function ownWords({ exploration: { raw_names }, own }, t) {
  if (!own || raw_names.length > FEW) return "";
  const values = row(own, t, raw_names.length);
  return raw_names.map((name, k) => `${name} ${three(values[k])}`).join(", ");
}
