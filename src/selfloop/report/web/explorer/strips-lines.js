// Answers and gradients of all models as lines over time.

/** @import { Exploration, Numbers, State } from "./types.js" */
/** @import { Course, Model } from "./model.js" */
/** @import { Strip } from "./strip.js" */
/** @import { Strips } from "./strips.js" */
import { norm, row, valuesOf } from "./arrays.js";
import { drawLines } from "./canvas.js";
import { el, say } from "./dom.js";
import { lookOf, twin } from "./look.js";
import { percent, three } from "./numbers.js";
import { decade, DECADES } from "./scales.js";
import { inputsChanged } from "./scene.js";
import { stripOf } from "./strip.js";
import { bestOf, stepwise, truthAt } from "./symbols.js";

/**
 * The probability of the true class, or the first value, of all models.
 * @param {Strips} strips
 * @returns {Strip}
 */
export function answerStrip(strips) {
  const { models, exploration } = strips.world;
  const shares = exploration.target_class !== null || stepwise(exploration) && models[0].head?.head.kind === "classes";
  const targets = !shares && exploration.targets ? valuesOf(exploration.targets, 0) : null;
  const came = targets && Float64Array.from({ length: models[0].T }, (_, t) => targets[t * models[0].K]);
  const known = exploration.true_classes?.some((each) => each >= 0);
  /** @type {(answers: Numbers, k: number, t: number) => number} */
  const valueAt = (answers, k, t) => {
    const truth = truthAt(exploration, t) ?? (known ? -1 : stepwise(exploration) && shares ? bestOf(row(answers, t, models[k].K)) : 0);
    return truth < 0 ? NaN : answers[t * models[k].K + truth];
  };
  const values = (/** @type {Course[]} */ courses) => courses.map(({ answers }, k) => Float64Array.from({ length: models[k].T }, (_, t) => (answers ? valueAt(answers, k, t) : NaN)));
  const label = el("span");
  return stripOf({
    label, height: 64, aria: "Answers of all models over time",
    source: (courses) => courses.map(({ answers }) => answers).find((answers, k) => answers !== models[k].recorded.answers) ?? "recorded",
    draw: (canvas, courses) => {
      const lines = values(courses).map((line, k) => ({ values: line, colour: lookOf(models[k]), dashed: twin(models, k) }));
      if (came) lines.unshift({ values: came, colour: "muted", dashed: false });
      const [low, high] = shares ? [0, 1] : range(lines.map((line) => line.values));
      drawLines(canvas, strips.colours, lines.map((line) => ({ ...line, low, high })));
    },
    value: (state, courses) => {
      say(label, answerLabel(exploration, models, state));
      const now = values(courses).map((line) => line[state.t]);
      const said = now.map((value, k) => ({ look: lookOf(models[k]), hollow: twin(models, k), words: !shares ? three(value) : Number.isNaN(value) ? "not known" : percent(value) }));
      return came && Number.isFinite(came[state.t]) ? [...said, { look: "muted", hollow: false, words: `true${inputsChanged(state) ? " before" : ""} ${three(came[state.t])}` }] : said;
    },
  });
}

/**
 * What the answers' strip is of. Once inputs are changed, what was true may not be.
 * @param {Exploration} exploration
 * @param {Model[]} models
 * @param {State} state
 */
export function answerLabel({ target_class: truth, true_classes: each, asked }, models, state) {
  if (asked && asked !== "end" && models[0].head?.head.kind === "classes") {
    if (!each?.some((known) => known >= 0)) return "P(its answer)";
    return asked === "after" ? "P(what came next)" : inputsChanged(state) ? "P(true label), true before your change" : "P(true label)";
  }
  const labels = models.find(({ head }) => head)?.head?.head.labels ?? [];
  if (truth === null) return models[0].head?.head.kind === "classes" ? `P(${labels[0]})` : labels[0] ?? "";
  return inputsChanged(state) ? `P(${labels[truth]}), true before your change` : "P(true answer)";
}

/** @param {Float64Array[]} lines */
function range(lines) {
  const finite = lines.flatMap((line) => Array.from(line).filter(Number.isFinite));
  const low = Math.min(...finite, 0), high = Math.max(...finite, 0);
  return [low, high > low ? high : 1];
}

/**
 * ‖dL/dh‖ at each step, all models on one logarithmic axis.
 * @param {Strips} strips
 * @returns {Strip}
 */
export function gradientStrip(strips) {
  const { models, scales } = strips.world;
  return stripOf({
    label: el("span", {}, "‖dL/dh‖", el("br"), el("small", {}, `log, ${DECADES} decades`)), height: 96, aria: "Norm of the gradient of all models at each step",
    source: (courses) => courses.find((course, k) => course !== models[k].recorded) ?? "recorded",
    draw: (canvas, courses) => {
      drawLines(canvas, strips.colours, courses.map((course, k) => {
        const gradient = course.gradient();
        const values = Float64Array.from({ length: models[k].T }, (_, t) => gradient ? decade(norm(row(gradient.h, t, models[k].H)), scales.gradient) : NaN);
        return { values, colour: lookOf(models[k]), dashed: twin(models, k), low: 0, high: 1 };
      }));
    },
    value: (state, courses) => courses.map((course, k) => {
      const gradient = course.gradient();
      return { look: lookOf(models[k]), hollow: twin(models, k), words: gradient ? three(norm(row(gradient.h, state.t, models[k].H))) : "–" };
    }),
  });
}
