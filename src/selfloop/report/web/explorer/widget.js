// In a notebook: an anywidget.

import { mount } from "./main.js";

/** @param {{model: {get: (name: string) => string}, el: HTMLElement}} context */
export function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "explorer";
  el.append(root);
  mount(root, JSON.parse(model.get("exploration_json")), JSON.parse(model.get("facts_json")), { hash: false });
}
