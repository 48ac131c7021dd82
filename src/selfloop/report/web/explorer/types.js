// Shapes of what the page is given (selfloop/exploration.py) and of what it makes of it. Types alone, no code.

/** @typedef {Float32Array | Float64Array} Numbers */
/** @typedef {{shape: number[], dtype: "float32" | "float64", base64: string}} Packed */
/** @typedef {{shape: number[], values: Numbers}} Tensor */
/** @typedef {{sentence: string, next: string}} Finding */

/**
 * @typedef {object} Head
 * @property {"classes" | "values"} kind
 * @property {"last" | "mean"} pool
 * @property {Packed} W
 * @property {Packed} b
 * @property {string[]} labels
 * @property {number[]} scale
 * @property {number[]} shift
 * @property {"identity" | "exp"} transform
 * @property {Packed | null} offset
 * @property {string} [stands_on] what `offset` is, in words that follow "on"
 * @property {Packed | null} [others] what a reading that is not shown adds to the scores
 */

/**
 * @typedef {object} Gradients
 * @property {string} of
 * @property {"cross_entropy" | "squared_error" | "output"} loss
 * @property {number} step
 * @property {number} output
 * @property {Packed} hidden
 * @property {Packed | null} cell
 * @property {Record<string, Packed>} paths
 */

/** @typedef {{steps: number | null, low: number | null, high: number | null, window: number, epsilon: number, of: "loss" | "past", falls: number}} Horizon */

/**
 * @typedef {object} TracedModel
 * @property {string} name
 * @property {string} label
 * @property {string} cell
 * @property {number} layer
 * @property {number} layers
 * @property {string[]} input_names
 * @property {Packed} inputs
 * @property {Packed | null} W_ih null, as the three below, where the cell has other weights than torch's four
 * @property {Packed | null} W_hh
 * @property {Packed | null} b_ih
 * @property {Packed | null} b_hh
 * @property {Packed} h0
 * @property {Packed | null} c0
 * @property {Record<string, Packed>} gates
 * @property {Packed} hidden
 * @property {Packed | null} cell_state
 * @property {Head | null} head
 * @property {Packed | null} answers
 * @property {Gradients | null} gradients
 * @property {(number | null)[]} by_lag
 * @property {Horizon | null} horizon
 * @property {Finding[]} findings
 * @property {Responses | null} [responses] what its units go along with
 */

/** @typedef {{state: string, steps: number, features: number, limit: number, found: {unit: number, feature: string, r: number}[]}} Responses */

/**
 * @typedef {object} Exploration
 * @property {string} data
 * @property {string} sequence
 * @property {string} headline
 * @property {string[]} facts
 * @property {TracedModel[]} models
 * @property {string[]} raw_names
 * @property {Packed} raw
 * @property {string[]} time
 * @property {number} first_step
 * @property {number} total_steps
 * @property {number | null} target_class
 * @property {Packed | null} targets
 * @property {Finding[]} findings
 * @property {"end" | "step" | "after"} [asked] what an answer at a step is about
 * @property {string[]} [symbols] of each step
 * @property {number[]} [true_classes] of each step's answer, −1 where nobody knows it
 */

/** @typedef {{symbol: string | null, text: string}} CodeLine */
/** @typedef {{file: string, line: number, lines: CodeLine[]}} Code */
/** share: a number from 0 to 1, by which something is multiplied */
/** @typedef {{symbol: string, name: string, colour: string, share: boolean, activation: "sigmoid" | "tanh" | "relu" | "linear", meaning: string}} Gate */
/** How much of something: a gate, or the rest that it leaves. `text` is as in a formula. */
/** @typedef {{symbol: string, rest: boolean, text: string}} Share */
/** The gate by which the past is multiplied before the candidate sees it: after the product with the weights, or before. */
/** @typedef {{symbol: string, after: boolean}} Reset */

/** A row of selfloop's table of cells (selfloop/kinds). */
/**
 * @typedef {object} KindFacts
 * @property {string} name
 * @property {string} label
 * @property {string} colour
 * @property {string} dark its colour on a dark page
 * @property {Gate[]} gates in the order of the weights; of a cell without gates "h" alone
 * @property {string[]} shown symbols in reading order; none for a cell without gates
 * @property {string[]} states "h", and "c" where there is one
 * @property {string} carried the state that rides the belt
 * @property {Share | null} keep
 * @property {Share | null} write
 * @property {string | null} candidate
 * @property {Reset | null} reset
 * @property {boolean} plain each gate is its activation of W x + b + U h₋₁ + b', but for what `reset` says
 * @property {"all" | "own" | "none"} past whose h of the step before a unit's gates see
 * @property {boolean} peeps its gates see its own c, too
 * @property {string} formula HTML
 * @property {string} account HTML
 * @property {boolean} native
 * @property {Code | null} code of one step
 */

/** @typedef {{kinds: Record<string, KindFacts>}} Facts */

/** The weights of one cell, a block of H rows for each gate in `order`. */
/**
 * @typedef {object} Weights
 * @property {import("./kind.js").Kind} kind
 * @property {string[]} order
 * @property {number} I
 * @property {number} H
 * @property {Numbers} W_ih
 * @property {Numbers} W_hh
 * @property {Float64Array} b_ih
 * @property {Float64Array} b_hh
 */

/** A gate held at a value: `unit` and `step` of -1 mean all. */
/** @typedef {{gate: string, unit: number, step: number, value: number}} Clamp */

/** What a forward run made; every array holds T*H numbers but `x`, which holds T*I. */
/**
 * @typedef {object} Run
 * @property {number} T
 * @property {Numbers} x
 * @property {Numbers} h0
 * @property {Numbers} c0
 * @property {Numbers} h
 * @property {Numbers} c
 * @property {Record<string, Numbers>} gates
 * @property {Record<string, Float64Array>} before what each gate's activation was applied to
 * @property {Float64Array} u the GRU's U h + b' of the candidate
 */

/** @typedef {{t: number, x: Numbers, h: Numbers, c: Numbers, clamps: Clamp[]}} Here a step, and what stands before it */
/** @typedef {{w: Weights, run: Run, t: number, dh: Numbers, dc: Numbers, gradient: Gradient}} BackHere */
/** @typedef {{dh: Float64Array, dc: Float64Array}} Handed what goes straight to the states of the step before, past all weights */

/** What this page can compute itself of a kind of cell. */
/**
 * @typedef {object} Arithmetic
 * @property {(w: Weights, run: Run, here: Here) => void} step
 * @property {(here: BackHere) => Handed} back
 * @property {Record<string, (ask: import("./formulas.js").Ask) => string[]>} formulas beside those that all cells share, by kind of number
 */

/** What a backward run made. */
/**
 * @typedef {object} Gradient
 * @property {Numbers} h dL/dh, (T, H)
 * @property {Numbers} c dL/dc, (T, H)
 * @property {Record<string, Numbers>} gates dL/d(what the activation was applied to), (T, H) each
 * @property {Record<string, Float64Array>} paths (T,) norm of what each path hands to the step before; "gates": all gates together
 */

/**
 * @typedef {object} State
 * @property {string} scene
 * @property {number} model
 * @property {number} t
 * @property {number} unit
 * @property {string} op
 * @property {number} output
 * @property {"forward" | "backward"} view
 * @property {Record<string, number>} edits "step.input name" -> value
 * @property {Record<string, Clamp[]>} clamps by model name
 * @property {"unit" | "all"} clampUnits
 * @property {"step" | "all"} clampSteps
 */

/** A thing on the stage. Numbers in `at` move smoothly; `d` does where it keeps its form. */
/**
 * @typedef {object} Shape
 * @property {string} key
 * @property {"rect" | "path" | "text" | "circle" | "line"} tag
 * @property {Record<string, number>} [at]
 * @property {string} [d]
 * @property {string} [cls]
 * @property {string} [text]
 * @property {string} [fill]
 * @property {number} [size] of the letters, px
 * @property {string} [stroke]
 * @property {string} [quantity] the address of the number that this shows
 * @property {number} [value] that number
 * @property {string} [act] what a click on it does
 * @property {string} [label] what it is called by those who do not see it
 */

export {};
