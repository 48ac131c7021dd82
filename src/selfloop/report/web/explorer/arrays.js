// Arrays as they travel: base64 of little-endian numbers, row by row.

/** @import { Numbers, Packed, Tensor } from "./types.js" */

/**
 * @param {Packed} packed
 * @returns {Tensor}
 */
export function unpack(packed) {
  const text = atob(packed.base64);
  const bytes = new Uint8Array(text.length);
  for (let k = 0; k < text.length; k++) bytes[k] = text.charCodeAt(k);
  const view = new DataView(bytes.buffer);
  const single = packed.dtype === "float32";
  const count = packed.shape.reduce((product, size) => product * size, 1);
  const values = single ? new Float32Array(count) : new Float64Array(count);
  for (let k = 0; k < count; k++) values[k] = single ? view.getFloat32(4 * k, true) : view.getFloat64(8 * k, true);
  return { shape: packed.shape, values };
}

/**
 * The values alone; zeros where there are none.
 * @param {Packed | null | undefined} packed
 * @param {number} count
 * @returns {Numbers}
 */
export function valuesOf(packed, count) {
  return packed ? unpack(packed).values : new Float64Array(count);
}

/**
 * Row `t` of a (T, size) array, a view.
 * @param {Numbers} values
 * @param {number} t
 * @param {number} size
 * @returns {Numbers}
 */
export function row(values, t, size) {
  return values.subarray(t * size, (t + 1) * size);
}

/**
 * Euclidean norm.
 * @param {ArrayLike<number>} values
 */
export function norm(values) {
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += values[k] * values[k];
  return Math.sqrt(sum);
}

/**
 * The largest absolute difference; NaN where one is NaN and the other is not.
 * @param {ArrayLike<number>} a
 * @param {ArrayLike<number>} b
 */
export function deviation(a, b) {
  let most = 0;
  for (let k = 0; k < a.length; k++) {
    if (Object.is(a[k], b[k]) || a[k] === b[k]) continue;
    const gap = Math.abs(a[k] - b[k]);
    if (!(gap <= most)) most = gap;
    if (Number.isNaN(most)) return NaN;
  }
  return most;
}

/**
 * The largest finite absolute value.
 * @param {ArrayLike<number>} values
 */
export function largest(values) {
  let most = 0;
  for (let k = 0; k < values.length; k++) {
    const size = Math.abs(values[k]);
    if (size > most && size < Infinity) most = size;
  }
  return most;
}
