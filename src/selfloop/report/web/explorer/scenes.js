// Which scene is on the stage.

/** @import { Shape } from "./types.js" */
/** @import { Scene } from "./scene.js" */
import { answerScene } from "./scene-answer.js";
import { drawingOf } from "./drawings.js";
import { networkScene } from "./scene-network.js";
import { operationScene } from "./scene-operation.js";
import { unrolledScene } from "./scene-unrolled.js";

/** @type {(scene: Scene) => Shape[]} */
const cellScene = (scene) => drawingOf(scene.model.kind).scene(scene);

/** @type {Record<string, (scene: Scene) => Shape[]>} */
const SCENES = {
  cut: networkScene, closed: networkScene, unrolled: unrolledScene, cell: cellScene, operation: operationScene, answer: answerScene,
};

/**
 * @param {Scene} scene
 * @returns {Shape[]}
 */
export const shapesOf = (scene) => SCENES[scene.state.scene](scene);
