// What the reader can take hold of: model, unit, direction, inputs, gates.

/** @import { State } from "./types.js" */
/** @import { Model } from "./model.js" */
/** @import { World } from "./strips.js" */
import { noGradient, unreached } from "./bounds.js";
import { held } from "./forward.js";
import { el, fill, say, set } from "./dom.js";
import { gateLook, gateOf } from "./kind.js";
import { parse, typed } from "./numbers.js";
import { lookOf, twin } from "./look.js";
import { stepNumber, unitsShown } from "./scene.js";

const MOST_INPUTS = 12;

/**
 * @param {string} act
 * @param {string} words
 * @param {Record<string, string | boolean>} more
 */
const choice = (act, words, more = {}) => el("button", { type: "button", "data-act": act, "aria-pressed": "false", ...more }, words);

/**
 * @param {string} title
 * @param {string} id
 */
function group(title, id) {
  const body = el("div", { class: "choices" });
  return { body, node: el("div", { class: `group ${id}`, role: "group", "aria-label": title }, el("h3", {}, title), body) };
}

export class Panel {
  /**
   * @param {HTMLElement} root
   * @param {World} world
   * @param {(act: string) => void} act
   */
  constructor(root, world, act) {
    this.world = world;
    this.act = act;
    this.models = group("Model", "models");
    this.units = group("Unit", "units");
    this.views = group("Direction", "views");
    this.inputs = group("Input", "inputs");
    this.gates = group("Hold a gate", "holds");
    this.fixed = el("p", { class: "fixed" });
    this.noway = el("p", { class: "noway" });
    this.views.node.append(this.noway);
    this.edited = el("p", { class: "edited", role: "status" });
    this.reset = choice("reset", "Undo all changes", { class: "reset" });
    this.reset.removeAttribute("aria-pressed");
    root.append(...(world.models.length > 1 ? [this.models.node] : []), this.units.node, this.views.node, this.inputs.node, this.gates.node, this.fixed, this.edited, this.reset);
  }

  /**
   * @param {State} state
   * @param {Model} model
   * @param {{gates: string[], fixed: string, edited: boolean}} what gates: that can be held; fixed: why nothing can be
   *   changed; edited: of any model
   */
  show(state, model, { gates, fixed, edited }) {
    this.#choices(state, model);
    this.#inputs(state, model, Boolean(fixed));
    this.#gates(state, model, gates);
    say(this.fixed, fixed);
    say(this.edited, edited && !fixed ? `Changed: all numbers are computed here.${unreached(model)}` : "");
    set(this.reset, "hidden", !edited);
  }

  /**
   * @param {State} state
   * @param {Model} model
   */
  #choices(state, model) {
    const { models } = this.world;
    fill(this.models.body, "all", () => models.map(({ trace }, k) => choice(`model:${k}`, trace.label, { style: `--look: var(--${lookOf(models[k])})`, class: twin(models, k) ? "withlook hollow" : "withlook" })));
    const units = unitsShown(model, state.unit);
    fill(this.units.body, `${state.model}:${units.join()}:${model.H}`, () => [
      ...units.map((unit) => choice(`unit:${unit}`, String(unit + 1))),
      ...(model.H > units.length ? [el("button", { type: "button", "data-act": "unit:next", class: "more" }, `of ${model.H} ›`)] : []),
    ]);
    const missing = noGradient(model, model.course(state));
    const back = !missing;
    say(this.noway, missing);
    fill(this.views.body, String(back), () => [choice("view:forward", "forward"), ...(back ? [choice("view:backward", "backward")] : [])]);
    const on = new Set([`model:${state.model}`, `unit:${state.unit}`, `view:${state.view}`]);
    for (const button of [this.models, this.units, this.views].flatMap(({ body }) => [...body.querySelectorAll("button[aria-pressed]")])) {
      set(button, "aria-pressed", String(on.has(button.getAttribute("data-act") ?? "")));
    }
  }

  /**
   * @param {State} state
   * @param {Model} model
   * @param {boolean} fixed
   */
  #inputs(state, model, fixed) {
    const { exploration } = this.world;
    const names = model.trace.input_names.slice(0, MOST_INPUTS);
    const title = this.inputs.node.querySelector("h3");
    if (title) say(title, `Input at step ${stepNumber(exploration, state.t)}${this.world.own ? ", as fed" : ""}`);
    fill(this.inputs.body, names.join("\n"), () => names.map((name) => {
      const field = el("input", { type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false" });
      field.addEventListener("input", () => {
        const value = parse(field.value);
        set(field, "aria-invalid", value === null ? "true" : undefined);
        if (value !== null) this.act(`edit:${value}:${name}`);
      });
      return el("label", {}, el("span", { title: name }, name), field);
    }).concat(model.I > MOST_INPUTS ? [el("label", { class: "muted" }, `and ${model.I - MOST_INPUTS} more`)] : []));
    const course = model.course(state);
    this.inputs.body.querySelectorAll("input").forEach((field, k) => {
      const value = course.run.x[state.t * model.I + k];
      if (document.activeElement !== field || parse(field.value) !== value) if (!(document.activeElement === field && field.getAttribute("aria-invalid"))) field.value = typed(value);
      set(field, "data-edited", !fixed && `${state.t}.${names[k]}` in state.edits);
      set(field, "disabled", fixed);
    });
  }

  /**
   * @param {State} state
   * @param {Model} model
   * @param {string[]} gates
   */
  #gates(state, { kind, trace }, gates) {
    set(this.gates.node, "hidden", gates.length === 0);
    fill(this.gates.body, kind.name, () => [
      el("p", { class: "muted" }, "0: shut, nothing gets through. 1: open, all of it does."),
      ...gates.map((symbol) => el("div", { class: "hold", role: "group", "aria-label": `gate ${symbol}`, style: `--look: var(--${gateLook(kind, symbol)})` },
        el("b", {}, symbol, el("small", {}, ` ${gateOf(kind, symbol)?.name}`)), choice(`hold:${symbol}:free`, "free"), choice(`hold:${symbol}:0`, "0"), choice(`hold:${symbol}:1`, "1"))),
      el("div", { class: "reach" }, choice("reach:units", ""), choice("reach:steps", "")),
    ]);
    const clamps = state.clamps[trace.name] ?? [];
    for (const button of this.gates.body.querySelectorAll("button")) {
      const [kind, symbol, value] = (button.getAttribute("data-act") ?? "").split(":");
      if (kind === "hold") {
        const now = held(clamps, symbol, state.unit, state.t);
        set(button, "aria-pressed", String(value === (now === null ? "free" : String(now))));
      } else {
        button.removeAttribute("aria-pressed");
        say(button, symbol === "units" ? (state.clampUnits === "unit" ? "of this unit" : "of all units") : state.clampSteps === "step" ? "at this step" : "at every step");
        set(button, "title", symbol === "units" ? "of this unit, or of all units: click to change" : "at this step, or at every step: click to change");
      }
    }
  }
}
