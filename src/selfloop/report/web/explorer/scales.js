// Scales: from a number to a width, a colour or a place. Pure.

/** Decades that widths and shades of gradients span. */
export const DECADES = 6;

/**
 * The width of what flows: as thick as it is large.
 * @param {number} value
 * @param {number} most
 * @param {number} widest in px
 */
export function flow(value, most, widest = 9) {
  const size = Math.abs(value);
  if (!Number.isFinite(size)) return widest;
  return most > 0 ? 0.75 + (widest - 0.75) * Math.min(1, size / most) : 0.75;
}

/**
 * Where a gradient stands on the one logarithmic scale: 1 at `most`, 0 at `most` / 10^DECADES and below.
 * @param {number} value
 * @param {number} most
 */
export function decade(value, most) {
  const size = Math.abs(value);
  if (Number.isNaN(size)) return 0;
  if (size === Infinity) return 1;
  if (!(most > 0) || size === 0) return 0;
  return Math.min(1, Math.max(0, 1 + Math.log10(size / most) / DECADES));
}

/**
 * The width of a gradient's path.
 * @param {number} value
 * @param {number} most
 * @param {number} widest in px
 */
export function gradientFlow(value, most, widest = 11) {
  const at = decade(value, most);
  return at === 0 ? 0.5 : 0.75 + (widest - 0.75) * at;
}

/** @typedef {[number, number, number]} Rgb */

/**
 * @param {string} text "#rrggbb", "#rgb" or "rgb(r, g, b)"
 * @returns {Rgb}
 */
export function rgb(text) {
  const long = text.trim().replace(/^#([0-9a-f])([0-9a-f])([0-9a-f])$/i, "#$1$1$2$2$3$3");
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(long);
  const parts = hex ? hex.slice(1).map((each) => parseInt(each, 16)) : (text.match(/[\d.]+/g) ?? []).map(Number);
  return [parts[0] ?? 0, parts[1] ?? 0, parts[2] ?? 0];
}

/**
 * @param {Rgb} from
 * @param {Rgb} to
 * @param {number} share
 * @returns {Rgb}
 */
export function mix(from, to, share) {
  const between = (/** @type {0 | 1 | 2} */ k) => Math.round(from[k] + (to[k] - from[k]) * share);
  return [between(0), between(1), between(2)];
}

/**
 * Blue, paper, red, centred at 0.
 * @param {number} value
 * @param {number} most
 * @param {{negative: Rgb, paper: Rgb, positive: Rgb}} colours
 */
export function diverging(value, most, colours) {
  const share = most > 0 ? Math.min(1, Math.abs(value) / most) : 0;
  return mix(colours.paper, value < 0 ? colours.negative : colours.positive, share);
}

/**
 * Black or white: the one that is read better on a colour, by the relative luminance of WCAG 2.
 * @param {Rgb} back
 * @returns {Rgb}
 */
export function contrasting(back) {
  const [r, g, b] = back.map((part) => (part <= 10 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? [0, 0, 0] : [255, 255, 255];
}

/**
 * The largest round number (1, 2 or 5 times a power of ten) that is not above the value.
 * @param {number} value
 */
export function roundBelow(value) {
  if (!(value > 0) || !Number.isFinite(value)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([5, 2, 1].find((step) => step * power <= value * (1 + 1e-9)) ?? 1);
}

/**
 * A line through values at equal distances; gaps where they are not finite.
 * @param {ArrayLike<number>} values
 * @param {(k: number) => number} x
 * @param {(value: number) => number} y
 */
export function linePath(values, x, y) {
  let path = "";
  let open = false;
  for (let k = 0; k < values.length; k++) {
    const finite = Number.isFinite(values[k]);
    if (finite) path += `${open ? "L" : "M"}${x(k).toFixed(1)},${y(values[k]).toFixed(1)}`;
    open = finite;
  }
  return path;
}
