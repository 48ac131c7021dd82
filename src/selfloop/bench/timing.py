"""Calls that take turns in one process, so that whatever else the machine does hits all sides alike."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from math import ceil
from statistics import median

from selfloop.bench.plan import LEAST_PAIRS

Call = Callable[[], object]
Clock = Callable[[], float]
BLOCK = 0.001  # seconds that the fastest side's calls between two looks at the clock take at least
MOST_ROUNDS = 5000


def interleave(calls: Mapping[str, Call], seconds: float, clock: Clock = time.perf_counter) -> dict[str, list[float]]:
    """Time the sides in turns: round after round, until the time is used up.

    In every round each side runs once (calls of less than a millisecond several times, the same number for all), in an
    order that alternates: A B, B A, ... so that each follows the other as often as itself.

    Args:
        calls: by side.
        seconds: for all sides together; there are at least `LEAST_PAIRS` rounds, however long they take.
        clock: seconds since whenever.

    Returns:
        Seconds a call, for each side an entry a round.
    """
    times: dict[str, list[float]] = {side: [] for side in calls}
    collecting = gc.isenabled()
    gc.collect()
    gc.disable()  # a collection would hit one side of a pair
    try:
        repeats = _repeats(calls, clock)
        start = clock()
        for number in range(MOST_ROUNDS):
            if number >= LEAST_PAIRS and clock() - start >= seconds:
                break
            for side in order(list(calls), number):
                times[side].append(_seconds(calls[side], repeats, clock))
    finally:
        if collecting:
            gc.enable()
    return times


def order(sides: list[str], number: int) -> list[str]:
    """The turns of a round: each side begins in its turn, and every other round runs backwards."""
    first = number // 2 % len(sides)
    turned = sides[first:] + sides[:first]
    return turned[::-1] if number % 2 else turned


def ratios(times: Mapping[str, list[float]], ours: str, peer: str) -> list[float]:
    """The peer's time over ours, an entry a round."""
    return [theirs / own for theirs, own in zip(times[peer], times[ours], strict=True)]


def _repeats(calls: Mapping[str, Call], clock: Clock) -> int:
    """How often a side is called between two looks at the clock; this also warms up."""
    fastest = min(median(_seconds(call, 1, clock) for _ in range(3)) for call in calls.values())
    return max(1, ceil(BLOCK / fastest))


def _seconds(call: Call, repeats: int, clock: Clock) -> float:
    start = clock()
    for _ in range(repeats):
        call()
    return (clock() - start) / repeats
