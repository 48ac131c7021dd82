// Numbers as a reader wants them: three significant digits, as selfloop/words.py writes them.

const SUPERSCRIPT = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"];
const SUBSCRIPT = ["₀", "₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉"];

/** @param {string} text */
const minus = (text) => text.replace("-", "−");

/**
 * 0.970, 12.3, 4,288, 1.20 × 10⁻⁷; what is not finite is named.
 * @param {number} value
 * @returns {string}
 */
export function three(value) {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e9 || size < 1e-4) {
    const [digits, exponent] = value.toExponential(2).split("e");
    return `${minus(digits)} × 10${superscript(Number(exponent))}`;
  }
  if (size >= 999.5) return minus(Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, ","));
  return minus(value.toPrecision(3));
}

/**
 * The same where there is little room: 1.20e−7.
 * @param {number} value
 */
export function compact(value) {
  const usual = three(value);
  return usual.includes("×") ? exponential(value) : usual;
}

/** @param {number} value */
const exponential = (value) => value.toExponential(2).replace("e+", "e").replaceAll("-", "−");

/**
 * As it stands in a field to be changed: nothing in it that `parse` would read as something else, and short enough.
 * @param {number} value
 */
export function typed(value) {
  const size = Math.abs(value);
  if (Number.isFinite(value) && size !== 0 && (size >= 999_999.5 || size < 1e-4)) return exponential(value);
  return size >= 999.5 && Number.isFinite(value) ? minus(String(Math.round(value))) : three(value);
}

/** @param {number} n */
export function superscript(n) {
  return minusUp(n) + [...Math.abs(n).toString()].map((digit) => SUPERSCRIPT[Number(digit)]).join("");
}

/** @param {number} n */
const minusUp = (n) => (n < 0 ? "⁻" : "");

/** @param {number} n */
export function subscript(n) {
  return (n < 0 ? "₋" : "") + [...Math.abs(n).toString()].map((digit) => SUBSCRIPT[Number(digit)]).join("");
}

/**
 * Every digit.
 * @param {number} value
 */
export function full(value) {
  return minus(String(value));
}

/**
 * With its sign in front, for terms of a sum: + 0.970, − 0.120.
 * @param {number} value
 */
export function signed(value) {
  return value < 0 ? `− ${three(-value)}` : `+ ${three(value)}`;
}

const JOIN = "\u00a0"; // a number and its unit stay on one line

/**
 * 4.2 %, 12 %, 99.8 %; 0 % and 100 % are said of nothing else.
 * @param {number} share zero to one
 */
export function percent(share) {
  if (!Number.isFinite(share)) return three(share);
  if (share > 0 && share < 0.0005) return `less than 0.1${JOIN}%`;
  if (share < 1 && share >= 0.9995) return `over 99.9${JOIN}%`;
  const tenths = share < 0.0995 || (share >= 0.995 && share < 1);
  return `${(100 * share).toFixed(tenths ? 1 : 0).replace(/\.0$/, "")}${JOIN}%`;
}

/**
 * @param {number} n
 * @param {string} noun
 */
export function count(n, noun) {
  return `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;
}

/**
 * The size of letters at which a number fits into a room; undefined where the usual size does.
 * @param {string} text
 * @param {number} room px
 * @param {number} usual px
 */
export function fitted(text, room, usual = 14) {
  const size = Math.floor((20 * room) / (0.62 * [...text].length)) / 20; // 0.62 em: a digit of a wide font
  return size >= usual ? undefined : Math.max(8.5, size);
}

/** @param {string} text */
export function parse(text) {
  const value = Number(text.trim().replaceAll("−", "-").replace(",", "."));
  return text.trim() !== "" && Number.isFinite(value) ? value : null;
}
