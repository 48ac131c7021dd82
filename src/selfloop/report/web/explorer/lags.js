// How far back: the gradient by lag of all models on one logarithmic axis, and the measured horizons.

/** @import { Model } from "./model.js" */
import { el } from "./dom.js";
import { HIDDEN } from "./kind.js";
import { count, percent, superscript } from "./numbers.js";
import { linePath } from "./scales.js";
import { lookOf, twin } from "./look.js";

const [HEIGHT, LEFT, TOP, BOTTOM] = [260, 48, 12, 36];
const END = 112; // px that the words at the end of the axis take

/**
 * @param {Model[]} models
 * @param {number} width px
 * @returns {Node[]}
 */
export function lagChart(models, width) {
  const lines = models.filter(({ trace }) => trace.by_lag.length > 1 && trace.by_lag.some((value) => value !== null && value > 0));
  const silent = models.filter((model) => model.trace.by_lag.length > 1 && !lines.includes(model));
  const horizons = models.filter(({ trace }) => trace.horizon);
  if (!lines.length && !silent.length && !horizons.length) return [];
  return [
    el("h2", {}, "How far back"),
    ...(lines.length ? [el("p", {}, lagWords(lines)), drawing(lines, Math.min(720, width))] : []),
    ...silent.map(({ trace }) => el("p", {}, `This ${trace.label} has no such line: nothing finite and above 0 came back.`)),
    ...horizons.map(({ trace }) => el("p", {}, horizonWords(trace))),
  ];
}

/**
 * What the lines are of: the gradient of what each model carries, h or the state beside it.
 * @param {Model[]} models
 */
export function lagWords(models) {
  const carried = models.map(({ kind }) => kind.cell ?? HIDDEN);
  const same = carried.every((symbol) => symbol === carried[0]);
  const what = same ? carried[0] : [...new Set(carried)].map((symbol) => `${symbol} (${models.filter((_, k) => carried[k] === symbol).map(({ trace }) => trace.label).join(", ")})`).join(" or ");
  const layers = models.some(({ trace }) => trace.layers > 1) ? ", in all layers together" : "";
  return `How strongly the loss at a step pulls at ${what} of k steps before${layers}: the mean norm over all that was measured (the lines are logarithmic: a step of the grid is a factor of ten).`;
}

/** @param {import("./types.js").TracedModel} trace */
export function horizonWords({ label, horizon }) {
  if (!horizon) return "";
  const { steps, low, high, window, epsilon, of, falls } = horizon;
  const whole = of === "past" ? " of what the whole past is worth" : "";
  const share = (/** @type {number} */ part) => `${percent(part)}${whole}`;
  const interval = low === null || high === null || (low === steps && high === steps) ? "" : ` [${low} to ${high}]`;
  if (steps === null) return `This ${label}: replaced inputs still change the loss by ${share(epsilon)} or more at the end of the window of ${window} steps.`;
  const older = steps === 0 && !interval ? "inputs before the last step" : `inputs older than ${count(steps, "step")}${interval}`;
  if (falls) return `This ${label}: ${older} do not help; with others in their place the loss is up to ${share(falls)} lower, in a window of ${window}.`;
  return `This ${label}: ${older} change the loss by under ${share(epsilon)}, in a window of ${window}.`;
}

/**
 * @param {Model[]} models
 * @param {number} WIDTH px
 */
function drawing(models, WIDTH) {
  const curves = models.map(({ trace }) => trace.by_lag.map((value) => (value === null || !(value > 0) ? NaN : Math.log10(value))));
  const right = 20 + 7 * Math.max(...models.map(({ trace }) => trace.label.length)); // room for the names
  const finite = curves.flat().filter(Number.isFinite);
  const high = Math.ceil(Math.max(...finite));
  const low = Math.min(high - 1, Math.max(high - 12, Math.floor(Math.min(...finite))));
  const K = Math.max(...curves.map((curve) => curve.length)) - 1;
  const x = (/** @type {number} */ k) => LEFT + (k / K) * (WIDTH - LEFT - right);
  const y = (/** @type {number} */ value) => TOP + ((high - Math.max(low, value)) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const decades = Array.from({ length: high - low + 1 }, (_, k) => low + k);
  const every = Math.ceil(decades.length / 7);
  const ticks = [...new Set([0, 0.25, 0.5, 0.75, 1].map((share) => Math.round(share * K)))];
  const places = apart(curves.map((curve) => y(lastFinite(curve))), 15);
  return svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "lagchart", role: "img", "aria-label": `Gradient by lag, 0 to ${K} steps back, of ${models.map(({ trace }) => trace.label).join(", ")}` },
    ...decades.flatMap((decade) => [
      svg("path", { class: "rule", d: `M${LEFT},${y(decade)}H${WIDTH - right}` }),
      ...(decade % every === 0 ? [svg("text", { x: LEFT - 8, y: y(decade) + 4, class: "muted end" }, decade === 0 ? "1" : `10${superscript(decade)}`)] : []),
    ]),
    ...ticks.filter((k) => k === K || x(K) - x(k) > END).map((k) => svg("text", { x: x(k), y: HEIGHT - 14, class: `muted ${k === K ? "end" : "middle"}` }, k === K ? `${k} steps back` : String(k))),
    ...models.flatMap((model, k) => [
      svg("path", { class: twin(models, k) ? "curve dashed" : "curve", style: `stroke: var(--${lookOf(model)})`, d: linePath(curves[k], x, y) }),
      svg("text", { x: x(curves[k].length - 1) + 8, y: places[k] + 5, class: "small start" }, model.trace.label),
    ]));
}

/**
 * Places for names, moved down where they would lie on each other.
 * @param {number[]} places
 * @param {number} least
 */
export function apart(places, least) {
  const moved = [...places];
  let last = -Infinity;
  for (const k of [...places.keys()].sort((a, b) => places[a] - places[b])) {
    moved[k] = last = Math.max(places[k], last + least);
  }
  return moved;
}

/** @param {number[]} values */
const lastFinite = (values) => [...values].reverse().find(Number.isFinite) ?? 0;

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 * @param {(Node | string)[]} children
 */
function svg(name, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}
