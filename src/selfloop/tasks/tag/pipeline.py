"""What networks are shown of each step: scaled numbers, rows of symbols, and rows of what words are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.errors import DataError
from selfloop.tasks.cases import read_scaler, scaler_arrays
from selfloop.tasks.model import Applied, Arrays, Fields, Symbols, read_fields
from selfloop.tasks.places import Block
from selfloop.tasks.scaler import Scaler
from selfloop.tasks.tag.letters import COLUMNS, ROWS, letters
from selfloop.tasks.vocabulary import MANY, Vocabulary, read_vocabularies, vocabularies_of, vocabulary_fields

NARROW, WIDE = 16, 32  # numbers in the vector of a symbol among few, and of a word or its letters


@dataclass(frozen=True)
class TagPipeline:
    """Channels as they are fed, the network's answers out as they are.

    Columns are the channels, then eight for each channel of `lettered`.

    Attributes:
        scaler: of the channels of numbers.
        vocabularies: of each channel of symbols; None for one of numbers.
        lettered: channels of words whose letters are shown, too.
    """

    scaler: Scaler
    vocabularies: tuple[Vocabulary | None, ...]
    lettered: tuple[int, ...] = ()
    parameters: int = 0
    operations: int = 0

    @classmethod
    def fit(cls, data: Sequences, steps: Ints, with_letters: bool) -> TagPipeline:
        """Measure flat `steps` of the data, those to learn from; words get letters where they should."""
        values = data.values[steps]
        known = vocabularies_of(data.symbols, values)
        lettered = words_in(data) if with_letters else ()
        return cls(Scaler.fit(values[:, _numbers(known)]), known, lettered)

    @property
    def numbers(self) -> list[int]:
        """Channels of numbers."""
        return _numbers(self.vocabularies)

    @property
    def symbols(self) -> tuple[Symbols, ...]:
        """A table for each vocabulary, and one for the letters of each channel that has them."""
        each = [(k, known.rows) for k, known in enumerate(self.vocabularies) if known is not None]
        own = [Symbols(k, k + 1, rows, WIDE if rows > MANY else NARROW) for k, rows in each]
        firsts = [len(self.vocabularies) + COLUMNS * k for k in range(len(self.lettered))]
        return (*own, *(Symbols(first, first + COLUMNS, ROWS, WIDE) for first in firsts))

    def features(self, channels: int) -> int:
        """The channels, and those of letters."""
        return channels + COLUMNS * len(self.lettered)

    def names(self, channels: tuple[str, ...]) -> tuple[str, ...]:
        """Of the columns."""
        return (*channels, *(f"letters of {channels[k]}" for k in self.lettered for _ in range(COLUMNS)))

    def show(self, data: Sequences) -> Floats:
        """(steps, columns) what is fed.

        Raises:
            DataError: a channel holds numbers where there were symbols, or the other way round.
        """
        shown, names = data.values.astype(np.float64), data.symbols or ((),) * data.values.shape[1]
        for k, known in enumerate(self.vocabularies):
            if (known is None) == bool(names[k]):
                kind, other = ("numbers", "symbols") if known is None else ("symbols", "numbers")
                raise DataError(
                    f"channel {data.channels[k]!r} of {data.name} holds {other}; this model learnt from {kind} there."
                )
            if known is not None:
                shown[:, k] = known.look(names[k], data.values[:, k])
        shown[:, self.numbers] = self.scaler.scale(data.values[:, self.numbers])
        made = [letters(names[k])[data.values[:, k].astype(np.int64)] for k in self.lettered]
        return np.concatenate([shown, *made], axis=1)

    def apply(self, data: Sequences, where: Block) -> Applied:
        """All steps."""
        return Applied(self.show(data), lambda answers: answers)

    def step(self) -> Callable[[], object] | None:
        """Nothing is added."""
        return None

    def fields(self) -> Fields:
        """The vocabularies, and which channels show their letters."""
        return {**vocabulary_fields(self.vocabularies), "lettered": list(self.lettered)}

    def arrays(self) -> Arrays:
        """Mean and deviation of each channel of numbers."""
        return scaler_arrays(self.scaler)


@dataclass(frozen=True)
class PipelineFields:
    """What the description of a `TagPipeline` has beside its vocabularies."""

    lettered: tuple[int, ...]


def read_pipeline(fields: Fields, arrays: Arrays, channels: int) -> TagPipeline:
    """From a model file.

    Raises:
        ValueError, KeyError: the numbers do not fit the description.
    """
    known = read_vocabularies(fields, channels)
    lettered = read_fields(fields, PipelineFields).lettered
    if any(k not in range(channels) or known[k] is None for k in lettered) or len(set(lettered)) < len(lettered):
        raise ValueError(f"letters of channels {lettered} of {channels}")
    return TagPipeline(read_scaler(arrays, len(_numbers(known))), known, lettered)


def words_in(data: Sequences) -> tuple[int, ...]:
    """Channels of so many different symbols that they are words."""
    return tuple(k for k, names in enumerate(data.symbols) if len(names) > MANY)


def _numbers(vocabularies: tuple[Vocabulary | None, ...]) -> list[int]:
    return [k for k, known in enumerate(vocabularies) if known is None]
