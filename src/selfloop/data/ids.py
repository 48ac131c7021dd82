"""Which column tells series apart, where nobody names it and the times repeat."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfloop.data.clocks import put_back, same_clock
from selfloop.data.sequences import Columns, Ints
from selfloop.data.table import Table
from selfloop.data.time_column import moments
from selfloop.errors import DataError

IDS = ("unique_id", "id", "case", "case_id", "series", "series_id", "sequence", "sequence_id")
REPEATED = 0.1  # share of the rows whose time another has too, from which on there is more than one series

CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp][Mm])?")
FEWEST_STEPS = 2  # a series, on average: a remark on each row names no series


def id_by_times(table: Table, columns: Columns, taken: set[str]) -> str | None:
    """The sole column of text, or of a usual name, within whose values every time is there once; None: no need.

    Args:
        table: of the user's.
        columns: with the time and its format.
        taken: columns that have a part already.

    Raises:
        DataError: there is more than one such column.
    """
    others = [name for name in table.kinds if name not in taken]
    free = [name for name in others if name.lower() in IDS or table.kinds[name] in ("text", "other")]
    if columns.time is None or not free:
        return None
    times = moments(table, columns.time, columns.time_format).values
    _, when, counts = np.unique(times, return_inverse=True, return_counts=True)
    if (counts[when] > 1).mean() < REPEATED:
        return None
    for name in free:
        _no_time_of_day(table, columns.time, name)
    free = [name for name in free if table.kinds[name] != "other"]
    found: dict[bytes, str] = {}
    for name in free:
        if not table.frame[name].is_null().any():
            codes = table.codes(name, "id column")[0]
            series = len(np.unique(codes))
            if 1 < series <= len(codes) / FEWEST_STEPS and _tells_apart(codes, when, times):
                found.setdefault(codes.tobytes(), name)
    if len(found) > 1:
        raise DataError(
            f"{table.title}: times repeat, and more than one column tells the rows of one time apart "
            f"({', '.join(found.values())}); expected one that names the series: choose it with --id."
        )
    return next(iter(found.values()), None)


def _no_time_of_day(table: Table, time: str, name: str) -> None:
    """Raise where another column has the time of day: it tells no series apart.

    Raises:
        DataError: it has.
    """
    import narwhals as nw

    values = table.frame[name].drop_nulls().head(1).to_list()
    if isinstance(table.frame[name].dtype, nw.Time) or (values and CLOCK.fullmatch(str(values[0]).strip())):
        raise DataError(
            f"{table.title}: the times of column {time!r} repeat, and column {name!r} is {table.what(name)}, a time of "
            "day; expected both in one column, such as 2016-07-01 13:00:00: join them and name it with --time."
        )


def _tells_apart(codes: Ints, when: Ints, times: NDArray[Any]) -> bool:
    """Whether no two rows of one code have the same time, but for an hour that a clock shows twice."""
    _, first, counts = np.unique(codes * (int(when.max()) + 1) + when, return_index=True, return_counts=True)
    twice = times[first[counts > 1]]
    return len(twice) == 0 or (twice.dtype.kind == "M" and not same_clock(times) and put_back(twice))
