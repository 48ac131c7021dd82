// From h to the answer, and from a loss on the answer back to h.

/** @import { Gradients, Head, Numbers } from "./types.js" */
import { valuesOf } from "./arrays.js";
import { dot } from "./forward.js";
import { visible } from "./symbols.js";

/** A head with its arrays unpacked. */
/**
 * @typedef {object} OpenHead
 * @property {Head} head
 * @property {number} K
 * @property {Numbers} W
 * @property {Numbers} b
 * @property {Numbers | null} offset
 * @property {Numbers | null} others (T, K)
 */

/**
 * @param {Head} head
 * @returns {OpenHead}
 */
export function openHead(head) {
  const K = head.labels.length;
  const offset = head.offset && valuesOf(head.offset, 0);
  const others = head.others ? valuesOf(head.others, 0) : null;
  return { head: { ...head, labels: head.labels.map(visible) }, K, W: valuesOf(head.W, 0), b: valuesOf(head.b, K), offset, others };
}

/** @param {ArrayLike<number>} scores */
export function softmax(scores) {
  const top = Math.max(...Array.from(scores));
  const powers = Array.from(scores, (score) => Math.exp(score - top));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/**
 * What the head reads at each step: h, or the mean of h so far.
 * @param {OpenHead} open
 * @param {Numbers} h (T, H)
 * @param {number} H
 */
export function pooled(open, h, H) {
  if (open.head.pool === "last") return h;
  const mean = new Float64Array(h.length);
  for (let k = 0; k < h.length; k++) mean[k] = (k < H ? 0 : mean[k - H]) + h[k];
  return mean.map((sum, k) => sum / (Math.floor(k / H) + 1));
}

/**
 * W v + b, and what a reading that is not shown adds.
 * @param {OpenHead} open
 * @param {Numbers} v (H,)
 * @param {number} t
 */
export function scoresOf({ W, b, K, others }, v, t) {
  return Array.from({ length: K }, (_, k) => dot(W, k, v) + b[k] + (others ? others[t * K + k] : 0));
}

/**
 * What an answer stands on without the network, in the user's units: its part is then added, or of a logarithm multiplied.
 * @param {OpenHead} open
 * @param {number} k
 * @param {number} t
 */
export function baseOf({ head, offset, K }, k, t) {
  const value = (head.shift[k] ?? 0) + (offset ? offset[t * K + k] : 0);
  return head.transform === "exp" ? Math.exp(value) : value;
}

/**
 * The network's own part of an answer: what is added to `baseOf`, or what that is multiplied by.
 * @param {OpenHead} open
 * @param {number} score
 * @param {number} k
 */
export function partOf({ head }, score, k) {
  const value = score * (head.scale[k] ?? 1);
  return head.transform === "exp" ? Math.exp(value) : value;
}

/**
 * The answer in the user's terms: probabilities, or values.
 * @param {OpenHead} open
 * @param {number[]} scores
 * @param {number} t
 */
export function answerOf(open, scores, t) {
  const { head, offset, K } = open;
  if (head.kind === "classes") return softmax(scores);
  return scores.map((score, k) => {
    const value = score * (head.scale[k] ?? 1) + (head.shift[k] ?? 0) + (offset ? offset[t * K + k] : 0);
    return head.transform === "exp" ? Math.exp(value) : value;
  });
}

/**
 * The score that would give a value: the inverse of `answerOf`.
 * @param {OpenHead} open
 * @param {number} value
 * @param {number} k
 * @param {number} t
 */
export function scoreFor(open, value, k, t) {
  const { head, offset, K } = open;
  const plain = head.transform === "exp" ? Math.log(value) : value;
  return (plain - (head.shift[k] ?? 0) - (offset ? offset[t * K + k] : 0)) / (head.scale[k] ?? 1);
}

/**
 * All answers of a run, (T, K).
 * @param {OpenHead} open
 * @param {Numbers} h (T, H)
 * @param {number} H
 */
export function answersOf(open, h, H) {
  const read = pooled(open, h, H);
  const T = h.length / H;
  const answers = new Float64Array(T * open.K);
  for (let t = 0; t < T; t++) {
    answers.set(answerOf(open, scoresOf(open, read.subarray(t * H, (t + 1) * H), t), t), t * open.K);
  }
  return answers;
}

/**
 * dL/dh at every step, as far as it comes from the head alone.
 * @param {OpenHead} open
 * @param {Gradients} gradients
 * @param {Numbers} h (T, H)
 * @param {number} H
 * @param {Numbers | null} targets (T, K)
 */
export function seedOf(open, gradients, h, H, targets) {
  const { step } = gradients;
  const seed = new Float64Array(h.length);
  const read = pooled(open, h, H).subarray(step * H, (step + 1) * H);
  const gradient = scoreGradient(open, gradients, scoresOf(open, read, step), targets);
  const first = open.head.pool === "mean" ? 0 : step;
  for (let t = first; t <= step; t++) {
    for (let k = 0; k < open.K; k++) {
      for (let j = 0; j < H; j++) seed[t * H + j] += (gradient[k] * open.W[k * H + j]) / (step - first + 1);
    }
  }
  return seed;
}

/**
 * dL/d score.
 * @param {OpenHead} open
 * @param {Gradients} gradients
 * @param {number[]} scores
 * @param {Numbers | null} targets
 */
function scoreGradient(open, { loss, output, step }, scores, targets) {
  const { K } = open;
  if (loss === "output") return scores.map((_, k) => Number(k === output));
  if (loss === "cross_entropy") return softmax(scores).map((p, k) => p - Number(k === output));
  return scores.map((score, k) => {
    const target = targets ? targets[step * K + k] : NaN;
    return (2 / K) * (score - scoreFor(open, target, k, step));
  });
}
