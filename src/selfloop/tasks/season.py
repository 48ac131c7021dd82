"""The season of a series: by the calendar where there is one, else by autocorrelation."""

from __future__ import annotations

import numpy as np

from selfloop.data.sequences import Floats, Sequences

CALENDAR = {
    "1mo": (12, "months, so a year"),
    "3mo": (4, "quarters, so a year"),
    "1q": (4, "quarters, so a year"),
    "1y": (1, "years, so none"),
    "12mo": (1, "years, so none"),
    "1w": (52, "weeks, so a year"),
    "7d": (52, "weeks, so a year"),
    "1d": (7, "days, so a week"),
    "1h": (24, "hours, so a day"),
    "30m": (48, "half hours, so a day"),
    "15m": (96, "quarter hours, so a day"),
    "10m": (144, "ten minutes, so a day"),
    "5m": (288, "five minutes, so a day"),
    "1m": (60, "minutes, so an hour"),
    "1s": (60, "seconds, so a minute"),
}
CLEAR = 0.3  # an autocorrelation peak below this is not called a season


def infer_season(data: Sequences) -> tuple[int, str]:
    """Steps in a season of the target and why, for the user. 1 means none."""
    if data.every in CALENDAR:
        season, why = CALENDAR[data.every]
        if season * 3 <= data.lengths.min():
            return season, f"steps are {why}"
        return 1, f"the shortest series has fewer than three seasons of {season} steps"
    peaks = [peak for series in data if (peak := _peak(series[:, 0])) is not None]
    if len(peaks) * 2 <= len(data):
        return 1, "no clear peak of the autocorrelation"
    return int(np.median(peaks)), "the first clear peak of the autocorrelation"


def _peak(values: Floats) -> int | None:
    """The lag of the highest peak of the autocorrelation of the changes, or None where none is clear."""
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
    lags = np.flatnonzero(is_peak & (inner > CLEAR)) + 2
    return int(lags[np.argmax(correlation[lags])]) if len(lags) else None
