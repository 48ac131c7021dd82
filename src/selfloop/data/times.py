"""Times: from text, to text, and onwards into the future."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfloop.data.weeks import days_of, working_days
from selfloop.data.zones import Zone, offsets, to_wall
from selfloop.errors import DataError, SettingsError

ISO = re.compile(
    r"\d{4}[-/]\d{2}([-/]\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?)?)?"  # 1949-01, 2016-07-01, 2016-07-01 00:00:00
    r"|\d{4}-?Q[1-4]"  # 2020Q3
)
ZONED = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})")
EVERY = re.compile(r"([1-9]\d*)(ns|us|ms|s|mo|m|h|d|w|q|y|i|b[1-7]*)")
MONTHS = {"mo": 1, "q": 3, "y": 12}
FIRST_WEEKDAY, LAST_WEEKDAY = 0, 32  # beside the days of a month, 1 to 31
UNITS = {"w": 7 * 86400 * 10**9, "d": 86400 * 10**9, "h": 3600 * 10**9, "m": 60 * 10**9, "s": 10**9} | {
    "ms": 10**6,
    "us": 10**3,
    "ns": 1,
}
"""Nanoseconds in each unit of fixed length, the largest first."""


def is_time(text: str) -> bool:
    """Whether `text` is an ISO date, month or quarter, with or without time and zone."""
    text = text.strip()
    return bool(ISO.fullmatch(text) or ZONED.fullmatch(text))


def is_zoned(text: str) -> bool:
    """Whether an ISO text says how far from UTC it is."""
    return ZONED.fullmatch(text.strip()) is not None


def parse_times(texts: Sequence[str]) -> NDArray[Any]:
    """(steps,) datetime64 in microseconds (nanoseconds where the text has them) of ISO texts; zones become UTC.

    Raises:
        ValueError: a text is not an ISO date; its only argument is the index.
    """
    plain = [_plain(text.strip()) for text in texts]
    for row, text in enumerate(plain):
        if text is None:
            raise ValueError(row)
    unit = "ns" if any(len(text) > 26 for text in plain if text) else "us"
    try:
        return np.array(plain, dtype=f"datetime64[{unit}]")
    except ValueError:
        for row, text in enumerate(plain):
            try:
                np.array([text], dtype=f"datetime64[{unit}]")
            except ValueError:  # well-formed, but no such day: 2016-02-30
                raise ValueError(row) from None
        raise


def _plain(text: str) -> str | None:
    """An ISO text as NumPy reads it, or None."""
    if ISO.fullmatch(text):
        if "Q" in text:
            return f"{text[:4]}-{3 * int(text[-1]) - 2:02d}"
        return text.replace("/", "-")
    if ZONED.fullmatch(text):
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return None
        return moment.astimezone(UTC).replace(tzinfo=None).isoformat()
    return None


def split_every(every: str) -> tuple[int, str]:
    """Number and unit of a step: "15m" -> (15, "m"); "1b" is a business day, "1b123456" one of Monday to Saturday.

    Raises:
        SettingsError: not a step.
    """
    match = EVERY.fullmatch(every)
    if match is None:
        raise SettingsError(f"The step {every!r} is unknown; expected a number and a unit, such as 1mo, 1h, 15m or 1i.")
    return int(match[1]), match[2]


def future_times(time: NDArray[Any] | np.datetime64 | np.int64 | int, every: str, horizon: int) -> NDArray[Any]:
    """(horizon,) the times that follow.

    Args:
        time: (steps,) of one sequence, or its last time alone. From the whole sequence the day of the month is known
            for sure; from one time, the last day of a month means month-ends.
        every: the step, as in `Sequences.every`.
        horizon: how many.

    Raises:
        SettingsError: horizon below 1, or a step that does not fit the times.
    """
    if horizon < 1:
        raise SettingsError(f"horizon is {horizon}; expected 1 or more.")
    number, unit = split_every(every)
    known = np.atleast_1d(np.asarray(time))
    ahead = np.arange(1, horizon + 1)
    if (unit == "i") != (known.dtype.kind in "iu"):
        kind = "whole numbers" if known.dtype.kind in "iu" else "dates"
        raise SettingsError(
            f"The step {every!r} does not fit times that are {kind}; expected 1i for whole numbers only."
        )
    if unit == "i":
        return np.asarray(known[-1] + ahead * number)
    if unit in MONTHS:
        return _months_ahead(known, ahead * number * MONTHS[unit])
    if unit.startswith("b"):
        of_day = known[-1] - known[-1].astype("datetime64[D]")
        return np.asarray((working_days(known[-1], ahead * number, days_of(unit)) + of_day).astype(known.dtype))
    fine = "ns" if unit == "ns" or np.datetime_data(known.dtype)[0] == "ns" else "us"
    step = number * UNITS[unit] // (1 if fine == "ns" else 1000)
    return np.asarray(known[-1].astype(f"datetime64[{fine}]") + (ahead * step).astype(f"timedelta64[{fine}]"))


def _months_ahead(known: NDArray[Any], months: NDArray[Any]) -> NDArray[Any]:
    """The last of `known`, `months` later, on the same day of the month as far as the month has it."""
    days = known.astype("datetime64[D]")
    month = days.astype("datetime64[M]")
    of_day = known[-1] - days[-1]
    later = month[-1] + months.astype("timedelta64[M]")
    anchor = month_anchor(days, np.array([0, len(days)]))
    return np.asarray((day_in_month(later, np.repeat(anchor, len(later))) + of_day).astype(known.dtype))


def days_in_month(month: NDArray[Any]) -> NDArray[np.int64]:
    """Days of each datetime64[M]."""
    first = month.astype("datetime64[D]")
    return np.asarray(((month + np.timedelta64(1, "M")).astype("datetime64[D]") - first).astype(np.int64))


def day_in_month(month: NDArray[Any], anchor: NDArray[np.int64]) -> NDArray[Any]:
    """The datetime64[D] of each datetime64[M] that an anchor, as `month_anchor` has it, stands for."""
    first, length = month.astype("datetime64[D]"), days_in_month(month)
    fixed = first + (np.minimum(np.maximum(anchor, 1), length) - 1).astype("timedelta64[D]")
    late = np.busday_offset(first + (length - 1).astype("timedelta64[D]"), 0, roll="backward")
    early = np.busday_offset(first, 0, roll="forward")
    return np.where(anchor == LAST_WEEKDAY, late, np.where(anchor == FIRST_WEEKDAY, early, fixed))


def month_anchor(days: NDArray[Any], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """(sequences,) the day of the month that each sequence keeps: 31 where all its days are month-ends.

    Where it keeps no day, all its days may be the last weekday of their months, or the first one.

    Args:
        days: (steps,) datetime64[D].
        offsets: (sequences + 1,).
    """
    month = days.astype("datetime64[M]")
    of_month = (days - month.astype("datetime64[D]")).astype(np.int64) + 1
    is_end = of_month == days_in_month(month)
    starts, lengths = offsets[:-1], np.diff(offsets)
    anchor = np.where(_all(is_end, starts), 31, np.maximum.reduceat(of_month, starts))
    kept = _all(days == day_in_month(month, np.repeat(anchor, lengths)), starts)
    for other in (LAST_WEEKDAY, FIRST_WEEKDAY):
        held = _all(days == day_in_month(month, np.full(len(days), other)), starts)
        anchor, kept = np.where(~kept & held, other, anchor), kept | held
    return np.asarray(anchor, dtype=np.int64)


def _all(true: NDArray[np.bool_], starts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Of each sequence, whether it is so in all its rows."""
    return np.asarray(np.minimum.reduceat(true.astype(np.int64), starts) == 1)


def time_text(
    time: NDArray[Any] | np.datetime64 | np.int64 | int, *, every: str | None = None, zone: Zone | None = None
) -> tuple[str, ...]:
    """Times as ISO 8601 text, all with the same precision: the coarsest, from days on, that loses nothing.

    Args:
        time: (steps,), or one time.
        every: the step, if known: hours and shorter always show hours and minutes.
        zone: where they are at home; its clock is shown, with its offset where hours matter.
    """
    known = np.atleast_1d(np.asarray(time))
    if zone is not None and not zone.local:
        plain = time_text(to_wall(known, zone.name), every="1h")
        return tuple(map("".join, zip(plain, offsets(known, zone), strict=True)))
    if known.dtype.kind in "iu":
        return tuple(str(number) for number in known.tolist())
    days = every is None or split_every(every)[1][0] in "bdqwy" or split_every(every)[1] == "mo"
    for unit in ("D", "m", "s", "ms", "us"):
        if (unit != "D" or days) and bool((known.astype(f"datetime64[{unit}]") == known).all()):
            return tuple(np.datetime_as_string(known, unit=unit, casting="unsafe").tolist())
    return tuple(np.datetime_as_string(known).tolist())


def one_time_text(time: np.datetime64 | np.int64) -> str:
    """One time as text, for error messages."""
    return time_text(np.asarray([time]))[0]


def whole_times(numbers: NDArray[np.float64], what: str) -> NDArray[np.int64]:
    """Times that a table holds as decimal numbers but that are whole.

    Raises:
        DataError: one is not.
    """
    whole = np.isfinite(numbers) & (np.rint(numbers) == numbers) & (np.abs(numbers) < 2**53)
    if not whole.all():
        raise DataError(
            f"{what} holds decimal numbers such as {numbers[np.argmin(whole)]:g}; expected dates or whole "
            "numbers: number the steps, or choose --time none to take the rows in order."
        )
    return numbers.astype(np.int64)
