// Puts shapes on the stage: what keeps its key moves there, what is new fades in, what is gone fades out.

/** @import { Shape } from "./types.js" */

const NAMESPACE = "http://www.w3.org/2000/svg";

/**
 * @typedef {object} Piece
 * @property {SVGElement} element
 * @property {Shape} shape
 * @property {Record<string, number>} at where it is
 * @property {Record<string, number>} from
 * @property {Record<string, number>} to
 * @property {string} d
 * @property {number[] | null} fromPath
 * @property {number[] | null} toPath
 * @property {boolean} leaving
 */

/** @param {number} share */
const ease = (share) => (share < 0.5 ? 4 * share ** 3 : 1 - (2 - 2 * share) ** 3 / 2);

const NUMBER = /-?\d+(?:\.\d+)?(?:e-?\d+)?/g;

/** @param {string} d */
const form = (d) => d.replace(NUMBER, "0");

/** @param {string} d */
const numbersIn = (d) => (d.match(NUMBER) ?? []).map(Number);

/**
 * @param {string} d
 * @param {number[]} numbers
 */
function filled(d, numbers) {
  let k = 0;
  return d.replace(NUMBER, () => (Math.round(numbers[k++] * 100) / 100).toString());
}

export class Stage {
  /** @param {SVGSVGElement} svg */
  constructor(svg) {
    this.svg = svg;
    /** @type {Map<string, Piece>} */
    this.pieces = new Map();
    this.frame = 0;
    this.started = 0;
    this.duration = 0;
  }

  /**
   * @param {Shape[]} shapes back to front, each key once
   * @param {number} duration of the movement, in ms; 0 is at once
   */
  show(shapes, duration) {
    this.duration = duration;
    const seen = new Set();
    /** @type {Element | null} */
    let last = null;
    for (const shape of shapes) {
      seen.add(shape.key);
      const piece = this.pieces.get(shape.key);
      const kept = piece && piece.shape.tag === shape.tag ? this.#update(piece, shape) : this.#create(shape);
      if (!kept.element.parentNode || kept.element.previousElementSibling !== last) this.#place(kept.element, last);
      last = kept.element;
    }
    for (const [key, piece] of this.pieces) if (!seen.has(key)) this.#leave(piece);
    this.started = performance.now();
    if (duration === 0) this.#draw(1);
    else if (!this.frame) this.frame = requestAnimationFrame((now) => this.#tick(now));
  }

  /**
   * Without moving what has the focus: the browser would take it away.
   * @param {SVGElement} element
   * @param {Element | null} last
   */
  #place(element, last) {
    if (element.contains(document.activeElement)) return;
    this.svg.insertBefore(element, last ? last.nextSibling : this.svg.firstChild);
  }

  /** @param {Shape} shape */
  #create(shape) {
    this.pieces.get(shape.key)?.element.remove();
    const element = document.createElementNS(NAMESPACE, shape.tag);
    element.dataset.key = shape.key;
    const to = { opacity: 1, ...shape.at };
    const piece = { element, shape: { key: shape.key, tag: shape.tag }, at: { ...to, opacity: 0 },
      from: { ...to, opacity: 0 }, to, d: shape.d ?? "", fromPath: null, toPath: null, leaving: false };
    this.pieces.set(shape.key, piece);
    if (shape.d) element.setAttribute("d", shape.d);
    for (const [name, value] of Object.entries(piece.at)) element.setAttribute(name, String(value));
    dress(piece, shape);
    return piece;
  }

  /**
   * @param {Piece} piece
   * @param {Shape} shape
   */
  #update(piece, shape) {
    piece.leaving = false;
    piece.from = { ...piece.at };
    piece.to = { opacity: 1, ...shape.at };
    if (shape.d !== undefined) {
      const same = form(shape.d) === form(piece.d);
      piece.fromPath = same ? numbersIn(piece.element.getAttribute("d") ?? piece.d) : null;
      piece.toPath = same ? numbersIn(shape.d) : null;
      if (!same) piece.element.setAttribute("d", shape.d);
      piece.d = shape.d;
    }
    dress(piece, shape);
    return piece;
  }

  /** @param {Piece} piece */
  #leave(piece) {
    if (piece.leaving) return;
    piece.leaving = true;
    piece.from = { ...piece.at };
    piece.to = { ...piece.at, opacity: 0 };
    piece.fromPath = piece.toPath = null;
    for (const name of ["tabindex", "role", "data-quantity", "data-act"]) piece.element.removeAttribute(name);
    piece.element.setAttribute("aria-hidden", "true");
    piece.element.setAttribute("pointer-events", "none");
  }

  /** @param {number} now */
  #tick(now) {
    const share = this.duration ? Math.min(1, (now - this.started) / this.duration) : 1;
    this.#draw(share);
    this.frame = share < 1 ? requestAnimationFrame((next) => this.#tick(next)) : 0;
  }

  /** @param {number} share of the way */
  #draw(share) {
    const eased = ease(Math.max(0, share));
    for (const [key, piece] of this.pieces) {
      move(piece, eased);
      if (share >= 1 && piece.leaving) {
        piece.element.remove();
        this.pieces.delete(key);
      }
    }
  }
}

/**
 * @param {Piece} piece
 * @param {number} share
 */
function move({ element, at, from, to, d, fromPath, toPath }, share) {
  for (const name of Object.keys(to)) {
    const start = from[name] ?? to[name];
    const value = share >= 1 ? to[name] : start + (to[name] - start) * share;
    if (at[name] === value) continue;
    at[name] = value;
    element.setAttribute(name, (Math.round(value * 100) / 100).toString());
  }
  if (fromPath && toPath) {
    element.setAttribute("d", share >= 1 ? d : filled(d, fromPath.map((n, k) => n + (toPath[k] - n) * share)));
  }
}

/**
 * Colours as a style: an attribute would give way to the style sheet.
 * @param {Shape} shape
 */
function styleOf({ fill, stroke, size }) {
  const style = `${size ? `font-size:${size}px;` : ""}${fill ? `fill:${fill};` : ""}${stroke ? `stroke:${stroke}` : ""}`;
  return style || undefined;
}

/**
 * What is not a place: words, classes, colours, what it is for.
 * @param {Piece} piece
 * @param {Shape} shape
 */
function dress(piece, shape) {
  const { element, shape: before } = piece;
  if (before.text !== shape.text) element.textContent = shape.text ?? "";
  const attributes = {
    class: shape.cls, style: styleOf(shape), "data-quantity": shape.quantity,
    "data-value": shape.value === undefined ? undefined : String(shape.value), "data-act": shape.act,
    tabindex: shape.act || shape.quantity ? "0" : undefined,
    role: shape.act ? "button" : shape.quantity ? "img" : undefined,
    "aria-label": shape.label, "aria-hidden": shape.label || shape.quantity ? undefined : "true",
    "pointer-events": shape.act || shape.quantity ? undefined : "none",
  };
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined) element.removeAttribute(name);
    else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  }
  piece.shape = shape;
}
