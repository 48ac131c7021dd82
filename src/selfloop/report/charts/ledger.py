"""Which step wrote what a unit still holds at the end."""

from __future__ import annotations

from typing import Any

import numpy as np

from selfloop.kinds import kind_of
from selfloop.report.charts.drawing import Canvas, Picture, picture
from selfloop.report.charts.models import ModelLook
from selfloop.report.charts.pixels import SIGNED, Numbers, bins, largest
from selfloop.report.charts.timeline import Panel, Timeline, heat, inputs, inputs_said
from selfloop.results.explanation import Ledger, ModelInsight
from selfloop.results.exploration import Exploration
from selfloop.words import count, full, listed, three

UNITS = 16  # rows that are drawn
FADED = 0.01  # of the largest part: what is smaller cannot be seen
_ROW = 15  # px


def ledger_picture(exploration: Exploration, insight: ModelInsight, look: ModelLook) -> Picture | None:
    """A heat map: a row a unit, a column a step, red what it added and blue what it took; the sums on the right."""
    if insight.ledger is None or not insight.ledger.units or insight.ledger.written.shape[1] != exploration.steps + 1:
        return None
    ledger = insight.ledger
    state = kind_of(insight.cell).carried
    timeline = ledger_timeline(exploration, ledger)
    written = bins(_shown(ledger, timeline.skip).T, timeline.size, "sum").T
    held = ledger.held.numpy()[:UNITS]
    most = largest(written)
    panel = Panel(
        f"what is left of each step in {state}",
        f"blue −{three(most)}, red +{three(most)}; right: their sum, {state} at the end",
        written / (most or 1),
        SIGNED,
        tuple(f"unit {unit + 1}" for unit in ledger.units[:UNITS]),
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
        for row in ledger_rows(ledger, exploration)
    ]
    alt = f"What this {look.label} holds at the end, by the step that wrote it: {listed(said[:5])}."
    return picture(f"explain-ledger-{look.slug}", alt, _caption(exploration, ledger, timeline), draw)


_ROOM = 60  # px for the sums


def ledger_timeline(exploration: Exploration, ledger: Ledger) -> Timeline:
    """From where something is left: what faded long ago would leave an empty chart."""
    sizes = np.abs(np.nan_to_num(ledger.written.numpy()[:UNITS, 1:], posinf=np.inf, neginf=-np.inf)).max(axis=0)
    left = np.flatnonzero(sizes >= FADED * largest(sizes)) if largest(sizes) else np.array([0])
    # Some steps more than needed, and all of it unless much would be empty.
    skip = int(left[0]) - max(5, (exploration.steps - int(left[0])) // 8)
    return Timeline.after(exploration, skip if skip > exploration.steps // 4 else 0, UNITS)


def _shown(ledger: Ledger, skip: int) -> Numbers:
    """(U, columns): what was before as one, then each step."""
    written = ledger.written.numpy()[:UNITS].astype(np.float64)
    return np.hstack([written[:, : skip + 1].sum(axis=1, keepdims=True), written[:, skip + 1 :]])


def ledger_rows(ledger: Ledger, exploration: Exploration) -> list[dict[str, str]]:
    """For each unit drawn: what it holds, and the step that gave most of it."""
    rows = []
    written: Numbers = ledger.written.numpy().astype(np.float64)
    for place, unit in enumerate(ledger.units[:UNITS]):
        held, sizes = float(ledger.held.numpy()[place]), np.abs(written[place])
        if not np.isfinite(sizes).any():
            rows.append(
                {"unit": str(unit + 1), "held": three(held), "exact": full(held), "when": MISSING, "part": MISSING}
            )
            continue
        step = int(np.nanargmax(np.where(np.isfinite(sizes), sizes, np.nan)))
        rows.append(
            {
                "unit": str(unit + 1), "held": three(held), "exact": full(held), "when": _when(step, exploration),
                "part": three(float(written[place, step])),
            }
        )  # fmt: skip
    return rows


MISSING = "no finite number"


def _when(column: int, exploration: Exploration) -> str:
    if column == 0:
        return "the starting state"
    label = f" ({exploration.time[column - 1]})" if exploration.time else ""
    return f"step {exploration.first_step + column:,}{label}"


def _caption(exploration: Exploration, ledger: Ledger, timeline: Timeline) -> str:
    each = "a step" if timeline.size == 1 else f"{timeline.size} steps together"
    before = "the starting state"
    if timeline.skip:
        before += f" and the first {count(timeline.skip, 'step')}, of which next to nothing is left"
    said = [
        f"The first column is what is left of {before}; each later one is what {each} wrote that has not been "
        "forgotten since. A row adds up to what the unit holds at the end."
    ]
    if len(ledger.units) > UNITS:
        said.append(f"The {UNITS} units that hold most are drawn.")
    if not np.isfinite(ledger.written.numpy()).all():
        said.append("Grey is not a finite number.")
    said.append(inputs_said(exploration))
    return " ".join(each for each in said if each)
