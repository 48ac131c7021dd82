"""Arrays: numpy3D (cases, channels, steps) as aeon and sktime have it, or a list of arrays of unequal length."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from selfloop.data.draft import Draft, channel_names, label_text
from selfloop.data.sequences import Floats, Ints
from selfloop.errors import DataError

NAME = "arrays"


def draft_arrays(source: Any, labels: Collection[object] | None) -> Draft:
    """Arrays as a draft.

    Args:
        source: (cases, channels, steps); or one series (steps,); or a list of (steps, channels) or (steps,), of unequal
            numbers of steps.
        labels: one for each case, or None.

    Raises:
        DataError: not such arrays, or not one label for each.
    """
    cases = _cases(source)
    values, offsets = _flat(cases)
    if labels is not None and len(labels) != len(cases):
        raise DataError(f"There are {len(labels)} labels for {len(cases)} sequences; expected one label for each.")
    return Draft(
        name=NAME,
        values=values,
        offsets=offsets,
        channels=channel_names(values.shape[1]),
        ids=tuple(str(k) for k in range(len(cases))),
        place=lambda step: _place(step, offsets),
        labels=None if labels is None else tuple(label_text(label) for label in _plain(labels)),
    )


def _plain(labels: Collection[object]) -> Sequence[object]:
    """Labels as Python objects, also out of an array, a tensor or a column.

    Raises:
        DataError: a label is missing.
    """
    plain: list[object] = np.asarray(labels).tolist() if hasattr(labels, "__array__") else list(labels)
    for k, label in enumerate(plain):
        if label is None or label != label:
            raise DataError(f"The label of sequence {k} (counted from 0) is missing; expected one for each sequence.")
    return plain


def _cases(source: Any) -> list[Floats]:
    """Each case as (steps, channels), a view where its type allows."""
    if hasattr(source, "ndim"):
        if source.ndim == 3:
            return [case.T for case in _floats(source, "The array")]
        if source.ndim == 2:
            raise DataError(
                f"An array of shape {tuple(source.shape)} can be read in two ways: give [array] for one sequence of "
                "(steps, channels), or array[:, None, :] for (cases, channels, steps)."
            )
        if source.ndim == 1 and source.dtype != object:
            source = [source]
    cases = [_floats(case, f"Sequence {k} (counted from 0)") for k, case in enumerate(source)]
    if any(case.ndim == 0 for case in cases):
        raise DataError("The list holds numbers; expected a list of arrays: give [list] for one sequence.")
    return [case[:, None] if case.ndim == 1 else case for case in cases]


def _floats(values: Any, what: str) -> Floats:
    try:
        return np.asarray(values, dtype=np.float64)
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
