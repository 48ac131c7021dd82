// In a page: everything that the explorer needs stands beside it.

import { mount } from "./main.js";

const read = (/** @type {string} */ id) => JSON.parse(document.getElementById(id)?.textContent ?? "null");
const root = document.getElementById("explorer");
if (root) mount(root, read("exploration"), read("exploration-facts"));
