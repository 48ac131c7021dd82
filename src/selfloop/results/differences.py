"""How far apart two scores are, in the one unit that a metric is compared in: a ratio, or a difference of shares."""

from __future__ import annotations

import math

from selfloop import words
from selfloop.results.study import Metric


def same(metric: Metric) -> float:
    """Of two scores that are equal."""
    return 1.0 if metric.effect == "ratio" else 0.0


def against(metric: Metric, score: float, other: float) -> float | None:
    """One score over another, or less another; None where a ratio does not exist."""
    if metric.effect == "difference":
        return score - other
    if score == other:
        return 1.0
    return score / other if other > 0 and score >= 0 else None


def turned(metric: Metric, value: float) -> float:
    """The other against the one."""
    if metric.effect == "difference":
        return -value
    return 1 / value if value > 0 else math.inf


def distance(metric: Metric, value: float) -> float:
    """How far from the same: both ways alike, and additive."""
    return abs(math.log(value)) if metric.effect == "ratio" else abs(value)


def amount(metric: Metric, value: float | None) -> str:
    """A difference without its direction: "3 %", "0.8 percentage points"; a dash for None."""
    if value is None:
        return words.MISSING
    return words.percent(value) if metric.effect == "ratio" else words.points(value)


def direction(metric: Metric, value: float) -> str:
    """One score against another: "12 % lower", "1.2 percentage points higher", "the same"."""
    return words.change(value) if metric.effect == "ratio" else words.shift(value)


def interval(metric: Metric, low: float, high: float) -> str:
    """An interval of the same."""
    return words.span(low, high) if metric.effect == "ratio" else words.reach(low, high)


def short(metric: Metric, value: float | None) -> str:
    """The same where there is little room: "−12 %", "+1.2 points"; a dash for None."""
    if value is None or metric.effect == "ratio":
        return words.gap(value)
    if value == 0:
        return "0 points"
    if abs(value) < 0.0005:
        return "> −0.1 points" if value < 0 else "< +0.1 points"
    return f"{'+' if value > 0 else '−'}{words.points(abs(value)).replace('percentage ', '')}"


def short_interval(metric: Metric, low: float, high: float) -> str:
    """An interval of the same: "−12 % to −3 %", "−0.4 to +1.2 points"."""
    return f"{short(metric, low).partition(' point')[0]} to {short(metric, high)}"
