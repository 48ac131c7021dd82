"""Panels on one time axis: the input as it was read, and heat maps of what happened at each step."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from selfloop.exploration import Exploration
from selfloop.report.charts.parts import Records, data, marked_axis
from selfloop.report.charts.pixels import MOST_ROWS, Numbers, Ramp, bin_size, bins, image
from selfloop.report.drawing import INK, LINE, MUTED, Canvas
from selfloop.report.numbers import three

GUTTER = {"wide": 72, "narrow": 44}  # px for labels left of every panel
LINES = 3  # channels drawn as lines; more become a heat map
HEAT = "#64748B"  # the input's, on every page
MOST_POINTS = 400  # of a line
MOST_LABELS = 14  # rows that are named one by one
NAMED_ROW = 14  # px


@dataclass(frozen=True)
class Timeline:
    """The steps that all panels of a figure share.

    Attributes:
        first: number of the first step, from 1 or, where a starting state is shown, 0.
        steps: how many, that column included.
        size: steps in a column of a heat map.
        labels: of steps first to last; empty: numbers.
    """

    first: int
    steps: int
    size: int
    labels: tuple[str, ...]

    @classmethod
    def of(cls, exploration: Exploration, rows: int, *, start: bool = False) -> Timeline:
        """For heat maps of at most `rows` rows; `start`: a column for the state before the first step."""
        before = 1 if start else 0
        steps = exploration.steps + before
        labels = ("start", *exploration.time) if start and exploration.time else exploration.time
        return cls(exploration.first_step + 1 - before, steps, bin_size(steps, rows), labels)

    @property
    def end(self) -> int:
        """The last step that a column stands for; beyond the sequence where the last column is not full."""
        return self.first - 1 + -(-self.steps // self.size) * self.size

    def axis(self, canvas: Canvas, *, shown: bool) -> Any:
        """The time axis; below the last panel it is labelled."""
        import altair as alt

        scale = alt.Scale(domain=[self.first - 0.5, self.end + 0.5], nice=False)
        if not shown:
            return alt.X("step:Q", scale=scale, axis=None)
        ticks = self._ticks(8 if canvas.name == "wide" else 4)
        written = "datum.value"
        if self.labels:
            names = {str(tick): self.labels[tick - self.first] for tick in ticks}
            written = f"{json.dumps(names)}['' + datum.value]"
        axis = marked_axis(
            None if self.labels else "step", ticks, labelExpr=written, grid=False, labelFlush=True, labelLimit=120,
            labelOverlap="greedy",
        )  # fmt: skip
        return alt.X("step:Q", scale=scale, axis=axis)

    def _ticks(self, most: int) -> list[int]:
        last = self.first + self.steps - 1
        every = next(
            size for power in range(12) for size in (10**power, 2 * 10**power, 5 * 10**power)
            if self.steps / size <= most
        )  # fmt: skip
        inner = [step for step in range(self.first, last + 1) if step % every == 0 and step - self.first >= every / 2]
        return [self.first, *inner]


@dataclass(frozen=True)
class Panel:
    """One heat map.

    Attributes:
        title: what it shows.
        key: what the colours mean, in few words.
        values: (rows, columns) as `pixels.image` takes them.
        ramp: colours.
        rows: names of the rows; empty: they are too many to name.
        height: px a row.
        ends: a text right of each row; empty: none.
    """

    title: str
    key: str
    values: Numbers
    ramp: Ramp
    rows: tuple[str, ...]
    height: int
    ends: tuple[str, ...] = ()


def heat(panel: Panel, timeline: Timeline, canvas: Canvas, *, last: bool, room: int = 0) -> Any:
    """A panel as an Altair chart; `room`: px right of it for `ends`."""
    import altair as alt

    width, count = _width(canvas) - room, len(panel.values)
    height = count * panel.height
    y = alt.Y("row:Q", scale=alt.Scale(domain=[count - 0.5, -0.5], nice=False), axis=_rows(panel.rows, canvas))
    frame = alt.Chart(data([{"step": timeline.first, "row": 0}])).mark_point(opacity=0)
    drawn = alt.Chart(data([{}])).mark_image(
        url=image(panel.values, panel.ramp), width=width, height=height, align="left", baseline="top", aspect=False,
        smooth=False,
    )  # fmt: skip
    layers = [drawn.encode(x=alt.value(0), y=alt.value(0)), frame.encode(x=timeline.axis(canvas, shown=last), y=y)]
    if panel.ends:
        texts: Records = [{"row": k, "text": text} for k, text in enumerate(panel.ends)]
        ends = alt.Chart(data(texts)).mark_text(align="right", fontSize=12, color=INK)
        layers.append(ends.encode(x=alt.value(width + room), y=y, text="text:N"))
    return alt.layer(*layers, view=alt.ViewConfig(stroke=LINE)).properties(
        width=width, height=height, title=panel_title(panel.title, panel.key)
    )


def inputs(exploration: Exploration, timeline: Timeline, canvas: Canvas, room: int = 0) -> list[Any]:
    """What was read, a panel a channel or one heat map of all, for the top of a figure."""
    raw, names = exploration.raw.numpy().astype(np.float64), exploration.raw_names
    if len(names) <= LINES:
        return [_line(names[k], raw[:, k], timeline, exploration.first_step, canvas, room) for k in range(len(names))]
    kept = raw[:, :MOST_ROWS]
    with np.errstate(invalid="ignore", over="ignore"):
        masked = np.where(np.isfinite(kept), kept, np.nan)
        some = np.isfinite(masked).any(axis=0)
        low = np.where(some, np.nanmin(np.where(some, masked, 0), axis=0), 0)
        span = np.where(some, np.nanmax(np.where(some, masked, 0), axis=0) - low, 1)
        shares = (kept - low) / np.where(span > 0, span, 1)
    before = exploration.first_step + 1 - timeline.first
    shares = np.vstack([np.zeros((before, shares.shape[1])), shares])
    panel = Panel(
        "the input",
        f"{'first ' if len(names) > MOST_ROWS else ''}{len(kept[0])} channels; pale: lowest, dark: highest of each",
        bins(shares, timeline.size).T, Ramp(HEAT, HEAT),
        names if len(names) <= MOST_LABELS else (), row_height(len(kept[0]), named=len(names) <= MOST_LABELS),
    )  # fmt: skip
    return [heat(panel, timeline, canvas, last=False, room=room)]


def inputs_said(exploration: Exploration) -> str:
    """How the input above a figure is drawn, for its caption."""
    count = len(exploration.raw_names)
    if count == 0:
        return ""
    if count <= LINES:
        return "On top, the input as it was read."
    most = f" The first {MOST_ROWS} of {count:,} channels are shown." if count > MOST_ROWS else ""
    return f"On top, the input as it was read, each channel between its lowest and its highest value.{most}"


def row_height(count: int, *, named: bool) -> int:
    """px a row, whole so that rows are alike: about 96 in all, room for a name where there is one."""
    return max(1, round(96 / max(1, count)), NAMED_ROW if named else 0) if count > 4 else 20


def _line(name: str, values: Numbers, timeline: Timeline, first: int, canvas: Canvas, room: int) -> Any:
    import altair as alt

    size = max(1, 2 * len(values) // MOST_POINTS)
    points: Records = []
    for start in range(0, len(values), size):
        part = values[start : start + size]
        finite = np.flatnonzero(np.isfinite(part))
        ends = sorted({int(finite[part[finite].argmin()]), int(finite[part[finite].argmax()])}) if finite.size else [0]
        whole = finite.size == len(part)
        points += [
            {"step": first + 1 + start + k, "value": float(part[k]) if np.isfinite(part[k]) else None} for k in ends
        ]
        if not whole and finite.size:
            points.append({"step": first + 1 + start + ends[-1] + 0.5, "value": None})
    known = [point["value"] for point in points if point["value"] is not None]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    low, high = (low - 0.5, high + 0.5) if low == high else (low, high)
    labels = json.dumps([three(low), three(high)], ensure_ascii=False)
    gutter = GUTTER[canvas.name]
    axis = marked_axis(
        None, [low, high], grid=False, minExtent=gutter, maxExtent=gutter, labelLimit=gutter - 6,
        labelExpr=f"{labels}[datum.value > {(low + high) / 2!r} ? 1 : 0]",
    )  # fmt: skip
    y = alt.Y("value:Q", scale=alt.Scale(domain=[low, high], nice=False, zero=False, padding=2), axis=axis)
    base = alt.Chart(data(points)).encode(x=timeline.axis(canvas, shown=False), y=y)
    mark = (
        base.mark_line(color=MUTED, strokeWidth=1.25) if len(known) > 1 else base.mark_point(color=MUTED, filled=True)
    )
    return mark.properties(width=_width(canvas) - room, height=40, title=panel_title(_short(name, 40), ""))


def _width(canvas: Canvas) -> int:
    return canvas.width - GUTTER[canvas.name] - 8


def _rows(names: tuple[str, ...], canvas: Canvas) -> Any:
    gutter = GUTTER[canvas.name]
    written = json.dumps([_short(name, 24) for name in names], ensure_ascii=False)
    return marked_axis(
        None, range(len(names)), labelExpr=f"{written}[datum.value]", grid=False, minExtent=gutter, maxExtent=gutter,
        labelLimit=gutter - 8,
    )  # fmt: skip


def panel_title(text: str, key: str) -> Any:
    """A title with a line in small below it; an empty `key`: none."""
    import altair as alt

    more: dict[str, Any] = (
        {"subtitle": key, "subtitleColor": MUTED, "subtitleFontSize": 11.5, "subtitlePadding": 2} if key else {}
    )
    return alt.TitleParams(text=text, offset=4, **more)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
