"""The labels of steps, and the data that they are missing from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from selfloop.data.sequences import Ints, Sequences
from selfloop.errors import DataError
from selfloop.words import count, listed

LISTED = 5


def tags_of(data: Sequences) -> Ints:
    """(steps,) class numbers, −1 where there is none.

    Raises:
        DataError: no step has one.
    """
    if data.tags is None or not (data.tags >= 0).any():
        raise DataError(f"{data.name} has no labels of steps; expected a label at one step or more, to tag each step.")
    return data.tags


def learnable(data: Sequences) -> Ints:
    """The same of data to learn from.

    Raises:
        DataError: no step has a label, or all have the same.
    """
    tags = tags_of(data)
    there = np.unique(tags[tags >= 0])
    if len(there) < 2:
        raise DataError(
            f"{data.name} has only one class, {data.classes[there[0]]!r}; nothing to tell apart: expected two or more."
        )
    return tags


def joined(data: Sequences, test: Sequences) -> tuple[Sequences, tuple[str, ...]]:
    """The sequences of both, `test` last, with the classes and symbols of both; and what has to be said of them.

    Raises:
        DataError: the test part has no labels of steps, or other channels.
    """
    if test.tags is None or not (test.tags >= 0).any():
        raise DataError(f"{test.name} has no labels of steps; a test part needs the true ones.")
    kinds = [bool(names) for names in data.symbols], [bool(names) for names in test.symbols]
    if data.values.shape[1] != test.values.shape[1] or kinds[0] != kinds[1]:
        raise DataError(f"{test.name} has other channels than {data.name}; expected the same in the same order.")
    classes, tags = _renumbered(data.classes, test.classes, test.tags)
    values, symbols = test.values.copy(), []
    for k, (known, names) in enumerate(zip(data.symbols, test.symbols, strict=True)):
        both, values[:, k] = _renumbered(known, names, values[:, k].astype(np.int64)) if names else ((), values[:, k])
        symbols.append(both)
    told = _strange(data, test, classes, tags)
    whole = replace(
        data,
        values=np.concatenate([data.values, values]),
        offsets=np.concatenate([data.offsets, data.offsets[-1] + test.offsets[1:]]),
        ids=data.ids + test.ids,
        classes=classes,
        symbols=tuple(symbols),
        tags=np.concatenate([tags_of(data), tags]),
        time=None,
        every=None,
        groups=None,
        came=None,
    )
    return whole, told


def _renumbered(known: tuple[str, ...], names: tuple[str, ...], index: Ints) -> tuple[tuple[str, ...], Ints]:
    """All names, those known first, and the index into them of what was an index into `names`; −1 stays."""
    both = tuple(dict.fromkeys((*known, *names)))
    places = {name: k for k, name in enumerate(both)}
    return both, np.array([*(places[name] for name in names), -1], dtype=np.int64)[index]


def _strange(data: Sequences, test: Sequences, classes: tuple[str, ...], tags: Ints) -> tuple[str, ...]:
    """A word on classes that only the test part has."""
    only = np.setdiff1d(tags[tags >= 0], data.tags if data.tags is not None else [])
    if not len(only):
        return ()
    names = [classes[k] for k in only]
    few = names if len(names) <= LISTED else [*names[:LISTED], f"{len(names) - LISTED} more"]
    steps = count(int(np.isin(tags, only).sum()), "step")
    one = "label" if len(names) == 1 else "labels"
    return (f"{one} of {test.name} alone, which nothing can have learnt: {listed(few)}; the {steps} count as wrong",)
