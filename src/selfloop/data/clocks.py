"""Which clock the times of data are held by, and what a clock does where summer time begins and ends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from selfloop.data.draft import Draft
from selfloop.data.sequences import Columns, Ints
from selfloop.data.time_column import moments
from selfloop.data.zones import Zone, check_zone, first_in_disorder, from_clock, to_wall
from selfloop.errors import DataError, SettingsError

if TYPE_CHECKING:
    from selfloop.data.table import Table

HOUR, DAY = np.timedelta64(1, "h"), np.timedelta64(1, "D")
SUNDAY = 6
FORWARD, BACK = (3, 4, 9, 10), (3, 4, 9, 10, 11)  # months in which clocks are put, on either side of the equator
NIGHT = 4  # they are put before this hour


def times_of(table: Table, columns: Columns, codes: Ints) -> tuple[NDArray[Any] | None, Zone | None]:
    """(rows,) the times and where they are at home.

    Where it is the same time of day in every row, it is the clock on the wall that is kept, since a day may have 23 or
    25 hours; else UTC, which has no hour twice.

    Args:
        table: that has them.
        columns: which column, its format, and the zone that was named.
        codes: (rows,) the sequence of each row.

    Raises:
        DataError: a time is missing, unreadable, or one that the clock of the zone leaves out.
        SettingsError: there is no such zone, or the times are no dates.
    """
    if columns.time is None:
        return None, None
    found = moments(table, columns.time, columns.time_format)
    name = columns.timezone or found.zone
    if name is None:
        return found.values, None
    if found.values.dtype.kind != "M":
        raise SettingsError(
            f"{table.title}: the time column {columns.time!r} holds whole numbers, which have no zone; expected dates: "
            "leave --timezone out."
        )
    check_zone(name)
    if found.zone is not None:
        wall = to_wall(found.values, name)
        return (wall, Zone(name, local=True)) if same_clock(wall) else (found.values, Zone(name))
    if same_clock(found.values):
        return found.values, Zone(name, local=True)
    utc = from_clock(found.values, codes, name)
    left_out = np.isnat(utc)
    if left_out.any():
        row = int(np.argmax(left_out))
        raise DataError(
            f"{table.title}: the time {np.datetime_as_string(found.values[row], unit='m')} in {table.place(row)} of "
            f"column {columns.time!r} does not exist in {name}, where the clock is put forward over it; expected times "
            "of that zone: name another --timezone, such as UTC."
        )
    torn = first_in_disorder(found.values, utc, codes)
    if torn is not None:
        when = np.datetime_as_string(found.values[torn], unit="m")
        raise DataError(
            f"{table.title}: the time {when} of column {columns.time!r} is there twice, as when summer time ends in "
            f"{name}, and {table.place(torn)} is not in order; expected rows in order of time, to tell the two apart: "
            "sort them, or write times with their offset, as +01:00."
        )
    return utc, Zone(name)


def by_the_wall(draft: Draft) -> Draft:
    """The same steps by the clock on the wall, for those that are regular there and not in UTC: noon and midnight."""
    assert draft.time is not None
    assert draft.zone is not None
    name = draft.zone.name
    return replace(draft, time=to_wall(draft.time, name), zone=Zone(name, local=True))


def put_back(times: NDArray[Any]) -> bool:
    """Whether all these times, each there twice, are in an hour that clocks show twice."""
    return len(times) > 0 and bool((_by_night(times) & np.isin(_month(times), BACK)).all())


def put_forward(first: NDArray[Any], second: NDArray[Any], usual: np.timedelta64) -> bool:
    """Whether all these gaps are an hour too long, where clocks are put forward."""
    hour = (second - first) - usual == HOUR
    return len(first) > 0 and bool((hour & _by_night(first) & np.isin(_month(first), FORWARD)).all())


def same_clock(wall: NDArray[Any]) -> bool:
    """Whether it is the same time of day in every row."""
    return len(np.unique(wall - wall.astype("datetime64[D]"))) == 1


def _by_night(times: NDArray[Any]) -> NDArray[np.bool_]:
    days = times.astype("datetime64[D]")
    weekday = (days.astype(np.int64) + 3) % 7  # the first of January 1970 was a Thursday
    return np.asarray((weekday == SUNDAY) & ((times - days) < NIGHT * HOUR))


def _month(times: NDArray[Any]) -> Ints:
    return times.astype("datetime64[M]").astype(np.int64) % 12 + 1
