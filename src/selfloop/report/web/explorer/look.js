// How models are told apart by colour.

/** @import { Model } from "./model.js" */

/**
 * Is there a model of the same colour before it? Then it is drawn dashed, and its dot is hollow.
 * @param {Model[]} models
 * @param {number} which
 */
export const twin = (models, which) => models.slice(0, which).some(({ kind }) => kind.colour === models[which].kind.colour);

/**
 * The CSS variable that holds a model's colour among the candidates.
 * @param {Model} model
 */
export const lookOf = ({ kind }) => `cell-${kind.name}`;
