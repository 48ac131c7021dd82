"""From a table to a draft, and from a draft to checked `Sequences`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfloop.data.draft import Draft, encode, sorted_classes
from selfloop.data.missing import Missing, drop_anywhere, drop_at_ends, treatment
from selfloop.data.sequences import Columns, Floats, Ints, Sequences
from selfloop.data.steps import check_increasing, regular_step, require_regular
from selfloop.data.table import Table
from selfloop.errors import DataError
from selfloop.voice import spoken


def draft_table(table: Table, columns: Columns) -> Draft:
    """The rows of a table, put together by id in order of appearance, as a draft.

    Raises:
        DataError: a channel is no number, a time no time, an id or label is missing, or a label changes within an id.
    """
    codes, ids = _sequences_of(table, columns)
    order, offsets = _order(codes, len(ids))
    time = None if columns.time is None else table.times(columns.time)
    return Draft(
        name=table.title,
        values=_values(table, columns, order),
        offsets=offsets,
        channels=channels_of(columns),
        ids=ids,
        place=lambda step: table.place(step if order is None else int(order[step])),
        time=time if order is None or time is None else time[order],
        labels=None if columns.label is None else _labels(table, columns.label, codes, ids),
    )


def channels_of(columns: Columns) -> tuple[str, ...]:
    """Names of the channels: the target first, then the inputs."""
    return columns.inputs if columns.target is None else (columns.target, *columns.inputs)


def finish(
    draft: Draft,
    *,
    missing: Missing,
    columns: Columns = Columns(),  # noqa: B008 - frozen
    reading: str,
    name: str | None = None,
    classes: tuple[str, ...] | None = None,
) -> Sequences:
    """Checked sequences.

    Args:
        draft: what a reader found.
        missing: what to do with missing values.
        columns: to be recorded.
        reading: to be recorded.
        name: of the data; the draft's own by default.
        classes: of the data read before; None takes those of the labels.

    Raises:
        DataError: times that do not increase, or irregular ones without labels; missing values; an unknown class.
    """
    check_increasing(draft)
    steady = draft.labels is None and not classes
    if steady:
        every = require_regular(draft)
    else:  # a network that answers once a sequence need not know how far steps are apart
        every = regular_step(draft)
        if every is None and draft.time is not None:
            reading = f"{reading}; the times are irregular: steps are taken in order"
    draft = treatment(missing, drop=drop_at_ends if steady else drop_anywhere)(draft)
    if classes is None:
        classes = () if draft.labels is None else sorted_classes(draft.labels)
    return Sequences(
        name=draft.name if name is None else name,
        values=draft.values,
        offsets=draft.offsets,
        channels=draft.channels,
        ids=draft.ids,
        labels=None if draft.labels is None else encode(draft.labels, classes, draft.name),
        classes=classes,
        time=draft.time,
        every=every,
        columns=columns,
        reading=spoken(reading),
    )


def _sequences_of(table: Table, columns: Columns) -> tuple[Ints, tuple[str, ...]]:
    """(rows,) the sequence of each row, and the sequences' names."""
    if columns.id is not None:
        return table.codes(columns.id, "id column")
    rows = len(table.frame)
    return np.zeros(rows, dtype=np.int64), (columns.target or table.name,)


def _order(codes: Ints, count: int) -> tuple[Ints | None, Ints]:
    """Rows so that each sequence stands together (None: they do already), and offsets."""
    offsets = np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=count))]).astype(np.int64)
    if (codes[1:] >= codes[:-1]).all():
        return None, offsets
    return np.argsort(codes, kind="stable"), offsets


def _values(table: Table, columns: Columns, order: Ints | None) -> Floats:
    """(steps, channels): the one copy that the layout needs."""
    channels = channels_of(columns)
    values = np.empty((len(table.frame), len(channels)), dtype=np.float64)
    for k, name in enumerate(channels):
        column = table.numbers(name, "target" if name == columns.target else "input")
        values[:, k] = column if order is None else column[order]
    return values


def _labels(table: Table, name: str, codes: Ints, ids: tuple[str, ...]) -> tuple[str, ...]:
    """(sequences,) the label of each, which all its rows must agree on."""
    labels, texts = table.codes(name, "label column")
    first: NDArray[Any] = np.unique(codes, return_index=True)[1]  # row where each sequence begins
    of_sequence = labels[first]
    odd = np.flatnonzero(labels != of_sequence[codes])
    if len(odd):
        row, k = int(odd[0]), int(codes[odd[0]])
        raise DataError(
            f"{table.title}: the label of sequence {ids[k]!r} changes from {texts[of_sequence[k]]!r} "
            f"({table.place(int(first[k]))}) to {texts[labels[row]]!r} ({table.place(row)}); expected one label for "
            "all rows of an id: name other columns with --id and --label."
        )
    return tuple(texts[k] for k in of_sequence)
