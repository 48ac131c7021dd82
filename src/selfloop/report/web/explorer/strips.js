// All steps at a glance, under one cursor: the input, what each model carries, its answers, its gradients.

/** @import { Exploration, Numbers, State } from "./types.js" */
/** @import { Course, Model } from "./model.js" */
/** @import { Strip } from "./strip.js" */
import { largest, norm, row } from "./arrays.js";
import { drawHeat, palette } from "./canvas.js";
import { el, fill, say } from "./dom.js";
import { HIDDEN, nameOf } from "./kind.js";
import { lookOf, twin } from "./look.js";
import { three } from "./numbers.js";
import { decade } from "./scales.js";
import { answerWords, inputWords } from "./scene.js";
import { rowHeight, stripOf } from "./strip.js";
import { answerStrip, gradientStrip } from "./strips-lines.js";
import { gateStrips } from "./strips-gates.js";
import { saidStrip, symbolStrip, truthStrip, widest } from "./strips-text.js";
import { areCharacters, likelyWords, stepwise, visible, windowAt } from "./symbols.js";

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
    this.likely = el("p", { class: "likely" });
    if (stepwise(world.exploration)) root.before(this.likely);
    root.append(el("div", { class: "striprow slide" }, el("span", { class: "striplabel muted" }, "time"), el("div", { class: "plot" }, this.slider), el("span", { class: "stripvalue" })), this.rows, this.cursor);
    root.style.setProperty("--T", String(world.models[0].T));
    /** @type {Map<string, Strip[]>} */
    this.made = new Map();
    /** @type {{left: number, width: number}} */
    this.plot = { left: 0, width: 0 };
    /** The steps in sight: the first one, how wide each is, px, and what tells that this changed. */
    this.view = { from: NaN, step: 1, T: world.models[0].T, key: "" };
    this.pointed = -1;
    this.#scrub(act);
  }

  /**
   * Dragging anywhere on the plots moves the cursor.
   * @param {(act: string) => void} act
   */
  #scrub(act) {
    const step = (/** @type {PointerEvent} */ event) => {
      const box = this.rows.getBoundingClientRect();
      return Math.floor((event.clientX - box.left - this.plot.left) / this.view.step) + this.view.from;
    };
    this.rows.addEventListener("pointerdown", (event) => {
      if (!(event.target instanceof HTMLCanvasElement)) return;
      this.rows.setPointerCapture(event.pointerId);
      act(`scrub:${step(event)}`);
    });
    this.rows.addEventListener("pointermove", (event) => {
      if (this.rows.hasPointerCapture(event.pointerId)) act(`scrub:${step(event)}`);
      const over = event.target instanceof HTMLCanvasElement && event.target.closest(".said");
      this.#point(over ? Math.min(Math.max(step(event), 0), this.view.T - 1) : -1);
    });
    this.rows.addEventListener("pointerleave", () => this.#point(-1));
  }

  /** @param {number} t what the pointer is over; −1: nothing */
  #point(t) {
    this.pointed = t;
    this.#likely();
  }

  /** The few likeliest answers at the step under the pointer, or else under the cursor. */
  #likely() {
    if (!this.last || !stepwise(this.world.exploration)) return;
    const [state, courses] = this.last;
    const [model, answers] = [this.world.models[state.model], courses[state.model].answers];
    const t = this.pointed < 0 ? state.t : this.pointed;
    say(this.likely, model.head?.head.kind === "classes" && answers ? likelyWords(this.world.exploration, model.head.head.labels, row(answers, t, model.K), t) : "");
  }

  /** Sizes and colours anew: another width, another theme. */
  refresh() {
    this.colours = palette(this.root);
    this.made.clear();
    this.rows.removeAttribute("data-made");
    this.view.from = NaN;
  }

  /**
   * @param {State} state
   * @param {Course[]} courses
   */
  show(state, courses) {
    const made = fill(this.rows, `${state.view}:${state.model}`, () => this.#make(state));
    if (made) this.#measure();
    this.#move(state.t);
    for (const strip of this.strips ?? []) strip.update(state, courses);
    this.last = /** @type {const} */ ([state, courses]);
    this.#likely();
    this.cursor.style.transform = `translateX(${this.plot.left + (state.t - this.view.from + 0.5) * this.view.step}px)`;
    if (Number(this.slider.value) !== state.t) this.slider.value = String(state.t);
  }

  #measure() {
    const plot = this.rows.querySelector(".plot");
    if (!plot) return;
    const [outer, inner] = [this.rows.getBoundingClientRect(), plot.getBoundingClientRect()];
    this.plot = { left: inner.left - outer.left, width: inner.width };
    const { T } = this.view;
    this.view.step = Math.max(inner.width / T, this.#least());
    this.rows.style.setProperty("--wide", `${T * this.view.step}px`);
  }

  /** How wide a step must be for what stands at it to be read, px; 0 where nothing does. */
  #least() {
    const { exploration, models } = this.world;
    const symbols = exploration.symbols ?? [];
    if (!symbols.length) return 0;
    if (areCharacters(symbols)) return Math.max(14, widest(symbols.map(visible)) + 3);
    const labels = stepwise(exploration) && exploration.asked === "step" ? models[0].head?.head.labels ?? [] : [];
    return Math.min(80, Math.max(widest(symbols), widest(labels)) + 8);
  }

  /**
   * The window moves with the cursor.
   * @param {number} t
   */
  #move(t) {
    const { view } = this;
    view.from = windowAt(view.from, t, Math.max(1, Math.floor(this.plot.width / view.step + 1e-6)), view.T);
    view.key = `${view.from}:${view.step}:${this.plot.width}`;
    this.rows.style.setProperty("--shift", `${-view.from * view.step}px`);
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
      this.#kept("steps", () => this.#steps()),
      this.#kept("input", () => [inputStrip(this)]),
      ...models.flatMap((each, k) => [
        this.#kept(`${view}:${k}`, () => [stateStrip(this, k, view)]),
        forward && k === model ? this.#kept(`gates:${k}`, () => gateStrips(each, k, this.colours)) : [],
      ]),
      this.#kept(`${view}:all`, () => (!forward ? [gradientStrip(this)] : models.some(({ recorded }) => recorded.answers) ? [answerStrip(this)] : [])),
      this.#kept("foot", () => (this.world.exploration.symbols?.length ? [symbolStrip(this)] : [])),
    ].flat();
    return this.strips.map(({ node }) => node);
  }

  /** What stands at each step: true and predicted labels, and its symbol. */
  #steps() {
    const { exploration, models } = this.world;
    const answering = [...models.keys()].filter((k) => models[k].head?.head.kind === "classes" && models[k].recorded.answers);
    const known = exploration.true_classes?.some((each) => each >= 0);
    return [
      ...(stepwise(exploration) && answering.length ? [
        ...(known ? [truthStrip(this, models[answering[0]].head?.head.labels ?? [])] : []), ...answering.map((k) => saidStrip(this, k)),
      ] : []),
      ...(exploration.symbols?.length ? [symbolStrip(this)] : []),
    ];
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
