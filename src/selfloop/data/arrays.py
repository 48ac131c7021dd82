"""Arrays and tensors: one of all cases, one series, or a list of them of unequal length."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from selfloop.data.axes import Axes, Known, axes_of, axes_of_each, in_order, said
from selfloop.data.came import class_type_of_values
from selfloop.data.draft import Draft, channel_names, label_text
from selfloop.data.outcomes import may_be_classes, names_beside, numbers_of
from selfloop.data.sequences import Floats, Ints
from selfloop.errors import DataError

NAME = "arrays"
CUBE = 3  # dimensions of cases of steps of channels


def draft_arrays(
    source: Any,
    labels: Collection[object] | None,
    *,
    axes: str | None = None,
    channels: int | None = None,
    name: str = NAME,
) -> Draft:
    """Arrays as a draft.

    Args:
        source: cases, steps and channels in any order that `axes` says; or one series (steps,); or a list of arrays, of
            unequal numbers of steps.
        labels: one for each case, a class, a number or a row of numbers; or None.
        axes: which is which: "cases,steps,channels"; None where shapes and labels decide.
        channels: how many a model reads; None where that is not known.
        name: in messages.

    Raises:
        DataError: not such arrays, more than one reading of them, or not one label for each.
        SettingsError: `axes` does not fit.
    """
    cases, order = _cases(source, Known(axes, None if labels is None else len(labels), channels))
    values, offsets = _flat(cases)
    if labels is not None and len(labels) != len(cases):
        raise DataError(f"There are {len(labels)} labels for {len(cases)} sequences; expected one label for each.")
    plain = None if labels is None else _plain(labels)
    outcomes = None if plain is None else numbers_of(plain)
    named = plain is not None and (outcomes is None or may_be_classes(outcomes))
    return Draft(
        name=name,
        values=values,
        offsets=offsets,
        channels=channel_names(values.shape[1]),
        ids=tuple(str(k) for k in range(len(cases))),
        place=lambda step: _place(step, offsets),
        labels=tuple(label_text(label) for label in plain) if named and plain else None,
        class_type="text" if plain is None else class_type_of_values(plain),
        notes=() if order is None else (f"the axes are {said(order)}",),
        outcomes=outcomes,
        outcome_names=() if outcomes is None else names_beside(labels, outcomes.shape[1]),
    )


def _plain(labels: Collection[object]) -> Sequence[object]:
    """Labels as Python objects, also out of an array, a tensor or a column.

    Raises:
        DataError: a label is missing.
    """
    if isinstance(labels, np.ma.MaskedArray):
        plain: list[object] = labels.tolist()  # None where they are masked
    elif hasattr(labels, "__array__"):
        plain = np.asarray(labels).tolist()
    else:
        plain = [label.item() if isinstance(label, np.generic) else label for label in labels]
    if plain and all(isinstance(label, list) and len(label) == 1 for label in plain):
        plain = [label[0] for label in plain if isinstance(label, list)]  # a column of labels
    for k, label in enumerate(plain):
        if label is None or label != label:
            raise DataError(f"The label of sequence {k} (counted from 0) is missing; expected one for each sequence.")
    return plain


def _cases(source: Any, known: Known) -> tuple[list[Floats], Axes | None]:
    """Each case as (steps, channels), a view where its type allows; and the axes as they were read, if there is one."""
    if hasattr(source, "ndim") and source.dtype != object:
        if not 1 <= source.ndim <= CUBE:
            raise DataError(
                f"The array has shape {tuple(source.shape)}; expected cases, steps and channels: give each number one "
                "of these axes."
            )
        if source.ndim > 1:
            array = _floats(source, "The array")
            order = axes_of(array, known)
            return in_order(array, order), order
        source = [source]
    cases = [_floats(case, f"Sequence {k} (counted from 0)") for k, case in enumerate(source)]
    if any(case.ndim == 0 for case in cases):
        raise DataError("The list holds numbers; expected a list of arrays: give [list] for one sequence.")
    matrices = [case for case in cases if case.ndim == 2]
    if not matrices:
        return [case[:, None] if case.ndim == 1 else case for case in cases], None
    # The rows of a frame are steps, whatever its shape.
    order = ("steps", "channels") if all(hasattr(case, "columns") for case in source) else axes_of_each(matrices, known)
    turned = order[0] == "channels"
    return [case[:, None] if case.ndim == 1 else case.T if turned else case for case in cases], order


def _floats(values: Any, what: str) -> Floats:
    try:
        if isinstance(values, np.ma.MaskedArray):  # what is masked is missing
            return np.ma.filled(values.astype(np.float64), np.nan)
        plain = values.detach() if hasattr(values, "detach") else values  # a tensor that learns
        array = np.asarray(plain)
        if array.dtype.kind not in "biufO":
            raise TypeError(f"its type is {array.dtype}")
        return np.asarray(array, dtype=np.float64)
    except (TypeError, ValueError, RuntimeError) as error:
        raise DataError(f"{what} is not an array of numbers ({error}); expected float values.") from error


def _flat(cases: list[Floats]) -> tuple[Floats, Ints]:
    """One after the other: (steps, channels), always a copy, and offsets.

    Raises:
        DataError: there are none, one is empty, or they differ in channels.
    """
    if not cases:
        raise DataError("There are no sequences; expected at least one array.")
    for k, case in enumerate(cases):
        if case.ndim != 2 or case.size == 0:
            raise DataError(
                f"Sequence {k} (counted from 0) has shape {case.shape}; expected (steps,) or (steps, channels), "
                "with at least one of each."
            )
        if case.shape[1] != cases[0].shape[1]:
            raise DataError(
                f"Sequence {k} (counted from 0) has {case.shape[1]} channels; expected {cases[0].shape[1]}, as "
                "sequence 0 has: an array is (steps, channels)."
            )
    lengths = [len(case) for case in cases]
    return np.concatenate(cases, axis=0), np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def _place(step: int, offsets: Ints) -> str:
    k = int(np.searchsorted(offsets, step, side="right")) - 1
    return f"step {step - offsets[k]} of sequence {k} (both counted from 0)"
