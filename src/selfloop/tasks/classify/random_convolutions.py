"""Random convolutions and a ridge: a strong classifier of sequences that is trained in seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.results.study import Setting
from selfloop.tasks.cases import CaseFold, read_scaler, scaler_arrays
from selfloop.tasks.classify.calibrate import probabilities
from selfloop.tasks.classify.convolutions import KERNELS, Convolutions, dilations
from selfloop.tasks.classify.labels import labels_of
from selfloop.tasks.classify.raw import SEED, Positive, some
from selfloop.tasks.classify.ridges import LARGEST, LinearScores, best_of, ridges
from selfloop.tasks.model import Arrays, ClosedForm, Fields, Signature, Size, floats, read_fields
from selfloop.tasks.scaler import Scaler

if TYPE_CHECKING:
    from selfloop.tasks.classify.task import Classify

MANY, FEW = 119, 24  # biases a kernel: 9,996 features as in the paper, or 2,016
STEPS = 1 << 22  # of all training cases together, up to which there are many biases
MOST_CASES = 20_000  # a linear model learns nothing from more of them
BLOCK = 256  # sequences whose features are held at once


@dataclass(frozen=True)
class ConvolutionRidge:
    """A linear model on the shares of convolutions above biases.

    Attributes:
        scaler: mean and deviation of each channel: zeros around a sequence are its mean.
        convolutions: from scaled sequences to shares.
        scores: of the shares.
        slope: from scores to probabilities.
    """

    scaler: Scaler
    convolutions: Convolutions
    scores: LinearScores
    slope: float

    @property
    def parameters(self) -> int:
        """Biases of convolutions, weights and biases of the linear model; kernels are fixed."""
        return self.convolutions.biases.size + self.scores.weight.size + self.scores.bias.size

    @property
    def operations(self) -> int:
        """Multiply-adds for an answer after one new step: a whole sequence is convolved anew, then the linear model."""
        return self.convolutions.operations + self.scores.weight.size

    def predict(self, data: Sequences, where: Ints) -> Floats:
        """(cases, classes) probabilities."""
        found = np.empty((len(where), len(self.scores.bias)))
        for first in range(0, len(where), BLOCK):
            part = slice(first, first + BLOCK)
            x = self.convolutions.features(_scaled(self.scaler, data, where[part]))
            found[part] = self.scores.of(x)
        return probabilities(found, self.slope)

    def step(self) -> Callable[[], object]:
        """All convolutions of one sequence, and the linear model."""
        zeros = np.zeros((self.convolutions.length, len(self.scaler.mean)))
        return lambda: self.scores.of(self.convolutions.features([zeros]))

    def fields(self) -> Fields:
        """Length of the sequences, penalty and slope."""
        return {"length": self.convolutions.length, "penalty": self.scores.penalty, "slope": self.slope}

    def arrays(self) -> Arrays:
        """Scaling, channels, biases and weights."""
        return {
            **scaler_arrays(self.scaler),
            "channels": self.convolutions.channels.astype(np.float64),
            "biases": self.convolutions.biases,
            "weight": self.scores.weight,
            "bias": self.scores.bias,
        }


@dataclass(frozen=True)
class ConvolutionFields:
    """What the description of a `ConvolutionRidge` has."""

    length: Size
    penalty: Positive
    slope: Positive


@dataclass(frozen=True)
class RandomConvolutions(ClosedForm):
    """Fixed kernels, spread out; a ridge on how often each is above its biases, the penalty chosen on validation."""

    streams: ClassVar[bool] = False  # how often a share is above a bias is known when the sequence has ended

    def fit(self, task: Classify, data: Sequences, fold: CaseFold) -> ConvolutionRidge:
        """With the penalty whose calibrated probabilities validate best in log loss."""
        scaler, convolutions, models = _learnt(data, fold.fit)
        x = convolutions.features(_scaled(scaler, data, fold.valid))
        scores, slope = best_of(models, x, labels_of(data)[fold.valid])
        return ConvolutionRidge(scaler, convolutions, scores, slope.slope)

    def refit(self, task: Classify, data: Sequences) -> ConvolutionRidge:
        """With the penalty and the slope that validate best, learnt from all."""
        return self.again(task, data, self.fit(task, data, task.whole(data)))

    def again(self, task: Classify, data: Sequences, chosen: ConvolutionRidge) -> ConvolutionRidge:
        """The convolutions of all, with the penalty and the slope as they were found."""
        scaler, convolutions, models = _learnt(data, np.arange(len(data)))
        (scores,) = (each for each in models if each.penalty == chosen.scores.penalty)
        return ConvolutionRidge(scaler, convolutions, scores, chosen.slope)

    def read(self, task: Classify, fields: Fields, arrays: Arrays, signature: Signature) -> ConvolutionRidge:
        """Scaling, channels, biases and weights."""
        said, count, classes = read_fields(fields, ConvolutionFields), len(signature.channels), len(signature.classes)
        size = arrays["biases"].size
        if size == 0 or size % KERNELS:
            raise ValueError(f"{size} biases of {KERNELS} kernels")
        biases, spread = floats(arrays, "biases", size), dilations(said.length, size // KERNELS)[0]
        chosen = floats(arrays, "channels", len(spread), KERNELS, count)
        if not (np.isin(chosen, (0, 1)).all() and chosen.any(2).all()):
            raise ValueError("channels of a kernel are none, or neither 0 nor 1")
        scores = LinearScores(floats(arrays, "weight", classes, size), floats(arrays, "bias", classes), said.penalty)
        convolutions = Convolutions(said.length, chosen.astype(bool), biases)
        return ConvolutionRidge(read_scaler(arrays, count), convolutions, scores, said.slope)

    def settings(self, model: ConvolutionRidge) -> dict[str, Setting]:
        """What was measured and chosen."""
        return {"features": len(model.convolutions.biases), "penalty": model.scores.penalty}


def _scaled(scaler: Scaler, data: Sequences, cases: Ints) -> list[Floats]:
    return [scaler.scale(data[int(k)]) for k in cases]


def _learnt(data: Sequences, cases: Ints) -> tuple[Scaler, Convolutions, list[LinearScores]]:
    """Scaling, convolutions and a linear model for each penalty, of the cases or of many of them."""
    cases = some(cases, MOST_CASES)
    scaler = Scaler.fit(data.take(cases).values)
    scaled = _scaled(scaler, data, cases)
    few = len(cases) > LARGEST or sum(map(len, scaled)) > STEPS
    convolutions = Convolutions.fit(scaled, FEW if few else MANY, np.random.default_rng(SEED))
    x = convolutions.features(scaled)
    mean, deviation = x.mean(0), x.std(0)
    scale = np.where(deviation > 1e-9, deviation, np.inf)  # shares lie between 0 and 1
    x -= mean
    x /= scale
    models = ridges(x, labels_of(data)[cases], len(data.classes))
    return scaler, convolutions, [_of_shares(model, mean, scale) for model in models]


def _of_shares(model: LinearScores, mean: Floats, scale: Floats) -> LinearScores:
    """The same scores of features that are neither centred nor scaled."""
    weight = model.weight / scale
    return LinearScores(weight, model.bias - weight @ mean, model.penalty)


RANDOM_CONVOLUTIONS = RandomConvolutions("random_convolutions", "random-convolution ridge")
