// The text as it reads, each symbol coloured by what one unit holds after it.

/** @import { State } from "./types.js" */
/** @import { Course, Model } from "./model.js" */
/** @import { World } from "./strips.js" */
import { palette } from "./canvas.js";
import { el, fill, say, set } from "./dom.js";
import { HIDDEN, nameOf } from "./kind.js";
import { three } from "./numbers.js";
import { contrasting, diverging } from "./scales.js";
import { areCharacters, visible } from "./symbols.js";

export class ColouredText {
  /**
   * @param {HTMLElement} root
   * @param {World} world
   */
  constructor(root, world) {
    this.root = root;
    this.symbols = world.exploration.symbols ?? [];
    this.shown = HIDDEN;
    this.drawn = "";
    /** @type {HTMLElement[]} */
    this.marks = [];
    /** @type {HTMLElement | null} */
    this.here = null;
    if (!this.symbols.length) return;
    this.title = el("h3", {});
    this.states = el("span", { class: "choices", role: "group", "aria-label": "colour by" });
    this.scale = el("span", { class: "scale" });
    const apart = areCharacters(this.symbols) ? "" : " ";
    const text = el("p", { class: apart ? "reads words" : "reads", tabindex: 0, role: "group", "aria-label": "The text, coloured by the unit; arrow keys move the cursor" });
    this.symbols.forEach((symbol, t) => {
      const mark = el("span", { "data-act": `step:${t}` }, symbol === " " ? " " : visible(symbol));
      this.marks.push(mark);
      text.append(mark, symbol === "\n" ? "\n" : apart);
    });
    this.text = text;
    root.append(this.title, el("div", { class: "texthead" }, this.states, this.scale), text);
    root.addEventListener("click", (event) => {
      const name = event.target instanceof Element ? event.target.closest("button")?.dataset.state : undefined;
      if (name && this.last) {
        this.shown = name;
        this.show(...this.last);
      }
    });
  }

  /** Colours anew: another theme. */
  refresh() {
    this.drawn = "";
  }

  /**
   * @param {State} state
   * @param {Model} model
   * @param {Course} course
   */
  show(state, model, course) {
    if (!this.symbols.length) return;
    this.last = /** @type {const} */ ([state, model, course]);
    const { kind, T, H, trace } = model;
    const names = [...new Set([kind.carried, HIDDEN])];
    if (fill(/** @type {HTMLElement} */ (this.states), trace.name, () => names.map((name) => el("button", { type: "button", "data-state": name, "aria-pressed": "false" }, `${nameOf(kind, name)} ${name}`)))) this.shown = kind.carried;
    for (const button of this.states?.querySelectorAll("button") ?? []) set(button, "aria-pressed", String(button.dataset.state === this.shown));
    const values = this.shown === HIDDEN ? course.run.h : course.run.c;
    const of = (/** @type {number} */ t) => values[t * H + state.unit];
    const key = `${trace.name}:${state.unit}:${this.shown}:${JSON.stringify([state.edits, state.clamps[trace.name] ?? []])}`;
    if (key !== this.drawn) this.#colour(of, T, `unit ${state.unit + 1} of the ${trace.label}`);
    this.drawn = key;
    this.here?.removeAttribute("aria-current");
    this.here = this.marks[state.t];
    this.here.setAttribute("aria-current", "step");
    this.#follow(this.here);
  }

  /**
   * Scrolls the text, and not the page, so that the cursor is in sight.
   * @param {HTMLElement} mark
   */
  #follow(mark) {
    const { text } = this;
    if (!text || text.scrollHeight <= text.clientHeight) return;
    const [top, bottom] = [mark.offsetTop, mark.offsetTop + mark.offsetHeight];
    if (top < text.scrollTop) text.scrollTop = top - 8;
    else if (bottom > text.scrollTop + text.clientHeight) text.scrollTop = bottom - text.clientHeight + 8;
  }

  /**
   * @param {(t: number) => number} of
   * @param {number} T
   * @param {string} whose
   */
  #colour(of, T, whose) {
    const colours = palette(this.root);
    let most = 0;
    for (let t = 0; t < T; t++) if (Number.isFinite(of(t))) most = Math.max(most, Math.abs(of(t)));
    const look = (/** @type {number} */ value) => {
      const back = Number.isFinite(value) ? diverging(value, most, colours) : colours.broken;
      return `background:rgb(${back});color:rgb(${contrasting(back)})`;
    };
    this.marks.forEach((mark, t) => { mark.style.cssText = look(of(t)); mark.title = three(of(t)); });
    if (this.title) say(this.title, `The text, coloured by ${whose}`);
    if (this.scale) this.scale.replaceChildren(...[-most, -most / 2, 0, most / 2, most].map((value) => el("i", { style: look(value) }, three(value))));
  }
}
