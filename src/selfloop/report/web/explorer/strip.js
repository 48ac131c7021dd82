// One strip: all steps of something at a glance.

/** @import { State } from "./types.js" */
/** @import { Course } from "./model.js" */
import { el, fill, say } from "./dom.js";

/** @typedef {{node: HTMLElement, update: (state: State, courses: Course[]) => void}} Strip */

/**
 * The height of a unit's row where there are so many, px.
 * @param {number} count
 */
export const rowHeight = (count) => (count <= 8 ? 10 : count <= 16 ? 8 : Math.max(1, Math.floor(128 / count)));

/**
 * Its label, its plot, its value under the cursor. Drawn again only when its course changes. What is `still` draws the
 * steps in sight by itself; all else is as wide as all steps, and moved.
 * @param {{label: Node | string, height: number, aria: string, still?: boolean, classes?: string, source: (courses: Course[]) => unknown, draw: (canvas: HTMLCanvasElement, courses: Course[]) => void, value: (state: State, courses: Course[]) => string | {look: string, words: string, hollow?: boolean}[]}} parts
 * @returns {Strip}
 */
export function stripOf({ label, height, aria, still = false, classes = "", source, draw, value }) {
  const canvas = el("canvas", { role: "img", "aria-label": aria, class: still ? "still" : "wide", style: `height:${height}px` });
  const said = el("span", { class: "stripvalue" });
  const node = el("div", { class: classes ? `striprow ${classes}` : "striprow" }, el("span", { class: "striplabel" }, label), el("div", { class: "plot" }, canvas), said);
  /** @type {unknown} */
  let drawn = null;
  return {
    node,
    update: (state, courses) => {
      if (drawn !== source(courses)) {
        drawn = source(courses);
        draw(canvas, courses);
      }
      const values = value(state, courses);
      if (typeof values === "string") say(said, values);
      else fill(said, JSON.stringify(values), () => values.map(({ look, words, hollow }) => el("span", { class: "one" }, el("i", { class: hollow ? "chip hollow" : "chip", style: `--look: var(--${look})` }), words)));
    },
  };
}
