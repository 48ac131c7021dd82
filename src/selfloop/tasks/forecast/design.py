"""From series and what the user asked to a forecast: season, horizon, folds, and what was inferred, in sentences."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from selfloop.data import future_times
from selfloop.data.sequences import Ints, Sequences
from selfloop.errors import DataError, SettingsError
from selfloop.tasks.forecast.season import infer_season
from selfloop.tasks.task import Asked, Experiment

if TYPE_CHECKING:
    from selfloop.tasks.forecast.task import Forecast


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
    if asked.direction == "both" or asked.pool:
        raise SettingsError("direction both and pool belong to a classification: a forecast cannot read the future.")
    season, why = (asked.season, "as asked") if asked.season else infer_season(data, _early(data))
    horizon, whence = (asked.horizon, "as asked") if asked.horizon else _default_horizon(season)
    inferred = (f"season: {season} ({why}; --season changes it)", f"horizon: {horizon} ({whence})")
    task = kind(horizon, season, asked.validation)
    if test is None:
        folds = task.folds(data, asked.folds or task.default_folds(data))
    else:
        data, stops = continued(data, test)
        task.check_room(data, stops)
        folds = (task.fold(0, stops - 1, data.lengths - horizon),)
    origins = [len(fold.test) for fold in folds]
    text = (
        f"{len(folds)} expanding window{'s' if len(folds) > 1 else ''}, each tested on {origins[0]:,} forecasts "
        f"of {horizon} steps"
    )
    ratio = float(np.mean([len(fold.test) / fold.train.sum() for fold in folds]))
    return Experiment(task, data, folds, inferred, text, ratio)


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


def _default_horizon(season: int) -> tuple[int, str]:
    if season > 1:
        return season, "one season; --horizon changes it"
    return 10, "no season is known; --horizon changes it"
