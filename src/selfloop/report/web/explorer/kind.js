// A row of selfloop's table of cells, opened. Whatever the page wants to know of a cell's parts, it asks here.

/** @import { Facts, KindFacts, Share } from "./types.js" */

/** carried = keep ⊙ carried₋₁ + write ⊙ candidate: a state that is only multiplied by what is kept, and added to. */
/** @typedef {{keep: Share, write: Share, candidate: string}} Belt */
/** order: the gates' symbols as in the weights; cell: the state beside h */
/** @typedef {KindFacts & {order: string[], cell: string | null, belt: Belt | null}} Kind */

/** The state that is shown to the outside. */
export const HIDDEN = "h";

/**
 * @param {Facts} facts
 * @param {string} name
 * @returns {Kind}
 */
export function openKind(facts, name) {
  const kind = facts.kinds[name];
  const { keep, write, candidate, gates, states } = kind;
  return {
    ...kind, order: gates.map(({ symbol }) => symbol), cell: states.find((symbol) => symbol !== HIDDEN) ?? null,
    belt: keep && write && candidate ? { keep, write, candidate } : null,
  };
}

/**
 * What can be looked at by itself, from left to right: the gate that keeps, the others, the belt after what makes it, h.
 * @param {Kind} kind
 */
export function operations({ shown, belt, carried }) {
  const first = belt?.keep.symbol;
  const symbols = [...shown].sort((a, b) => Number(b === first) - Number(a === first));
  if (belt && carried !== HIDDEN) {
    const made = [belt.keep.symbol, belt.write.symbol, belt.candidate].map((symbol) => symbols.indexOf(symbol));
    symbols.splice(Math.max(...made) + 1, 0, carried);
  }
  return [...symbols, HIDDEN];
}

/**
 * @param {Kind} kind
 * @param {string} symbol
 */
export const gateOf = ({ gates }, symbol) => gates.find((gate) => gate.symbol === symbol) ?? null;

/**
 * "forget gate", "candidate", "belt", "hidden state".
 * @param {Kind} kind
 * @param {string} symbol of a gate or a state
 */
export function nameOf(kind, symbol) {
  if (symbol === HIDDEN) return "hidden state";
  const gate = gateOf(kind, symbol);
  if (gate) return gate.share ? `${gate.name} gate` : gate.name;
  return kind.belt ? "belt" : "cell state";
}

/**
 * What does which part of the work, the same in all cells.
 * @param {Kind} kind
 * @returns {Record<string, string>}
 */
export function roles({ belt, carried }) {
  return belt ? { keep: belt.keep.symbol, write: belt.write.symbol, candidate: belt.candidate, carried } : { carried };
}

/**
 * "f", "(1 − z)": a factor, as in a formula.
 * @param {Share} share
 * @param {(symbol: string) => string} step puts the step to a symbol
 */
export const factor = ({ symbol, rest }, step = (plain) => plain) => (rest ? `(1 − ${step(symbol)})` : step(symbol));

/**
 * The CSS variable that holds a gate's colour.
 * @param {Kind} kind
 * @param {string} symbol
 */
export const gateLook = ({ name }, symbol) => `gate-${name}-${symbol}`;

/**
 * The same for the rest that a gate leaves: the colour of what it does on the belt.
 * @param {Kind} kind
 * @param {string} symbol
 */
export const restLook = ({ belt }, symbol) => (belt?.keep.rest && belt.keep.symbol === symbol ? "gate-keep" : "gate-write");

/**
 * The CSS variable that holds a state's colour.
 * @param {string} symbol
 */
export const stateLook = (symbol) => (symbol === HIDDEN ? "hidden-state" : "cell-state");
