"""Steps from one working day to the next: "1b" is Monday to Friday, "1b123456" Monday to Saturday."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

WORKWEEK = "12345"
WEEK = "1234567"
WEEKS = 3  # that any other week than the usual one must be seen in
MONDAY = np.datetime64("1970-01-05", "D")


def days_of(unit: str) -> str:
    """The weekdays of a step's unit, from 1 for Monday."""
    return unit[1:] or WORKWEEK


def every_of(week: str) -> str:
    """The step to the next of these weekdays."""
    return "1b" if week == WORKWEEK else f"1b{week}"


def weekdays(days: NDArray[Any]) -> str:
    """The weekdays on which there are rows."""
    present = np.unique((days - MONDAY).astype(np.int64) % 7) + 1
    return "".join(map(str, present.tolist()))


def weeks_of(time: NDArray[Any]) -> list[str]:
    """The working weeks that times may keep, all at one time of day: Monday to Friday, and the days that have rows.

    Of any other week than the usual one, each day must be seen some times; one that has rows on every day is none.
    """
    if time.dtype.kind != "M" or len(time) < 2:
        return []
    days = time.astype("datetime64[D]")
    if len(np.unique(time - days)) > 1:
        return []
    present = weekdays(days)
    found = [WORKWEEK] if set(present) <= set(WORKWEEK) else []
    if 1 < len(present) < len(WEEK) and len(time) >= WEEKS * len(present) and present not in found:
        found.append(present)
    return found


def steps_between(first: NDArray[Any], second: NDArray[Any], week: str) -> Ints:
    """Working days from each of `first` to each of `second`."""
    return np.asarray(np.busday_count(_days(first), _days(second), weekmask=_mask(week)), dtype=np.int64)


def working_days(start: Any, ahead: Ints, week: str) -> NDArray[Any]:
    """The days so many working days after one day."""
    return np.asarray(np.busday_offset(_days(start), ahead, roll="backward", weekmask=_mask(week)))


def _days(time: Any) -> NDArray[Any]:
    return np.asarray(time).astype("datetime64[D]")


def _mask(week: str) -> list[bool]:
    return [day in week for day in WEEK]
