"""What every gate did at every step, below the input that it saw."""

from __future__ import annotations

from typing import Any

import numpy as np

from selfloop.report.charts.drawing import Canvas, Picture, picture
from selfloop.report.charts.models import ModelLook
from selfloop.report.charts.pixels import MOST_ROWS, SIGNED, Numbers, Ramp, bins, largest
from selfloop.report.charts.timeline import MOST_LABELS, Panel, Timeline, heat, inputs, inputs_said, row_height
from selfloop.results.explanation import ModelInsight
from selfloop.results.exploration import Exploration, TracedModel
from selfloop.words import count, listed, three

_ENDS = {True: "clear is 0 · full is 1", False: "blue is below 0 · red above"}  # of a gate that says no more


def traced(exploration: Exploration, insight: ModelInsight) -> TracedModel:
    """What was recorded of an explained model."""
    return next(model for model in exploration.models if model.name == insight.name)


def gates_picture(exploration: Exploration, insight: ModelInsight, look: ModelLook) -> Picture:
    """Heat maps of the gates and of what they made, a row a unit, a column a step."""
    model = traced(exploration, insight)
    timeline = Timeline.of(exploration, model.hidden_size)
    panels = _panels(model, timeline)
    means = [
        f"{gate} {three(float(np.nanmean(values)))}" for gate, values in _shares(model) if np.isfinite(values).any()
    ]
    what = listed(panel.title for panel in panels)
    shown = f"{what} of {count(model.hidden_size, 'unit')} over {count(exploration.steps, 'step')}"
    alt = f"Heat maps of this {look.label}: {shown}." + (f" Means: {listed(means)}." if means else "")
    caption = _caption(exploration, model, timeline)

    def draw(canvas: Canvas) -> Any:
        import altair as alt

        last = len(panels) - 1
        maps = [heat(panel, timeline, canvas, last=place == last) for place, panel in enumerate(panels)]
        return alt.vconcat(*inputs(exploration, timeline, canvas), *maps, spacing=12).resolve_scale(
            x="independent", y="independent"
        )

    return picture(f"explain-gates-{look.slug}", alt, caption, draw)


def _shares(model: TracedModel) -> list[tuple[str, Numbers]]:
    """The gates that are shares, by what they are called."""
    return [(gate.title, model.gates[gate.symbol].numpy()) for gate in model.kind.shown if gate.share]


def _panels(model: TracedModel, timeline: Timeline) -> list[Panel]:
    order = _units(model)[:: _every(model)]
    named = model.hidden_size <= MOST_LABELS
    rows = tuple(f"unit {unit + 1}" for unit in order) if named else ()
    height = row_height(len(order), named=named)

    def panel(title: str, key: str, values: Numbers, ramp: Ramp) -> Panel:
        values = values.astype(np.float64)[:, order]
        return Panel(title, key, bins(values, timeline.size).T, ramp, rows, height)

    made = []
    for gate in model.kind.shown:
        ramp = Ramp(gate.colour, gate.colour) if gate.share else SIGNED
        made.append(panel(gate.title, gate.meaning or _ENDS[gate.share], model.gates[gate.symbol].numpy(), ramp))
    state, name = (model.hidden, "hidden state h") if model.cell_state is None else (model.cell_state, "cell state c")
    values = state.numpy().astype(np.float64)
    most = largest(values)
    key = f"what is held: blue −{three(most)}, red +{three(most)}" if most else "what is held: nothing"
    made.append(panel(name, key, values / (most or 1), SIGNED))
    return made


def _units(model: TracedModel) -> list[int]:
    """Those that keep most, first; without a gate that keeps as they are."""
    keep = model.kind.keep
    if keep is None:
        return list(range(model.hidden_size))
    gate = keep.of({symbol: gate.numpy().astype(np.float64) for symbol, gate in model.gates.items()})
    with np.errstate(invalid="ignore"):
        kept = np.where(np.isfinite(gate), gate, 0).mean(axis=0)
    return [int(unit) for unit in np.argsort(-kept, kind="stable")]


def _every(model: TracedModel) -> int:
    """One unit in how many is drawn: a mean over units would cancel what they hold."""
    return -(-model.hidden_size // MOST_ROWS)


def _caption(exploration: Exploration, model: TracedModel, timeline: Timeline) -> str:
    said = ["A row is a unit, a column a step."]
    keep, write = model.kind.keep, model.kind.write
    if not model.gates:
        said.append("This cell has no gates: all it has is its hidden state h, written anew at every step.")
    if keep is not None:
        said.append(
            f"Units are sorted: those that keep most (highest mean {keep.symbol}) are on top, the same order in all."
        )
    if keep is not None and write is not None and model.kind.coupled:
        said.append(f"Here {keep.symbol} keeps and {write.symbol} writes; many diagrams swap them.")
    said.append(inputs_said(exploration))
    every = _every(model)
    if timeline.size > 1:
        said.append(f"A column is the mean of {timeline.size} steps.")
    if every > 1:
        said.append(f"Of {model.hidden_size:,} units, one in {every} is drawn.")
    arrays = [model.hidden, model.cell_state, *model.gates.values()]
    if not all(np.isfinite(array.numpy()).all() for array in arrays if array is not None):
        said.append("Grey is not a finite number.")
    return " ".join(each for each in said if each)
