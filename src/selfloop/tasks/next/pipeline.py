"""What stands around a network that says what comes next: known symbols, scales, and the time since the last step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.errors import DataError
from selfloop.tasks.cases import read_scaler, scaler_arrays
from selfloop.tasks.model import Applied, Arrays, Fields, Signature, Symbols, read_fields
from selfloop.tasks.scaler import Scaler
from selfloop.tasks.vocabulary import FIRST, UNKNOWN, Vocabulary, read_vocabularies, vocabulary_fields

WIDEST, PER_ROOT = 64, 8  # numbers in a symbol's vector: eight times the root of the symbols that there are


@dataclass(frozen=True)
class NextFields:
    """What a description says beside the vocabularies."""

    gap: float | None = None


@dataclass(frozen=True)
class NextPipeline:
    """Symbols to rows of tables, numbers scaled; channels that are on or off as they are.

    Attributes:
        vocabularies: of each channel; None for one of numbers.
        scaler: of all channels; those of symbols are left alone.
        target: the channel whose next symbol is asked for; None: all channels, on or off.
        size: numbers in an answer: known symbols and the unknown one, or channels.
        gap: the time between two steps that is usual, in the data's own unit; None: time is not looked at.
    """

    vocabularies: tuple[Vocabulary | None, ...]
    scaler: Scaler
    target: int | None
    size: int
    gap: float | None = None
    parameters: int = 0
    operations: int = 0

    @property
    def symbols(self) -> tuple[Symbols, ...]:
        """A table for each channel of symbols."""
        return tables_of(self.vocabularies)

    @property
    def names(self) -> tuple[str, ...]:
        """Of the answers: what is unknown first. Of channels: themselves are named by who asks."""
        assert self.target is not None
        known = self.vocabularies[self.target]
        assert known is not None, "the target is a channel of symbols"
        return ("", *known.names)

    def features(self, channels: int) -> int:
        """The channels and, where it is looked at, the time since the last step."""
        return channels + (self.gap is not None)

    def inputs(self, data: Sequences) -> Floats:
        """(steps, I) of all sequences.

        Raises:
            DataError: a channel holds no symbols, or something that is neither on nor off.
        """
        if self.target is None:
            check_on_off(data)
            return data.values
        columns = [self._column(data, k) for k in range(len(self.vocabularies))]
        if self.gap is not None:
            columns.append(gaps(data) if data.time is None else np.log1p(gaps(data) / self.gap))
        return np.stack(columns, axis=1).astype(np.float64)

    def apply(self, data: Sequences, where: Any) -> Applied:
        """Probabilities; of symbols those that it knows, and the unknown one, alone."""
        return Applied(self.inputs(data), self._among_known)

    def wanted(self, data: Sequences) -> NDArray[Any]:
        """At each step what comes next: (steps,) classes, −1 where nothing does, or (steps, channels), NaN there."""
        ends = data.offsets[1:] - 1
        if self.target is None:
            after = np.concatenate([data.values[1:], data.values[:1]])
            after[ends] = np.nan
            return after
        after = np.roll(self.classes(data), -1)
        after[ends] = -1
        return after

    def classes(self, data: Sequences) -> Ints:
        """(steps,) the number of each step's own symbol among the answers."""
        assert self.target is not None
        return self._rows(data, self.target) - UNKNOWN

    def step(self) -> Callable[[], object] | None:
        """Nothing is computed."""
        return None

    def fields(self) -> Fields:
        """Vocabularies and the usual gap."""
        return {**vocabulary_fields(self.vocabularies), "gap": self.gap}

    def arrays(self) -> Arrays:
        """Mean and deviation of each channel."""
        return scaler_arrays(self.scaler)

    def _column(self, data: Sequences, k: int) -> NDArray[Any]:
        if self.vocabularies[k] is not None:
            return self._rows(data, k)
        return self.scaler.scale(data.values)[:, k]

    def _rows(self, data: Sequences, k: int) -> Ints:
        known = self.vocabularies[k]
        assert known is not None, "a channel of symbols"
        if not data.symbols or not data.symbols[k]:
            raise DataError(
                f"channel {data.channels[k]!r} of {data.name} holds numbers; this model expects symbols there, such as "
                "letters or words. Give the data in the form that it learnt from."
            )
        return known.look(data.symbols[k], data.values[:, k])

    def _among_known(self, answers: Floats) -> Floats:
        """A network has an answer for as many symbols as the largest training part has; the others cannot come."""
        if self.target is None or len(self.names) == self.size:
            return answers
        kept = answers.copy()
        kept[:, len(self.names) :] = 0.0
        return np.asarray(kept / kept.sum(1, keepdims=True))


def tables_of(vocabularies: tuple[Vocabulary | None, ...]) -> tuple[Symbols, ...]:
    """A table for each channel of symbols."""
    return tuple(
        Symbols(k, k + 1, known.rows, min(WIDEST, round(PER_ROOT * (known.rows - FIRST + 1) ** 0.5)))
        for k, known in enumerate(vocabularies)
        if known is not None
    )


def gaps(data: Sequences) -> Floats:
    """(steps,) time since the step before, in the unit that times are held in; 0 at the start of a sequence."""
    found = np.zeros(len(data.values))
    if data.time is not None and len(found) > 1:
        found[1:] = np.diff(data.time).astype(np.float64)
        found[data.offsets[:-1][data.lengths > 0]] = 0.0
    return found


def check_on_off(data: Sequences) -> None:
    """Raise unless every value is 0 or 1.

    Raises:
        DataError: one is not.
    """
    odd = np.argwhere((data.values != 0) & (data.values != 1))
    if len(odd):
        step, channel = (int(k) for k in odd[0])
        raise DataError(
            f"channel {data.channels[channel]!r} of {data.name} holds {data.values[step, channel]:g}; expected 0 or 1 "
            "in every channel of a frame. Name one column of symbols with --target, or ask for a forecast."
        )


def read_pipeline(fields: Fields, arrays: Arrays, signature: Signature, target: int | None, size: int) -> NextPipeline:
    """From a model file.

    Args:
        fields: its description.
        arrays: its numbers.
        signature: of the data that it learnt from.
        target: the channel of symbols; None: frames.
        size: numbers in an answer.

    Raises:
        KeyError, ValueError: they do not fit each other.
    """
    channels = len(signature.channels)
    found = NextPipeline(
        read_vocabularies(fields, channels),
        read_scaler(arrays, channels),
        target,
        size,
        read_fields({"gap": fields.get("gap")}, NextFields).gap,
    )
    known = None if target is None else found.vocabularies[target]
    if (target is None) != (known is None) or (known is not None and known.rows - UNKNOWN > size):
        raise ValueError(f"{size} answers do not fit what is asked")
    return found
