"""Panels on one time axis: the input as it was read, and heat maps of what happened at each step."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from selfloop.report.charts.drawing import INK, LINE, MUTED, Canvas
from selfloop.report.charts.parts import Records, data, marked_axis
from selfloop.report.charts.pixels import MOST_ROWS, Numbers, Ramp, bin_size, bins, image
from selfloop.results.exploration import Exploration
from selfloop.words import three

GUTTER = {"wide": 88, "narrow": 48}  # px for labels left of every panel
LINES = 3  # channels drawn as lines; more become a heat map
HEAT = "#64748B"  # the input's, on every page
MOST_POINTS = 400  # of a line
MOST_LABELS = 14  # rows that are named one by one
NAMED_ROW = 14  # px


@dataclass(frozen=True)
class Timeline:
    """The steps that all panels of a figure share.

    Attributes:
        first: number of the first column.
        steps: how many columns before they are put together.
        size: steps in a column of a heat map.
        skip: of the exploration's steps, how many lie before the first that has a column of its own.
        before: the first column stands for all that was before.
        labels: of steps first to last; empty: numbers.
    """

    first: int
    steps: int
    size: int
    skip: int
    before: bool
    labels: tuple[str, ...]

    @classmethod
    def of(cls, exploration: Exploration, rows: int) -> Timeline:
        """All steps, for heat maps of at most `rows` rows."""
        return cls(
            exploration.first_step + 1, exploration.steps, bin_size(exploration.steps, rows), 0, False, exploration.time
        )

    @classmethod
    def after(cls, exploration: Exploration, skip: int, rows: int) -> Timeline:
        """The steps after the first `skip`, and a column before them for all that was before."""
        steps = exploration.steps - skip + 1
        labels = ("before", *exploration.time[skip:]) if exploration.time else ()
        return cls(exploration.first_step + skip, steps, bin_size(steps, rows), skip, True, labels)

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
        ticks = self._ticks(canvas)
        names = {str(tick): self._label(tick) for tick in ticks}
        axis = marked_axis(
            None if self.labels else "step", list(ticks), grid=False, labelFlush=False,
            labelExpr=f"{json.dumps(names, ensure_ascii=False)}['' + datum.value]",
        )  # fmt: skip
        return alt.X("step:Q", scale=scale, axis=axis)

    def _label(self, step: int) -> str:
        if self.before and step == self.first:
            return "before"
        return _short(self.labels[step - self.first], 16) if self.labels else f"{step:,}"

    def _ticks(self, canvas: Canvas) -> list[int]:
        """The first step and round ones, as many as there is room for."""
        last = self.first + self.steps - 1
        letters = max(len(self._label(step)) for step in (self.first, last))
        most = max(2, width_of(canvas) // max(60, 10 * letters))
        every = next(
            size for power in range(12) for size in (10**power, 2 * 10**power, 5 * 10**power)
            if self.steps / size <= most
        )  # fmt: skip
        pixel = width_of(canvas) / (self.end + 1 - self.first)
        room = 3.6 * letters  # half a label
        start = 0 if not self.before else self.first
        inner = [
            step for step in range(self.first, last + 1)
            if (step - start) % every == 0 and (step - self.first) * pixel > 2 * room + 8
            and (self.end - step) * pixel + 8 > room
        ]  # fmt: skip
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
    """A panel as an Altair chart.

    Args:
        panel: what is drawn.
        timeline: which steps.
        canvas: the figure's size.
        last: it stands lowest, and has the axis.
        room: px right of it for the panel's `ends`.
    """
    import altair as alt

    width, count = width_of(canvas) - room, len(panel.values)
    height = count * panel.height
    y = alt.Y("row:Q", scale=alt.Scale(domain=[count - 0.5, -0.5], nice=False), axis=_rows(panel.rows, canvas))
    frame = alt.Chart(data([{"step": timeline.first, "row": 0}])).mark_point(opacity=0)
    drawn = alt.Chart(data([{}])).mark_image(
        url=image(panel.values, panel.ramp), width=width, height=height, align="left", baseline="top", aspect=False,
        smooth=False,
    )  # fmt: skip
    corner = {"x": alt.XValue(0), "y": alt.YValue(0)}  # type: ignore[no-untyped-call]
    layers = [drawn.encode(**corner), frame.encode(x=timeline.axis(canvas, shown=last), y=y)]
    if panel.ends:
        texts: Records = [{"row": k, "text": text} for k, text in enumerate(panel.ends)]
        ends = alt.Chart(data(texts)).mark_text(align="right", fontSize=12, color=INK)
        right = alt.XValue(width + room)  # type: ignore[no-untyped-call]
        layers.append(ends.encode(x=right, y=y, text=alt.Text("text:N")))
    return alt.layer(*layers, view=alt.ViewConfig(stroke=LINE)).properties(
        width=width, height=height, title=panel_title(panel.title, panel.key)
    )


def inputs(exploration: Exploration, timeline: Timeline, canvas: Canvas, room: int = 0) -> list[Any]:
    """What was read, a panel a channel or one heat map of all, for the top of a figure.

    Args:
        exploration: has the raw inputs and their names.
        timeline: which steps.
        canvas: the figure's size.
        room: px right of the panels.
    """
    raw, names = exploration.raw.numpy().astype(np.float64)[timeline.skip :], exploration.raw_names
    first = exploration.first_step + timeline.skip
    if len(names) <= LINES:
        return [_line(names[k], raw[:, k], timeline, first, canvas, room) for k in range(len(names))]
    kept = raw[:, :MOST_ROWS]
    with np.errstate(invalid="ignore", over="ignore"):
        masked = np.where(np.isfinite(kept), kept, np.nan)
        some = np.isfinite(masked).any(axis=0)
        low = np.where(some, np.nanmin(np.where(some, masked, 0), axis=0), 0)
        span = np.where(some, np.nanmax(np.where(some, masked, 0), axis=0) - low, 1)
        shares = (kept - low) / np.where(span > 0, span, 1)
    if timeline.before:
        shares = np.vstack([np.zeros((1, shares.shape[1])), shares])
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
    marks = [low] if low == high else [low, high]
    labels = json.dumps([three(mark) for mark in marks] if known else [""], ensure_ascii=False)
    low, high = (low - 0.5, high + 0.5) if low == high else (low, high)
    gutter = GUTTER[canvas.name]
    axis = marked_axis(
        None, marks, grid=False, minExtent=gutter, maxExtent=gutter, labelLimit=gutter - 6,
        labelExpr=f"{labels}[datum.value > {(low + high) / 2!r} ? 1 : 0]",
    )  # fmt: skip
    y = alt.Y("value:Q", scale=alt.Scale(domain=[low, high], nice=False, zero=False, padding=2), axis=axis)
    base = alt.Chart(data(points)).encode(x=timeline.axis(canvas, shown=False), y=y)
    mark = (
        base.mark_line(color=MUTED, strokeWidth=1.25) if len(known) > 1 else base.mark_point(color=MUTED, filled=True)
    )
    return mark.properties(width=width_of(canvas) - room, height=40, title=panel_title(_short(name, 40), ""))


def width_of(canvas: Canvas) -> int:
    """px of a panel."""
    return canvas.width - GUTTER[canvas.name] - 8


def _rows(names: tuple[str, ...], canvas: Canvas) -> Any:
    gutter = GUTTER[canvas.name]
    written = json.dumps([_short(name, 24) for name in names], ensure_ascii=False)
    return marked_axis(
        None, range(len(names)), labelExpr=f"{written}[datum.value]", grid=False, minExtent=gutter, maxExtent=gutter,
        labelLimit=gutter - 14, labelFontSize=11,
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
