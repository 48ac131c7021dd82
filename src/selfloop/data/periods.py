"""Periods of pandas, which Narwhals does not know: each becomes the time at which it starts."""

from __future__ import annotations

from typing import Any


def period_starts(periods: Any) -> Any:
    """The first moment of each period, in nanoseconds where they reach so far and else in seconds.

    Args:
        periods: an index of periods, or the `dt` of a column of them.
    """
    days = periods.asfreq("s", how="start")
    if getattr(days, "dt", None) is not None:
        days = days.dt
    return days.to_timestamp()


def with_period_starts(frame: Any) -> Any:
    """A frame whose columns of periods are times."""
    periods = [place for place, dtype in enumerate(frame.dtypes) if str(dtype).startswith("period[")]
    if not periods:
        return frame
    frame = frame.copy(deep=False)
    for place in periods:
        frame.isetitem(place, period_starts(frame.iloc[:, place].dt))
    return frame
