"""How the loss changes without what was read long ago, and from where on it does not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from selfloop.report.charts.drawing import INK, MUTED, Canvas, Picture, picture
from selfloop.report.charts.models import ModelLook, legend, unnamed
from selfloop.report.charts.parts import Records, data, marked_axis
from selfloop.results.explanation import Explanation, HorizonCurve
from selfloop.words import count, percent

_HEIGHT = 280
_ROW = 26  # px a model
_EVEN = 32  # lags on an even axis
_MARGIN = 80  # px for the labels of changes
_SHARES = (-1.0, -0.1, -0.01, 0.0, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0, 10000.0)


def horizon_picture(explanation: Explanation, looks: dict[str, ModelLook]) -> Picture | None:
    """The loss without what is older than k steps, with its band; below it the horizon of each model."""
    curves = {
        model.name: model.horizon for model in explanation.models
        if model.horizon is not None and any(map(math.isfinite, model.horizon.change))
    }  # fmt: skip
    if not curves:
        return None
    said = [f"this {looks[name].label}: {horizon_said(curve)}" for name, curve in curves.items()]
    epsilon = max(curve.horizon.epsilon for curve in curves.values())
    small = percent(epsilon)
    caption = (
        "Line: how the loss changes when everything older than k steps is replaced, as a share of the loss with all of "
        "it, or of ΔL(0), what the whole past is worth, where that is more. Band: 95 % of resampled data. Dashed: "
        f"{small}; a loss that rises by less, or falls, does not need what was replaced. The scale is even between "
        f"−{small} and {small}, logarithmic beyond. Below: the horizon, from which on the line stays below the dashes, "
        "with its 95 % interval."
    )
    alt = "Horizon of " + "; ".join(said) + "."
    return picture("explain-horizon", alt, caption, lambda canvas: _horizon(curves, looks, epsilon, canvas))


def horizon_said(curve: HorizonCurve) -> str:
    """`18 steps [15 to 22]`, or that it lies beyond what was tried: `more than 39 steps [30 to more]`."""
    found = curve.horizon
    beyond = f"more than {found.window - 1:,}"
    said = f"{beyond} steps" if found.steps is None else count(found.steps, "step")
    if found.low == found.high:
        return said
    low = beyond if found.low is None else f"{found.low:,}"
    high = "more" if found.high is None else f"{found.high:,}"
    return f"{said} [{low} to {high}]"


def _points(label: str, curve: HorizonCurve) -> Records:
    """The line and its band; a change that is not finite is a gap."""
    points: Records = []
    for k, change, low, high in zip(curve.lags, curve.change, curve.low, curve.high, strict=True):
        if not math.isfinite(change):
            points.append({"label": label, "k": k, "change": None, "low": None, "high": None})
            continue
        low, high = (low if math.isfinite(low) else change), (high if math.isfinite(high) else change)
        point = {"change": change, "low": low, "high": high}
        points.append({"label": label, "k": k} | {key: float(f"{v:.4g}") for key, v in point.items()})
    return points


def _horizon(curves: dict[str, HorizonCurve], looks: dict[str, ModelLook], epsilon: float, canvas: Canvas) -> Any:
    import altair as alt

    points = [point for name, curve in curves.items() for point in _points(looks[name].label, curve)]
    found = [each for curve in curves.values() for each in (curve.horizon.steps, curve.horizon.low, curve.horizon.high)]
    tried = [k for curve in curves.values() for k in curve.lags]
    lags = _Lags(max([*tried, *(each for each in found if each is not None)]), canvas.name == "wide")
    chosen = [looks[name] for name in curves]
    # The rows below name each model beside its colour; where two share one, their dashes need names as well.
    alike = len({look.colour for look in chosen}) < len(chosen)
    colour, dash = legend(chosen, canvas) if alike else unnamed(chosen)
    scale, axis = _changes(points, epsilon)
    y = alt.Y("change:Q", scale=scale, axis=axis)
    base = alt.Chart(data(points)).encode(x=lags.at(shown=False))
    tints = alt.Scale(domain=[look.label for look in chosen], range=[look.colour for look in chosen])
    shade, _ = unnamed(chosen)
    band = base.mark_area(opacity=0.16).encode(
        y=alt.Y("low:Q", scale=scale, axis=axis),
        y2=alt.Y2("high:Q"),
        fill=alt.Fill("label:N", scale=tints, legend=None),
    )
    line = base.mark_line(strokeWidth=2).encode(y=y, color=colour, strokeDash=dash)
    dots = base.mark_point(filled=True, size=18, opacity=1).encode(y=y, color=colour)
    rules = alt.Chart(data([{"change": epsilon}])).mark_rule(color=MUTED, strokeDash=[4, 3]).encode(y=y)
    zero = alt.Chart(data([{"change": 0}])).mark_rule(color=MUTED, strokeWidth=0.75).encode(y=y)
    layers = [zero, rules, band, line, *([dots] if len(points) <= 60 * len(curves) else [])]
    width = canvas.width - _MARGIN
    upper = alt.layer(*layers).properties(width=width, height=_HEIGHT)
    lower = _found(curves, looks, lags, shade, width)
    return alt.vconcat(upper, lower, spacing=10).resolve_scale(
        x="shared", y="independent", color="independent", strokeDash="independent"
    )


def _changes(points: Records, epsilon: float) -> tuple[Any, Any]:
    """Scale and axis of changes of the loss: even below epsilon, logarithmic beyond."""
    import altair as alt

    known = [each[key] for each in points for key in ("change", "low", "high") if each[key] is not None]
    low, high = min([*known, -epsilon]), max([*known, 2 * epsilon])
    scale = alt.Scale(type="symlog", constant=epsilon, domain=[1.2 * low, 1.2 * high], nice=False)
    axis = marked_axis(
        "change of the loss", [tick for tick in _SHARES if 1.2 * low <= tick <= 1.2 * high],
        labelExpr="format(100 * datum.value, ',.4~g') + ' %'", minExtent=56, maxExtent=56, titlePadding=12,
    )  # fmt: skip
    return scale, axis


def _found(curves: dict[str, HorizonCurve], looks: dict[str, ModelLook], lags: _Lags, shade: Any, width: int) -> Any:
    """A row a model: its horizon, the interval, and both in words."""
    import altair as alt

    rows: Records = []
    for name, curve in curves.items():
        found = curve.horizon
        at, low, high = (lags.last if each is None else each for each in (found.steps, found.low, found.high))
        rows.append(
            {
                "label": looks[name].label, "k": at, "from": low, "to": high, "beyond": found.steps is None,
                "text": f"{looks[name].label}: {horizon_said(curve)}",
            }
        )  # fmt: skip
    y = alt.Y("label:N", sort=None, axis=None)
    base = alt.Chart(data(rows)).encode(y=y)
    span = base.mark_rule(strokeWidth=5, opacity=0.3).encode(
        x=lags.at("from", shown=True), x2=alt.X2("to:Q"), color=shade
    )
    shapes = alt.Scale(domain=[False, True], range=["circle", "triangle-right"])
    dots = base.mark_point(size=70, filled=True, opacity=1).encode(
        x=lags.at(shown=True), color=shade, shape=alt.Shape("beyond:N", scale=shapes, legend=None)
    )
    sides = [_side(row, lags, width) for row in rows]
    above = any(side is None for side in sides)  # where one has no room beside it, as on a phone, all are above
    words = [
        _above(row, y, width) if side is None or above else _beside(row, side, lags, y)
        for row, side in zip(rows, sides, strict=True)
    ]
    return alt.layer(span, dots, *words).properties(width=width, height=(44 if above else _ROW) * len(rows))


Side = tuple[Literal["left", "right"], int]


def _side(row: dict[str, Any], lags: _Lags, width: int) -> Side | None:
    """How words beside a horizon are aligned, and the lag that they stand at; None: there is no room."""
    letters, left, right = 6.8 * len(row["text"]) + 12, min(row["from"], row["k"]), max(row["to"], row["k"])
    if lags.share(right) * width + letters <= width:
        return "left", right
    return ("right", left) if lags.share(left) * width >= letters else None


def _beside(row: dict[str, Any], side: Side, lags: _Lags, y: Any) -> Any:
    import altair as alt

    text = alt.Chart(data([row | {"place": side[1]}])).mark_text(
        align=side[0], dx=10 if side[0] == "left" else -10, fontSize=12, color=INK
    )
    return text.encode(x=lags.at("place", shown=True), y=y, text=alt.Text("text:N"))


def _above(row: dict[str, Any], y: Any, width: int) -> Any:
    import altair as alt

    text = alt.Chart(data([row])).mark_text(align="left", dy=-14, fontSize=12, color=INK, limit=width + _MARGIN - 8)
    left = alt.XValue(8 - _MARGIN)  # type: ignore[no-untyped-call]
    return text.encode(x=left, y=y, text=alt.Text("text:N"))


@dataclass(frozen=True)
class _Lags:
    """The axis of lags up to `last`: even for few, stretched at the near end for many."""

    last: int
    wide: bool

    @property
    def even(self) -> bool:
        return self.last <= _EVEN

    def at(self, field: str = "k", *, shown: bool) -> Any:
        import altair as alt

        domain = [0, max(1, self.last)]
        scale = (
            alt.Scale(type="linear", domain=domain, nice=False, padding=8)
            if self.even else alt.Scale(type="symlog", constant=1, domain=domain, nice=False, padding=8)
        )  # fmt: skip
        axis = (
            marked_axis("steps back, k", self._ticks(), grid=False, format=",d", labelOverlap="greedy")
            if shown
            else None
        )
        return alt.X(f"{field}:Q", scale=scale, axis=axis)

    def _ticks(self) -> list[int]:
        marks = [factor * 10**power for power in range(9) for factor in (1, 2, 5)]
        if not self.even:
            return [0, *(k for k in marks if k <= self.last)]
        step = next(k for k in marks if self.last / k <= (10 if self.wide else 6))
        return list(range(0, self.last + 1, step))

    def share(self, k: int) -> float:
        """How far along the axis a lag is, from 0 to 1."""
        last = max(1, self.last)
        return k / last if self.even else math.log1p(k) / math.log1p(last)
