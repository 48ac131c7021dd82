"""From stored predictions to what a report shows of forecasts: drawn against truth, and what the intervals held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

import numpy as np

from selfloop.data import Sequences, time_text
from selfloop.data.sequences import Floats
from selfloop.results.study import Coverage, Evidence, ForecastExample, Trial
from selfloop.tasks.forecast.folds import ForecastFold
from selfloop.tasks.forecast.intervals import in_units, scaled_errors
from selfloop.tasks.forecast.scores import Scored
from selfloop.tasks.intervals import LEVELS, half_widths
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
    """For each candidate and each level, the share of test values inside the intervals, and their mean width.

    A fold's intervals are made as a saved model's are, from the errors on the test blocks before it; so the first fold
    has none, and no value has a say in the interval that it is held against.
    """
    task, data, found = cast(Scored, experiment.task), experiment.data, []
    for name in dict.fromkeys(trial.candidate for trial in trials):
        shares, sizes = [], []
        for k, fold in enumerate(experiment.folds):
            scaled = widths(experiment, predictions, trials, name, k)
            for trial in _finished(trials, name) if scaled is not None else ():
                if trial.fold == k and scaled is not None:
                    half = in_units(task, data, fold.train, fold.test, scaled)
                    errors = np.abs(predictions(name, k, trial.seed)["test"] - task.truth(data, fold.test))
                    shares.append((errors <= half).mean((1, 2)))
                    sizes.append(2 * half.mean((1, 2)))
        for k, level in enumerate(LEVELS if shares else ()):
            covered, width = (float(np.mean([each[k] for each in some])) for some in (shares, sizes))
            found.append(Coverage(name, level, covered, width))
    return tuple(found)


def narrow(held: Sequence[Coverage]) -> tuple[str, ...]:
    """A warning where intervals hold less than they say: errors grew after the blocks that they were measured on."""
    notes = []
    for level in LEVELS:
        shares = [entry.covered for entry in held if entry.level == level]
        if shares and min(shares) < level - SHORT:
            notes.append(
                f"The {percent(level)} intervals, made from the errors on the test blocks before each fold as those of "
                f"the saved models are from all of them, held {percent(min(shares))} to {percent(max(shares))} of the "
                "test values, by candidate: intervals to come may be too narrow as well."
            )
    return tuple(notes)


def widths(
    experiment: Experiment, predictions: Predictions, trials: Sequence[Trial], name: str, before: int
) -> Floats | None:
    """(levels, horizon) scaled half widths from the errors on the test blocks of the first folds.

    Args:
        experiment: of the study.
        predictions: what each trial predicted.
        trials: all of them.
        name: of the candidate.
        before: how many folds; all of them for a saved model.

    Returns:
        None where no run finished on any of them.
    """
    task, errors = cast(Scored, experiment.task), []
    for trial in _finished(trials, name):
        if trial.fold < before:
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
    scaled = {name: widths(experiment, predictions, trials, name, fold.index) for name in stored}
    return tuple(_example(experiment, fold, stored, scaled, int(k)) for k in chosen)


def _finished(trials: Sequence[Trial], name: str) -> list[Trial]:
    return [trial for trial in trials if trial.candidate == name and trial.status == "ok"]


def _example(
    experiment: Experiment,
    fold: ForecastFold,
    stored: Mapping[str, Arrays],
    scaled: Mapping[str, Floats | None],
    k: int,
) -> ForecastExample:
    task, data = cast(Scored, experiment.task), experiment.data
    start = int((fold.test.stop - fold.test.first)[:k].sum())
    steps = fold.test.steps()[k]
    drawn = np.unique(np.linspace(0, len(steps) - 1, ORIGINS).round().astype(int))
    first = max(int(steps[0]) - HISTORY * task.horizon, 0)
    last = int(steps[-1]) + task.horizon + 1
    paths = {n: tuple(tuple(row) for row in a["test"][start + drawn].astype(float).tolist()) for n, a in stored.items()}
    one = Block(fold.test.stop - 1, fold.test.stop)
    intervals = {}
    for name, known in scaled.items():
        if known is None:
            continue
        half = in_units(task, data, fold.train, one, known)[:, k]
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
