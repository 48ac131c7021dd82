"""The airline study by hand: from the raw table to what its baselines must score, in plain NumPy.

Horizon 6, season 12, two folds. The series has 144 months; half of them are tested, in two blocks of 36 origins, the
last of which has six months after it. Nothing here comes from the package.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

HORIZON, SEASON = 6, 12
AHEAD = np.arange(1, HORIZON + 1)
PENALTIES = (1e-6, 1e-4, 1e-2, 1e-1, 1.0)
COLUMNS = {  # what a linear model is shown: a window of the first, the others as they are
    "changes": ("change", "seasonal"),
    "level": ("level",),
    "both": ("change", "level", "seasonal"),
    "seasonal changes": ("seasonal",),
}


@dataclass(frozen=True)
class Fold:
    """Months that are learnt from, that are known before the test block, and the origins of validation and test."""

    fit: int
    train: int
    valid: range
    test: range
    windows: tuple[int, ...]  # at most a quarter of what is learnt from


# Of 67 months a fifth are validation origins, 13, whose futures end with the part; of 103 they are 21.
FOLDS = (
    Fold(49, 67, range(48, 61), range(66, 102), (1, 4, 6, 12)),
    Fold(77, 103, range(76, 97), range(102, 138), (1, 4, 6, 12, 13)),
)


def passengers(table: Path) -> np.ndarray:
    """(144,) the second column of the table."""
    with table.open(encoding="utf-8") as file:
        return np.array([float(row[1]) for row in list(csv.reader(file))[1:]])


def truth(y: np.ndarray, origins: range) -> np.ndarray:
    """(origins, 6) what came after each."""
    return np.array([[y[t + k] for k in AHEAD] for t in origins])


def naive(y: np.ndarray, origins: range) -> np.ndarray:
    """The last known month."""
    return np.array([[y[t]] * HORIZON for t in origins])


def seasonal_naive(y: np.ndarray, origins: range) -> np.ndarray:
    """The same month of the year before."""
    return np.array([[y[t + k - SEASON] for k in AHEAD] for t in origins])


def unit(y: np.ndarray, stop: int) -> float:
    """Mean absolute change over a year within the first `stop` months: what MASE divides by."""
    return float(sum(abs(y[t] - y[t - SEASON]) for t in range(SEASON, stop)) / (stop - SEASON))


def scores(y: np.ndarray, fold: Fold, forecast: np.ndarray) -> dict[str, float]:
    """Every metric, value by value."""
    pairs = list(zip(forecast.ravel().tolist(), truth(y, fold.test).ravel().tolist(), strict=True))
    off = [abs(f - v) for f, v in pairs]
    return {
        "mase": sum(off) / len(off) / unit(y, fold.train),
        "mae": sum(off) / len(off),
        "rmse": (sum(e * e for e in off) / len(off)) ** 0.5,
        "smape": 200 * sum(e / (abs(f) + abs(v)) for e, (f, v) in zip(off, pairs, strict=True)) / len(off),
    }


@dataclass(frozen=True)
class Ridge:
    """The linear model that validates best: what it was shown, and its forecasts of the test block."""

    window: int
    penalty: float
    treatment: str
    forecast: np.ndarray
    parameters: int


def ridge(y: np.ndarray, fold: Fold) -> Ridge:
    """Of all treatments, windows and penalties the one with the smallest validation error."""
    known = y[: fold.train]
    tried = []
    for kind, log in itertools.product(COLUMNS, (False, True)):
        for window in fold.windows:
            for penalty, forecast, size in _fitted(y, fold, kind, log, window):
                off = np.abs(forecast(fold.valid) - truth(known, fold.valid)).mean()
                name = f"{kind}, {'logarithm' if log else 'raw'}"
                tried.append((off, Ridge(window, penalty, name, forecast(fold.test), size)))
    return min(tried, key=lambda entry: entry[0])[1]


Fitted = tuple[float, Callable[[range], np.ndarray], int]  # penalty; forecast from origins; parameters


def _fitted(y: np.ndarray, fold: Fold, kind: str, log: bool, window: int) -> Iterator[Fitted]:
    """A ridge regression for each penalty, solved as its normal equations stand."""
    z = np.log(y) if log else y
    x, base = _design(z, fold.fit, kind, window), _base(z, fold.fit, kind)
    first = SEASON - 1 if kind == "seasonal changes" else 0  # before that no month of the year is known
    rows = np.arange(first, fold.fit - HORIZON)
    asked = np.array([[z[t + k] for k in AHEAD] for t in rows]) - base[rows]
    centred, middle = x[rows] - x[rows].mean(0), asked.mean(0)
    for penalty in PENALTIES:
        gram = centred.T @ centred
        shrink = penalty * np.trace(gram) / len(gram)  # relative to the mean variance of a column
        weight = np.linalg.solve(gram + shrink * np.eye(len(gram)), centred.T @ (asked - middle))

        def forecast(origins: range, weight: np.ndarray = weight) -> np.ndarray:
            at = np.array(origins)
            found = base[at] + (x[at] - x[rows].mean(0)) @ weight + middle
            return np.asarray(np.exp(found) if log else found)

        yield penalty, forecast, (x.shape[1] + 1) * HORIZON


def _design(z: np.ndarray, fit: int, kind: str, window: int) -> np.ndarray:
    """(months, features): the last `window` values of the first column, zeros before the start, and the rest."""

    def change(lag: int) -> np.ndarray:
        moved = np.array([z[t] - z[t - lag] if t >= lag else 0.0 for t in range(len(z))])
        return np.asarray(moved / np.sqrt((moved[lag:fit] ** 2).mean()))

    shown = {"change": change(1), "seasonal": change(SEASON), "level": (z - z[:fit].mean()) / z[:fit].std()}
    main, *rest = [shown[name] for name in COLUMNS[kind]]
    past = [[main[t - j] if t >= j else 0.0 for j in range(window)] for t in range(len(z))]
    angle = 2 * np.pi * np.arange(len(z)) / SEASON  # the table begins in a January
    return np.column_stack([past, *rest, np.sin(angle), np.cos(angle)])


def _base(z: np.ndarray, fit: int, kind: str) -> np.ndarray:
    """(months, 6) what the linear model's answer is added to."""
    if kind == "level":
        return np.full((len(z), HORIZON), z[:fit].mean())
    if kind == "seasonal changes":
        return np.array([[z[t + k - SEASON] if t + k >= SEASON else np.nan for k in AHEAD] for t in range(len(z))])
    return np.repeat(z[:, None], HORIZON, axis=1)
