// Heat maps and lines on canvas, in the page's own colours.

/** @import { Rgb } from "./scales.js" */
import { diverging, linePath, mix, rgb } from "./scales.js";

/** @typedef {{paper: Rgb, negative: Rgb, positive: Rgb, heat: Rgb, broken: Rgb, grid: string, look: (name: string) => string}} Palette */

const MOST_PIXELS = 16_000; // across: browsers draw nothing on wider ones

/**
 * The colours as they are now: light, dark or paper.
 * @param {Element} root
 * @returns {Palette}
 */
export function palette(root) {
  const style = getComputedStyle(root);
  const of = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
  return {
    paper: rgb(of("paper")), negative: rgb(of("negative")), positive: rgb(of("positive")), heat: rgb(of("ink")),
    broken: rgb(of("broken")), grid: of("grid"), look: of,
  };
}

/**
 * A heat map, a pixel a value; the browser scales it, with hard edges.
 * @param {HTMLCanvasElement} canvas
 * @param {Palette} colours
 * @param {{rows: number, columns: number, signed: boolean, share: (row: number, column: number) => number, full?: Rgb}} map full: the colour of a share of 1
 */
export function drawHeat(canvas, colours, { rows, columns, signed, share, full = colours.heat }) {
  canvas.width = columns;
  canvas.height = rows;
  canvas.classList.add("heat");
  const context = canvas.getContext("2d");
  if (!context) return;
  const image = context.createImageData(columns, rows);
  for (let r = 0; r < rows; r++) {
    for (let t = 0; t < columns; t++) {
      const value = share(r, t);
      const colour = !Number.isFinite(value) ? colours.broken : signed ? diverging(value, 1, colours) : mix(colours.paper, full, value);
      image.data.set([...colour, 255], 4 * (r * columns + t));
    }
  }
  context.putImageData(image, 0, 0);
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Palette} colours
 * @param {{values: ArrayLike<number>, colour: string, dashed: boolean, low: number, high: number}[]} lines
 */
export function drawLines(canvas, colours, lines) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const ratio = Math.min(devicePixelRatio || 1, MOST_PIXELS / Math.max(width, 1));
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const context = canvas.getContext("2d");
  if (!context) return;
  context.scale(ratio, ratio);
  context.strokeStyle = colours.grid;
  for (const share of [0, 0.5, 1]) context.strokeRect(0, 1 + share * (height - 2), width, 0);
  for (const { values, colour, dashed, low, high } of lines) {
    const x = (/** @type {number} */ k) => ((k + 0.5) / values.length) * width;
    const y = (/** @type {number} */ value) => height - 3 - ((value - low) / (high - low || 1)) * (height - 6);
    context.strokeStyle = colours.look(colour);
    context.lineWidth = 2;
    context.setLineDash(dashed ? [5, 4] : []);
    context.lineJoin = "round";
    context.stroke(new Path2D(linePath(values, x, y)));
    if (values.length === 1) context.strokeRect(x(0) - 2, y(values[0]) - 2, 4, 4);
  }
}
