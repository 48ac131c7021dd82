"""MiniRocket's features in loops over single numbers, from the paper (Dempster, Schmidt, Webb 2021, section 3)."""

from __future__ import annotations

import math
from collections.abc import Sequence

Series = Sequence[Sequence[float]]  # channels of steps


def kernels() -> list[list[int]]:
    """All 84 kernels of length nine with three weights of 2 and six of −1."""
    found = []
    for code in range(2**9):
        ones = [code >> (8 - place) & 1 for place in range(9)]
        if sum(ones) == 3:
            found.append([2 if one else -1 for one in ones])
    return sorted(found, reverse=True)


def dilation_of(bias: int, per_kernel: int, length: int) -> int:
    """The dilation of a kernel's bias, counted from 0 over all of the kernel's."""
    most = min(per_kernel, 32)
    group = bias * most // per_kernel
    largest = math.log2((length - 1) / 8) if length > 9 else 0.0
    exponent = 0.0 if most == 1 else largest * group / (most - 1)
    return math.floor(2**exponent + 1e-12)


def convolution(series: Series, weights: Sequence[int], dilation: int) -> list[float]:
    """As many values as there are steps; beyond the ends is nothing but zeros."""
    steps = len(series[0])
    found = []
    for t in range(steps):
        total = 0.0
        for channel in series:
            for j, weight in enumerate(weights):
                at = t + (j - 4) * dilation
                if 0 <= at < steps:
                    total += weight * channel[at]
        found.append(total)
    return found


def pooled(values: Sequence[float], dilation: int, padding: bool) -> list[float]:
    """All values, or those where no weight lies beyond an end; all where there would be none."""
    inside = values[4 * dilation : len(values) - 4 * dilation] if 8 * dilation < len(values) else values
    return list(values if padding else inside)


def share(values: Sequence[float], bias: float) -> float:
    """PPV: the share of values above a bias."""
    return sum(1 for value in values if value - bias > 0) / len(values)


def golden(index: int) -> float:
    """The quantile of feature `index`, counted from 1: a low-discrepancy sequence."""
    product = index * (math.sqrt(5) + 1) / 2
    return product - math.floor(product)


def quantile(values: Sequence[float], at: float) -> float:
    """Between two sorted values, on the line."""
    ordered = sorted(values)
    place = at * (len(ordered) - 1)
    below = min(math.floor(place), len(ordered) - 2) if len(ordered) > 1 else 0
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
