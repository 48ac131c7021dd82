"""Sequences of unequal length as rows of one length: what a linear model and a distance can be given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.tasks.cases import read_scaler, scaler_arrays
from selfloop.tasks.features.ridges import LARGEST
from selfloop.tasks.model import Arrays, Fields, Size, read_fields
from selfloop.tasks.scaler import Scaler

LONGEST = 1024  # steps of a row
ROOM = 1 << 25  # numbers of a design matrix: 256 MB


@dataclass(frozen=True)
class Raw:
    """Scaled values at `steps` places that are spread evenly over a sequence, between two steps on the line there.

    Stretched, not padded: gestures or words of one class differ in length because they were faster or slower, and
    their beginnings, middles and ends should meet; after padding, a shorter one's end meets another's middle, and the
    zeros behind it say little but how long it was. Where all have `steps` steps, values stay as they are.

    Attributes:
        steps: the median length of the training cases, or fewer.
        scaler: mean and deviation of each channel in them.
    """

    steps: int
    scaler: Scaler
    parameters: int = 0

    standardised: ClassVar[bool] = False

    @classmethod
    def fit(cls, data: Sequences, cases: Ints, most: int) -> Raw:
        """Measure.

        Args:
            data: all sequences.
            cases: to learn from.
            most: values that a row should have at most; one step has more where there are more channels.
        """
        steps = min(int(np.median(data.lengths[cases])), LONGEST, max(most // len(data.channels), 1))
        return cls(steps, Scaler.fit(data.take(cases).values))

    @property
    def size(self) -> int:
        """Values of a row."""
        return self.steps * len(self.scaler.mean)

    @property
    def operations(self) -> int:
        """The whole row is stretched anew."""
        return 2 * self.size

    def rows(self, data: Sequences, cases: Ints) -> Floats:
        """(cases, steps * channels), the channels of a step side by side."""
        last = (data.lengths[cases] - 1)[:, None]
        place = np.arange(self.steps) * (last / (self.steps - 1)) if self.steps > 1 else last / 2
        below = np.minimum(place.astype(np.int64), np.maximum(last - 1, 0))
        share, first = (place - below)[:, :, None], data.offsets[:-1][cases][:, None] + below
        above = first + (last > 0)
        values = data.values[first] * (1 - share) + data.values[above] * share
        return self.scaler.scale(values).reshape(len(cases), self.size)

    def step(self) -> Callable[[], Floats]:
        """Zeros: stretching is left out."""
        zeros = np.zeros((1, self.size))
        return lambda: zeros

    def fields(self) -> Fields:
        """Length of a row."""
        return {"steps": self.steps}

    def arrays(self) -> Arrays:
        """The scaling."""
        return scaler_arrays(self.scaler)

    def settings(self) -> dict[str, int]:
        """Length of a row."""
        return {"steps": self.steps}

    @classmethod
    def read(cls, fields: Fields, arrays: Arrays, channels: int) -> Raw:
        """From a model file.

        Raises:
            ValueError, KeyError: the numbers do not fit the description.
        """
        return cls(read_fields(fields, RawFields).steps, read_scaler(arrays, channels))


@dataclass(frozen=True)
class RawFields:
    """What the description of `Raw` has."""

    steps: Size


class RawKind:
    """Makes `Raw` for a linear model."""

    def fit(self, data: Sequences, cases: Ints) -> Raw:
        """Measure on the cases."""
        # An eigendecomposition is for as many cases or for as many values, whichever are fewer.
        return Raw.fit(data, cases, ROOM // len(cases) if len(cases) <= LARGEST else LARGEST)

    def read(self, fields: Fields, arrays: Arrays, channels: int) -> Raw:
        """Length of a row, and scaling."""
        return Raw.read(fields, arrays, channels)


RAW = RawKind()
