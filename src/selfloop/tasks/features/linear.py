"""A linear model on the features of whole sequences: what a task makes answers of is its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.tasks.features.features import Features, Kind, Positive, blocks, some
from selfloop.tasks.features.ridges import PENALTIES, LinearScores, ridges
from selfloop.tasks.model import Arrays, Fields, floats, read_fields

MOST_CASES = 20_000  # a linear model learns nothing from more of them


@dataclass(frozen=True)
class LinearModel:
    """Scores that are linear in features.

    Attributes:
        features: from sequences to rows.
        linear: from rows to scores.
    """

    features: Features
    linear: LinearScores

    @property
    def parameters(self) -> int:
        """Weights and biases, and what the features have learnt."""
        return self.features.parameters + self.linear.weight.size + self.linear.bias.size

    @property
    def operations(self) -> int:
        """Multiply-adds for an answer after one new step."""
        return self.features.operations + self.linear.weight.size

    def scores(self, data: Sequences, where: Ints) -> Floats:
        """(cases, K)."""
        found = np.empty((len(where), len(self.linear.bias)))
        for part in blocks(where):
            found[part] = self.linear.of(self.features.rows(data, where[part]))
        return found

    def step(self) -> Callable[[], object]:
        """Features and product."""
        row = self.features.step()
        return lambda: self.linear.of(row())

    def fields(self) -> Fields:
        """The features', and the penalty."""
        return {**self.features.fields(), "penalty": self.linear.penalty}

    def arrays(self) -> Arrays:
        """The features', and weights."""
        return {**self.features.arrays(), "weight": self.linear.weight, "bias": self.linear.bias}


@dataclass(frozen=True)
class LinearFields:
    """What the description of a `LinearModel` has beside that of its features."""

    penalty: Positive


def read_linear(kind: Kind, fields: Fields, arrays: Arrays, channels: int, outputs: int) -> LinearModel:
    """A model from its file.

    Args:
        kind: of its features.
        fields: its description.
        arrays: its numbers.
        channels: of the data.
        outputs: K.

    Raises:
        ValueError, KeyError: the numbers do not fit the description.
    """
    features = kind.read(fields, arrays, channels)
    weight, bias = floats(arrays, "weight", outputs, features.size), floats(arrays, "bias", outputs)
    return LinearModel(features, LinearScores(weight, bias, read_fields(fields, LinearFields).penalty))


def learnt(
    kind: Kind,
    data: Sequences,
    cases: Ints,
    wanted: Floats,  # (sequences, K) of all
    penalties: Sequence[float] = PENALTIES,
) -> list[LinearModel]:
    """Features of the cases, or of many of them, and a ridge for each penalty.

    Args:
        kind: of the features.
        data: all sequences.
        cases: to learn from.
        wanted: what is learnt, of comparable size.
        penalties: as for `ridges`.
    """
    cases = some(cases, MOST_CASES)
    features = kind.fit(data, cases)
    x = features.rows(data, cases)
    if not features.standardised:
        return [LinearModel(features, model) for model in ridges(x, wanted[cases], penalties)]
    mean, deviation = x.mean(0), x.std(0)
    scale = np.where(deviation > 1e-9, deviation, np.inf)  # such features lie between 0 and 1
    x -= mean
    x /= scale
    models = ridges(x, wanted[cases], penalties)
    return [LinearModel(features, _of_plain(model, mean, scale)) for model in models]


def _of_plain(model: LinearScores, mean: Floats, scale: Floats) -> LinearScores:
    """The same scores of features that are neither centred nor scaled."""
    weight = model.weight / scale
    return LinearScores(weight, model.bias - weight @ mean, model.penalty)
