// Puts a live Vega view where each static drawing stands, for tooltips. Without this file nothing is missing but those.
(() => {
  "use strict";
  const { data, charts } = JSON.parse(document.getElementById("specifications").textContent);

  // ast: expressions are interpreted, never evaluated, so that the page's policy can forbid eval.
  const OPTIONS = { mode: "vega", renderer: "svg", actions: false, ast: true, defaultStyle: false, tooltip: show,
    logLevel: 1 /* errors: an empty layer is none */ };

  const tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("aria-hidden", "true"); // the tables say the same
  tip.hidden = true;
  document.body.append(tip);

  function row(name, value) {
    const line = document.createElement("div");
    const term = document.createElement("span");
    const text = document.createElement("b");
    term.textContent = name;
    text.textContent = value;
    line.append(term, text);
    return line;
  }

  function show(_, event, item, value) {
    if (value === null || value === undefined || value === "") {
      tip.hidden = true;
      return;
    }
    const pairs = Object.entries(typeof value === "object" ? value : { "": value });
    tip.replaceChildren(...pairs.filter(([, text]) => text !== "").map(([name, text]) => row(name, text)));
    tip.hidden = false;
    const box = tip.getBoundingClientRect();
    const left = Math.min(event.clientX + 12, document.documentElement.clientWidth - box.width - 8);
    const above = event.clientY - box.height - 12;
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${above > 8 ? above : event.clientY + 16}px`;
  }

  const records = ({ names, rows }) => rows.map((row) => Object.fromEntries(names.map((name, k) => [name, row[k]])));

  async function enliven(place) {
    if (place.dataset.live) return;
    place.dataset.live = "starting";
    const chart = charts[place.dataset.chart];
    const sources = chart.data.map((each) =>
      typeof each.values === "string" ? { ...each, values: records(data[each.values]) } : each);
    const stage = document.createElement("div");
    try {
      await vegaEmbed(stage, { ...chart, data: sources }, OPTIONS);
      place.replaceChildren(stage); // only now: a chart that fails leaves its drawing
      place.dataset.live = "yes";
    } catch (error) {
      place.dataset.live = "failed";
      console.error(error);
    }
  }

  // Only what this screen shows: the other width waits until the page is that wide.
  async function enlivenShown() {
    for (const place of document.querySelectorAll("[data-chart]")) {
      if (place.getClientRects().length > 0) await enliven(place);
    }
  }

  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
  addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });
  matchMedia("(max-width: 719px)").addEventListener("change", enlivenShown);
  enlivenShown();
})();
