"""The season of a series: by the calendar where there is one, else by autocorrelation."""

from __future__ import annotations

from statistics import median_low

import numpy as np

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.data.times import MONTHS, UNITS, split_every
from selfloop.data.weeks import MONDAY, days_of, steps_between
from selfloop.tasks.forecast.folds import usual_length

CALENDAR = {
    "1mo": (12, "months, so a year"),
    "3mo": (4, "quarters, so a year"),
    "1q": (4, "quarters, so a year"),
    "1y": (1, "years, so none"),
    "12mo": (1, "years, so none"),
    "1w": (52, "weeks, so a year"),
    "7d": (52, "weeks, so a year"),
    "1d": (7, "days, so a week"),
    "1b": (5, "business days, so a week"),
    "1h": (24, "hours, so a day"),
    "30m": (48, "half hours, so a day"),
    "15m": (96, "quarter hours, so a day"),
    "10m": (144, "ten minutes, so a day"),
    "5m": (288, "five minutes, so a day"),
    "1m": (60, "minutes, so an hour"),
    "1s": (60, "seconds, so a minute"),
}
WEEKDAYS = "working days, so a week"
CLEAR = 0.3  # an autocorrelation peak below this is not called a season,
NOISE = 3.5  # nor one below this over √steps: white noise of 24 to 100 steps passes for seasonal in under 2 % of cases
LIKE_THE_HIGHEST = 0.8  # the first peak of at least this share of the highest: twice a season is a season as well


def infer_season(data: Sequences, seen: Ints | None = None) -> tuple[int, str]:
    """Steps in a season of the target and why, for the user. 1 means none.

    Args:
        data: series.
        seen: (series,) steps whose values may decide; None: all. The calendar needs none of them.
    """
    shortest = usual_length(data.lengths)
    if data.every in CALENDAR or (data.every or "").startswith("1b"):
        season, why = CALENDAR.get(data.every or "", (len(days_of((data.every or "")[1:])), WEEKDAYS))
        if season * 3 <= shortest:
            return season, f"steps are {why}"
        return 1, f"the shortest series has fewer than three seasons of {season} steps"
    known = data if seen is None else data.until(seen)
    peaks = [peak for series in known if (peak := _peak(series[:, data.target])) is not None]
    if len(peaks) * 2 <= len(data):
        return 1, "no clear peak of the autocorrelation"
    season = median_low(peaks)
    if season * 3 > shortest:
        return 1, f"the shortest series has fewer than three seasons of {season} steps"
    return season, "the first clear peak of the autocorrelation"


def places(data: Sequences, season: int) -> Ints:
    """(sequences,) where in its season each sequence begins, 0 to season − 1.

    By the calendar, so that one month is shown alike whenever a series begins; without times, the first step is 0.
    """
    if data.time is None or data.every is None or len(data.time) == 0:
        return np.zeros(len(data), dtype=np.int64)
    first = data.time[data.offsets[:-1]]
    number, unit = split_every(data.every)
    if unit == "i":
        steps = first.astype(np.int64)
    elif unit in MONTHS:
        steps, number = first.astype("datetime64[M]").astype(np.int64), number * MONTHS[unit]
    elif unit.startswith("b"):
        steps = steps_between(np.broadcast_to(MONDAY, first.shape), first, days_of(unit))
    else:  # in microseconds where the step allows: nanoseconds end in 1677 and 2262
        fine, size = ("ns", 1) if unit == "ns" else ("us", 1000)
        steps, number = first.astype(f"datetime64[{fine}]").astype(np.int64), number * UNITS[unit] // size
    return np.asarray(steps // number % season)


def _peak(values: Floats) -> int | None:
    """The lag of the first clear peak of the autocorrelation of the changes, or None where none is clear."""
    changes = np.diff(values)
    most = len(changes) // 3
    if most < 3 or changes.std() == 0:
        return None
    changes = changes - changes.mean()
    size = 2 ** int(np.ceil(np.log2(2 * len(changes))))
    power = np.abs(np.fft.rfft(changes, size)) ** 2
    correlation = np.fft.irfft(power)[: most + 1]
    correlation = correlation / correlation[0]
    inner = correlation[2:-1]
    is_peak = (inner > correlation[1:-2]) & (inner >= correlation[3:])
    lags = np.flatnonzero(is_peak & (inner > max(CLEAR, NOISE / np.sqrt(len(changes))))) + 2
    lags = lags[lags > np.argmax(correlation < 0)]  # before it has ever fallen below zero it is still the peak at 0
    if len(lags) == 0:
        return None
    return int(lags[correlation[lags] >= LIKE_THE_HIGHEST * correlation[lags].max()][0])
