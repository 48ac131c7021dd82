"""Data put as others were that were read before: the names and the order of channels, the numbers of classes."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import numpy as np

from selfloop.data.build import channels_of
from selfloop.data.draft import encode
from selfloop.data.sequences import Columns, Sequences
from selfloop.errors import DataError


class Recorded(Protocol):
    """Data that were read before, or a model that remembers how: `Sequences`, a model's card."""

    @property
    def columns(self) -> Columns:
        """Which column was what."""
        ...

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the values of a step."""
        ...

    @property
    def classes(self) -> tuple[str, ...]:
        """Labels are numbered by them; empty for a forecast."""
        ...

    @property
    def every(self) -> str | None:
        """The step: that of a few rows may be less than clear."""
        ...


def with_channels(data: Sequences, channels: tuple[str, ...], known: Columns) -> Sequences:
    """The same data under the names of `channels`, where they bring no other names of their own.

    Raises:
        DataError: there are others, or one holds symbols here and numbers there.
    """
    if (data.columns.unit, known.unit).count(None) == 1:
        here, there = ("text", "no text") if data.columns.unit is not None else ("no text", "a text")
        raise DataError(f"{data.name} is {here}, and the data read before are {there}; expected the same kind of data.")
    own = data.channels if channels_of(data.columns) else ()
    if len(data.channels) != len(channels) or (own and own != channels):
        raise DataError(
            f"{data.name} has the channels {', '.join(data.channels)}; expected {', '.join(channels)}, as in the data "
            "read before."
        )
    return replace(data, channels=channels)


def in_order(data: Sequences, channels: tuple[str, ...]) -> Sequences:
    """The same data with its channels in the order of `channels`, where it has these: a table's target stands first."""
    if data.channels == channels or sorted(data.channels) != sorted(channels):
        return data
    order = [data.channels.index(name) for name in channels]
    symbols = tuple(data.symbols[k] for k in order) if data.symbols else ()
    return replace(data, values=np.ascontiguousarray(data.values[:, order]), channels=channels, symbols=symbols)


def with_classes(data: Sequences, classes: tuple[str, ...]) -> Sequences:
    """The same data with labels and tags numbered by `classes`.

    Raises:
        DataError: one is none of them.
    """
    if classes and data.tags is not None:
        there = [name for k, name in enumerate(data.classes) if (data.tags == k).any()]
        numbers = dict(zip(there, encode(there, classes, data.name).tolist(), strict=True))
        table = np.array([*(numbers.get(name, -1) for name in data.classes), -1], dtype=np.int64)
        return replace(data, tags=table[data.tags], classes=classes)
    if not classes or data.labels is None:
        return replace(data, classes=classes, labels=None, tags=None)
    return replace(data, labels=encode((data.classes[k] for k in data.labels), classes, data.name), classes=classes)


def with_symbols(data: Sequences, symbols: tuple[tuple[str, ...], ...]) -> Sequences:
    """The same data with symbols numbered by the known ones; those that are none of them follow, sorted as they were.

    Args:
        data: whose channels are those of the known data.
        symbols: of each channel of the known data.
    """
    if data.symbols == symbols or len(data.symbols) != len(symbols):
        return data
    values, together = data.values.copy(), []
    for k, (own, known) in enumerate(zip(data.symbols, symbols, strict=True)):
        met = set(known)
        names = (*known, *(name for name in own if name not in met)) if own else ()
        together.append(names)
        if own:
            index = {name: j for j, name in enumerate(names)}
            values[:, k] = np.array([index[name] for name in own], dtype=np.float64)[values[:, k].astype(np.int64)]
    return replace(data, values=values, symbols=tuple(together))


def renumbered(data: Sequences, known: Recorded) -> Sequences:
    """With the known classes and, of data read before, their symbols; a model goes by the names of symbols.

    Tags that were not known to such data follow those that were.

    Raises:
        DataError: a class is none that a model knows, or a label none of the data.
    """
    if not isinstance(known, Sequences):
        return with_classes(data, known.classes)
    met = set(known.classes)
    new = () if data.tags is None or known.tags is None else tuple(name for name in data.classes if name not in met)
    return with_symbols(with_classes(data, (*known.classes, *new)), known.symbols)
