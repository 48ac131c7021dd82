"""Microseconds for one new step: what answering as the data come in would cost."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import torch

from selfloop.tasks.model import Measured

REPEATS = 60
FEWEST, LONG = 5, 250_000_000  # of what takes long, fewer repeats: no more when these nanoseconds are over


def step_microseconds(model: Measured) -> float | None:
    """What one new step of a model takes; next to nothing where it computes nothing.

    None where an entry of the user's own, whose cost nobody counts, answers many steps but not one alone.
    """
    if model.operations is None:
        try:
            return call_microseconds(model.step() or (lambda: None))
        except Exception:
            return None
    return call_microseconds(model.step() or (lambda: None))


def call_microseconds(step: Callable[[], object], clock: Callable[[], int] = time.perf_counter_ns) -> float:
    """Median time of a call, after a warm-up, without gradients.

    Args:
        step: what is timed.
        clock: nanoseconds.
    """
    with torch.no_grad():
        for _ in range(FEWEST):
            step()
        times: list[int] = []
        while len(times) < REPEATS and (len(times) < FEWEST or sum(times) < LONG):
            start = clock()
            step()
            times.append(clock() - start)
    return median(times) / 1000
