// The gates of one model at all steps, in their own colours.

/** @import { Palette } from "./canvas.js" */
/** @import { Model } from "./model.js" */
/** @import { Strip } from "./strip.js" */
import { ACTIVATIONS } from "./activations.js";
import { drawHeat } from "./canvas.js";
import { el } from "./dom.js";
import { largest } from "./arrays.js";
import { gateLook, gateOf, nameOf } from "./kind.js";
import { three } from "./numbers.js";
import { rgb } from "./scales.js";
import { rowHeight, stripOf } from "./strip.js";

/**
 * @param {Model} model
 * @param {number} which place among the models
 * @param {Palette} colours
 * @returns {Strip[]}
 */
export function gateStrips(model, which, colours) {
  const { kind, ranked: units, H, T, trace } = model;
  return kind.shown.map((symbol) => {
    const look = gateLook(kind, symbol);
    const gate = gateOf(kind, symbol);
    return stripOf({
      label: el("span", { class: "gatelabel", style: `--look: var(--${look})`, title: gate?.meaning ?? "" }, `${gate?.name} `, el("small", {}, symbol)),
      height: H * Math.max(1, Math.floor(rowHeight(H) / 2)),
      aria: `${trace.label}: ${nameOf(kind, symbol)} of ${H} units over ${T} steps`,
      source: (courses) => courses[which],
      draw: (canvas, courses) => {
        const values = courses[which].run.gates[symbol];
        const most = gate && ACTIVATIONS[gate.activation].high === Infinity ? largest(values) || 1 : 1;
        drawHeat(canvas, colours, {
          rows: H, columns: T, signed: !gate?.share, full: rgb(colours.look(look)),
          share: (r, t) => values[t * H + units[r]] / most,
        });
      },
      value: (state, courses) => `unit ${state.unit + 1}: ${three(courses[which].run.gates[symbol][state.t * H + state.unit])}`,
    });
  });
}
