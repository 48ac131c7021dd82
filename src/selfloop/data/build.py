"""From a table to a draft, and from a draft to checked `Sequences`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfloop.data.came import Came, came_of, class_type_of
from selfloop.data.clocks import times_of
from selfloop.data.draft import Draft, encode, said_of_symbols, sorted_classes
from selfloop.data.fill import on_its_clock, with_missing_rows
from selfloop.data.missing import Missing, drop_anywhere, drop_at_ends, treatment
from selfloop.data.outcomes import check_outcomes, outcomes_of
from selfloop.data.sequences import Columns, Floats, Ints, Sequences
from selfloop.data.sizes import check_sizes
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
    time, zone = times_of(table, columns, codes)
    order, offsets, notes = _order(codes, len(ids), time)
    values, symbols = _values(table, columns, order)
    of_step = columns.label is not None and columns.label_of == "step"
    tags, tag_names = table.symbols(columns.label) if columns.label is not None and of_step else (None, ())
    of_sequence = None if of_step else columns.label
    if zone is not None and columns.timezone is None:
        notes = (f"times of {zone.name}", *notes)
    return Draft(
        name=table.title,
        values=values,
        offsets=offsets,
        channels=channels_of(columns),
        ids=ids,
        named=columns.id is not None and columns.id != table.numbered,
        class_type="text" if columns.label is None else class_type_of(table.frame[columns.label]),
        came=_came(table, columns, codes),
        place=lambda step: table.place(step if order is None else int(order[step])),
        time=time if order is None or time is None else time[order],
        labels=None if of_sequence is None else _of_sequences(table, of_sequence, "label", codes, ids),
        tags=None if tags is None or not tag_names else tags if order is None else tags[order],
        tag_names=tag_names,
        symbols=symbols,
        zone=zone,
        groups=None if columns.groups is None else _of_sequences(table, columns.groups, "groups", codes, ids),
        time_name=columns.time or "time",
        notes=(*_of_symbols(columns, symbols, len(values)), *((table.note,) if table.note else ()), *notes),
        outcomes=outcomes_of(table, columns, codes, ids),
        outcome_names=columns.outcomes,
    )


def _came(table: Table, columns: Columns, codes: Ints) -> Came:
    firsts: Ints = np.unique(codes, return_index=True)[1]
    text = columns.time is not None and not table.own and not table.frame[columns.time].dtype.is_temporal()
    numbers = columns.time is not None and table.kinds[columns.time] == "number"
    time = None if text and not numbers else columns.time  # the text of a file is nobody's type
    return came_of(table.frame, columns.id, time, firsts, columns.time_format)


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
    every: str | None = None,
    whole: bool = False,
) -> Sequences:
    """Checked sequences.

    Args:
        draft: what a reader found.
        missing: what to do with missing values.
        columns: to be recorded.
        reading: to be recorded.
        name: of the data; the draft's own by default.
        classes: of the data read before; None takes those of the labels.
        every: the step of the data read before.
        whole: whether sequences are asked about as wholes though these have no answers.

    Raises:
        DataError: times that do not increase, or irregular ones without labels; missing values; an unknown class.
    """
    draft = on_its_clock(draft)
    check_increasing(draft)
    answered = draft.labels is not None or draft.tags is not None or draft.outcomes is not None
    steady = not (answered or classes or whole or any(draft.symbols))
    if steady:
        draft = with_missing_rows(draft, every) if missing == "interpolate" else draft
        every = require_regular(draft, every)
    else:  # a network that answers once a sequence need not know how far steps are apart
        every = regular_step(draft, every)
        if every is None and draft.time is not None:
            draft = replace(draft, notes=(*draft.notes, "the times are irregular: steps are taken in order"))
    draft = treatment(missing, drop=drop_at_ends if steady else drop_anywhere)(draft)
    check_sizes(draft)
    check_outcomes(draft)
    if classes is None or draft.tags is not None:  # those of steps are numbered later, where others may be known
        classes = sorted_classes(draft.tag_names if draft.labels is None else draft.labels)
    return Sequences(
        name=draft.name if name is None else name,
        values=draft.values,
        offsets=draft.offsets,
        channels=draft.channels,
        ids=draft.ids,
        labels=None if draft.labels is None else encode(draft.labels, classes, draft.name),
        classes=classes,
        tags=None if draft.tags is None else _tags(draft, classes),
        symbols=draft.symbols,
        time=draft.time,
        every=every,
        columns=replace(columns, outcomes=()) if draft.outcomes is None else columns,
        reading=spoken("; ".join((reading, *draft.notes))),
        zone=draft.zone,
        groups=draft.groups,
        named=draft.named,
        class_type=draft.class_type,
        came=draft.came,
        outcomes=draft.outcomes,
        outcome_names=() if draft.outcomes is None else draft.outcome_names,
    )


def _sequences_of(table: Table, columns: Columns) -> tuple[Ints, tuple[str, ...]]:
    """(rows,) the sequence of each row, and the sequences' names."""
    if columns.id is not None:
        return table.codes(columns.id, "id column")
    rows = len(table.frame)
    return np.zeros(rows, dtype=np.int64), (columns.target or table.name,)


def _order(codes: Ints, count: int, time: NDArray[Any] | None) -> tuple[Ints | None, Ints, tuple[str, ...]]:
    """Rows so that each sequence stands together, sorted by time (None: they are already); offsets; what to say."""
    offsets = np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=count))]).astype(np.int64)
    together = bool((codes[1:] >= codes[:-1]).all())
    order = None if together else np.argsort(codes, kind="stable")
    if time is None:
        return order, offsets, ()
    ordered = time if order is None else time[order]
    back = ordered[1:] < ordered[:-1]
    back[offsets[1:-1] - 1] = False
    if not back.any():
        return order, offsets, ()
    return np.lexsort((time, codes)), offsets, ("rows sorted by time",)


def _tags(draft: Draft, classes: tuple[str, ...]) -> Ints:
    """(steps,) index into `classes`, −1 where a step has no label.

    Raises:
        DataError: a label is none of the classes.
    """
    assert draft.tags is not None
    return np.append(encode(draft.tag_names, classes, draft.name), -1)[draft.tags]


def _values(table: Table, columns: Columns, order: Ints | None) -> tuple[Floats, tuple[tuple[str, ...], ...]]:
    """(steps, channels): the one copy that the layout needs; and the names of the symbols of each."""
    channels = channels_of(columns)
    values = np.empty((len(table.frame), len(channels)), dtype=np.float64)
    symbols: list[tuple[str, ...]] = []
    for k, name in enumerate(channels):
        if name in columns.symbols:
            codes, names = table.symbols(name)
            column = np.where(codes < 0, np.nan, codes)
        else:
            column, names = table.numbers(name, "target" if name == columns.target else "input"), ()
        symbols.append(names)
        values[:, k] = column if order is None else column[order]
    return values, tuple(symbols) if any(symbols) else ()


def _of_symbols(columns: Columns, symbols: tuple[tuple[str, ...], ...], rows: int) -> tuple[str, ...]:
    """What is said of labels of steps and of columns of symbols."""
    tags = ("a label at each step",) if columns.label is not None and columns.label_of == "step" else ()
    named = dict(zip(channels_of(columns), symbols, strict=True)) if symbols else {}
    return (*tags, *(f"{name} has {said_of_symbols(names, rows)}" for name, names in named.items() if names))


def _of_sequences(table: Table, name: str, part: str, codes: Ints, ids: tuple[str, ...]) -> tuple[str, ...]:
    """(sequences,) the label or the group of each, which all its rows must agree on.

    Args:
        table: that has it.
        name: of the column.
        part: "label" or "groups".
        codes: (rows,) the sequence of each.
        ids: of the sequences.
    """
    labels, texts = table.codes(name, f"{part} column")
    first: NDArray[Any] = np.unique(codes, return_index=True)[1]  # row where each sequence begins
    of_sequence = labels[first]
    odd = np.flatnonzero(labels != of_sequence[codes])
    if len(odd):
        row, k, word = int(odd[0]), int(codes[odd[0]]), part.removesuffix("s")
        raise DataError(
            f"{table.title}: the {word} of sequence {ids[k]!r} changes from {texts[of_sequence[k]]!r} "
            f"({table.place(int(first[k]))}) to {texts[labels[row]]!r} ({table.place(row)}); expected one {word} for "
            f"all rows of an id: name other columns with --id and --{part}."
        )
    return tuple(texts[k] for k in of_sequence)
