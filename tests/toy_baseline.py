"""A baseline from outside: the last change goes on. One file, one row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from selfloop.data.sequences import Floats, Sequences
from selfloop.tasks.model import Arrays, ClosedForm, Fields, Signature


@dataclass(frozen=True)
class Drift:
    """z[t + k] = z[t] + k (z[t] − z[t−1])."""

    horizon: int
    parameters: int = 0
    operations: int = 1

    def predict(self, data: Sequences, where: Any) -> Floats:
        rows, z = where.flat(data), data.values[:, data.target]
        change = z[rows] - z[np.maximum(rows - 1, data.offsets[where.series()])]
        return np.asarray(z[rows][:, None] + change[:, None] * np.arange(1, self.horizon + 1))

    def step(self) -> Callable[[], object] | None:
        return None

    def fields(self) -> Fields:
        return {}

    def arrays(self) -> Arrays:
        return {}


@dataclass(frozen=True)
class DriftForecast(ClosedForm):
    """The row."""

    def fit(self, task: Any, data: Sequences, fold: Any) -> Drift:
        return Drift(task.horizon)

    def refit(self, task: Any, data: Sequences) -> Drift:
        return Drift(task.horizon)

    def read(self, task: Any, fields: Fields, arrays: Arrays, signature: Signature) -> Drift:
        return Drift(task.horizon)


DRIFT = DriftForecast("drift", "drift forecast", naive=True)
