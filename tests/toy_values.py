"""What stands around the networks of toy_task.py, and the baseline that answers the mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.tasks.cases import CaseFold, CasePipeline
from selfloop.tasks.model import Applied, Arrays, ClosedForm, Fields, Signature, floats
from selfloop.tasks.scaler import Scaler


def values_of(data: Sequences) -> Floats:
    """(sequences, 1) the largest value of the first channel."""
    return np.array([[values[:, 0].max()] for values in data])


@dataclass(frozen=True)
class ValuePipeline(CasePipeline):
    """Scaled channels in, values in the user's units out."""

    target: Scaler = Scaler(np.zeros(1), np.ones(1))  # noqa: RUF009 - frozen

    def apply(self, data: Sequences, where: Ints) -> Applied:
        return Applied(self.scaler.scale(data.values), lambda scores: scores * self.target.deviation + self.target.mean)

    def arrays(self) -> Arrays:
        return {**super().arrays(), "target.mean": self.target.mean, "target.deviation": self.target.deviation}


@dataclass(frozen=True)
class EndFrame:
    """Values that are known when a sequence has ended."""

    target: Scaler
    value: Floats  # (1,)
    steps: int

    @property
    def scale(self) -> tuple[float, ...]:
        return tuple(self.target.deviation.tolist())

    @property
    def transform(self) -> Literal["identity", "exp"]:
        return "identity"

    @property
    def stands_on(self) -> str:
        return "the mean of the training cases"

    def offset(self, first: int, stop: int) -> Floats:
        return np.tile(self.target.mean, (stop - first, 1))

    def answers(self, scores: Floats, first: int, stop: int) -> Floats:
        return scores * self.target.deviation + self.target.mean

    def truth(self, first: int, stop: int) -> Floats:
        known = np.full((self.steps, 1), np.nan)
        known[-1] = self.value
        return known[first:stop]

    def wanted(self, first: int, stop: int) -> Floats:
        return self.target.scale(self.truth(first, stop))


@dataclass(frozen=True)
class Mean:
    """The mean of the training cases."""

    mean: Floats  # (1,)
    parameters: int = 1
    operations: int = 0

    def predict(self, data: Sequences, where: Ints) -> Floats:
        return np.tile(self.mean, (len(where), 1))

    def step(self) -> Callable[[], object] | None:
        return None

    def fields(self) -> Fields:
        return {}

    def arrays(self) -> Arrays:
        return {"mean": self.mean}


@dataclass(frozen=True)
class MeanOfCases(ClosedForm):
    """The row."""

    def fit(self, task: Any, data: Sequences, fold: CaseFold) -> Mean:
        return Mean(values_of(data)[fold.fit].mean(0))

    def refit(self, task: Any, data: Sequences) -> Mean:
        return Mean(values_of(data).mean(0))

    def read(self, task: Any, fields: Fields, arrays: Arrays, signature: Signature) -> Mean:
        return Mean(floats(arrays, "mean", 1))


MEAN = MeanOfCases("mean", "mean of the cases", naive=True)
