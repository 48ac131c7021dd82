"""What the charts share: data, candidates as rows, their colours, ticks."""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from selfloop.report.charts.drawing import INK, LINE, MUTED, Canvas
from selfloop.report.charts.looks import Look
from selfloop.results.study import StudyResult

ROW = 28  # px a candidate
MOST_ROWS = 12  # candidates in a picture; the tables hold them all
MOST_FOLDS = 20  # in a picture, likewise
Records = list[dict[str, Any]]

# Ratios worth a tick, those first that should stay when room is short.
_RATIOS: tuple[float, ...] = (1, 2, 0.5, 1.2, 0.8, 1.1, 0.9, 1.5, 5, 10, 0.2, 0.1, 1.05, 0.95, 1.02, 0.98, 1.01, 0.99)
_RATIOS += (1.005, 0.995, 1.002, 0.998, 1.001, 0.999, 100, 0.01, 3, 0.33, 1000, 0.001, 10**4, 10**5, 10**6)


def data(records: Iterable[Mapping[str, Any]]) -> Any:
    """Records as Altair takes them, without its limit on rows: the pictures limit themselves.

    A tuple: Altair copies what lies in lists, record by record, whenever charts are put together.
    """
    import altair as alt

    return alt.Data(values=tuple(records))  # type: ignore[no-untyped-call]


def shown(result: StudyResult, names: Iterable[str]) -> tuple[str, ...]:
    """At most `MOST_ROWS` of the names in the leaderboard's order: the first ones, the pick and the best recurrent."""
    available = set(names)
    order = [row.candidate.name for row in result.leaderboard if row.candidate.name in available]
    kept = {result.verdict.pick, result.verdict.best_recurrent} & available
    for name in order:
        if len(kept) < MOST_ROWS:
            kept.add(name)
    return tuple(name for name in order if name in kept)


def colours(looks: Mapping[str, Look], names: Sequence[str], *, field: str = "label:N") -> Any:
    """The candidates' colours for a field of labels; no legend, since names stand beside."""
    import altair as alt

    scale = alt.Scale(domain=[looks[name].label for name in names], range=[looks[name].colour for name in names])
    return alt.Color(field, scale=scale, legend=None)


def fills(looks: Mapping[str, Look], names: Sequence[str]) -> Any:
    """Filled for networks with a self loop, hollow for baselines."""
    import altair as alt

    scale = alt.Scale(domain=[looks[name].label for name in names], range=[looks[name].fill for name in names])
    return alt.Fill("label:N", scale=scale, legend=None)


def rows(looks: Mapping[str, Look], names: Sequence[str], canvas: Canvas, *, bold: str | None = None) -> Any:
    """Candidates from top to bottom.

    Args:
        looks: of all candidates, by name.
        names: those that are shown, in order.
        canvas: how much room their labels have.
        bold: the name of the pick.
    """
    import altair as alt

    labels = [looks[name].label for name in names]
    chosen = json.dumps(looks[bold].label) if bold in names and bold is not None else "null"
    lines = [_lines(label, canvas.labels // 8) for label in labels]
    written = f"{json.dumps(lines)}[indexof({json.dumps(labels)}, datum.value)]"
    axis = alt.Axis(
        labelExpr=written,
        labelLineHeight=13,
        labelOffset=alt.ExprRef(f"length({written}) > 1 ? -6.5 : 0"),
        title=None,
        minExtent=canvas.labels,
        maxExtent=canvas.labels,
        labelLimit=canvas.labels - 12,
        labelAlign="left",
        labelPadding=canvas.labels - 2,
        labelColor=INK,
        labelFontWeight=alt.ExprRef(f"datum.value === {chosen} ? 700 : 400"),
        grid=False,
    )
    return alt.Y("label:N", sort=labels, scale=alt.Scale(domain=labels), axis=axis)


def _lines(label: str, room: int) -> list[str]:
    """A label in at most two lines of about `room` letters; the axis cuts what is still too long."""
    first, *rest = textwrap.wrap(label, room) or [label]
    return [first, " ".join(rest)] if rest else [first]


def bare_rows(looks: Mapping[str, Look], names: Sequence[str]) -> Any:
    """The same rows beside a panel that names them already."""
    import altair as alt

    labels = [looks[name].label for name in names]
    return alt.Y("label:N", sort=labels, scale=alt.Scale(domain=labels), axis=None)


def ratio_ticks(low: float, high: float, width: int) -> list[float]:
    """Ratios to mark on a logarithmic axis from `low` to `high`, at least 46 px apart."""
    span = math.log(high / low)
    kept: list[float] = []
    for ratio in _RATIOS:
        here = math.log(ratio)
        if low <= ratio <= high and all(abs(here - math.log(k)) / span * width >= 46 for k in kept):
            kept.append(ratio)
    return sorted(kept)


RATIO_LABEL = (
    "datum.value >= 2 || datum.value < 0.5 ? '× ' + format(datum.value, '~g') : datum.value === 1 ? '0 %' : "
    "format(100 * (datum.value - 1), '+.2~f') + ' %'"
)


POINTS_LABEL = "datum.value === 0 ? '0' : format(100 * datum.value, '+.3~f')"


def value_scale(values: Sequence[float]) -> Any:
    """Linear, or logarithmic where the values are above 0 and more than twentyfold apart."""
    import altair as alt

    if min(values) > 0 and max(values) / min(values) > 20:
        return alt.Scale(type="log", zero=False, nice=False, padding=8)
    return alt.Scale(zero=False, nice=False, padding=8)


def small_axis(title: str | None, **more: Any) -> Any:
    """A quantitative axis with few labels."""
    import altair as alt

    options: dict[str, Any] = {"tickCount": 5, "labelOverlap": "greedy", "titleColor": MUTED, "domainColor": LINE}
    return alt.Axis(title=title, **{**options, **more})


def marked_axis(title: str | None, values: Sequence[float], **more: Any) -> Any:
    """An axis with a label at each of `values`: Vega thins even given ones down to the count that it expects."""
    return small_axis(title, values=list(values), **{"tickCount": len(values) + 1, "labelOverlap": False, **more})
