"""Which step wrote what a unit still holds at the end."""

from __future__ import annotations

from typing import Any

import numpy as np

from selfloop.explanation import Ledger, ModelInsight
from selfloop.exploration import Exploration
from selfloop.report.charts.models import ModelLook
from selfloop.report.charts.pixels import SIGNED, Numbers, bins, largest
from selfloop.report.charts.timeline import Panel, Timeline, heat, inputs, inputs_said
from selfloop.report.drawing import Canvas, Picture, picture
from selfloop.report.numbers import full, listed, three

UNITS = 16  # rows that are drawn
_ROW = 15  # px


def ledger_picture(exploration: Exploration, insight: ModelInsight, look: ModelLook) -> Picture | None:
    """A heat map: a row a unit, a column a step, red what it added and blue what it took; the sums on the right."""
    if insight.ledger is None or not insight.ledger.units or insight.ledger.written.shape[1] != exploration.steps + 1:
        return None
    ledger = insight.ledger
    state = "c" if insight.cell == "lstm" else "h"
    timeline = Timeline.of(exploration, UNITS, start=True)
    written = bins(ledger.written.numpy()[:UNITS].astype(np.float64).T, timeline.size, "sum").T
    held = ledger.held.numpy()[:UNITS]
    most = largest(written)
    panel = Panel(
        f"what is left of each step in {state}",
        f"blue −{three(most)}, red +{three(most)}; right: their sum, {state} at the end",
        written / (most or 1),
        SIGNED,
        tuple(f"unit {unit}" for unit in ledger.units[:UNITS]),
        _ROW,
        tuple(three(float(value)) for value in held),
    )

    def draw(canvas: Canvas) -> Any:
        import altair as alt

        above = inputs(exploration, timeline, canvas, room=_ROOM)
        return alt.vconcat(*above, heat(panel, timeline, canvas, last=True, room=_ROOM), spacing=12).resolve_scale(
            x="independent", y="independent"
        )

    said = [
        f"unit {row['unit']} holds {row['held']}, most of it from {row['when']}"
        for row in ledger_rows(ledger, timeline)
    ]
    alt = f"What this {look.label} holds at the end, by the step that wrote it: {listed(said[:5])}."
    return picture(f"explain-ledger-{look.slug}", alt, _caption(exploration, ledger, timeline), draw)


_ROOM = 60  # px for the sums


def ledger_rows(ledger: Ledger, timeline: Timeline) -> list[dict[str, str]]:
    """For each unit drawn: what it holds, and the step that gave most of it."""
    rows = []
    written: Numbers = ledger.written.numpy().astype(np.float64)
    for place, unit in enumerate(ledger.units[:UNITS]):
        held, sizes = float(ledger.held.numpy()[place]), np.abs(written[place])
        if not np.isfinite(sizes).any():
            rows.append({"unit": str(unit), "held": three(held), "exact": full(held), "when": MISSING, "part": MISSING})
            continue
        step = int(np.nanargmax(np.where(np.isfinite(sizes), sizes, np.nan)))
        rows.append(
            {
                "unit": str(unit), "held": three(held), "exact": full(held), "when": _when(step, timeline),
                "part": three(float(written[place, step])),
            }
        )  # fmt: skip
    return rows


MISSING = "no finite number"


def _when(column: int, timeline: Timeline) -> str:
    if column == 0:
        return "the starting state"
    label = f" ({timeline.labels[column]})" if timeline.labels else ""
    return f"step {timeline.first + column:,}{label}"


def _caption(exploration: Exploration, ledger: Ledger, timeline: Timeline) -> str:
    start = "the starting state" if timeline.size == 1 else f"the starting state and {timeline.size - 1} steps"
    said = [f"The first column is what is left of {start}; each later one is what "]
    said[0] += "a step wrote" if timeline.size == 1 else f"{timeline.size} steps wrote together"
    said[0] += " that has not been forgotten since. A row adds up to what the unit holds at the end."
    if len(ledger.units) > UNITS:
        said.append(f"The {UNITS} units that hold most are drawn.")
    said.append(inputs_said(exploration))
    return " ".join(each for each in said if each)
