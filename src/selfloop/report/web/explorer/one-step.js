// One step after a past, or after none: what the loop cut leaves, and what it brings when it is closed.

/** @import { Numbers } from "./types.js" */
/** @import { Course, Model } from "./model.js" */
import { forward } from "./forward.js";
import { answerOf, partOf, scoresOf } from "./head.js";

/** The states before a step, and the sum of h over the `count` steps that led to them, where a head reads that. */
/** @typedef {{h: Numbers, c: Numbers, sum: Numbers, count: number}} Past */

/**
 * One step after a past, or after none: what the loop cut leaves. Null where the cell cannot be computed here.
 * `answers` are null where the head reads more than is shown; `parts` are the network's own parts of them.
 * @param {Model} model
 * @param {Numbers} x (I,)
 * @param {Past | null} past
 * @param {number} t where it happens: an answer may stand on what is known at that step
 */
export function oneStep({ arithmetic, w, head, H }, x, past, t) {
  if (!arithmetic || !w) return null;
  const zeros = new Float64Array(H);
  const { h } = forward(arithmetic, w, x, past?.h ?? zeros, past?.c ?? zeros);
  if (!head || head.others) return { h, answers: null, parts: null };
  const mean = head.head.pool === "mean" && past;
  const scores = scoresOf(head, mean ? h.map((value, j) => (past.sum[j] + value) / (past.count + 1)) : h, t);
  return { h, answers: answerOf(head, scores, t), parts: scores.map((score, k) => partOf(head, score, k)) };
}

/**
 * What a step of a run leaves behind.
 * @param {Model} model
 * @param {Course} course
 * @param {number} t
 * @returns {Past}
 */
export function pastOf({ H, head }, { run }, t) {
  const sum = new Float64Array(H);
  if (head?.head.pool === "mean") for (let k = 0; k < (t + 1) * H; k++) sum[k % H] += run.h[k];
  return { h: run.h.subarray(t * H, (t + 1) * H), c: run.c.subarray(t * H, (t + 1) * H), sum, count: t + 1 };
}

/**
 * The step at which a loop makes the largest difference to the answer (to h, where there is none): a good place to
 * start. The last step where that cannot be computed.
 * @param {Model} model
 */
export function tellingStep(model) {
  const { run, answers } = model.recorded;
  const stride = Math.max(1, Math.ceil((model.T * model.H * model.H) / 4e6)); // a few milliseconds, however large
  let [best, most] = [model.arithmetic ? 0 : model.T - 1, -1];
  for (let t = 0; t < model.T; t += stride) {
    const alone = oneStep(model, run.x.subarray(t * model.I, (t + 1) * model.I), null, t);
    if (!alone) break;
    const [mine, theirs] = answers && alone.answers ? [alone.answers, answers] : [alone.h, run.h];
    let gap = 0;
    for (let k = 0; k < mine.length; k++) gap += Math.abs(mine[k] - theirs[t * mine.length + k]);
    if (gap > most + 1e-3) [best, most] = [t, gap];
  }
  return best;
}
