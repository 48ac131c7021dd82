// The parts of the explorer, empty.

import { el } from "./dom.js";
import { SCENES } from "./state.js";
import { TITLES } from "./words.js";

const NAMESPACE = "http://www.w3.org/2000/svg";

/** @param {string} d */
function icon(d) {
  const [svg, path] = [document.createElementNS(NAMESPACE, "svg"), document.createElementNS(NAMESPACE, "path")];
  for (const [name, value] of [["viewBox", "0 0 16 16"], ["class", "icon"], ["aria-hidden", "true"]]) svg.setAttribute(name, value);
  path.setAttribute("d", d);
  svg.append(path);
  return svg;
}

/** @param {HTMLElement} root */
export function layout(root) {
  const button = (/** @type {string} */ act, /** @type {string} */ label, /** @type {string} */ d) =>
    el("button", { type: "button", "data-act": act, "aria-label": label, title: label }, icon(d));
  const svg = document.createElementNS(NAMESPACE, "svg");
  svg.setAttribute("role", "group");
  svg.setAttribute("aria-label", "the network, drawn");
  const scenes = el("ol", { class: "scenes" }, ...SCENES.map((scene, k) => el("li", {}, el("button", { type: "button", "data-act": `scene:${scene}` }, el("span", {}, String(k + 1)), TITLES[/** @type {keyof typeof TITLES} */ (scene)]))));
  const sentence = el("p", { class: "sentence" });
  const more = el("div", { class: "moretext" });
  const stage = el("div", { class: "stagebox" });
  const ops = el("div", { class: "choices ops", role: "group", "aria-label": "operation" });
  const [symbols, numbers, source, line, place] = [
    el("span", { class: "symbols" }), el("span", { class: "numbers" }), el("span", { class: "source" }),
    el("code", { class: "line" }), el("span", { class: "place" }),
  ];
  stage.append(svg);
  const play = button("play", "play through time", "M4,2L13,8L4,14Z");
  play.setAttribute("aria-pressed", "false");
  const step = el("span", { class: "step" });
  const strips = el("div", { class: "strips" });
  const text = el("section", { class: "coloured", "aria-label": "The text" });
  const responses = el("section", { class: "responses", "aria-label": "What units go along with" });
  const panel = el("aside", { class: "panel", "aria-label": "Try it" });
  const formula = el("p", { class: "formula" });
  const code = el("details", { class: "codebox" });
  const lags = el("section", { class: "lags" });
  const provenance = el("p", { class: "provenance" });
  root.replaceChildren(
    el("nav", { "aria-label": "From the whole to one number" }, scenes),
    el("div", { class: "wordsbox" }, sentence, el("details", {}, el("summary", {}, "More"), more)),
    ops,
    el("div", { class: "work" }, el("div", { class: "desk" },
      stage, el("div", { class: "reading" }, el("p", {}, symbols, numbers, source), el("p", { class: "codeline" }, line, place)),
      el("div", { class: "transport", role: "group", "aria-label": "time" },
        button("step:0", "first step", "M3,3V13M13,3L6,8L13,13Z"), button("by:-1", "one step back", "M11,3L4,8L11,13Z"), play,
        button("by:1", "one step on", "M5,3L12,8L5,13Z"), button("step:last", "last step", "M13,3V13M3,3L10,8L3,13Z"), step),
      strips, text, responses), panel),
    formula, code, provenance, lags,
  );
  return { svg, scenes, sentence, more, stage, ops, symbols, numbers, source, line, place, lags, play, step, strips, text, responses, panel, formula, code, provenance };
}
