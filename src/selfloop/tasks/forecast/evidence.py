"""From stored predictions to what a report shows of forecasts: drawn against truth, and what the intervals held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

import numpy as np

from selfloop.data import Sequences, time_text
from selfloop.data.sequences import Floats
from selfloop.results.study import Coverage, Evidence, ForecastExample, Trial
from selfloop.tasks.forecast.folds import ForecastFold
from selfloop.tasks.forecast.intervals import LEVELS, half_widths, in_units, scaled_errors
from selfloop.tasks.forecast.scores import Scored
from selfloop.tasks.model import Arrays
from selfloop.tasks.places import Block
from selfloop.tasks.task import Experiment, Predictions
from selfloop.words import percent

SERIES, ORIGINS, HISTORY = 3, 4, 6  # drawn: series, forecasts of each, horizons of history before the first
SHORT = 0.05  # of an interval's level: coverage that is worse by this is told in the verdict


def evidence(
    experiment: Experiment, predictions: Predictions, trials: Sequence[Trial], drawn: Sequence[str]
) -> Evidence:
    """Of a finished study.

    Args:
        experiment: of the study.
        predictions: what each trial predicted.
        trials: all of them.
        drawn: the candidates whose forecasts are drawn.
    """
    held = coverage(experiment, predictions, trials)
    return Evidence(examples(experiment, predictions, trials, drawn), held, (), narrow(held))


def coverage(experiment: Experiment, predictions: Predictions, trials: Sequence[Trial]) -> tuple[Coverage, ...]:
    """For each candidate and each level, the share of test values inside the intervals, and their mean width."""
    task, data, found = cast(Scored, experiment.task), experiment.data, []
    for name in dict.fromkeys(trial.candidate for trial in trials):
        shares, widths = [], []
        for trial in _finished(trials, name):
            fold = experiment.folds[trial.fold]
            arrays = predictions(name, trial.fold, trial.seed)
            half = in_units(task, data, fold.train, fold.test, arrays["half_widths"].astype(np.float64))
            errors = np.abs(arrays["test"] - task.truth(data, fold.test))
            shares.append((errors <= half).mean((1, 2)))
            widths.append(2 * half.mean((1, 2)))
        for k, level in enumerate(LEVELS if shares else ()):
            found.append(
                Coverage(name, level, float(np.mean([s[k] for s in shares])), float(np.mean([w[k] for w in widths])))
            )
    return tuple(found)


def narrow(held: Sequence[Coverage]) -> tuple[str, ...]:
    """A warning where intervals hold less than they say: errors grew after the part that they were measured on."""
    notes = []
    for level in LEVELS:
        shares = [entry.covered for entry in held if entry.level == level]
        if shares and min(shares) < level - SHORT:
            notes.append(
                f"The {percent(level)} intervals held {percent(min(shares))} to {percent(max(shares))} of the test "
                "values, by candidate: where that is less, errors were larger than on the validation part, and "
                "intervals to come may be too narrow as well."
            )
    return tuple(notes)


def final_half_widths(
    experiment: Experiment, predictions: Predictions, trials: Sequence[Trial], name: str
) -> Floats | None:
    """(levels, horizon) scaled half widths from the errors on all test blocks, for a saved model's intervals.

    Args:
        experiment: of the study.
        predictions: what each trial predicted.
        trials: all of them.
        name: of the candidate.
    """
    task, errors = cast(Scored, experiment.task), []
    for trial in _finished(trials, name):
        fold = experiment.folds[trial.fold]
        forecast = predictions(name, trial.fold, trial.seed)["test"].astype(np.float64)
        errors.append(scaled_errors(task, experiment.data, fold.train, fold.test, forecast))
    return half_widths(np.concatenate(errors)) if errors else None


def examples(
    experiment: Experiment, predictions: Predictions, trials: Sequence[Trial], names: Iterable[str]
) -> tuple[ForecastExample, ...]:
    """The last test block of a few series: history, truth, and forecasts from a few origins spread over it.

    Each candidate's are those of its first run that finished there.

    Args:
        experiment: of the study.
        predictions: what each trial predicted.
        trials: all of them.
        names: candidates.
    """
    fold, data = experiment.folds[-1], experiment.data
    seeds = {name: [t.seed for t in _finished(trials, name) if t.fold == fold.index] for name in names}
    stored = {name: predictions(name, fold.index, min(known)) for name, known in seeds.items() if known}
    count = min(SERIES, len(data))
    chosen = np.unique(np.linspace(0, len(data) - 1, count).round().astype(int))
    return tuple(_example(experiment, fold, stored, int(k)) for k in chosen)


def _finished(trials: Sequence[Trial], name: str) -> list[Trial]:
    return [trial for trial in trials if trial.candidate == name and trial.status == "ok"]


def _example(experiment: Experiment, fold: ForecastFold, stored: Mapping[str, Arrays], k: int) -> ForecastExample:
    task, data = cast(Scored, experiment.task), experiment.data
    start = int((fold.test.stop - fold.test.first)[:k].sum())
    steps = fold.test.steps()[k]
    drawn = np.unique(np.linspace(0, len(steps) - 1, ORIGINS).round().astype(int))
    first = max(int(steps[0]) - HISTORY * task.horizon, 0)
    last = int(steps[-1]) + task.horizon + 1
    paths = {n: tuple(tuple(row) for row in a["test"][start + drawn].astype(float).tolist()) for n, a in stored.items()}
    one = Block(fold.test.stop - 1, fold.test.stop)
    intervals = {}
    for name, arrays in stored.items():
        half = in_units(task, data, fold.train, one, arrays["half_widths"].astype(np.float64))[:, k]
        path = np.array(paths[name][-1])
        intervals[name] = {
            f"{level * 100:.0f}": tuple(zip((path - w).tolist(), (path + w).tolist(), strict=True))
            for level, w in zip(LEVELS, half, strict=True)
        }
    return ForecastExample(
        series=data.ids[k],
        target=data.channels[data.target],
        time=_times(data, k, first, last),
        truth=tuple(data[k][first:last, data.target].tolist()),
        origins=tuple((steps[drawn] - first).tolist()),
        forecasts=paths,
        intervals=intervals,
    )


def _times(data: Sequences, k: int, first: int, last: int) -> tuple[str, ...]:
    if data.time is None:
        return tuple(str(step) for step in range(first, last))
    return tuple(time_text(data.time[data.offsets[k] + first : data.offsets[k] + last], zone=data.zone))
