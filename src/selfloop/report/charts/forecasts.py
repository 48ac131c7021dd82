"""Forecasts against what came: one panel a candidate, the same truth in each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from selfloop.report.charts.drawing import INK, MUTED, Canvas, Picture, picture
from selfloop.report.charts.looks import Look
from selfloop.report.charts.parts import Records, data, small_axis
from selfloop.results.study import ForecastExample, StudyResult
from selfloop.words import count, finite, listed, whole

_MOST_PANELS = 4
_MOST_SERIES = 3
_MOST_STEPS = 400  # of the truth, and of the axis unless the last forecast needs more
_MOST_ORIGINS = 6
_MOST_AHEAD = 36  # points of a forecast


def forecast_pictures(result: StudyResult, looks: dict[str, Look]) -> tuple[tuple[str, Picture], ...]:
    """(name of the series, picture) for each of the first three examples that hold a forecast."""
    made = []
    able = [example for example in result.examples if example.origins and _names(result, example)][:_MOST_SERIES]
    for place, example in enumerate(able):
        names = _names(result, example)
        labels = [looks[name].label for name in names]
        alt = f"Forecasts of {example.series} by {listed(labels)} from {count(len(example.origins), 'point')} in time, "
        alt += "and the truth."
        caption = "Dark: what came. Coloured: forecasts, each from a short upright line, with nothing known beyond it. "
        caption += "The last one has its 80 % and 95 % bands."
        window = _Window.of(example)
        caption += window.limits(example)
        caption += f" {len(names)} of {len(looks)} candidates are drawn"
        several = result.data.sequences > 1
        caption += f", on {len(able)} of {whole(result.data.sequences)} series." if several else "."
        panels = {name: _records(example, name, window) for name in names}
        draw = partial(_draw, looks, example, window, panels)
        made.append((example.series, picture(f"forecast-{place}", alt, caption, draw)))
    return tuple(made)


def _names(result: StudyResult, example: ForecastExample) -> list[str]:
    """The pick, the best recurrent network, the others of its family, then the leaderboard's first ones.

    They are drawn in the leaderboard's order.
    """
    able = [row.candidate for row in result.leaderboard if example.forecasts.get(row.candidate.name)]
    order = [each.name for each in able]
    wanted = [name for name in (result.verdict.pick, result.verdict.best_recurrent) if name in order]
    recurrent = [each.name for each in able if each.family == "recurrent"]
    kept = list(dict.fromkeys([*wanted, *recurrent, *order]))[:_MOST_PANELS]
    return [name for name in order if name in kept]


@dataclass(frozen=True)
class _Window:
    """The steps that are drawn, and where they stand on the axis.

    Attributes:
        first: step that is drawn.
        every: of how many steps of the truth one is drawn.
        ahead: the steps ahead that are drawn of each forecast, from 1.
        x: for every step of the example, drawn or not.
        kind: "temporal" or "quantitative".
    """

    first: int
    every: int
    ahead: tuple[int, ...]
    x: tuple[float, ...]
    kind: str

    @classmethod
    def of(cls, example: ForecastExample) -> _Window:
        steps = len(example.time)
        horizon = max((len(path) for paths in example.forecasts.values() for path in paths), default=1)
        span = max(_MOST_STEPS, 3 * horizon)  # the last forecast must be in it
        first = max(0, steps - span, example.origins[-_MOST_ORIGINS:][0] - 3 * horizon)
        every = -(-(steps - first) // _MOST_STEPS)
        stride = -(-horizon // _MOST_AHEAD)
        ahead = tuple(sorted({1, horizon, *range(stride, horizon + 1, stride)}))
        moments = [_moment(label) for label in example.time]
        dates = [moment for moment in moments if moment is not None]
        if len(dates) == steps:
            return cls(first, every, ahead, tuple(dates), "temporal")
        counts = [float(label) for label in example.time if label.lstrip("+-").isdecimal()]
        x = tuple(counts) if len(counts) == steps else tuple(map(float, range(steps)))
        return cls(first, every, ahead, x, "quantitative")

    def origins(self, example: ForecastExample) -> tuple[int, ...]:
        """Which of the example's origins are drawn."""
        kept = range(len(example.origins))[-_MOST_ORIGINS:]
        return tuple(k for k in kept if example.origins[k] >= self.first)

    def limits(self, example: ForecastExample) -> str:
        """What is not drawn of this example, in words; nothing where all is."""
        drawn, said = len(self.origins(example)), ""
        if drawn < len(example.origins):
            said += f" The last {drawn} of {whole(len(example.origins))} forecasts are drawn."
        if self.first > 0:
            said += f" Drawn are the last {whole(len(example.time) - self.first)} of {whole(len(example.time))} steps."
        thinned = [f"1 step in {self.every} of the truth"] if self.every > 1 else []
        if len(self.ahead) < self.ahead[-1]:
            thinned.append(f"{len(self.ahead)} of {whole(self.ahead[-1])} steps of each forecast")
        return f"{said} Lines join {listed(thinned)}." if thinned else said


def _moment(label: str) -> float | None:
    """Milliseconds since 1970, a time without a zone read as UTC; None where it is no date."""
    if label.lstrip("+-").isdecimal():
        return None  # 20240101 is a count as far as we know
    try:
        moment = datetime.fromisoformat(label)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000


def _records(example: ForecastExample, name: str, window: _Window) -> tuple[Records, Records, Records]:
    """Paths, bands and origins of one candidate."""
    paths: Records = []
    origins: Records = []
    bands: Records = []
    steps = len(example.time)
    made = example.forecasts[name]
    for k in window.origins(example):
        if k >= len(made):
            continue
        origin = example.origins[k]
        origins.append({"x": window.x[origin]})
        for ahead in window.ahead:
            if ahead <= len(made[k]) and origin + ahead < steps:
                drawn = {"x": window.x[origin + ahead], "value": finite(made[k][ahead - 1]), "path": k, "ahead": ahead}
                paths.append({**drawn, "time": example.time[origin + ahead]})
    last = example.origins[-1]
    for level, ends in example.intervals.get(name, {}).items():
        for ahead in window.ahead:
            if ahead <= len(ends) and last + ahead < steps and last >= window.first:
                low, high = ends[ahead - 1]
                at = window.x[last + ahead]
                bands.append({"x": at, "low": finite(low), "high": finite(high), "level": level})
    return paths, bands, origins


def _truth(example: ForecastExample, window: _Window) -> Records:
    pairs = zip(window.x, example.truth, example.time, strict=False)
    records = [{"x": x, "value": finite(value), "time": time} for x, value, time in pairs]
    return records[window.first :: window.every]


def _draw(
    look: dict[str, Look],
    example: ForecastExample,
    window: _Window,
    panels: dict[str, tuple[Records, Records, Records]],
    canvas: Canvas,
) -> Any:
    import altair as alt

    temporal = window.kind == "temporal"
    scale = alt.Scale(type="utc", nice=False) if temporal else alt.Scale(zero=False, nice=False)
    drawn = {"tickCount": 8 if canvas.columns > 1 else 4, "grid": False, "labelFlush": True}
    charts = []
    for place, (name, records) in enumerate(panels.items()):
        last = place == len(panels) - 1
        axis = small_axis(None if temporal else "step", **drawn) if last else None
        x = alt.X("x", type="temporal" if temporal else "quantitative", scale=scale, axis=axis)
        chart = alt.layer(*_layers(look[name], x, example.target, records, _truth(example, window)))
        charts.append(chart.properties(width=canvas.width - 72, height=132, title=look[name].label))
    return alt.vconcat(*charts, spacing=16).resolve_scale(x="shared", y="shared")


def _layers(look: Look, x: Any, target: str, records: tuple[Records, Records, Records], truth: Records) -> list[Any]:
    """Bands at the back, then the truth, then what was forecast."""
    import altair as alt

    paths, bands, origins = records
    y_scale = alt.Scale(zero=False, nice=False, padding=6)
    title = target if len(target) <= 24 else f"{target[:23]}…"
    y = alt.Y("value:Q", scale=y_scale, axis=small_axis(title, tickCount=4, format="~s"))
    hover = [alt.Tooltip("time:N"), alt.Tooltip("value:Q", format=",.5~g")]
    ahead = [alt.Tooltip("time:N"), alt.Tooltip("ahead:Q", title="steps ahead")]
    ahead.append(alt.Tooltip("value:Q", title="forecast", format=",.5~g"))
    layers = [
        alt.Chart(data([band for band in bands if band["level"] == level]))
        .mark_area(color=look.colour, opacity=0.18, line=False)
        .encode(x=x, y=alt.Y("low:Q", scale=y_scale), y2=alt.Y2("high:Q"))
        for level in sorted({band["level"] for band in bands}, reverse=True)
    ]
    layers += [
        alt.Chart(data(origins)).mark_rule(color=MUTED, opacity=0.6, strokeDash=[2, 3]).encode(x=x),
        alt.Chart(data(truth)).mark_line(color=INK, strokeWidth=1, opacity=0.75).encode(x=x, y=y),
        alt.Chart(data(truth)).mark_point(size=40, opacity=0).encode(x=x, y=y, tooltip=hover),
        alt.Chart(data(paths))
        .mark_line(color=look.colour, strokeWidth=2, strokeDash=list(look.dash) or [1, 0])
        .encode(x=x, y=y, detail=alt.Detail("path:N")),
        alt.Chart(data(paths)).mark_point(size=40, opacity=0).encode(x=x, y=y, tooltip=ahead),
    ]
    return layers
