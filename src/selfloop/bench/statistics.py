"""Medians of paired ratios, with an interval that assumes no distribution, and geometric means over shapes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import exp, log
from statistics import fmean, median

from scipy.stats import quantile_test

from selfloop.results.bench import Allocator, Mean, Mode, Point, Ratio

CONFIDENCE = 0.95


def median_interval(values: Sequence[float]) -> tuple[float, float, float]:
    """The median, and an interval that holds the true one with at least 95 %.

    The bounds are order statistics (Conover 1999, section 3.2): for independent values their coverage follows from the
    binomial distribution alone. Below six values no two of them reach 95 %; then the bounds are -inf and inf.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("a median of no values was asked for; expected one or more.")
    found = quantile_test(list(values), q=0, p=0.5).confidence_interval(CONFIDENCE)
    low, high = float(found.low), float(found.high)
    return median(values), low if low == low else float("-inf"), high if high == high else float("inf")


def geometric_mean(values: Iterable[float]) -> float:
    """The mean of ratios: that of 2 and 1/2 is 1.

    Raises:
        ValueError: there are no values, or one is not positive.
    """
    logarithms = [log(value) for value in values]
    if not logarithms:
        raise ValueError("a mean of no values was asked for; expected one or more.")
    return exp(fmean(logarithms))


def means(points: Iterable[Point]) -> tuple[Mean, ...]:
    """The geometric means over shapes, with each number of threads and over all of them."""
    groups: dict[tuple[str, Mode, Allocator, int | None], list[Ratio]] = {}
    for point in points:
        ratio = point.against("torch")
        for threads in (point.threads, None) if ratio else ():
            assert ratio is not None, "or there would be no loop"
            groups.setdefault((point.cell, point.mode, point.allocator, threads), []).append(ratio)
    return tuple(
        Mean(*key, geometric_mean(r.ratio for r in found), len(found), sum(r.slower for r in found))
        for key, found in groups.items()
    )
