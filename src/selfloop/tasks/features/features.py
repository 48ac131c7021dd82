"""What a linear model is given of a sequence: one row of numbers, whatever its length."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, ClassVar, Protocol

import msgspec
import numpy as np

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.tasks.model import Arrays, Fields

SEED = 0
BLOCK = 256  # sequences whose features are held at once
Positive = Annotated[float, msgspec.Meta(gt=0)]


class Features(Protocol):
    """Numbers of a sequence, measured on the training part."""

    standardised: ClassVar[bool]
    """Whether a ridge sees each centred and over its own deviation."""

    @property
    def size(self) -> int:
        """Numbers of a row."""
        ...

    @property
    def parameters(self) -> int:
        """Learnt numbers among what makes a row."""
        ...

    @property
    def operations(self) -> int:
        """Multiply-adds for the row after one new step."""
        ...

    def rows(self, data: Sequences, cases: Ints) -> Floats:
        """(cases, size)."""
        ...

    def step(self) -> Callable[[], Floats]:
        """Makes a row of zeros, (1, size), with the arithmetic that is timed."""
        ...

    def fields(self) -> Fields:
        """What a model file says of them."""
        ...

    def arrays(self) -> Arrays:
        """Their numbers, as a model file holds them."""
        ...

    def settings(self) -> dict[str, int]:
        """What was measured, as recorded with a trial."""
        ...


class Kind(Protocol):
    """How one kind of features is made."""

    def fit(self, data: Sequences, cases: Ints) -> Features:
        """Measure on the cases."""
        ...

    def read(self, fields: Fields, arrays: Arrays, channels: int) -> Features:
        """From a model file.

        Raises:
            ValueError, KeyError: the numbers do not fit the description.
        """
        ...


def some(cases: Ints, most: int) -> Ints:
    """The cases, or so many of them drawn at random, in their order."""
    if len(cases) <= most:
        return cases
    return np.sort(np.random.default_rng(SEED).permutation(cases)[:most])


def blocks(where: Ints) -> Iterator[slice]:
    """Parts of the cases that are answered at once."""
    return (slice(first, first + BLOCK) for first in range(0, len(where), BLOCK))
