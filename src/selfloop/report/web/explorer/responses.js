// What units go along with in the text: a table of correlations, from which a unit is chosen.

/** @import { State } from "./types.js" */
/** @import { Model } from "./model.js" */
import { el, fill, set } from "./dom.js";
import { nameOf } from "./kind.js";

/** @param {number} value */
const signed = (value) => `${value < 0 ? "−" : ""}${Math.abs(value).toFixed(2)}`;

/**
 * @param {import("./types.js").Responses} found
 * @param {Model} model
 */
export function responseWords({ steps, features, limit, found, state }, { H, T, kind, trace }) {
  const counted = `${H} units and ${features} feature${features === 1 ? "" : "s"}`;
  const chance = `the largest |r| of ${counted} passes ${limit.toFixed(2)} in 5 % of copies in which the features are moved along the steps by chance`;
  const whole = `Correlation r of ${nameOf(kind, state)} ${state} with simple features of the data, over ${steps.toLocaleString("en")} of your steps${steps > T ? ", more than are shown" : ""}: ${chance}.`;
  return found.length
    ? `${whole} Listed are units above that, each with its strongest feature. A unit may go along with it for other reasons.`
    : `${whole} No unit of this ${trace.label} is above that.`;
}

/**
 * @param {HTMLElement} root
 * @param {State} state
 * @param {Model} model
 */
export function showResponses(root, state, model) {
  const found = model.trace.responses;
  fill(root, found ? model.trace.name : "none", () => (!found ? [] : [
    el("h3", {}, "What units go along with"),
    ...(found.found.length ? [el("table", {},
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "unit"), el("th", { scope: "col" }, "goes along with"), el("th", { scope: "col" }, "r"))),
      el("tbody", {}, ...found.found.map(({ unit, feature, r }) => el("tr", { "data-act": `unit:${unit}` },
        el("td", {}, el("button", { type: "button", "data-act": `unit:${unit}`, "aria-pressed": "false", "aria-label": `unit ${unit + 1}` }, String(unit + 1))), el("td", {}, feature), el("td", {}, signed(r))))))] : []),
    el("p", { class: "muted" }, responseWords(found, model)),
  ]));
  for (const button of root.querySelectorAll("button")) set(button, "aria-pressed", String(button.dataset.act === `unit:${state.unit}`));
}
