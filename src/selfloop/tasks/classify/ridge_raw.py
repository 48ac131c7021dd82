"""The ridge on raw values: what a weight for each step of each channel can tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.results.study import Setting
from selfloop.tasks.cases import CaseFold
from selfloop.tasks.classify.calibrate import probabilities
from selfloop.tasks.classify.labels import labels_of
from selfloop.tasks.classify.raw import Positive, Raw, some
from selfloop.tasks.classify.ridges import LARGEST, LinearScores, best_of, ridges
from selfloop.tasks.model import Arrays, ClosedForm, Fields, Signature, Size, floats, read_fields

if TYPE_CHECKING:
    from selfloop.tasks.classify.task import Classify

MOST_CASES = 20_000  # a linear model learns nothing from more of them
ROOM = 1 << 25  # numbers of a design matrix: 256 MB


@dataclass(frozen=True)
class RidgeOnRaw:
    """A linear model on stretched values.

    Attributes:
        raw: how sequences become rows.
        scores: of a row.
        slope: from scores to probabilities.
    """

    raw: Raw
    scores: LinearScores
    slope: float

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return self.scores.weight.size + self.scores.bias.size

    @property
    def operations(self) -> int:
        """Multiply-adds for an answer after one new step: the whole row is stretched anew, then the linear model."""
        return 2 * self.raw.size + self.scores.weight.size

    def predict(self, data: Sequences, where: Ints) -> Floats:
        """(cases, classes) probabilities."""
        return probabilities(self.scores.of(self.raw.rows(data, where)), self.slope)

    def step(self) -> Callable[[], object]:
        """The linear model's product; stretching is left out."""
        x = np.zeros((1, self.raw.size))
        return lambda: self.scores.of(x)

    def fields(self) -> Fields:
        """Length of a row, penalty and slope."""
        return {"steps": self.raw.steps, "penalty": self.scores.penalty, "slope": self.slope}

    def arrays(self) -> Arrays:
        """Scaling and weights."""
        return {**self.raw.arrays(), "weight": self.scores.weight, "bias": self.scores.bias}


@dataclass(frozen=True)
class RidgeOnRawFields:
    """What the description of a `RidgeOnRaw` has."""

    steps: Size
    penalty: Positive
    slope: Positive


@dataclass(frozen=True)
class RidgeOnRawValues(ClosedForm):
    """A weight for each step of each channel, the penalty chosen on validation."""

    streams: ClassVar[bool] = False  # how a sequence is stretched depends on where it ends

    def fit(self, task: Classify, data: Sequences, fold: CaseFold) -> RidgeOnRaw:
        """With the penalty whose calibrated probabilities validate best in log loss."""
        raw, x, labels = _seen(data, fold.fit)
        models = ridges(x, labels, len(data.classes))
        scores, slope = best_of(models, raw.rows(data, fold.valid), labels_of(data)[fold.valid])
        return RidgeOnRaw(raw, scores, slope.slope)

    def refit(self, task: Classify, data: Sequences) -> RidgeOnRaw:
        """With the penalty and the slope that validate best, learnt from all."""
        return self.again(task, data, self.fit(task, data, task.whole(data)))

    def again(self, task: Classify, data: Sequences, chosen: RidgeOnRaw) -> RidgeOnRaw:
        """One penalty, and the slope as it was found."""
        raw, x, labels = _seen(data, np.arange(len(data)))
        (scores,) = ridges(x, labels, len(data.classes), [chosen.scores.penalty])
        return RidgeOnRaw(raw, scores, chosen.slope)

    def read(self, task: Classify, fields: Fields, arrays: Arrays, signature: Signature) -> RidgeOnRaw:
        """Scaling and weights."""
        said, classes = read_fields(fields, RidgeOnRawFields), len(signature.classes)
        raw = Raw.read(said.steps, arrays, len(signature.channels))
        weight, bias = floats(arrays, "weight", classes, raw.size), floats(arrays, "bias", classes)
        return RidgeOnRaw(raw, LinearScores(weight, bias, said.penalty), said.slope)

    def settings(self, model: RidgeOnRaw) -> dict[str, Setting]:
        """What was measured and chosen."""
        return {"steps": model.raw.steps, "penalty": model.scores.penalty}


def _seen(data: Sequences, cases: Ints) -> tuple[Raw, Floats, Ints]:
    """How to make rows, the rows of the cases, or of many of them, and their classes."""
    cases = some(cases, MOST_CASES)
    # An eigendecomposition is for as many cases or for as many values, whichever are fewer.
    most = ROOM // len(cases) if len(cases) <= LARGEST else LARGEST
    raw = Raw.fit(data, cases, most)
    return raw, raw.rows(data, cases), labels_of(data)[cases]


RIDGE_RAW = RidgeOnRawValues("ridge_raw", "ridge on raw values")
