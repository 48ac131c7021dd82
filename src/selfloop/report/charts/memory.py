"""How far back each network remembers, and how far back its learning signal got before it was trained."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from selfloop.report.charts.drawing import INK, MUTED, Canvas, Picture, picture
from selfloop.report.charts.looks import variable
from selfloop.report.charts.parts import Records, data, small_axis
from selfloop.results.tour import Start, Tour
from selfloop.words import listed, percent

DASHES: dict[Start, list[int]] = {"chrono": [1, 0], "torch": [5, 4]}
STARTS: dict[Start, str] = {"chrono": "chrono", "torch": "torch’s start"}
FLOOR = 1e-12  # of shares that are drawn: what is below is nothing to float32's learning rates


def memory_picture(tour: Tour) -> Picture:
    """Accuracy by lag, a panel a cell, a line a start."""
    points: Records = [
        {
            "label": each.label, "cell": each.cell, "start": each.start, "lag": each.lag, "accuracy": each.accuracy,
            "said": f"{each.label}, {STARTS[each.start]}, {each.lag} steps: {percent(each.accuracy)}",
        }
        for each in tour.trained
    ]  # fmt: skip
    alt = "Share of tests answered right: " + listed(point["said"] for point in points)
    caption = (
        "Solid: chrono biases and orthogonal recurrent weights (an RNN has no gates, so these alone). Dashed: torch’s "
        "own start. The grey line is chance, "
        f"{percent(tour.chance)}: whoever has forgotten the symbol guesses one of {round(1 / tour.chance)}."
    )
    return picture("memory", alt, caption, lambda canvas: _memory(tour, points, canvas))


def _memory(tour: Tour, points: Records, canvas: Canvas) -> Any:
    import altair as alt

    cells = list(dict.fromkeys((point["cell"], point["label"]) for point in points))
    columns = min(canvas.columns, len(cells))
    width = (canvas.width - 56 * columns) // columns
    lags = small_axis("steps to remember", values=list(tour.lags), labelExpr="format(datum.value, 'd')", grid=False)
    x = alt.X("lag:Q", scale=alt.Scale(type="log", nice=False, padding=12), axis=lags)
    shares = {"values": [0, 0.25, 0.5, 0.75, 1], "labelExpr": "format(100 * datum.value, 'd') + ' %'"}
    axis = small_axis("answered right", **shares)
    y = alt.Y("accuracy:Q", scale=alt.Scale(domain=[0, 1]), axis=axis)
    panels = []
    for cell, label in cells:
        own = alt.Chart(data(point for point in points if point["cell"] == cell)).encode(x=x, y=y, strokeDash=_dashes())
        line = own.mark_line(color=f"var({variable(cell)})", strokeWidth=2)
        dots = own.mark_point(color=f"var({variable(cell)})", filled=True, size=44, opacity=1)
        level = alt.Chart(data([{"accuracy": tour.chance}])).mark_rule(color=MUTED).encode(y=y)
        panels.append(alt.layer(level, line, dots).properties(width=width, height=190, title=f"this {label}"))
    return alt.concat(*panels, columns=columns)


def signal_picture(tour: Tour) -> Picture:
    """The gradient by lag before training, all cells and starts on one logarithmic axis."""
    last = tour.lags[-1]
    points: Records = [
        {
            "line": f"{each.label}, {STARTS[each.start]}", "cell": each.cell, "start": each.start, "k": k,
            "share": max(FLOOR, each.share(k)),
        }
        for each in tour.signals
        for k in _thinned(len(each.by_lag))
    ]  # fmt: skip
    said = [f"{each.label} with {STARTS[each.start]} {_power(each.share(last))}" for each in tour.signals]
    alt = f"Of the gradient at the end, {last} steps before it is left: " + listed(said)
    caption = (
        "The gradient of the loss with respect to what the cell carries (the LSTM’s belt c, h of the others), before "
        "any training, as a share of the gradient at the last step; mean over sequences. Below 10⁻¹² it is drawn there."
    )
    return picture("signal", alt, caption, lambda canvas: _signal(tour, points, canvas))


def _signal(tour: Tour, points: Records, canvas: Canvas) -> Any:
    import altair as alt

    cells = {each.cell: each.label for each in tour.signals}
    key = alt.Legend(title=None, orient="top", labelColor=INK, symbolType="stroke", labelExpr=_named(cells))
    colour = alt.Color(
        "cell:N", scale=alt.Scale(domain=list(cells), range=[f"var({variable(cell)})" for cell in cells]), legend=key
    )
    x = alt.X("k:Q", scale=alt.Scale(nice=False), axis=small_axis("steps before the end", grid=False, tickCount=8))
    axis = small_axis("share of the gradient", values=[10.0**-k for k in range(0, 13, 2)], labelExpr=_POWERS)
    y = alt.Y("share:Q", scale=alt.Scale(type="log", domain=[FLOOR, 2], nice=False), axis=axis)
    base = alt.Chart(data(points)).encode(
        x=x, y=y, color=colour, strokeDash=_dashes(legend=True), detail=alt.Detail("line:N")
    )
    return base.mark_line(strokeWidth=2, clip=True).properties(width=canvas.width - 72, height=280)


def _dashes(*, legend: bool = False) -> Any:
    import altair as alt

    key = alt.Legend(title=None, orient="top", labelColor=INK, symbolStrokeColor=MUTED, labelExpr=_STARTS)
    scale = alt.Scale(domain=list(DASHES), range=list(DASHES.values()))
    return alt.StrokeDash("start:N", scale=scale, legend=key if legend else None)


def _named(names: Mapping[str, str]) -> str:
    """Vega's expression for a legend that names other words than the data hold."""
    return f"({json.dumps(names, ensure_ascii=False)})[datum.label]"


_STARTS = _named({str(start): name for start, name in STARTS.items()})
_POWERS = "datum.value == 1 ? '1' : '10' + ['', '', '⁻²', '', '⁻⁴', '', '⁻⁶', '', '⁻⁸', '', '⁻¹⁰', '', '⁻¹²']"
_POWERS += "[round(-log(datum.value) / LN10)]"


def _thinned(count: int) -> list[int]:
    """All of few, every n-th of many, always the last."""
    step = max(1, count // 200)
    return sorted({*range(0, count, step), count - 1})


def _power(share: float) -> str:
    return "nothing" if share == 0 else f"1e{round(math.log10(share))}"
