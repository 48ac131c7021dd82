"""The symbols that a model knows: each has a row of the table whose vectors its network learns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

import msgspec
import numpy as np

from selfloop.data.sequences import Floats, Ints
from selfloop.tasks.model import Fields, read_fields

NOTHING, UNKNOWN, FIRST = 0, 1, 2  # rows of a table; see `selfloop.tasks.model.Symbols`
MANY = 256  # different symbols: of more than these, one that was seen once teaches what an unknown one is


@dataclass(frozen=True)
class Vocabulary:
    """Names of known symbols: names[k] has row k + 2.

    Attributes:
        names: unlike each other; any text.
    """

    names: tuple[str, ...]

    @classmethod
    def fit(cls, symbols: Sequence[str], values: Floats) -> Vocabulary:
        """The symbols that are in a training part.

        Where they are many, as words are, those seen once are left out: they are shown as unknown, and so their row is
        learnt from what is rare, as an unknown symbol will be. Few, as letters are, are all kept.

        Args:
            symbols: names of all symbols of the data.
            values: (steps,) index into them, of the training part alone.
        """
        counts = np.bincount(values.astype(np.int64), minlength=len(symbols))
        least = 2 if np.count_nonzero(counts) > MANY else 1
        return cls(tuple(symbols[k] for k in np.flatnonzero(counts >= least).tolist()))

    @property
    def rows(self) -> int:
        """Of the table: of nothing, of what is unknown, and of each known symbol."""
        return FIRST + len(self.names)

    def of(self, symbols: Sequence[str]) -> Ints:
        """(symbols,) the row of each."""
        return np.array([self._rows.get(name, UNKNOWN) for name in symbols], dtype=np.int64)

    def look(self, symbols: Sequence[str], values: Floats) -> Ints:
        """(steps,) the row of each step's symbol.

        Args:
            symbols: names of all symbols of some data, which need not be those that were learnt from.
            values: (steps,) index into them.
        """
        return self.of(symbols)[values.astype(np.int64)]

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {name: row for row, name in enumerate(self.names, start=FIRST)}


@dataclass(frozen=True)
class VocabularyFields:
    """What a model's description says of its vocabularies: a list of names a channel, None for one of numbers."""

    vocabularies: Annotated[tuple[tuple[str, ...] | None, ...], msgspec.Meta(min_length=1)]


def vocabularies_of(symbols: Sequence[Sequence[str]], values: Floats) -> tuple[Vocabulary | None, ...]:
    """A vocabulary for each channel of symbols.

    Args:
        symbols: as `Sequences.symbols`: for each channel its names, none for one of numbers; empty: all are numbers.
        values: (steps, channels) of the training part alone.
    """
    each = symbols or ((),) * values.shape[1]
    return tuple(Vocabulary.fit(names, values[:, k]) if names else None for k, names in enumerate(each))


def vocabulary_fields(vocabularies: Sequence[Vocabulary | None]) -> Fields:
    """As a model file holds them, JSON as it stands."""
    return {"vocabularies": [None if each is None else list(each.names) for each in vocabularies]}


def read_vocabularies(fields: Fields, channels: int) -> tuple[Vocabulary | None, ...]:
    """The inverse.

    Raises:
        ValueError: there is none for each channel, or a name is there twice.
    """
    held = read_fields(fields, VocabularyFields).vocabularies
    if len(held) != channels or any(names is not None and len(set(names)) < len(names) for names in held):
        raise ValueError(f"{len(held)} vocabularies of {channels} channels, or a symbol twice")
    return tuple(None if names is None else Vocabulary(names) for names in held)
