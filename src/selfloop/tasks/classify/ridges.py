"""Ridge regressions on classes: each is a target of +1 in it and −1 outside, the largest score is the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.results.study import Setting
from selfloop.tasks.cases import CaseFold
from selfloop.tasks.classify.calibrate import Slope, probabilities
from selfloop.tasks.classify.labels import labels_of
from selfloop.tasks.features.convolved import CONVOLVED
from selfloop.tasks.features.features import Kind, Positive
from selfloop.tasks.features.linear import LinearModel, learnt, read_linear
from selfloop.tasks.features.raw import RAW
from selfloop.tasks.features.ridges import LinearScores
from selfloop.tasks.model import Arrays, ClosedForm, Fields, Signature, read_fields

if TYPE_CHECKING:
    from selfloop.tasks.classify.task import Classify


@dataclass(frozen=True)
class RidgeClassifier(LinearModel):
    """A linear model on features of a sequence.

    Attributes:
        slope: from scores to probabilities.
    """

    slope: float

    def predict(self, data: Sequences, where: Ints) -> Floats:
        """(cases, classes) probabilities."""
        return probabilities(self.scores(data, where), self.slope)

    def fields(self) -> Fields:
        """The linear model's, and the slope."""
        return {**super().fields(), "slope": self.slope}


@dataclass(frozen=True)
class SlopeFields:
    """What the description of a `RidgeClassifier` has beside that of its linear model."""

    slope: Positive


def plus_minus(labels: Ints, classes: int) -> Floats:
    """(N, classes) +1 in a class and −1 outside."""
    return np.where(labels[:, None] == np.arange(classes), 1.0, -1.0)


def best_of(models: Sequence[LinearScores], x: Floats, labels: Ints) -> tuple[LinearScores, Slope]:
    """The one with the least calibrated cross-entropy on cases that it has not learnt from.

    Args:
        models: of several penalties.
        x: (cases, features) to choose on.
        labels: (cases,) of them.
    """
    slopes = [Slope.fit(model.of(x), labels) for model in models]
    best = int(np.argmin([slope.loss for slope in slopes]))
    return models[best], slopes[best]


@dataclass(frozen=True)
class RidgeOnClasses(ClosedForm):
    """A ridge on features of one kind, the penalty chosen on validation."""

    features: ClassVar[Kind]

    def fit(self, task: Classify, data: Sequences, fold: CaseFold) -> RidgeClassifier:
        """With the penalty whose calibrated probabilities validate best in log loss."""
        models = learnt(self.features, data, fold.fit, _wanted(data))
        features = models[0].features
        x, labels = features.rows(data, fold.valid), labels_of(data)[fold.valid]
        linear, slope = best_of([model.linear for model in models], x, labels)
        return RidgeClassifier(features, linear, slope.slope)

    def refit(self, task: Classify, data: Sequences) -> RidgeClassifier:
        """With the penalty and the slope that validate best, learnt from all."""
        return self.again(task, data, self.fit(task, data, task.whole(data)))

    def again(self, task: Classify, data: Sequences, chosen: RidgeClassifier) -> RidgeClassifier:
        """One penalty, and the slope as it was found."""
        cases, penalties = np.arange(len(data)), [chosen.linear.penalty]
        (model,) = learnt(self.features, data, cases, _wanted(data), penalties)
        return RidgeClassifier(model.features, model.linear, chosen.slope)

    def read(self, task: Classify, fields: Fields, arrays: Arrays, signature: Signature) -> RidgeClassifier:
        """Features, weights and slope."""
        model = read_linear(self.features, fields, arrays, len(signature.channels), len(signature.classes))
        return RidgeClassifier(model.features, model.linear, read_fields(fields, SlopeFields).slope)

    def settings(self, model: RidgeClassifier) -> dict[str, Setting]:
        """What was measured and chosen."""
        return {**model.features.settings(), "penalty": model.linear.penalty}


@dataclass(frozen=True)
class RidgeOnRawValues(RidgeOnClasses):
    """A weight for each step of each channel."""

    features: ClassVar[Kind] = RAW
    streams: ClassVar[bool] = False  # how a sequence is stretched depends on where it ends


@dataclass(frozen=True)
class RandomConvolutions(RidgeOnClasses):
    """Fixed kernels, spread out; a ridge on how often each is above its biases."""

    features: ClassVar[Kind] = CONVOLVED
    streams: ClassVar[bool] = False  # how often a share is above a bias is known when the sequence has ended


def _wanted(data: Sequences) -> Floats:
    return plus_minus(labels_of(data), len(data.classes))


RIDGE_RAW = RidgeOnRawValues("ridge_raw", "ridge on raw values")
RANDOM_CONVOLUTIONS = RandomConvolutions("random_convolutions", "random-convolution ridge")
