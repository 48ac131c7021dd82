"""Rows that are not there: added where the times say so, with values that are missing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfloop.data.clocks import by_the_wall
from selfloop.data.draft import Draft
from selfloop.data.sequences import Ints
from selfloop.data.steps import regular_step, usual_steps
from selfloop.data.times import MONTHS, UNITS, day_in_month, month_anchor, split_every
from selfloop.data.weeks import days_of, steps_between, working_days
from selfloop.words import count


def on_its_clock(draft: Draft) -> Draft:
    """By the clock on the wall where steps are regular there and not in UTC, such as noon and midnight."""
    if draft.time is None or draft.zone is None or draft.zone.local or regular_step(draft) is not None:
        return draft
    walled = by_the_wall(draft)
    return draft if regular_step(walled) is None else walled


def with_missing_rows(draft: Draft, known: str | None = None) -> Draft:
    """With a row for every step that is left out; as it is where no step explains all times.

    No more rows are added to a series than it has: a series of weeks among series of days is not one of days.

    Args:
        draft: with times.
        known: the step of the data read before.
    """
    if draft.time is None or regular_step(draft, known) is not None or (np.diff(draft.offsets) < 2).all():
        return draft
    whole = draft.time.dtype.kind in "iu"
    fitting = [known] if known is not None and (split_every(known)[1] == "i") == whole else []
    for every in [*fitting, *(each for each, _ in usual_steps(draft))]:
        grids = _grids(draft, every)
        if grids is not None:
            return _filled(draft, grids)
    return draft


def _grids(draft: Draft, every: str) -> list[NDArray[Any]] | None:
    """All times of each series, or None where one of its own is not among them."""
    assert draft.time is not None
    found = []
    for start, stop in zip(draft.offsets[:-1], draft.offsets[1:], strict=True):
        known = draft.time[start:stop]
        if _steps(known, every) > 2 * len(known):
            return None
        grid = _grid(known, every)
        if not np.isin(known, grid).all():
            return None
        found.append(grid)
    return found


def _steps(known: NDArray[Any], every: str) -> int:
    """About how many there are from the first to the last time."""
    number, unit = split_every(every)
    if unit.startswith("b"):
        return int(steps_between(known[:1], known[-1:], days_of(unit))[0]) + 1
    span = int((known[-1] - known[0]).astype(np.int64))
    if unit in MONTHS:
        return int(np.diff(known[[0, -1]].astype("datetime64[M]").astype(np.int64))[0]) // (number * MONTHS[unit]) + 1
    return span // _length(known, number, unit) + 1


def _grid(known: NDArray[Any], every: str) -> NDArray[Any]:
    """The times from the first to the last known one."""
    number, unit = split_every(every)
    ahead = np.arange(_steps(known, every))
    days = known.astype("datetime64[D]") if known.dtype.kind == "M" else known
    if unit in MONTHS:
        months = days[0].astype("datetime64[M]") + (ahead * number * MONTHS[unit]).astype("timedelta64[M]")
        anchor = month_anchor(days, np.array([0, len(days)]))
        return np.asarray(day_in_month(months, np.repeat(anchor, len(months))) + (known[0] - days[0]))
    if unit.startswith("b"):
        return np.asarray(working_days(days[0], ahead, days_of(unit)) + (known[0] - days[0]))
    gaps = ahead * _length(known, number, unit)
    return np.asarray(known[0] + (gaps if unit == "i" else gaps.astype(known.dtype.str.replace("M8", "m8"))))


def _length(known: NDArray[Any], number: int, unit: str) -> int:
    """Of a fixed step, in the unit of the times."""
    if unit == "i":
        return number
    return number * UNITS[unit] // (1 if np.datetime_data(known.dtype)[0] == "ns" else 1000)


def _filled(draft: Draft, grids: list[NDArray[Any]]) -> Draft:
    assert draft.time is not None
    lengths: Ints = np.array([len(grid) for grid in grids], dtype=np.int64)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    rows = [
        offset + np.searchsorted(grid, draft.time[start:stop])
        for offset, grid, start, stop in zip(offsets[:-1], grids, draft.offsets[:-1], draft.offsets[1:], strict=True)
    ]
    known = np.concatenate(rows)
    values = np.full((int(offsets[-1]), draft.values.shape[1]), np.nan)
    values[known] = draft.values
    before = np.searchsorted(known, np.arange(len(values)), side="right") - 1  # the row that comes before a new one
    place = draft.place
    added = len(values) - len(known)
    return replace(
        draft,
        values=values,
        offsets=offsets,
        time=np.concatenate(grids).astype(draft.time.dtype),
        place=lambda step: place(int(before[step])),
        notes=(*draft.notes, f"{count(added, 'missing row')} added and filled in"),
    )
