// What the belt keeps, what is written, and which step wrote what is on it now.

/** @import { Shape, Share } from "./types.js" */
/** @import { Scene } from "./scene.js" */
import { stateLook } from "./kind.js";
import { three } from "./numbers.js";
import { address, ledger } from "./quantities.js";
import { at, stepNumber } from "./scene.js";
import { number, rect, text, way } from "./shapes.js";

/**
 * @param {Scene} scene
 * @returns {Shape[]}
 */
export function ledgerShapes(scene) {
  const { W, narrow } = scene;
  const box = narrow ? { x: 24, y: 232, width: W - 48, height: 260 } : { x: 40, y: 232, width: W - 80, height: 132 };
  return [...balance(scene), ...history(scene, box)];
}

/**
 * kept + written = now
 * @param {Scene} scene
 * @returns {Shape[]}
 */
function balance(scene) {
  const { model, course, state, W, narrow } = scene;
  const { t, unit } = state;
  const { belt, carried } = model.kind;
  if (!belt) return [];
  /** @type {(share: Share) => [string, string, string]} */
  const part = ({ symbol, rest, text: words }) => (rest ? ["rest", symbol, words] : ["gate", symbol, at(scene, symbol, t)]);
  const writes = /** @type {[string, string, string][]} */ ([part(belt.write), ["gate", belt.candidate, at(scene, belt.candidate, t)]]);
  const keeps = /** @type {[string, string, string][]} */ ([part(belt.keep), ["state", carried, at(scene, carried, t - 1)]]);
  const right = narrow ? W - 24 : Math.min(W - 40, 620);
  const columns = narrow ? [24, right - 150, right - 74, right] : [40, right - 240, right - 120, right];
  /** @type {(key: string, y: number, words: string, pair: [string, string, string][], product: string) => Shape[]} */
  const line = (key, y, words, pair, product) => [
    text(`bal:${key}:name`, columns[0], y, words, { cls: "plain" }),
    ...pair.map(([kind, name, symbol], k) => number({ model, course, t }, `bal:${key}:${k}`, columns[1 + k], y, kind, unit, name, {
      t: kind === "state" ? t - 1 : t, before: narrow ? (k ? "× " : "") : `${k ? "× " : ""}${symbol} `, words: symbol, cls: "number end", fit: narrow ? 70 : 110,
    })),
    number({ model, course, t }, `bal:${key}:product`, columns[3], y, product, unit, "-", { before: "= ", words, cls: "number end", fit: narrow ? 70 : 110 }),
  ];
  return [
    ...line("keep", 56, "kept", keeps, "keep"),
    ...line("write", 88, "written", writes, "write"),
    way("bal:line", [[columns[0], 102], [columns[3], 102]], { cls: "rule" }),
    text("bal:now", columns[0], 126, `on the belt: ${at(scene, carried, t)}`, { cls: "strong start" }),
    number({ model, course, t }, "bal:sum", columns[3], 126, "state", unit, carried, { cls: "number strong end", words: "on the belt now" }),
  ];
}

/**
 * @param {Scene} scene
 * @param {{x: number, y: number, width: number, height: number}} box
 * @returns {Shape[]}
 */
function history(scene, box) {
  const { model, course, state, exploration, narrow } = scene;
  const { t, unit } = state;
  const { start, written } = ledger(model, course, t, unit);
  const parts = [start, ...written];
  const most = Math.max(1e-12, ...parts.map(Math.abs).filter(Number.isFinite));
  const low = Math.min(0, ...parts.filter(Number.isFinite));
  const high = Math.max(0, ...parts.filter(Number.isFinite));
  const y = (/** @type {number} */ value) => box.y + ((high - value) / (high - low || 1)) * box.height;
  const first = Math.max(0, written.length - 60); // older ones would be thinner than a hair
  const apart = box.width / (written.length - first + 1);
  const bars = Array.from({ length: written.length - first + 1 }, (_, k) => (k === 0 ? start : written[first + k - 1]));
  const top = bars.reduce((best, value, k) => (Math.abs(value) > Math.abs(bars[best]) ? k : best), 0);
  return [
    text("led:title", box.x, box.y - 32, narrow ? "Which step wrote it:" : "Which step wrote what is on the belt now (the bars add up to it):", { cls: "plain" }),
    way("led:zero", [[box.x, y(0)], [box.x + box.width, y(0)]], { cls: "rule" }),
    ...bars.flatMap((value, k) => {
      const x = box.x + k * apart + 1;
      const sane = Number.isFinite(value) ? value : 0;
      const name = k === 0 ? "start" : String(first + k - 1);
      return [{
        ...rect(`led:${name}`, x, Math.min(y(0), y(sane)), Math.max(1, apart - 2), Math.max(0.5, Math.abs(y(sane) - y(0))), {
          r: 1, cls: "ledger", fill: `var(--${stateLook(model.kind.carried)})`, act: k === 0 ? undefined : `step:${first + k - 1}`,
          label: `${k === 0 ? "left of the start" : `written at step ${stepNumber(exploration, first + k - 1)}`}: ${three(value)}`,
        }),
        quantity: address(model, "written", t, unit, name), value,
      }];
    }),
    text("led:first", box.x, box.y + box.height + 36, first ? `step ${stepNumber(exploration, first)}` : "start", { cls: "muted start" }),
    text("led:last", box.x + box.width, box.y + box.height + 36, `step ${stepNumber(exploration, t)}`, { cls: "muted end" }),
    ...(top > 0 && Math.abs(bars[top]) > 0.2 * most ? [
      text("led:top", Math.min(Math.max(box.x + (top + 0.5) * apart, box.x + 60), box.x + box.width - 60), bars[top] < 0 ? y(bars[top]) + 16 : y(bars[top]) - 6, `step ${stepNumber(exploration, first + top - 1)}: ${three(bars[top])}`, { cls: "small middle" }),
    ] : []),
  ];
}
