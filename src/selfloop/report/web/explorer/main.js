// The explorer: state in, pictures out.

/** @import { Exploration, Facts, State } from "./types.js" */
import { boundsOf, fixedWords } from "./bounds.js";
import { codeLine, subject, symbolOf } from "./caption.js";
import { el, fill, fragment, say, set } from "./dom.js";
import { formulaOf } from "./formulas.js";
import { nameOf } from "./kind.js";
import { lagChart } from "./lags.js";
import { openModel, sharedScales } from "./model.js";
import { tellingStep } from "./one-step.js";
import { Panel } from "./panel.js";
import { parseAddress } from "./quantities.js";
import { reduce } from "./actions.js";
import { heightOf, inputsChanged, stepNumber } from "./scene.js";
import { shapesOf } from "./scenes.js";
import { fromHash, opening, SCENES, toHash, within } from "./state.js";
import { Strips } from "./strips.js";
import { showResponses } from "./responses.js";
import { Stage } from "./svg.js";
import { layout } from "./layout.js";
import { deviationWords, ownOf, ownWords } from "./provenance.js";
import { truthAt, visible } from "./symbols.js";
import { ColouredText } from "./text.js";
import { wordsOf } from "./words.js";

/**
 * Puts the explorer into an element.
 * @param {HTMLElement} root
 * @param {Exploration} exploration
 * @param {Facts} facts
 * @param {{hash?: boolean}} options hash: keep the place in the address bar
 */
export function mount(root, exploration, facts, { hash = true } = {}) {
  const models = exploration.models.map((model) => openModel(model, facts, exploration));
  const world = { exploration, models, scales: sharedScales(models), own: ownOf(exploration, models) };
  const bounds = models.map(boundsOf);
  const telling = tellingStep(models[0]);
  const start = within(opening(bounds, telling, truthAt(exploration, telling) ?? 0), bounds);
  let state = hash ? fromHash(location.hash.slice(1), bounds, start) : start;
  const parts = layout(root);
  const act = (/** @type {string} */ text) => go(reduce(state, text, world, bounds, start), text.startsWith("scrub") ? 0 : undefined);
  const stage = new Stage(parts.svg);
  const panel = new Panel(parts.panel, world, act);
  const strips = new Strips(parts.strips, world, act);
  const text = new ColouredText(parts.text, world);
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  /** @type {string | null} */
  let spotlight = null;
  let playing = 0;
  let queued = 0;
  let saving = 0;
  let wanted = 0;
  let room = measured(); // asking for a width makes the browser lay out everything: once for each size, not each frame

  function measured() {
    const W = Math.max(320, Math.round(parts.stage.clientWidth));
    return { W, lags: Math.max(320, Math.round(parts.lags.clientWidth || W)) };
  }

  /**
   * @param {State} next
   * @param {number} [duration]
   */
  function go(next, duration = next.scene !== state.scene || next.model !== state.model ? 560 : 220) {
    if (next === state) return;
    state = within(next, bounds);
    wanted = still.matches ? 0 : duration;
    queued ||= requestAnimationFrame(() => {
      queued = 0;
      show(wanted);
    });
  }

  /** @param {number} duration */
  function show(duration) {
    const model = models[state.model];
    const course = model.course(state);
    if (state.view === "backward" && !course.gradient()) state = { ...state, view: "forward" }; // the panel says why
    const { W } = room;
    const narrow = W < 680;
    const scene = { W, narrow, state, model, course, scales: world.scales, exploration };
    const height = heightOf(scene);
    set(parts.svg, "viewBox", `0 0 ${W} ${height}`);
    parts.svg.style.height = `${height}px`;
    set(parts.svg, "class", `stage ${state.view}${course.edited ? " changed" : ""}`);
    stage.show(shapesOf(scene), duration);
    const courses = models.map((each) => each.course(state));
    strips.show(state, courses);
    text.show(state, model, course);
    showResponses(parts.responses, state, model);
    panel.show(state, model, { gates: bounds[state.model].gates, fixed: fixedWords(model), edited: courses.some(({ edited }) => edited) });
    words(scene);
    reading();
    remember();
  }

  /** @param {import("./scene.js").Scene} scene */
  function words(scene) {
    const said = wordsOf(scene);
    say(parts.sentence, said.sentence);
    fill(parts.more, said.more.join("\n"), () => said.more.map((each) => el("p", {}, each)));
    const step = `step ${stepNumber(exploration, state.t)} of ${exploration.total_steps}`;
    const label = exploration.time.length ? visible(exploration.time[state.t]) : "";
    say(parts.step, [step, label, inputsChanged(state) ? "" : ownWords(world, state.t)].filter(Boolean).join(" · "));
    set(strips.slider, "aria-valuetext", label ? `${step}, ${label}` : step);
    const { ops, scenes } = bounds[state.model];
    for (const button of parts.scenes.querySelectorAll("button")) {
      const name = button.dataset.act?.replace("scene:", "") ?? "";
      set(button, "aria-current", name === state.scene ? "step" : undefined);
      set(button, "disabled", !scenes.includes(name));
      set(button, "title", scenes.includes(name) ? undefined : fixedWords(scene.model));
    }
    fill(parts.ops, `${state.model}`, () => ops.map((op) => el("button", { type: "button", "data-act": `op:${op}` }, `${op} `, el("small", {}, nameOf(scene.model.kind, op)))));
    for (const button of parts.ops.querySelectorAll("button")) set(button, "aria-pressed", String(button.dataset.act === `op:${state.op}`));
    set(parts.ops, "hidden", state.scene !== "operation");
    say(parts.provenance, deviationWords(world, state));
    code();
  }

  function code() {
    const { kind, trace } = models[state.model];
    const found = kind.code;
    const ledger = state.scene === "operation" && kind.belt && state.op === kind.carried;
    fill(parts.formula, `${kind.name}:${ledger}`, () => fragment(ledger ? kind.account : kind.formula));
    set(parts.code, "hidden", !found);
    fill(parts.code, `${state.model}`, () => (found ? [
      el("summary", {}, `The code of one step of the ${trace.label}`),
      el("p", { class: "muted" }, `${found.file}, from line ${found.line}`),
      el("pre", { tabindex: 0, "aria-label": "code of one step" }, ...found.lines.map((line) => el("code", { "data-symbol": line.symbol ?? "" }, `${line.text}\n`))),
    ] : []));
    for (const line of parts.code.querySelectorAll("code")) set(line, "class", state.scene === "operation" && line.dataset.symbol === state.op ? "on" : undefined);
  }

  /** The formula of what is under the pointer or the focus; of what the scene is about otherwise. */
  function reading() {
    const model = models[state.model];
    const course = model.course(state);
    const here = spotlight && parseAddress(spotlight).model === model.trace.name ? spotlight : subject(state, model);
    const formula = formulaOf(exploration, model, course, here);
    say(parts.symbols, formula.symbols);
    say(parts.numbers, formula.numbers);
    say(parts.source, formula.source);
    const line = codeLine(model.kind.code, symbolOf(here, model));
    say(parts.line, line ? line.text : "");
    say(parts.place, line ? line.place : "");
  }

  function remember() {
    if (!hash) return;
    clearTimeout(saving); // browsers refuse many changes of the address in a row
    saving = window.setTimeout(() => {
      const text = toHash(state, bounds, start);
      if (text || location.hash.includes("=")) history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search);
    }, 160);
  }

  function play() {
    set(parts.play, "aria-pressed", String(!playing));
    if (playing) {
      clearInterval(playing);
      playing = 0;
      return;
    }
    const { T } = models[state.model];
    if (state.t === T - 1) act("step:0");
    playing = window.setInterval(() => {
      if (state.t >= T - 1) play();
      else act(`step:${state.t + 1}`);
    }, Math.max(60, Math.min(700, 30_000 / T)));
  }

  root.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target.closest("[data-act]") : null;
    const text = target?.getAttribute("data-act");
    if (text === "play") play();
    else if (text) act(text);
  });
  // In a page of its own the keys work before anything is clicked; those that scroll a page stay the browser's.
  (hash ? document : root).addEventListener("keydown", (given) => {
    const event = /** @type {KeyboardEvent} */ (given);
    const target = /** @type {Element} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!root.contains(target) && (target !== document.body || SCROLLING.has(event.key))) return;
    if (target.matches("input[type=text]")) return;
    if ((event.key === "Enter" || event.key === " ") && target.closest("svg [data-act]")) act(target.getAttribute("data-act") ?? "");
    else if (event.key === " " && !target.closest("button, summary, a")) play();
    else if (!KEYS[event.key]) return;
    else act(KEYS[event.key]);
    event.preventDefault();
  });
  for (const [type, on] of /** @type {[string, boolean][]} */ ([["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]])) {
    parts.svg.addEventListener(type, (event) => {
      const found = event.target instanceof Element ? event.target.closest("[data-quantity]") : null;
      spotlight = on && found ? found.getAttribute("data-quantity") : null;
      reading();
    });
  }
  const again = () => {
    room = measured();
    fill(parts.lags, String(room.lags), () => lagChart(models, room.lags));
    strips.refresh();
    text.refresh();
    show(0);
  };
  new ResizeObserver(again).observe(parts.stage);
  for (const query of ["(prefers-color-scheme: dark)", "print"]) matchMedia(query).addEventListener("change", again);
  if (hash) {
    addEventListener("hashchange", ({ newURL }) => {
      const place = new URL(newURL).hash.slice(1); // `remember` may have written the address since
      if (!place || place.includes("=")) go(fromHash(place, bounds, start)); // an anchor of the page around moves nothing
    });
  }
  show(0);
  return { state: () => state, act };
}

const SCROLLING = new Set(["Home", "End", "ArrowUp", "ArrowDown", " "]);

/** @type {Record<string, string>} */
const KEYS = {
  ArrowRight: "by:1", ArrowLeft: "by:-1", Home: "step:0", End: "step:last", ArrowDown: "unit:next", ArrowUp: "unit:previous",
  b: "view:other", ...Object.fromEntries(SCENES.map((scene, k) => [String(k + 1), `scene:${scene}`])),
};

