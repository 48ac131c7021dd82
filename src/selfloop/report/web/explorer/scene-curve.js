// The curve that a sum is put through, and where we are on it.

/** @import { Shape } from "./types.js" */
/** @import { Activation } from "./activations.js" */
/** @import { Scene } from "./scene.js" */
import { three } from "./numbers.js";
import { read } from "./quantities.js";
import { roundBelow } from "./scales.js";
import { circle, number, path, text, way } from "./shapes.js";

/**
 * The activation's curve with the point where we are.
 * @param {Scene} scene
 * @param {{x: number, y: number, width: number, height: number}} box
 * @param {{sum: number, shown: [string, string], symbol: string, words: string, activation: Activation}} what
 * @returns {Shape[]}
 */
export function curveShapes(scene, box, { sum, shown, symbol, words, activation }) {
  const { model, state, course } = scene;
  const value = read(shown[0], model, course, state.t, state.unit, shown[1]);
  const reach = Math.max(4, roundBelow(Math.min(1e6, Math.abs(sum) * 2.4)));
  const [low, top] = [Math.max(activation.low, -reach), Math.min(activation.high, reach)]; // without end: as far as the sum is
  const px = (/** @type {number} */ a) => box.x + ((Math.min(reach, Math.max(-reach, a)) + reach) / (2 * reach)) * box.width;
  const py = (/** @type {number} */ v) => box.y + box.height - ((v - low) / (top - low)) * box.height;
  const points = Array.from({ length: 61 }, (_, k) => (k / 30 - 1) * reach);
  const there = Number.isFinite(sum) && Number.isFinite(value);
  return [
    way("curve:zero", [[box.x, py(0)], [box.x + box.width, py(0)]], { cls: "zero" }),
    way("curve:middle", [[px(0), box.y], [px(0), box.y + box.height]], { cls: "zero" }),
    path("curve", `M${points.map((a) => `${px(a).toFixed(1)},${py(activation.of(a)).toFixed(1)}`).join("L")}`, { cls: "curve" }),
    text("curve:top", box.x - 8, box.y + 5, three(top).replace(".00", ""), { cls: "muted end" }),
    text("curve:bottom", box.x - 8, box.y + box.height + 5, String(low).replace("-", "−"), { cls: "muted end" }),
    text("curve:left", box.x, box.y + box.height + 22, String(-reach).replace("-", "−"), { cls: "muted middle" }),
    text("curve:right", box.x + box.width, box.y + box.height + 22, String(reach), { cls: "muted middle" }),
    text("curve:name", box.x + box.width / 2, box.y - 44, words, { cls: "muted middle" }),
    ...(there ? [
      way("curve:across", [[px(sum), py(low)], [px(sum), py(value)], [box.x, py(value)]], { cls: "guide" }),
      circle("curve:point", px(sum), py(value), 6, { cls: "point" }),
    ] : []),
    number({ model, course, t: state.t }, "curve:value", box.x + box.width / 2, box.y - 16, shown[0], state.unit, shown[1], { cls: "number large middle", words: "value", before: `${symbol} = ` }),
  ];
}
