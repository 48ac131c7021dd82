"""Whether a table's labels belong to its sequences or to their steps, and which of its columns hold symbols."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np

from selfloop.data.sequences import Columns, Ints
from selfloop.data.table import Table
from selfloop.errors import DataError

FEWEST_ROWS = 2  # of a sequence, on average: a column with another value in each row tells none apart


def label_of(table: Table, columns: Columns) -> Literal["sequence", "step"]:
    """What has a label of its own: each step, where that is known already or labels differ within a sequence.

    Raises:
        DataError: an id or every label is missing, or the labels that differ are measurements.
    """
    if columns.label is None:
        return "sequence"
    tags, names = table.symbols(columns.label)
    if not names:
        raise table.empty(columns.label, "label column", 0)
    if columns.label_of == "step":
        return "step"
    codes = np.zeros(len(tags), dtype=np.int64) if columns.id is None else table.codes(columns.id, "id column")[0]
    if not _varies(tags, codes):
        return "sequence"
    if any(_is_fraction(name) for name in names) and table.kinds[columns.label] == "number":
        raise DataError(
            f"{table.title}: the label {columns.label!r} is {table.what(columns.label)}, a measurement that differs "
            "from step to step; expected classes: name a column to forecast with --target, or make classes of it."
        )
    return "step"


def is_one_sequence(table: Table, columns: Columns, free: Iterable[str]) -> bool:
    """Whether a table without an id may be one sequence with a label at each step.

    It is none where a column without a part says otherwise: its values stand in blocks of rows, more blocks than there
    are classes, and all rows of a block have the same label.

    Args:
        table: of the user's.
        columns: with the label.
        free: columns without a part.
    """
    assert columns.label is not None
    tags, names = table.symbols(columns.label)
    if not _varies(tags, np.zeros(len(tags), dtype=np.int64)):
        return False
    for name in free:
        if not (table.kinds[name] == "text" or table.frame[name].dtype.is_integer()):
            continue
        codes, values = table.symbols(name)
        blocks = 1 + int((codes[1:] != codes[:-1]).sum())
        alike = blocks == len(values) and len(names) < blocks <= len(codes) / FEWEST_ROWS
        if alike and not _varies(tags, codes):
            return False
    return True


def symbol_channels(table: Table, columns: Columns) -> tuple[str, ...]:
    """The channels that hold symbols; none of them in a forecast of numbers, whose inputs are numbers too."""
    if columns.label is None and columns.target is not None and not table.holds_symbols(columns.target):
        return ()
    channels = (*((columns.target,) if columns.target is not None else ()), *columns.inputs)
    return tuple(name for name in channels if table.holds_symbols(name))


def _varies(tags: Ints, codes: Ints) -> bool:
    """Whether one sequence has two different labels; `codes` says which sequence a row belongs to."""
    known = tags >= 0
    tags, codes = tags[known], codes[known]
    order = np.argsort(codes, kind="stable")
    same = np.diff(codes[order]) == 0
    return bool((same & (np.diff(tags[order]) != 0)).any())


def _is_fraction(name: str) -> bool:
    return "." in name
