// The head: from h to the answer.

/** @import { Shape } from "./types.js" */
/** @import { Scene } from "./scene.js" */
import { row, valuesOf } from "./arrays.js";
import { baseOf } from "./head.js";
import { fitted, three } from "./numbers.js";
import { read } from "./quantities.js";
import { scoreWaterfall } from "./scene-operation.js";
import { cut, inputsChanged, standsOn, stepNumber } from "./scene.js";
import { likeliest, truthAt } from "./symbols.js";
import { circle, number, path, rect, text, way } from "./shapes.js";

const MOST = 12;

/**
 * @param {Scene} scene
 * @returns {Shape[]}
 */
export function answerScene(scene) {
  const { model, W, narrow } = scene;
  if (!model.head || !scene.course.answers) {
    return [text("no:head", W / 2, 200, noAnswer(model), { cls: "muted middle", size: fitted(noAnswer(model), W - 16, 12.5) })];
  }
  const left = narrow ? { x: 8, y: 40, width: W - 16 } : { x: 8, y: 64, width: W * 0.44 };
  const right = narrow ? { x: 8, y: 352, width: W - 16, height: 240 } : { x: W * 0.5, y: 64, width: W * 0.48, height: 340 };
  const classes = model.head.head.kind === "classes";
  return [
    ...(classes ? classRows(scene, left) : valuePlot(scene, left)),
    text("answer:title", right.x + 4, right.y - (narrow ? 32 : 40), `the score of ${cut(model.head.head.labels[scene.state.output], 24)}`, { cls: "strong start" }),
    ...scoreWaterfall(scene, right),
  ];
}

/**
 * Why there is no answer here.
 * @param {import("./model.js").Model} model
 */
export function noAnswer({ head, trace: { layer, layers } }) {
  if (head) return "After a change the answer is not known: the reading backwards adds to it, and is not computed here.";
  if (layer < layers) return `This layer feeds layer ${layer + 1}; it has no answer of its own.`;
  return "This is a layer alone: no head came with it that would answer.";
}

/**
 * The classes to show: all of a few, the likeliest of many; the true one and the picked one are always among them.
 * @param {ArrayLike<number>} answer
 * @param {(number | null)[]} wanted
 */
export function classesShown(answer, wanted) {
  return answer.length <= MOST ? Array.from(answer, (_, k) => k) : likeliest(answer, wanted);
}

/**
 * @param {Scene} scene
 * @param {{x: number, y: number, width: number}} box
 * @returns {Shape[]}
 */
function classRows(scene, { x, y, width }) {
  const { model, course, state, exploration } = scene;
  const { t } = state;
  const labels = model.head?.head.labels ?? [];
  const answer = row(course.answers ?? new Float64Array(), t, model.K);
  const truth = truthAt(exploration, t);
  const shown = classesShown(answer, [truth, state.output]);
  const space = scene.narrow ? 24 : 28;
  const name = scene.narrow ? 104 : 128;
  const room = width - name - 64;
  return [
    text("class:title", x + 4, y - (scene.narrow ? 20 : 40), answerTitle(exploration, t), { cls: "strong start" }),
    ...shown.flatMap((k, place) => {
      const at = y + place * space;
      const right = k === truth;
      const share = Number.isFinite(answer[k]) ? answer[k] : 0;
      return [
        rect(`class:${k}:row`, x, at - 10, width, space - 2, { r: 4, cls: k === state.output ? "pick on" : "pick", act: `output:${k}`, label: `${labels[k]}: show its score` }),
        text(`class:${k}:name`, x + 6, at + 7, cut(labels[k], 14) + (right ? " ✓" : ""), { cls: right ? "strong start" : "plain" }),
        rect(`class:${k}:bar`, x + name, at - 4, Math.max(1, room * share), 14, { r: 2, cls: right ? "share truth" : "share" }),
        number({ model, course, t }, `class:${k}:value`, x + width - 6, at + 7, "answer", k, "-", { cls: "number end", words: `probability of ${labels[k]}` }),
      ];
    }),
    ...(truth === null ? [] : [text("class:truth", x + 6, y + shown.length * space + 12, truthWords(scene, model.K - shown.length), { cls: "muted start" })]),
  ];
}

/**
 * What the probabilities are of.
 * @param {import("./types.js").Exploration} exploration
 * @param {number} t
 */
export function answerTitle(exploration, t) {
  const step = `step ${stepNumber(exploration, t)}`;
  return { end: `the answer if it ended at ${step}`, step: `the label at ${step}`, after: `what comes after ${step}` }[exploration.asked ?? "end"];
}

/**
 * @param {Scene} scene
 * @param {number} left how many are not shown
 */
function truthWords({ state, exploration: { asked } }, left) {
  const what = asked === "after" ? "✓ what came" : asked === "step" ? "✓ the true label" : "✓ the true answer";
  return `${what}${inputsChanged(state) ? " before your change" : ""}${left > 0 ? `; ${left} less likely not shown` : ""}`;
}

/**
 * @param {Scene} scene
 * @param {{x: number, y: number, width: number}} box
 * @returns {Shape[]}
 */
function valuePlot(scene, { x, y, width }) {
  const { model, course, state, exploration } = scene;
  const { t } = state;
  const K = model.K;
  const answer = Array.from(row(course.answers ?? new Float64Array(), t, K));
  const targets = exploration.targets ? Array.from(row(valuesOf(exploration.targets, 0), t, K)) : [];
  const { head } = model;
  const bases = head && standsOn(model) ? answer.map((_, k) => baseOf(head, k, t)) : [];
  const sane = [...answer, ...targets, ...bases].filter(Number.isFinite);
  const [low, high] = [Math.min(...sane), Math.max(...sane)];
  const height = scene.narrow ? 180 : 260;
  const px = (/** @type {number} */ k) => x + 60 + (K === 1 ? 0.5 : k / (K - 1)) * (width - 76);
  const py = (/** @type {number} */ value) => y + 24 + ((high - value) / (high - low || 1)) * (height - 40);
  const line = (/** @type {number[]} */ values) => values.map((value, k) => (Number.isFinite(value) ? `${px(k).toFixed(1)},${py(value).toFixed(1)}` : "")).filter(Boolean).join("L");
  const joined = line(answer);
  return [
    text("value:title", x + 4, y - 32, `the answer after step ${stepNumber(exploration, t)}`, { cls: "strong start" }),
    ...(sane.length ? [low, ...(high > low ? [high] : [])].map((edge) => text(`value:edge:${edge === low ? "low" : "high"}`, x + 48, py(edge) + 4, three(edge), { cls: "muted end" })) : []),
    ...(line(bases) ? [path("value:base:line", `M${line(bases)}`, { cls: "guide" })] : []),
    ...bases.map((value, k) => circle(`value:${k}:base`, px(k), Number.isFinite(value) ? py(value) : y + height, 2, { cls: "basedot" })),
    ...(joined ? [path("value:line", `M${joined}`, { cls: "curve" })] : []),
    ...targets.flatMap((value, k) => (Number.isFinite(value) ? [circle(`value:${k}:truth`, px(k), py(value), 3.5, { cls: "truthdot" })] : [])),
    ...answer.map((value, k) => circle(`value:${k}`, px(k), Number.isFinite(value) ? py(value) : y + height, K > 24 ? 3 : 5, {
      cls: k === state.output ? "point" : "answerdot", act: `output:${k}`, label: `${model.head?.head.labels[k]}: ${three(value)}, show its score`,
    })),
    number({ model, course, t }, "value:picked", x + 4, y + height + 20, "answer", state.output, "-", {
      cls: "number strong start", before: `${model.head?.head.labels[state.output]}: `, words: "the answer",
    }),
    ...(bases.length ? sumRows(scene, x, y + height + 20, width) : []),
    text("value:true", x + 4, y + height + (bases.length ? 76 : 40), trueWords(scene, targets[state.output]), { cls: "muted start" }),
    way("value:floor", [[x, y + height - 8], [x + width, y + height - 8]], { cls: "zero" }),
  ];
}

/**
 * What the picked value stands on, and the network's part: together they are the answer above.
 * @param {Scene} scene
 * @param {number} x
 * @param {number} y of the answer
 * @param {number} width
 * @returns {Shape[]}
 */
function sumRows({ model, course, state }, x, y, width) {
  const place = { model, course, t: state.t };
  const sign = model.head?.head.transform === "exp" ? "× " : read("part", model, course, state.t, state.output) < 0 ? "" : "+ ";
  const words = standsOn(model);
  return [
    number(place, "value:base", x + 84, y + 19, "base", state.output, "-", { cls: "number end", before: "= ", words, fit: 80 }),
    text("value:base:words", x + 92, y + 19, words, { cls: "small start", size: fitted(words, width - 96, 12.5) }),
    number(place, "value:part", x + 84, y + 38, "part", state.output, "-", { cls: "number end", before: sign, words: "the network’s part", fit: 80 }),
    text("value:part:words", x + 92, y + 38, "the network’s part, of the score", { cls: "small start" }),
  ];
}

/**
 * @param {Scene} scene
 * @param {number} truth
 */
function trueWords({ state, exploration }, truth) {
  if (exploration.asked === "after") return ""; // of channels that are on or off, the truth has no log odds
  if (!Number.isFinite(truth)) return "the true value is not known yet";
  return `true value (ring)${inputsChanged(state) ? " before your change" : ""}: ${three(truth)}`;
}
