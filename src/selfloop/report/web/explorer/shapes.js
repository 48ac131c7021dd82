// Shapes that every scene is drawn with. Pure: from numbers to descriptions.

/** @import { Shape } from "./types.js" */
/** @import { Course, Model } from "./model.js" */
import { compact, fitted, three } from "./numbers.js";
import { address, read } from "./quantities.js";

/**
 * @typedef {"d" | "cls" | "text" | "fill" | "size" | "stroke" | "quantity" | "value" | "act" | "label"} Look
 * @typedef {Partial<Pick<Shape, Look>> & {opacity?: number, width?: number, r?: number}} Extra
 */

/**
 * @param {string} key
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 * @param {Extra} extra
 * @returns {Shape}
 */
export function rect(key, x, y, width, height, { opacity = 1, r = 4, ...extra } = {}) {
  return { key, tag: "rect", at: { x, y, width: Math.max(0, width), height: Math.max(0, height), rx: r, opacity }, ...extra };
}

/**
 * @param {string} key
 * @param {number} x
 * @param {number} y
 * @param {string} words
 * @param {Extra} extra
 * @returns {Shape}
 */
export function text(key, x, y, words, { opacity = 1, ...extra } = {}) {
  return { key, tag: "text", at: { x, y, opacity }, text: words, ...extra };
}

/**
 * @param {string} key
 * @param {string} d
 * @param {Extra} extra
 * @returns {Shape}
 */
export function path(key, d, { opacity = 1, width, ...extra } = {}) {
  /** @type {Record<string, number>} */
  const at = width === undefined ? { opacity } : { opacity, "stroke-width": width };
  return { key, tag: "path", d, at, ...extra };
}

/**
 * @param {string} key
 * @param {number} cx
 * @param {number} cy
 * @param {number} r
 * @param {Extra} extra
 * @returns {Shape}
 */
export function circle(key, cx, cy, r, { opacity = 1, ...extra } = {}) {
  return { key, tag: "circle", at: { cx, cy, r, opacity }, ...extra };
}

/**
 * A way for something to flow: straight pieces with soft corners.
 * @param {string} key
 * @param {[number, number][]} points
 * @param {Extra} extra
 * @returns {Shape}
 */
export function way(key, points, { cls = "flow", ...extra } = {}) {
  return path(key, route(points), { cls, ...extra });
}

/**
 * @param {[number, number][]} points
 * @param {number} radius of the corners
 */
export function route(points, radius = 10) {
  let d = `M${points[0][0]},${points[0][1]}`;
  for (let k = 1; k < points.length - 1; k++) {
    const [x, y] = points[k];
    const [before, after] = [towards(points[k], points[k - 1], radius), towards(points[k], points[k + 1], radius)];
    d += `L${before[0]},${before[1]}Q${x},${y} ${after[0]},${after[1]}`;
  }
  const end = points[points.length - 1];
  return `${d}L${end[0]},${end[1]}`;
}

/**
 * @param {[number, number]} from
 * @param {[number, number]} to
 * @param {number} radius
 */
function towards([x, y], [u, v], radius) {
  const length = Math.hypot(u - x, v - y) || 1;
  const share = Math.min(radius, length / 2) / length;
  return [x + (u - x) * share, y + (v - y) * share];
}

/**
 * A small arrow head, its tip at (x, y).
 * @param {string} key
 * @param {number} x
 * @param {number} y
 * @param {"right" | "left" | "up" | "down"} direction
 * @param {Extra} extra
 */
export function arrow(key, x, y, direction, { cls = "arrow", ...extra } = {}) {
  const [a, b] = { right: [-8, 0], left: [8, 0], up: [0, 8], down: [0, -8] }[direction];
  const [p, q] = a ? [0, 5] : [5, 0];
  return path(key, `M${x},${y}L${x + a + p},${y + b + q}L${x + a - p},${y + b - q}Z`, { cls, ...extra });
}

/**
 * An operation between two flows: × or +.
 * @param {string} key
 * @param {number} x
 * @param {number} y
 * @param {string} sign
 * @param {Extra} extra
 */
export function node(key, x, y, sign, extra = {}) {
  const { opacity } = extra;
  return [circle(key, x, y, 12, { cls: "node", ...extra }), text(`${key}:sign`, x, y + 5, sign, { cls: "sign", opacity })];
}

/** Letters smaller than this, in px, give way to a shorter notation. */
const LEGIBLE = 9.5;

/** What a number on the stage needs to know of its surroundings. */
/** @typedef {{model: Model, course: Course, t: number}} Place */

/**
 * A number with its address: hover it, focus it, and its formula is shown.
 * @param {Place} place
 * @param {string} key
 * @param {number} x
 * @param {number} y
 * @param {string} kind
 * @param {number} j
 * @param {string} name
 * @param {Extra & {t?: number, words?: string, before?: string, fit?: number}} extra fit: the room for it, px
 * @returns {Shape}
 */
export function number({ model, course, t: now }, key, x, y, kind, j, name, extra = {}) {
  const { t = now, words = kind, before = "", fit = 0, cls = "number", ...rest } = extra;
  const value = read(kind, model, course, t, j, name);
  const shown = three(value);
  const tight = fit > 0 && (fitted(before + shown, fit) ?? LEGIBLE) < LEGIBLE;
  const drawn = before + (tight ? compact(value) : shown);
  return text(key, x, y, drawn, {
    size: fit ? fitted(drawn, fit) : undefined,
    cls: Number.isFinite(value) ? cls : `${cls} broken`,
    quantity: address(model, kind, t, j, name), value, label: `${words}: ${shown}`, ...rest,
  });
}

/**
 * The colour of a signed value: blue, paper, red.
 * @param {number} value
 * @param {number} most
 */
export function signedFill(value, most) {
  if (!Number.isFinite(value)) return "var(--broken)";
  const share = most > 0 ? Math.min(100, Math.round((100 * Math.abs(value)) / most)) : 0;
  return `color-mix(in srgb, var(--${value < 0 ? "negative" : "positive"}) ${share}%, var(--paper))`;
}

/**
 * A vector as a row (or column) of squares.
 * @param {string} key
 * @param {number} x
 * @param {number} y
 * @param {ArrayLike<number>} values
 * @param {{size: number, most: number, gap?: number, down?: boolean, opacity?: number, marked?: number}} look
 * @returns {Shape[]}
 */
export function squares(key, x, y, values, { size, most, gap = 2, down = false, opacity = 1, marked = -1 }) {
  return Array.from(values, (value, k) => {
    const at = k * (size + gap);
    return rect(`${key}:${k}`, x + (down ? 0 : at), y + (down ? at : 0), size, size, {
      r: 2, fill: signedFill(value, most), cls: k === marked ? "square marked" : "square", opacity,
    });
  });
}
