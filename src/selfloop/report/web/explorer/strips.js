// All steps at a glance, under one cursor: the input, what each model carries, its answers, its gradients.

/** @import { Exploration, Numbers, State } from "./types.js" */
/** @import { Course, Model } from "./model.js" */
/** @import { Strip } from "./strip.js" */
import { largest, norm, row, valuesOf } from "./arrays.js";
import { drawHeat, drawLines, palette } from "./canvas.js";
import { el, fill, say } from "./dom.js";
import { HIDDEN, nameOf } from "./kind.js";
import { percent, three } from "./numbers.js";
import { decade, DECADES } from "./scales.js";
import { answerWords, inputsChanged, inputWords } from "./scene.js";
import { rowHeight, stripOf } from "./strip.js";
import { gateStrips } from "./strips-gates.js";

/** @typedef {{exploration: Exploration, models: Model[], scales: {gradient: number, c: number, h: number}, own: Numbers | null}} World */
export class Strips {
  /**
   * @param {HTMLElement} root
   * @param {World} world
   * @param {(act: string) => void} act
   */
  constructor(root, world, act) {
    this.world = world;
    this.root = root;
    this.colours = palette(root);
    this.cursor = el("div", { class: "cursor", "aria-hidden": "true" });
    this.slider = el("input", { type: "range", min: 0, max: world.models[0].T - 1, step: 1, "aria-label": "step", class: "time" });
    this.slider.addEventListener("input", () => act(`scrub:${this.slider.value}`));
    this.rows = el("div", { class: "rows" });
    root.append(el("div", { class: "striprow slide" }, el("span", { class: "striplabel muted" }, "time"), el("div", { class: "plot" }, this.slider), el("span", { class: "stripvalue" })), this.rows, this.cursor);
    root.style.setProperty("--T", String(world.models[0].T));
    /** @type {Map<string, Strip[]>} */
    this.made = new Map();
    /** @type {{left: number, width: number}} */
    this.plot = { left: 0, width: 0 };
    this.#scrub(act);
  }

  /**
   * Dragging anywhere on the plots moves the cursor.
   * @param {(act: string) => void} act
   */
  #scrub(act) {
    const step = (/** @type {PointerEvent} */ event) => {
      const box = this.rows.getBoundingClientRect();
      const share = (event.clientX - box.left - this.plot.left) / this.plot.width;
      act(`scrub:${Math.floor(share * this.world.models[0].T)}`);
    };
    this.rows.addEventListener("pointerdown", (event) => {
      if (!(event.target instanceof HTMLCanvasElement)) return;
      this.rows.setPointerCapture(event.pointerId);
      step(event);
    });
    this.rows.addEventListener("pointermove", (event) => {
      if (this.rows.hasPointerCapture(event.pointerId)) step(event);
    });
  }

  /** Sizes and colours anew: another width, another theme. */
  refresh() {
    this.colours = palette(this.root);
    this.made.clear();
    this.rows.removeAttribute("data-made");
  }

  /**
   * @param {State} state
   * @param {Course[]} courses
   */
  show(state, courses) {
    const made = fill(this.rows, `${state.view}:${state.model}`, () => this.#make(state));
    if (made) this.#measure();
    for (const strip of this.strips ?? []) strip.update(state, courses);
    const { T } = this.world.models[0];
    this.cursor.style.transform = `translateX(${this.plot.left + ((state.t + 0.5) / T) * this.plot.width}px)`;
    if (Number(this.slider.value) !== state.t) this.slider.value = String(state.t);
  }

  #measure() {
    const plot = this.rows.querySelector(".plot");
    if (!plot) return;
    const [outer, inner] = [this.rows.getBoundingClientRect(), plot.getBoundingClientRect()];
    this.plot = { left: inner.left - outer.left, width: inner.width };
  }

  /**
   * The gates are those of the picked model alone; the other strips are all models', and stay as they are drawn.
   * @param {State} state
   * @returns {Node[]}
   */
  #make({ view, model }) {
    const { models } = this.world;
    const forward = view === "forward";
    this.strips = [
      this.#kept("input", () => [inputStrip(this)]),
      ...models.flatMap((each, k) => [
        this.#kept(`${view}:${k}`, () => [stateStrip(this, k, view)]),
        forward && k === model ? this.#kept(`gates:${k}`, () => gateStrips(each, k, this.colours)) : [],
      ]),
      this.#kept(`${view}:all`, () => (!forward ? [gradientStrip(this)] : models.some(({ recorded }) => recorded.answers) ? [answerStrip(this)] : [])),
    ].flat();
    return this.strips.map(({ node }) => node);
  }

  /**
   * @param {string} key
   * @param {() => Strip[]} make
   */
  #kept(key, make) {
    const found = this.made.get(key) ?? make();
    this.made.set(key, found);
    return found;
  }
}

/**
 * @param {Strips} strips
 * @returns {Strip}
 */
function inputStrip(strips) {
  const model = strips.world.models[0];
  const { I } = model;
  const rows = Math.min(I, 16);
  return stripOf({
    label: "input", height: rows * rowHeight(rows), aria: `Inputs over ${model.T} steps`,
    source: (courses) => courses[0],
    draw: (canvas, [course]) => {
      const most = largest(course.run.x) || 1;
      drawHeat(canvas, strips.colours, { rows, columns: model.T, share: (r, t) => course.run.x[t * I + r] / most, signed: true });
    },
    value: (state, [course]) => inputWords(/** @type {any} */ ({ model, course, narrow: true }), state.t),
  });
}

/**
 * What a model carries: the belt, or h where it has none; backward, the gradient of h.
 * @param {Strips} strips
 * @param {number} which
 * @param {"forward" | "backward"} view
 * @returns {Strip}
 */
function stateStrip(strips, which, view) {
  const { models, scales } = strips.world;
  const model = models[which];
  const { kind, ranked: units } = model;
  const name = kind.carried === HIDDEN ? "h" : "c";
  const back = view === "backward";
  const words = back ? "gradient of h" : name === HIDDEN ? name : `${nameOf(kind, name)} ${name}`;
  const chip = el("button", { type: "button", class: "modelpick", "data-act": `model:${which}`, style: `--look: var(--${lookOf(model)})` }, el("i", { class: twin(models, which) ? "chip hollow" : "chip" }), model.trace.label, el("small", {}, ` ${words}`));
  return stripOf({
    label: chip, height: units.length * rowHeight(units.length),
    aria: `${model.trace.label}: ${back ? "gradient of h" : name === HIDDEN ? "hidden state" : "cell state"} of ${model.H} units over ${model.T} steps`,
    source: (courses) => courses[which],
    draw: (canvas, courses) => {
      const course = courses[which];
      const gradient = back ? course.gradient() : null;
      const values = course.run[name];
      const most = scales[name];
      drawHeat(canvas, strips.colours, {
        rows: model.H, columns: model.T, signed: !back,
        share: (r, t) => (back ? (gradient ? decade(gradient.h[t * model.H + units[r]], scales.gradient) : 0) : values[t * model.H + units[r]] / most),
      });
    },
    value: (state, courses) => {
      const course = courses[which];
      if (back) return three(norm(row(course.gradient()?.h ?? new Float64Array(model.T * model.H), state.t, model.H)));
      return answerWords(model, course.answers && row(course.answers, state.t, model.K)).words;
    },
  });
}

/**
 * Is there a model of the same colour before it? Then it is drawn dashed, and its dot is hollow.
 * @param {Model[]} models
 * @param {number} which
 */
export const twin = (models, which) => models.slice(0, which).some(({ kind }) => kind.colour === models[which].kind.colour);

/**
 * The CSS variable that holds a model's colour among the candidates.
 * @param {Model} model
 */
export const lookOf = ({ kind }) => `cell-${kind.name}`;

/**
 * The probability of the true class, or the first value, of all models.
 * @param {Strips} strips
 * @returns {Strip}
 */
function answerStrip(strips) {
  const { models, exploration } = strips.world;
  const truth = exploration.target_class;
  const output = truth ?? 0;
  const targets = truth === null && exploration.targets ? valuesOf(exploration.targets, 0) : null;
  const came = targets && Float64Array.from({ length: models[0].T }, (_, t) => targets[t * models[0].K]);
  const values = (/** @type {Course[]} */ courses) => courses.map(({ answers }, k) => Float64Array.from({ length: models[k].T }, (_, t) => answers ? answers[t * models[k].K + output] : NaN));
  const label = el("span");
  return stripOf({
    label, height: 64, aria: "Answers of all models over time",
    source: (courses) => courses.map(({ answers }) => answers).find((answers, k) => answers !== models[k].recorded.answers) ?? "recorded",
    draw: (canvas, courses) => {
      const lines = values(courses).map((line, k) => ({ values: line, colour: lookOf(models[k]), dashed: twin(models, k) }));
      if (came) lines.unshift({ values: came, colour: "muted", dashed: false });
      const [low, high] = truth === null ? range(lines.map((line) => line.values)) : [0, 1];
      drawLines(canvas, strips.colours, lines.map((line) => ({ ...line, low, high })));
    },
    value: (state, courses) => {
      say(label, answerLabel(exploration, models, state));
      const now = values(courses).map((line) => line[state.t]);
      const said = now.map((value, k) => ({ look: lookOf(models[k]), hollow: twin(models, k), words: truth === null ? three(value) : percent(value) }));
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
export function answerLabel({ target_class: truth }, models, state) {
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
function gradientStrip(strips) {
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
