// One cell of the simple recurrent network: no belt and no gates; everything is written anew at every step.

/** @import { Shape } from "./types.js" */
/** @import { Scene } from "./scene.js" */
import * as places from "./cell-plan.js";
import * as parts from "./scene-cell.js";
import { at } from "./scene.js";
import { arrow, text, way } from "./shapes.js";

const { BELT, GATE, BUS } = places;
const OUT = 160;

/**
 * @param {Scene} scene
 * @returns {Shape[]}
 */
export function rnnScene(scene) {
  const plan = places.planOf(scene);
  const { W, narrow, state, scales } = scene;
  const { t } = state;
  const back = parts.backwards(scene);
  const x = plan.x(0.5);
  const h = parts.thickness(scene, ["state", "h"], ["dh"], scales.h);
  const first = narrow ? plan.left + 4 : 4;
  return [
    ...parts.outline(scene, plan),
    text("belt:none", x, BELT + 4, narrow ? "no belt, no gates" : "no belt and no gates: h is written anew at every step", { cls: "muted middle" }),
    ...parts.branch(scene, "h", x),
    ...parts.bus(scene, plan, x, true),
    way("h:next", [[x, GATE], [x, OUT], [W, OUT]], { cls: "flow hidden", width: h }),
    ...parts.upwards(scene, plan, OUT, h),
    arrow("h:next:head", back ? plan.right + 6 : W - 2, OUT, back ? "left" : "right"),
    ...parts.gate(scene, plan, { symbol: "h", words: "new h", x }),
    ...parts.shown(scene, plan, OUT),
    ...(back ? parts.gatesEdge(scene, plan, true) : [
      parts.beside(scene, "n:h:in", first, BUS - 12, ["state", "h", `${at(scene, "h", t - 1)} `, "hidden state before"], "start", t - 1),
    ]),
  ];
}
