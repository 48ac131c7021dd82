// Where things stand in a cell.

/** @import { Scene } from "./scene.js" */

/**
 * Where things stand in a cell. Heights are the same for all cells, so that one turns into another in place.
 * @typedef {object} Plan
 * @property {number} left of the cell's outline
 * @property {number} right
 * @property {number} width
 * @property {number} gate width of a gate
 * @property {(share: number) => number} x a place along the cell
 */

export const TOP = 52;
export const BOTTOM = 372;
export const BELT = 100;
export const MIDDLE = 172;
export const GATE = 222;
export const GATE_HEIGHT = 60;
export const LEVEL = GATE + GATE_HEIGHT / 2;
export const BUS = 340;

/**
 * @param {Scene} scene
 * @returns {Plan}
 */
export function planOf({ W, narrow }) {
  const left = narrow ? 10 : 92;
  const right = W - left;
  return { left, right, width: right - left, gate: narrow ? 56 : Math.min(84, Math.floor(0.135 * (right - left))), x: (share) => Math.round(left + share * (right - left)) };
}
