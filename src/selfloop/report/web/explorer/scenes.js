// Which scene is on the stage.

/** @import { Shape } from "./types.js" */
/** @import { Scene } from "./scene.js" */
import { answerScene } from "./scene-answer.js";
import { gruScene } from "./scene-gru.js";
import { lstmScene } from "./scene-lstm.js";
import { networkScene } from "./scene-network.js";
import { operationScene } from "./scene-operation.js";
import { rnnScene } from "./scene-rnn.js";
import { unrolledScene } from "./scene-unrolled.js";

/** @param {Scene} scene */
function cellScene(scene) {
  const { cell } = scene.model.trace;
  return cell === "lstm" ? lstmScene(scene) : cell.startsWith("gru") ? gruScene(scene) : rnnScene(scene);
}

/** @type {Record<string, (scene: Scene) => Shape[]>} */
const SCENES = {
  cut: networkScene, closed: networkScene, unrolled: unrolledScene, cell: cellScene, operation: operationScene, answer: answerScene,
};

/**
 * @param {Scene} scene
 * @returns {Shape[]}
 */
export const shapesOf = (scene) => SCENES[scene.state.scene](scene);
