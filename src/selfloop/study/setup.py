"""From data and settings to what will be compared: the task, the folds, and what was inferred, in sentences."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from selfloop.data import Sequences, future_times
from selfloop.data.sequences import Ints
from selfloop.errors import DataError, SettingsError
from selfloop.results.study import Setting
from selfloop.study.settings import Settings
from selfloop.study.trial import Bench
from selfloop.tasks.classify.task import Classify, ClassifyFold
from selfloop.tasks.forecast.season import infer_season
from selfloop.tasks.forecast.task import Forecast


@dataclass(frozen=True)
class Setup:
    """What a study will work on."""

    bench: Bench
    inferred: tuple[str, ...]  # a sentence each
    fold_text: str
    test_to_train: float  # mean over folds

    @property
    def resolved(self) -> dict[str, Setting]:
        """What was inferred or left to a default, as it is: part of what makes a study the same study."""
        task = self.bench.task
        inferred: dict[str, Setting] = {"task": task.name, "split": self.fold_text}
        if isinstance(task, Forecast):
            return {**inferred, "horizon": task.horizon, "season": task.season}
        return {**inferred, "direction": task.direction, "pool": task.pool}


def make_setup(data: Sequences, test: Sequences | None, settings: Settings) -> Setup:
    """Decide on task and folds.

    Args:
        data: to learn from; without `test`, to test on as well.
        test: the user's own test part: more cases, or the steps that follow those of `data`.
        settings: of the study.
    """
    kind = settings.task or ("classify" if data.labels is not None else "forecast")
    why = "as asked" if settings.task else ("there are labels" if kind == "classify" else "there are no labels")
    said = f"task: {kind} ({why}; --task changes it)"
    if test is not None and settings.folds not in (None, 1):
        raise SettingsError(f"folds is {settings.folds}, but --test gives the one split there is; leave --folds out.")
    if kind == "classify":
        return _classify(data, test, settings, said)
    return _forecast(data, test, settings, said)


def _classify(data: Sequences, test: Sequences | None, settings: Settings, said: str) -> Setup:
    if settings.horizon or settings.season:
        raise SettingsError("horizon and season belong to a forecast; leave them out, or add --task forecast.")
    known_lag = data.name.startswith(("recall", "temporal-order"))  # read at once, they would not test memory
    default = Classify("one", "last") if known_lag else Classify("both", "mean")
    task = Classify(settings.direction or default.direction, settings.pool or default.pool, settings.validation)
    read = f"networks read in {'one direction' if task.direction == 'one' else 'both directions'}, pool {task.pool}"
    if test is None:
        folds = task.folds(data, settings.folds or task.default_folds(data))
        text = f"{len(folds)} stratified folds of about {len(folds[0].test)} of {len(data)} sequences"
        if len(folds) == 1:
            text = f"one stratified part of {len(folds[0].test)} of {len(data)} sequences"
    else:
        train = np.arange(len(data))
        data = concatenated(data, test)
        folds = (task.fold(data, 0, train, np.arange(len(train), len(data))),)
        text = f"the given split: {len(train)} sequences to learn from, {len(folds[0].test)} to test"
    return Setup(Bench(task, data, folds), (said, read), text, _ratio_classify(folds))


def _forecast(data: Sequences, test: Sequences | None, settings: Settings, said: str) -> Setup:
    if settings.direction == "both" or settings.pool:
        raise SettingsError("direction both and pool belong to a classification: a forecast cannot read the future.")
    season, why = (settings.season, "as asked") if settings.season else infer_season(data, _early(data))
    horizon, whence = (settings.horizon, "as asked") if settings.horizon else _default_horizon(season)
    inferred = (said, f"season: {season} ({why}; --season changes it)", f"horizon: {horizon} ({whence})")
    task = Forecast(horizon, season, settings.validation)
    if test is None:
        folds = task.folds(data, settings.folds or task.default_folds(data))
    else:
        data, stops = continued(data, test)
        _check_room(task, data, stops)
        folds = (task.fold(0, stops - 1, data.lengths - horizon),)
    origins = [len(fold.test) for fold in folds]
    text = (
        f"{len(folds)} expanding window{'s' if len(folds) > 1 else ''}, each tested on {origins[0]:,} forecasts "
        f"of {horizon} steps"
    )
    ratio = float(np.mean([len(fold.test) / fold.train.sum() for fold in folds]))
    return Setup(Bench(task, data, folds), inferred, text, ratio)


def concatenated(data: Sequences, test: Sequences) -> Sequences:
    """The sequences of both, `test` last."""
    labels = None
    if data.labels is not None:
        if test.labels is None:
            raise DataError(f"{test.name} has no labels; a test part needs one for each sequence.")
        labels = np.concatenate([data.labels, test.labels])
    return replace(
        data,
        values=np.concatenate([data.values, test.values]),
        offsets=np.concatenate([data.offsets, data.offsets[-1] + test.offsets[1:]]),
        ids=data.ids + test.ids,
        labels=labels,
        time=None,
        every=None,
    )


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


def _check_room(task: Forecast, data: Sequences, stops: Ints) -> None:
    if int(stops.min()) < task.least_training:
        raise SettingsError(
            f"series {data.ids[int(stops.argmin())]!r} has {stops.min()} steps to learn from; horizon {task.horizon} "
            f"and season {task.season} need {task.least_training}; a shorter --horizon or more data would do."
        )
    rest = data.lengths - stops
    if int(rest.min()) < task.horizon:
        raise SettingsError(
            f"the test part of series {data.ids[int(rest.argmin())]!r} has {rest.min()} steps; expected "
            f"{task.horizon} or more, the horizon."
        )


def _early(data: Sequences) -> Ints:
    """(series,) the first half of the steps: test blocks come later by default, so it may decide on the season."""
    return np.maximum(data.lengths // 2, 1)


def _default_horizon(season: int) -> tuple[int, str]:
    if season > 1:
        return season, "one season; --horizon changes it"
    return 10, "no season is known; --horizon changes it"


def _ratio_classify(folds: tuple[ClassifyFold, ...]) -> float:
    return float(np.mean([len(fold.test) / (len(fold.fit) + len(fold.valid)) for fold in folds]))
