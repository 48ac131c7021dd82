"""From series and what the user asked to a forecast: season, horizon, folds, and what was inferred, in sentences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from selfloop.data import future_times
from selfloop.data.sequences import Ints, Sequences
from selfloop.data.zones import as_held
from selfloop.errors import DataError, SettingsError
from selfloop.tasks.asked import Asked
from selfloop.tasks.forecast.folds import FEW_FOLDS, usual_length
from selfloop.tasks.forecast.season import infer_season
from selfloop.tasks.numbers import check_numbers
from selfloop.tasks.task import Experiment
from selfloop.words import count, listed

if TYPE_CHECKING:
    from selfloop.tasks.forecast.task import Forecast


NO_SEASON = 10  # steps that are forecast where no season is known
LISTED = 5  # of more short series than these the rest is counted


def design(kind: type[Forecast], data: Sequences, test: Sequences | None, asked: Asked) -> Experiment:
    """The experiment.

    Args:
        kind: the task's class.
        data: to learn from; without `test`, to test on as well.
        test: the steps that follow those of `data`.
        asked: what the user said.

    Raises:
        SettingsError: a forecast cannot be asked so, or the series are too short.
        DataError: the test part does not follow.
    """
    _check(kind, data, asked)
    ordinary = _ordinary(data)
    season, why = _season(ordinary, asked)
    said = [f"season: {season} ({why}; --season changes it)"]
    if test is None:
        task, whence = _chosen(kind, season, asked, partial(_room_for_folds, ordinary, asked.folds))
        wanted = asked.folds or task.default_folds(ordinary)
        data, aside = _without_short(data, data.lengths >= task.needed(wanted), asked)
        folds = task.folds(data, wanted)
        if not asked.folds and wanted < FEW_FOLDS:
            said.append(_fewer(task, ordinary))
    else:
        data, stops = continued(data, test)
        task, whence = _chosen(kind, season, asked, partial(_room_for_test, data, stops))
        enough = (stops >= task.least_training) & (data.lengths - stops >= task.horizon)
        stops = stops[enough] if _may_be_set_aside(data, enough, asked) else stops
        data, aside = _without_short(data, enough, asked)
        task.check_room(data, stops)
        folds = (task.fold(0, stops - 1, data.lengths - task.horizon),)
    horizon = task.horizon
    inferred = (said[0], f"horizon: {horizon} ({whence})", *said[1:], *aside)
    origins = [len(fold.test) for fold in folds]
    text = (
        f"{len(folds)} expanding window{'s' if len(folds) > 1 else ''}, each tested on {origins[0]:,} forecasts "
        f"of {horizon} steps"
    )
    ratio = float(np.mean([len(fold.test) / fold.train.sum() for fold in folds]))
    return Experiment(task, data, folds, inferred, text, ratio)


def alone(kind: type[Forecast], data: Sequences, asked: Asked) -> Experiment:
    """The experiment of one model that is fitted for good: nothing is left to test.

    Args:
        kind: the task's class.
        data: to learn from.
        asked: what the user said.

    Raises:
        SettingsError: a forecast cannot be asked so, or the series are too short.
    """
    _check(kind, data, asked)
    ordinary = _ordinary(data)
    season, _ = _season(ordinary, asked)
    task, _ = _chosen(kind, season, asked, lambda task: task.least_training <= usual_length(ordinary.lengths))
    data, aside = _without_short(data, data.lengths >= task.least_training, asked)
    task.check_training(data, data.lengths)
    return Experiment(task, data, (task.whole(data),), tuple(aside))


def _check(kind: type[Forecast], data: Sequences, asked: Asked) -> None:
    """Raise where what is asked is no forecast's, or there is nothing to forecast.

    Raises:
        SettingsError, DataError: it is so.
    """
    if asked.direction == "both" or asked.pool:
        raise SettingsError("direction both and pool belong to a classification: a forecast cannot read the future.")
    check_numbers(data, kind.name)


def _season(ordinary: Sequences, asked: Asked) -> tuple[int, str]:
    """The season, and why."""
    return (asked.season, "as asked") if asked.season else infer_season(ordinary, _early(ordinary))


def continued(data: Sequences, test: Sequences) -> tuple[Sequences, Ints]:
    """Each series of `data` with the steps that follow it in `test`; and the lengths that `data` had.

    Raises:
        DataError: the series are not the same, or the steps do not follow.
    """
    if len(data) == len(test) == 1 and data.columns.id is None:
        test = replace(test, ids=data.ids)  # one series without a name
    if set(data.ids) != set(test.ids):
        odd = sorted(set(data.ids) ^ set(test.ids))[0]
        raise DataError(
            f"series {odd!r} is in one of {data.name} and {test.name} alone; a test part continues each series."
        )
    test = replace(test, time=None if test.time is None else as_held(test.time, test.zone, data.zone), zone=data.zone)
    if data.every and test.every and data.every != test.every:
        raise DataError(f"{test.name} has steps of {test.every}; expected {data.every}, as in {data.name}.")
    after = test.take([test.ids.index(name) for name in data.ids])
    for k in range(len(data)):
        _check_follows(data, after, k)
    values = [part for k in range(len(data)) for part in (data[k], after[k])]
    lengths = data.lengths + after.lengths
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    time = None
    if data.time is not None and after.time is not None:
        pairs = zip(np.split(data.time, data.offsets[1:-1]), np.split(after.time, after.offsets[1:-1]), strict=True)
        time = np.concatenate([part for pair in pairs for part in pair])
    return replace(data, values=np.concatenate(values), offsets=offsets, time=time), data.lengths


def _check_follows(data: Sequences, after: Sequences, k: int) -> None:
    if data.time is None or after.time is None or data.every is None:
        return
    known = data.time[data.offsets[k] : data.offsets[k + 1]]
    wanted, got = future_times(known, data.every, 1)[0], after.time[after.offsets[k]]
    if wanted != got:
        raise DataError(
            f"the test part of series {data.ids[k]!r} begins at {got}; expected {wanted}, the step that follows."
        )


def _early(data: Sequences) -> Ints:
    """(series,) the first half of the steps: test blocks come later by default, so it may decide on the season."""
    return np.maximum(data.lengths // 2, 1)


def _chosen(kind: type[Forecast], season: int, asked: Asked, fits: Callable[[Forecast], bool]) -> tuple[Forecast, str]:
    """The task with its horizon, and why: what was asked; else one season, or less where there is no room for it."""
    if asked.horizon:
        return kind(asked.horizon, season, asked.validation), "as asked"
    usual, why = (season, "one season") if season > 1 else (NO_SEASON, "no season is known")
    task = kind(usual, season, asked.validation)
    if fits(task):
        return task, f"{why}; --horizon changes it"
    for horizon in range(usual - 1, 0, -1):
        task = kind(horizon, season, asked.validation)
        if fits(task):
            break
    return task, f"{usual} would leave too few steps to learn from and to test on; --horizon changes it"


def _room_for_folds(data: Sequences, folds: int | None, task: Forecast) -> bool:
    """Whether there is room for the folds that were asked for; else for the usual ones, or one less for a whole season.

    Claims need more than three.
    """
    whole = task.horizon == (task.season if task.season > 1 else NO_SEASON)
    return task.needed(folds or (FEW_FOLDS - 1 if whole else FEW_FOLDS)) <= usual_length(data.lengths)


def _room_for_test(data: Sequences, stops: Ints, task: Forecast) -> bool:
    ordinary = data.lengths >= usual_length(data.lengths)
    room, rest = stops[ordinary].min(), (data.lengths - stops)[ordinary].min()
    return bool(task.least_training <= room and task.horizon <= rest)


def _ordinary(data: Sequences) -> Sequences:
    """The series that are not short among the others: they decide on season, horizon and folds."""
    kept = np.flatnonzero(data.lengths >= usual_length(data.lengths))
    return data if len(kept) == len(data) else data.take(kept)


def _may_be_set_aside(data: Sequences, enough: NDArray[np.bool_], asked: Asked) -> bool:
    """Whether there are too short series, all of them short among the others, and nobody said to refuse them."""
    others = data.lengths >= usual_length(data.lengths)
    return asked.short != "error" and bool(enough[others].all()) and not bool(enough.all())


def _without_short(data: Sequences, enough: NDArray[np.bool_], asked: Asked) -> tuple[Sequences, list[str]]:
    """The series that can be tested, and a word on those that cannot."""
    if not _may_be_set_aside(data, enough, asked):
        return data, []
    short = [f"{data.ids[k]} ({count(int(data.lengths[k]), 'step')})" for k in np.flatnonzero(~enough)]
    few = short if len(short) <= LISTED else [*short[:LISTED], f"{len(short) - LISTED} more"]
    word = f"set aside, too short to be tested: {listed(few)}; --short error refuses them"
    return data.take(np.flatnonzero(enough)), [word]


def _fewer(task: Forecast, data: Sequences) -> str:
    need, steps = task.needed(FEW_FOLDS), usual_length(data.lengths)
    return (
        f"fewer than {FEW_FOLDS} folds: these need {need} steps and there are {steps}; --horizon or --folds changes it"
    )
