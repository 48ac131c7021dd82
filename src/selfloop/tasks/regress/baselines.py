"""What a network that tells numbers of whole sequences has to beat: their mean, and ridges on features."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.results.study import Setting
from selfloop.tasks.cases import CaseFold
from selfloop.tasks.features.convolved import CONVOLVED
from selfloop.tasks.features.features import Kind
from selfloop.tasks.features.linear import LinearModel, learnt, read_linear
from selfloop.tasks.features.raw import RAW
from selfloop.tasks.features.ridges import PENALTIES
from selfloop.tasks.features.summary import SUMMARIES
from selfloop.tasks.model import Arrays, ClosedForm, Fields, Signature
from selfloop.tasks.regress.values import in_units, outcomes_of, read_target, target_arrays
from selfloop.tasks.scaler import Scaler

if TYPE_CHECKING:
    from selfloop.tasks.regress.task import Regress


@dataclass(frozen=True)
class Mean:
    """Says of every sequence the mean of the training sequences."""

    target: Scaler
    operations: int = 0

    @property
    def parameters(self) -> int:
        """The means."""
        return len(self.target.mean)

    def predict(self, data: Sequences, where: Ints) -> Floats:
        """(cases, K)."""
        return np.tile(self.target.mean, (len(where), 1))

    def step(self) -> Callable[[], object] | None:
        """Nothing is computed."""
        return None

    def fields(self) -> Fields:
        """None."""
        return {}

    def arrays(self) -> Arrays:
        """Mean and deviation."""
        return target_arrays(self.target)


@dataclass(frozen=True)
class MeanOutcome(ClosedForm):
    """Every sequence is like the training sequences on average."""

    def fit(self, task: Regress, data: Sequences, fold: CaseFold) -> Mean:
        """Of the training cases."""
        return Mean(Scaler.fit(outcomes_of(data)[fold.fit]))

    def refit(self, task: Regress, data: Sequences) -> Mean:
        """Of all."""
        return Mean(Scaler.fit(outcomes_of(data)))

    def read(self, task: Regress, fields: Fields, arrays: Arrays, signature: Signature) -> Mean:
        """Mean and deviation."""
        return Mean(read_target(arrays, len(signature.outcomes)))


@dataclass(frozen=True)
class Ridge(LinearModel):
    """A linear model on features of a sequence.

    Attributes:
        target: mean and deviation of the outcomes that its scores are scaled by.
    """

    target: Scaler

    def predict(self, data: Sequences, where: Ints) -> Floats:
        """(cases, K)."""
        return in_units(self.target, self.scores(data, where))

    def arrays(self) -> Arrays:
        """The linear model's, and the scaling of the outcomes."""
        return {**super().arrays(), **target_arrays(self.target)}


def _ridges(kind: Kind, data: Sequences, cases: Ints, penalties: tuple[float, ...]) -> list[Ridge]:
    target = Scaler.fit(outcomes_of(data)[cases])
    models = learnt(kind, data, cases, target.scale(outcomes_of(data)), penalties)
    return [Ridge(model.features, model.linear, target) for model in models]


@dataclass(frozen=True)
class RidgeOnFeatures(ClosedForm):
    """A ridge on features of one kind, the penalty chosen on validation."""

    features: ClassVar[Kind] = SUMMARIES

    def fit(self, task: Regress, data: Sequences, fold: CaseFold) -> Ridge:
        """With the penalty that validates best in squared error; of several outcomes each over its deviation."""
        models = _ridges(self.features, data, fold.fit, PENALTIES)
        x = models[0].features.rows(data, fold.valid)
        wanted = models[0].target.scale(outcomes_of(data)[fold.valid])
        return models[int(np.argmin([((model.linear.of(x) - wanted) ** 2).mean() for model in models]))]

    def refit(self, task: Regress, data: Sequences) -> Ridge:
        """With the penalty that validates best, learnt from all."""
        return self.again(task, data, self.fit(task, data, task.whole(data)))

    def again(self, task: Regress, data: Sequences, chosen: Ridge) -> Ridge:
        """One penalty."""
        (model,) = _ridges(self.features, data, np.arange(len(data)), (chosen.linear.penalty,))
        return model

    def read(self, task: Regress, fields: Fields, arrays: Arrays, signature: Signature) -> Ridge:
        """Features, weights and the scaling of the outcomes."""
        count = len(signature.outcomes)
        model = read_linear(self.features, fields, arrays, len(signature.channels), count)
        return Ridge(model.features, model.linear, read_target(arrays, count))

    def settings(self, model: Ridge) -> dict[str, Setting]:
        """What was measured and chosen."""
        return {**model.features.settings(), "penalty": model.linear.penalty}


@dataclass(frozen=True)
class RidgeOnRawValues(RidgeOnFeatures):
    """A weight for each step of each channel."""

    features: ClassVar[Kind] = RAW
    streams: ClassVar[bool] = False  # how a sequence is stretched depends on where it ends


@dataclass(frozen=True)
class RandomConvolutions(RidgeOnFeatures):
    """Fixed kernels, spread out; a ridge on how often each is above its biases."""

    features: ClassVar[Kind] = CONVOLVED
    streams: ClassVar[bool] = False  # how often a share is above a bias is known when the sequence has ended


MEAN = MeanOutcome("mean", "mean of the training sequences", naive=True)
SUMMARY = RidgeOnFeatures("summary", "ridge on summaries")
RIDGE_RAW = RidgeOnRawValues("ridge_raw", "ridge on raw values")
RANDOM_CONVOLUTIONS = RandomConvolutions("random_convolutions", "random-convolution ridge")
