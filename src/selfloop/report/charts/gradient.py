"""How much of the learning signal gets back through time, all models on one logarithmic axis."""

from __future__ import annotations

import json
import math
from typing import Any

from selfloop.report.charts.drawing import Canvas, Picture, picture
from selfloop.report.charts.models import ModelLook, legend
from selfloop.report.charts.parts import Records, data, marked_axis, small_axis
from selfloop.results.explanation import Explanation, LagGradient
from selfloop.words import listed, three

FLOOR = 1e-12  # of the gradient, against its value at the loss: what is below is drawn there
_HEIGHT = 280
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def gradient_picture(explanation: Explanation, looks: dict[str, ModelLook]) -> Picture | None:
    """G(k) of all models on one logarithmic axis, each against its own value at the loss."""
    lines = {model.name: relative(model.gradient) for model in explanation.models if model.gradient is not None}
    lines = {name: line for name, line in lines.items() if any(share is not None for share in line)}
    if not lines:
        return None
    said = []
    for name, line in lines.items():
        last = max(k for k, share in enumerate(line) if share is not None)
        said.append(f"this {looks[name].label} {three(line[last])} at {last} steps back")
    caption = (
        "How much of the learning signal at a step is still felt k steps before it, against what the step itself "
        "feels. The scale is logarithmic: a straight line falls by the same factor at each step. Less than "
        f"{power(FLOOR)} is drawn at the bottom."
    )
    if any(share is None for line in lines.values() for share in line):
        caption += " A gap stands for a number that is not finite."
    alt = "Share of the gradient that gets back: " + listed(said) + "."
    return picture("explain-gradient-by-lag", alt, caption, lambda canvas: _gradient(lines, looks, canvas))


def relative(gradient: LagGradient) -> tuple[float | None, ...]:
    """G(k) against the first value that is above 0; None where it is not finite."""
    finite = [value if value is not None and math.isfinite(value) else None for value in gradient.values]
    first = next((value for value in finite if value), None)
    if first is None:
        return tuple(None for _ in finite)
    return tuple(None if value is None else value / first for value in finite)


def _gradient(lines: dict[str, tuple[float | None, ...]], looks: dict[str, ModelLook], canvas: Canvas) -> Any:
    import altair as alt

    points: Records = []
    for name, line in lines.items():
        for k in _thinned(len(line)):
            share = line[k]
            drawn = None if share is None else float(f"{max(FLOOR, share):.4g}")
            points.append({"label": looks[name].label, "k": k, "share": drawn})
    known = [point["share"] for point in points if point["share"] is not None]
    low, top = min(-2, math.floor(math.log10(min(known)) + 1e-9)), 2 * max([*known, 1.0])
    every = max(1, -(-(math.floor(math.log10(top)) - low) // 8))
    every += every > 1 and every % 2
    powers = [10.0**k for k in range(low, math.floor(math.log10(top)) + 1) if k % every == 0]
    words = json.dumps({str(round(math.log10(value))): power(value) for value in powers}, ensure_ascii=False)
    axis = marked_axis(
        "share of the gradient", powers, labelExpr=f"{words}['' + round(log(datum.value) / LN10)]", minExtent=44,
        maxExtent=44,
    )  # fmt: skip
    y = alt.Y("share:Q", scale=alt.Scale(type="log", domain=[10.0**low, top], nice=False), axis=axis)
    colour, dash = legend([looks[name] for name in lines], canvas)
    longest = max(len(line) for line in lines.values())
    scale = alt.Scale(domain=[0, max(1, longest - 1)], nice=False, padding=8)
    x = alt.X(
        "k:Q",
        scale=scale,
        axis=small_axis(
            "steps back, k", grid=False, tickCount=8 if canvas.name == "wide" else 4, format=",d", tickMinStep=1
        ),
    )
    base = alt.Chart(data(points)).encode(x=x, y=y, color=colour)
    layers = [base.mark_line(strokeWidth=2, clip=True).encode(strokeDash=dash)]
    if longest <= 24:
        layers.append(base.mark_point(filled=True, size=28, opacity=1))
    return alt.layer(*layers).properties(width=canvas.width - 72, height=_HEIGHT)


def power(value: float) -> str:
    """A power of ten in words: `1`, `0.01`, `10⁻⁶`."""
    exponent = round(math.log10(value))
    if -3 <= exponent <= 3:
        return f"{10.0**exponent:g}"
    return "10" + str(exponent).translate(_SUPERSCRIPT)


def _thinned(number: int) -> list[int]:
    """All of few, every n-th of many, always the last."""
    return sorted({*range(0, number, max(1, number // 200)), number - 1})
