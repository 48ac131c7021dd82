// Where the numbers come from, in words.

/** @import { State } from "./types.js" */
/** @import { World } from "./strips.js" */
import { three } from "./numbers.js";

/**
 * @param {World} world
 * @param {State} state
 */
export function deviationWords({ models, exploration }, state) {
  const { gap, gradientGap, trace, recorded } = models[state.model];
  const part = exploration.total_steps > models[0].T
    ? ` Shown are steps ${(exploration.first_step + 1).toLocaleString("en")} to ${(exploration.first_step + models[0].T).toLocaleString("en")} of ${exploration.total_steps.toLocaleString("en")}.` : "";
  const gradient = recorded.pull() ? `, gradients within ${three(gradientGap)}` : "";
  return `States, gates and answers are the ${trace.hidden.dtype} numbers that the model made, bit for bit. What you change is computed in this page in float64; without a change that agrees with what was recorded within ${three(gap)}${gradient}.${part}`;
}
