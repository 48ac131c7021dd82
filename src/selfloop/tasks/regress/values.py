"""Numbers of whole sequences: what stands around a network that tells them, and how far off answers are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.errors import DataError
from selfloop.tasks.cases import CasePipeline
from selfloop.tasks.model import Applied, Arrays, floats
from selfloop.tasks.scaler import Scaler, over


def outcomes_of(data: Sequences) -> Floats:
    """(sequences, K).

    Raises:
        DataError: the data have none.
    """
    if data.outcomes is None:
        raise DataError(
            f"{data.name} has no number for each sequence; a regression needs one that is the same in all rows of a "
            "sequence: name its column with --label."
        )
    return data.outcomes


def target_arrays(target: Scaler) -> Arrays:
    """As a model file holds the scaling of outcomes."""
    return {"target.mean": target.mean, "target.deviation": target.deviation}


def read_target(arrays: Arrays, count: int) -> Scaler:
    """The inverse.

    Raises:
        KeyError, ValueError: the numbers are not there, or are of another number of outcomes.
    """
    return Scaler(floats(arrays, "target.mean", count), floats(arrays, "target.deviation", count))


def in_units(target: Scaler, scores: Floats) -> Floats:
    """(..., K) scaled numbers in the user's units."""
    return scores * target.deviation + target.mean


@dataclass(frozen=True)
class ValuePipeline(CasePipeline):
    """Scaled channels in, outcomes out."""

    target: Scaler = Scaler(np.zeros(1), np.ones(1))  # noqa: RUF009 - frozen

    def apply(self, data: Sequences, where: Ints) -> Applied:
        """All sequences, each channel scaled."""
        return Applied(self.scaler.scale(data.values), lambda scores: in_units(self.target, scores))

    def arrays(self) -> Arrays:
        """Mean and deviation of channels and outcomes."""
        return {**super().arrays(), **target_arrays(self.target)}


@dataclass(frozen=True)
class EndFrame:
    """Scores of a sequence that may end at any step: its outcomes are known when all of it was read.

    Attributes:
        target: mean and deviation of the outcomes.
        outcomes: (K,) the true ones; NaN where nobody knows them.
        steps: of the sequence.
    """

    target: Scaler
    outcomes: Floats
    steps: int

    stands_on: str = "the mean of the training sequences"

    @property
    def scale(self) -> tuple[float, ...]:
        """Deviations of the outcomes."""
        return tuple(self.target.deviation.tolist())

    @property
    def transform(self) -> Literal["identity", "exp"]:
        """Nothing."""
        return "identity"

    def offset(self, first: int, stop: int) -> Floats:
        """The mean."""
        return np.tile(self.target.mean, (stop - first, 1))

    def answers(self, scores: Floats, first: int, stop: int) -> Floats:
        """In the user's units."""
        return in_units(self.target, scores)

    def truth(self, first: int, stop: int) -> Floats:
        """Known after the last step."""
        known = np.full((self.steps, len(self.outcomes)), np.nan)
        known[-1] = self.outcomes
        return known[first:stop]

    def wanted(self, first: int, stop: int) -> Floats:
        """The truth, scaled."""
        return self.target.scale(self.truth(first, stop))


def target_of(model: Any) -> Scaler:
    """Mean and deviation of the outcomes that a model of this room learnt from."""
    found: Scaler = (model.pipeline if hasattr(model, "pipeline") else model).target
    return found


def measured(truth: Floats, answers: Floats, target: Scaler) -> dict[str, float]:
    """Every metric of (cases, K) answers: of one outcome in its own unit, of several each over its deviation.

    R² is that of each outcome, averaged; of one that is the same in all cases it is 1 where all answers are right, else
    0.

    Args:
        truth: (cases, K).
        answers: (cases, K).
        target: of the outcomes in training.
    """
    error = answers - truth
    unit = target.deviation if truth.shape[1] > 1 else np.ones(1)
    scaled = np.abs(over(error, unit))
    largest = float(scaled.max())  # squares of what is tiny would be nothing
    rmse = largest * float(np.sqrt((over(scaled, np.array(largest)) ** 2).mean()))
    return {"rmse": rmse, "mae": float(scaled.mean()), "r2": float(np.mean(_told(truth, error)))}


def _told(truth: Floats, error: Floats) -> Floats:
    """(K,) the share of each outcome's squared deviations that is told."""
    spread = Scaler.fit(truth).deviation
    wrong = np.sqrt((over(error, np.abs(error).max(0)) ** 2).mean(0)) * np.abs(error).max(0)
    return np.where(spread > 0, 1 - over(wrong, spread) ** 2, np.where(wrong > 0, 0.0, 1.0))
