"""Missing values (empty, NaN, infinite): said where, dropped, or interpolated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from selfloop.data.draft import Draft
from selfloop.errors import DataError, SettingsError, nearest

Missing = Literal["error", "drop", "interpolate"]
MISSING_WORDS = ("", "na", "n/a", "null", "none", "nan", "?", "-")
"""What people write, in any case, where a value is missing."""


def is_missing_word(value: object) -> bool:
    """Whether a text stands for no value."""
    return isinstance(value, str) and value.strip().lower() in MISSING_WORDS


def treatment(missing: Missing, *, drop: Callable[[Draft], Draft]) -> Callable[[Draft], Draft]:
    """The function for the word; `drop` is the one that suits the task.

    Raises:
        SettingsError: there is no such word.
    """
    table: dict[str, Callable[[Draft], Draft]] = {"error": refuse, "drop": drop, "interpolate": interpolate}
    if missing not in table:
        raise SettingsError(f"missing is {missing!r}; {nearest(str(missing), get_args(Missing))}")
    return table[missing]


def refuse(draft: Draft) -> Draft:
    """The draft as it is, all finite.

    Raises:
        DataError: a value is missing; says where.
    """
    holes = _holes(draft)
    if holes is not None:
        step, channel, what = _first(draft, holes)
        rows = int(holes.any(axis=1).sum())
        wanted, ways = (
            ("a symbol", "") if _of_symbols(draft, channel) else ("a finite number", "--missing interpolate or ")
        )
        more = f", one of {rows} such rows" if rows > 1 else ""
        raise DataError(
            f"{draft.name}: the value of {channel!r} is {what} in {draft.place(step)}{more}; expected {wanted}: "
            f"fill it in, or choose {ways}--missing drop."
        )
    return draft


def interpolate(draft: Draft) -> Draft:
    """Holes filled linearly between the neighbours of the same sequence, with the nearest value at its ends.

    Linear in steps, not in times: where times matter they are regular.

    Raises:
        DataError: a channel of a sequence has no value at all.
    """
    holes = _holes(draft)
    if holes is None:
        return draft
    values = draft.values.copy()
    for channel in np.flatnonzero(holes.any(axis=0)):
        if _of_symbols(draft, draft.channels[channel]):
            step = int(np.argmax(holes[:, channel]))
            raise DataError(
                f"{draft.name}: the value of {draft.channels[channel]!r} is missing in {draft.place(step)}, and there "
                "is nothing between symbols; expected one in every row: fill it in, or choose --missing drop."
            )
        touched = np.unique(np.searchsorted(draft.offsets, np.flatnonzero(holes[:, channel]), side="right") - 1)
        for k in touched:
            part = slice(draft.offsets[k], draft.offsets[k + 1])
            known = np.flatnonzero(~holes[part, channel])
            if len(known) == 0:
                raise DataError(
                    f"{draft.name}: {draft.channels[channel]!r} has no value in sequence {draft.ids[k]!r}; "
                    "there is nothing to interpolate from: leave that sequence or column out."
                )
            steps = np.arange(len(holes[part]))
            values[part, channel] = np.interp(steps, known, draft.values[part, channel][known])
    return replace(draft, values=values)


def drop_anywhere(draft: Draft) -> Draft:
    """Without the steps that miss a value: for classification, where a sequence may lose a step.

    Raises:
        DataError: a sequence has no step left.
    """
    holes = _holes(draft)
    return draft if holes is None else draft.keep(np.logical_not(holes.any(axis=1)))


def drop_at_ends(draft: Draft) -> Draft:
    """Without the steps that miss a value at the ends of a sequence: for forecasts, whose steps must stay regular.

    Raises:
        DataError: a value is missing in the middle, or a sequence has no step left.
    """
    holes = _holes(draft)
    if holes is None:
        return draft
    complete: NDArray[np.bool_] = np.logical_not(holes.any(axis=1))
    kept = np.zeros(len(complete), dtype=bool)
    for start, stop in zip(draft.offsets[:-1], draft.offsets[1:], strict=True):
        steps = np.flatnonzero(complete[start:stop])
        if len(steps):
            kept[start + steps[0] : start + steps[-1] + 1] = True
    torn = np.flatnonzero(kept & ~complete)
    if len(torn):
        step, channel, what = _first(draft, holes & kept[:, None])
        raise DataError(
            f"{draft.name}: the value of {channel!r} is {what} in {draft.place(step)}, inside a series; dropping it "
            "would make the steps irregular, so only the ends can be dropped: choose --missing interpolate."
        )
    return draft.keep(kept)


def _holes(draft: Draft) -> NDArray[np.bool_] | None:
    """(steps, channels) true where a value is missing, or None where all are there."""
    finite = np.isfinite(draft.values)
    return None if finite.all() else np.logical_not(finite)


def _of_symbols(draft: Draft, channel: str) -> bool:
    return bool(draft.symbols) and bool(draft.symbols[draft.channels.index(channel)])


def _first(draft: Draft, holes: NDArray[np.bool_]) -> tuple[int, str, str]:
    """Step, channel and kind of the first hole in the order of the sequences."""
    step = int(np.argmax(holes.any(axis=1)))
    channel = int(np.argmax(holes[step]))
    what = "missing" if np.isnan(draft.values[step, channel]) else "infinite"
    return step, draft.channels[channel], what
