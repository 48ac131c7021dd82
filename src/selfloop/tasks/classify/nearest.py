"""The nearest neighbour: a sequence is of the class of the training case that it is most like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from scipy.spatial import distance

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.results.study import Setting
from selfloop.tasks.cases import CaseFold
from selfloop.tasks.classify.calibrate import Slope, probabilities
from selfloop.tasks.classify.labels import labels_of
from selfloop.tasks.features.features import Positive, some
from selfloop.tasks.features.raw import Raw
from selfloop.tasks.model import Arrays, ClosedForm, Fields, Signature, floats, read_fields

if TYPE_CHECKING:
    from selfloop.tasks.classify.task import Classify

MOST_CASES = 4096  # that are kept: each answer is measured against all of them
ROOM = 1 << 24  # numbers that are kept: 128 MB in a model file
BLOCK = 1024  # sequences that are answered at once


@dataclass(frozen=True)
class NearestNeighbour:
    """Training cases, and how to measure how far a sequence is from them.

    Attributes:
        raw: how sequences become rows.
        rows: (cases, values of a row) those that were kept, class after class.
        counts: (classes,) how many of each class, one or more.
        slope: from distances, the smaller the better, to probabilities.
    """

    raw: Raw
    rows: Floats
    counts: Ints
    slope: float

    @property
    def parameters(self) -> int:
        """The values that it keeps."""
        return self.rows.size

    @property
    def operations(self) -> int:
        """Multiply-adds for an answer after one new step: the row is stretched anew and measured against all."""
        return 2 * self.raw.size + self.rows.size

    def predict(self, data: Sequences, where: Ints) -> Floats:
        """(cases, classes) probabilities."""
        return probabilities(self.scores(data, where), self.slope)

    def scores(self, data: Sequences, where: Ints) -> Floats:
        """(cases, classes) minus the Euclidean distance to the nearest case of each class."""
        starts, found = np.cumsum(self.counts) - self.counts, np.empty((len(where), len(self.counts)))
        for first in range(0, len(where), BLOCK):
            part = slice(first, first + BLOCK)
            far = distance.cdist(self.raw.rows(data, where[part]), self.rows)
            found[part] = -np.minimum.reduceat(far, starts, axis=1)
        return found

    def step(self) -> Callable[[], object]:
        """The distances to all cases; stretching is left out."""
        x = np.zeros((1, self.raw.size))
        return lambda: distance.cdist(x, self.rows)

    def fields(self) -> Fields:
        """Length of a row, and slope."""
        return {**self.raw.fields(), "slope": self.slope}

    def arrays(self) -> Arrays:
        """Scaling, and the cases that it keeps."""
        return {**self.raw.arrays(), "rows": self.rows, "counts": self.counts.astype(np.float64)}


@dataclass(frozen=True)
class NearestFields:
    """What the description of a `NearestNeighbour` has."""

    slope: Positive


@dataclass(frozen=True)
class OneNearestNeighbour(ClosedForm):
    """The class of the one training case at the smallest Euclidean distance."""

    streams: ClassVar[bool] = False  # how a sequence is stretched depends on where it ends

    def fit(self, task: Classify, data: Sequences, fold: CaseFold) -> NearestNeighbour:
        """Keep the training cases; how much a distance says is measured on validation."""
        kept = _kept(data, fold.fit, 1.0)
        scores = kept.scores(data, fold.valid)
        return replace(kept, slope=Slope.fit(scores, labels_of(data)[fold.valid]).slope)

    def refit(self, task: Classify, data: Sequences) -> NearestNeighbour:
        """Keep all, with the slope that validates best."""
        return self.again(task, data, self.fit(task, data, task.whole(data)))

    def again(self, task: Classify, data: Sequences, chosen: NearestNeighbour) -> NearestNeighbour:
        """Keep all, with the slope as it was found."""
        return _kept(data, np.arange(len(data)), chosen.slope)

    def read(self, task: Classify, fields: Fields, arrays: Arrays, signature: Signature) -> NearestNeighbour:
        """Scaling and cases."""
        said, counts = read_fields(fields, NearestFields), floats(arrays, "counts", len(signature.classes))
        if not ((counts >= 1) & (counts == np.rint(counts))).all():
            raise ValueError(f"counts are {counts}; expected one case or more of each class")
        raw = Raw.read(fields, arrays, len(signature.channels))
        rows = floats(arrays, "rows", int(counts.sum()), raw.size)
        return NearestNeighbour(raw, rows, counts.astype(np.int64), said.slope)

    def settings(self, model: NearestNeighbour) -> dict[str, Setting]:
        """What was measured."""
        return {"steps": model.raw.steps, "cases": len(model.rows)}


def _kept(data: Sequences, cases: Ints, slope: float) -> NearestNeighbour:
    """The cases, or many of them and one of each class, class after class."""
    first = np.unique(labels_of(data)[cases], return_index=True)[1]
    cases = np.union1d(some(cases, MOST_CASES), cases[first])
    labels = labels_of(data)[cases]
    raw, order = Raw.fit(data, cases, ROOM // len(cases)), np.argsort(labels, kind="stable")
    counts = np.bincount(labels, minlength=len(data.classes))
    return NearestNeighbour(raw, raw.rows(data, cases[order]), counts, slope)


NEAREST = OneNearestNeighbour("nearest_neighbour", "nearest neighbour")
