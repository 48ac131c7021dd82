"""From stored predictions to what the report shows: forecasts against truth, coverage of intervals, confusions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np

from selfloop.data import Sequences, time_text
from selfloop.data.sequences import Floats
from selfloop.results.study import Candidate, Confusion, Coverage, ForecastExample, Trial
from selfloop.study.store import Store
from selfloop.study.trial import Arrays, Bench
from selfloop.tasks.classify.task import ClassifyFold, labels_of
from selfloop.tasks.forecast.intervals import LEVELS, half_widths, quantiles_of, scaled_errors
from selfloop.tasks.forecast.task import Block, Forecast, ForecastFold

SERIES, ORIGINS, HISTORY = 3, 4, 6  # drawn: series, forecasts of each, horizons of history before the first


def confusions(bench: Bench, store: Store, trials: tuple[Trial, ...], names: tuple[str, ...]) -> tuple[Confusion, ...]:
    """For each of `names`, true against predicted classes over all folds, averaged over seeds."""
    data, classes = bench.data, len(bench.data.classes)
    labels, found = labels_of(data), []
    for name in names:
        counts, seeds = np.zeros((classes, classes)), {t.seed for t in trials if t.candidate == name}
        for trial in (t for t in trials if t.candidate == name and t.status == "ok"):
            predicted = store.predictions(name, trial.fold, trial.seed)["test"].argmax(1)
            np.add.at(counts, (labels[cast(ClassifyFold, bench.folds[trial.fold]).test], predicted), 1 / len(seeds))
        found.append(Confusion(name, data.classes, tuple(tuple(row) for row in counts.tolist())))
    return tuple(found)


def coverage(
    bench: Bench, store: Store, trials: tuple[Trial, ...], entrants: tuple[Candidate, ...]
) -> tuple[Coverage, ...]:
    """For each candidate and each level, the share of test values inside the intervals, and their mean width."""
    task, found = cast(Forecast, bench.task), []
    for name in (candidate.name for candidate in entrants):
        shares, widths = [], []
        for trial in (t for t in trials if t.candidate == name and t.status == "ok"):
            fold = cast(ForecastFold, bench.folds[trial.fold])
            arrays = store.predictions(name, trial.fold, trial.seed)
            half = half_widths(task, bench.data, fold.train, fold.test, arrays["quantiles"].astype(np.float64))
            errors = np.abs(arrays["test"] - task.truth(bench.data, fold.test))
            shares.append((errors <= half).mean((1, 2)))
            widths.append(2 * half.mean((1, 2)))
        for k, level in enumerate(LEVELS if shares else ()):
            found.append(
                Coverage(name, level, float(np.mean([s[k] for s in shares])), float(np.mean([w[k] for w in widths])))
            )
    return tuple(found)


def final_quantiles(bench: Bench, store: Store, trials: tuple[Trial, ...], name: str) -> Floats | None:
    """(levels, horizon) half widths from the errors on all test blocks, for the saved model's intervals."""
    task, errors = cast(Forecast, bench.task), []
    for trial in (t for t in trials if t.candidate == name and t.status == "ok"):
        fold = cast(ForecastFold, bench.folds[trial.fold])
        forecast = store.predictions(name, trial.fold, trial.seed)["test"].astype(np.float64)
        errors.append(scaled_errors(task, bench.data, fold.train, fold.test, forecast))
    return quantiles_of(np.concatenate(errors)) if errors else None


def examples(
    bench: Bench, store: Store, trials: tuple[Trial, ...], names: tuple[str, ...]
) -> tuple[ForecastExample, ...]:
    """The last test block of a few series: history, truth, and forecasts from a few origins spread over it."""
    fold = cast(ForecastFold, bench.folds[-1])
    seed = min(t.seed for t in trials)
    stored = {name: store.predictions(name, fold.index, seed) for name in names}
    stored = {name: arrays for name, arrays in stored.items() if arrays}
    count = min(SERIES, len(bench.data))
    chosen = np.unique(np.linspace(0, len(bench.data) - 1, count).round().astype(int))
    return tuple(_example(bench, fold, stored, int(k)) for k in chosen)


def _example(bench: Bench, fold: ForecastFold, stored: Mapping[str, Arrays], k: int) -> ForecastExample:
    task, data = cast(Forecast, bench.task), bench.data
    start = int((fold.test.stop - fold.test.first)[:k].sum())
    steps = fold.test.steps()[k]
    drawn = np.unique(np.linspace(0, len(steps) - 1, ORIGINS).round().astype(int))
    first = max(int(steps[0]) - HISTORY * task.horizon, 0)
    last = int(steps[-1]) + task.horizon + 1
    paths = {n: tuple(tuple(row) for row in a["test"][start + drawn].astype(float).tolist()) for n, a in stored.items()}
    one = Block(fold.test.stop - 1, fold.test.stop)
    intervals = {}
    for name, arrays in stored.items():
        half = half_widths(task, data, fold.train, one, arrays["quantiles"].astype(np.float64))[:, k]
        path = np.array(paths[name][-1])
        intervals[name] = {
            f"{level * 100:.0f}": tuple(zip((path - w).tolist(), (path + w).tolist(), strict=True))
            for level, w in zip(LEVELS, half, strict=True)
        }
    return ForecastExample(
        series=data.ids[k],
        target=data.channels[0],
        time=_times(data, k, first, last),
        truth=tuple(data[k][first:last, 0].tolist()),
        origins=tuple((steps[drawn] - first).tolist()),
        forecasts=paths,
        intervals=intervals,
    )


def _times(data: Sequences, k: int, first: int, last: int) -> tuple[str, ...]:
    if data.time is None:
        return tuple(str(step) for step in range(first, last))
    return tuple(time_text(data.time[data.offsets[k] + first : data.offsets[k] + last]))
