"""Numbers that belong to each sequence as a whole: in columns that repeat them, beside arrays, or in a .ts file."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np

from selfloop.data.draft import Draft
from selfloop.data.sequences import Columns, Floats, Ints
from selfloop.data.sizes import LARGEST, SMALLEST
from selfloop.data.table import Table
from selfloop.errors import DataError

NAME = "outcome"
"""Of the one number that arrays and .ts files bring without a name."""


def outcome_names(count: int) -> tuple[str, ...]:
    """Names for numbers that bring none."""
    return (NAME,) if count == 1 else tuple(f"{NAME}_{k}" for k in range(1, count + 1))


def may_be_classes(outcomes: Floats) -> bool:
    """Whether (sequences, K) numbers may be names: one a sequence, and whole, or each of several sequences.

    What is not finite yet is no name.
    """
    if outcomes.shape[1] != 1 or not np.isfinite(outcomes).all():
        return False
    whole = bool((outcomes == np.rint(outcomes)).all())
    return whole or 2 * len(np.unique(outcomes)) <= len(outcomes)


def with_outcomes(table: Table, columns: Columns) -> Columns:
    """The label as a column of numbers where it holds some, and only so where they can be no names of classes.

    Raises:
        DataError: of several columns of labels, one holds no numbers.
    """
    for name in columns.outcomes:
        table.numbers(name, "label")
    of_sequence = columns.label is not None and columns.label_of == "sequence"
    if columns.label is None or not of_sequence or columns.outcomes or table.kinds[columns.label] != "number":
        return columns
    values = table.numbers(columns.label, "label")
    known = values[np.isfinite(values)]
    if (known == np.rint(known)).all():
        return replace(columns, outcomes=(columns.label,))
    count = 1 if columns.id is None else len(table.codes(columns.id, "id column")[1])
    repeated = 2 * len(np.unique(known)) <= count
    classes = columns.label if repeated and len(known) == len(values) else None
    return replace(columns, label=classes, outcomes=(columns.label,))


def without_unknown(table: Table, columns: Columns) -> Columns:
    """Columns of which those of answers are there and hold something: to predict, nobody needs them."""
    known = all(
        name in table.kinds and table.kinds[name] != "empty" and np.isfinite(table.numbers(name, "label")).any()
        for name in columns.outcomes
    )
    return columns if known else replace(columns, outcomes=())


def outcomes_of(table: Table, columns: Columns, codes: Ints, ids: tuple[str, ...]) -> Floats | None:
    """(sequences, K) what the columns hold in the rows of each; a number in one of its rows is enough.

    None where there are no such columns, or where the one there is changes within a sequence and may be of classes.

    Args:
        table: that has them.
        columns: which ones.
        codes: (rows,) the sequence of each.
        ids: of the sequences.

    Raises:
        DataError: a number changes within a sequence.
    """
    if not columns.outcomes:
        return None
    found = np.full((len(ids), len(columns.outcomes)), np.nan)
    for k, name in enumerate(columns.outcomes):
        values = table.numbers(name, "label")
        known = np.flatnonzero(~np.isnan(values))
        found[codes[known[::-1]], k] = values[known[::-1]]  # the first row of each is written last
        odd = known[values[known] != found[codes[known], k]]
        if len(odd) and columns.label is not None:
            return None
        if len(odd):
            raise _changing(table, name, codes, ids, values, int(odd[0]))
    return found


def _changing(table: Table, name: str, codes: Ints, ids: tuple[str, ...], values: Floats, row: int) -> DataError:
    k = int(codes[row])
    first = int(np.flatnonzero((codes == k) & ~np.isnan(values))[0])
    return DataError(
        f"{table.title}: {name!r} of sequence {ids[k]!r} changes from {values[first]:.6g} ({table.place(first)}) to "
        f"{values[row]:.6g} ({table.place(row)}); expected one number for all rows of an id: name other columns with "
        "--id and --label, or forecast it with --target."
    )


def numbers_of(labels: Sequence[object]) -> Floats | None:
    """(sequences, K) labels beside arrays as numbers; None where they are none.

    Raises:
        DataError: they are rows of something else, or of unequal length.
    """
    rows = [label if isinstance(label, list) else [label] for label in labels]
    if all(isinstance(value, int | float | Decimal) and not isinstance(value, bool) for row in rows for value in row):
        if len({len(row) for row in rows}) == 1 and rows[0]:
            return np.array(rows, dtype=np.float64)
    elif not any(isinstance(label, list) for label in labels):
        return None
    raise DataError(
        f"The labels have rows such as {str(rows[0])[:60]}; expected for each sequence one class, or as many "
        "numbers as for every other."
    )


def names_beside(labels: Collection[object] | Any, count: int) -> tuple[str, ...]:
    """The names that a column or a frame of numbers has, else made-up ones."""
    own = getattr(labels, "columns", None)
    given = [getattr(labels, "name", None)] if own is None else list(own)
    names = tuple(name for name in given if isinstance(name, str) and name)
    return names if len(names) == count == len(set(names)) else outcome_names(count)


def check_outcomes(draft: Draft) -> None:
    """Raise unless every sequence has all its numbers, of sizes that can be squared.

    Raises:
        DataError: says of which sequence one is missing or infinite, too large or too small.
    """
    if draft.outcomes is None:
        return
    missing = np.argwhere(~np.isfinite(draft.outcomes))
    if len(missing):
        k, column = missing[0].tolist()
        what = "missing" if np.isnan(draft.outcomes[k, column]) else "infinite"
        count = len(np.unique(missing[:, 0]))
        more = f", one of {count} such sequences" if count > 1 else ""
        raise DataError(
            f"{draft.name}: {draft.outcome_names[column]!r} of sequence {draft.ids[k]!r} is {what}{more}; expected a "
            "finite number for each sequence: fill it in, or leave that sequence out."
        )
    sizes = np.abs(draft.outcomes)
    for column, largest in enumerate(sizes.max(0).tolist()):
        if largest > LARGEST or 0 < largest < SMALLEST:
            k = int(sizes[:, column].argmax())
            what = "too large" if largest > 1 else "the largest of its column and too small"
            raise DataError(
                f"{draft.name}: {draft.outcome_names[column]!r} of sequence {draft.ids[k]!r} is "
                f"{draft.outcomes[k, column]:.3g}, {what} to calculate with; expected sizes from {SMALLEST:g} to "
                f"{LARGEST:g}: choose another unit."
            )
