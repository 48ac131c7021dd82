"""One trial: a candidate on one fold with one seed, chosen on validation, scored once on the test part."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from selfloop.compare.candidates import CLOSED_FORM
from selfloop.data.sequences import Sequences
from selfloop.results import Setting, Trial
from selfloop.tasks.classify import Classify, ClassifyFold
from selfloop.tasks.forecast import Forecast, ForecastFold
from selfloop.tasks.intervals import quantiles_of, scaled_errors
from selfloop.train.fit_classify import ClassifyFitter, SequenceModel
from selfloop.train.fit_forecast import Forecaster, ForecastFitter
from selfloop.train.loop import Run
from selfloop.train.plan import Option, Plan, option_of
from selfloop.train.timing import step_microseconds, step_of

Arrays = dict[str, NDArray[np.float32]]
Fitter = ForecastFitter | ClassifyFitter
Model = Forecaster | SequenceModel


@dataclass(frozen=True)
class Outcome:
    """A finished trial and what it predicted, for the report and the intervals."""

    trial: Trial
    arrays: Arrays


@dataclass(frozen=True, eq=False)
class Bench:
    """What every trial works on; sent once to each worker process."""

    task: Forecast | Classify
    data: Sequences
    folds: tuple[ForecastFold, ...] | tuple[ClassifyFold, ...]

    def fitter(self, plan: Plan, fold: int) -> Fitter:
        """What builds and trains candidates on a fold."""
        if isinstance(self.task, Forecast):
            return ForecastFitter(self.task, self.data, cast(ForecastFold, self.folds[fold]), plan)
        return ClassifyFitter(self.task, self.data, cast(ClassifyFold, self.folds[fold]), plan)


def run_trial(
    bench: Bench, plan: Plan, candidate: str, fold: int, seed: int, chosen: dict[str, Setting] | None
) -> Outcome:
    """Train and score.

    Args:
        bench: task, data, folds.
        plan: what all candidates share.
        candidate: name.
        fold: index.
        seed: of initialisation and batch order.
        chosen: settings that validation chose with the first seed; None: this is the first, choose now.
    """
    fitter, start = bench.fitter(plan, fold), time.perf_counter()
    if candidate in CLOSED_FORM:
        model, settings = fitter.closed_form(candidate)
        return _outcome(fitter, Trial(**_facts(candidate, fold, seed, model, settings, start)), model)
    if chosen is None:
        option, model, run = search(fitter, candidate, seed)
    else:
        option = option_of(chosen)
        model, run = fitter.train(candidate, option, seed)
    settings = {**option.settings, "epochs": run.curve.best_epoch, "updates": run.updates}
    trial = Trial(**_facts(candidate, fold, seed, model, settings, start), curve=run.curve)
    return Outcome(replace(trial, status="diverged"), {}) if run.diverged else _outcome(fitter, trial, model)


def search(fitter: Fitter, candidate: str, seed: int) -> tuple[Option, Model, Run]:
    """Train each option; keep the one that validates best. The test part is not touched."""
    first, rates = fitter.options(candidate)
    tried = [(option, *fitter.train(candidate, option, seed)) for option in first]
    best = min(tried, key=lambda entry: entry[2].valid)
    more = [replace(best[0], learning_rate=rate) for rate in rates]
    tried = [best, *((option, *fitter.train(candidate, option, seed)) for option in more)]
    return min(tried, key=lambda entry: entry[2].valid)


def _facts(
    candidate: str, fold: int, seed: int, model: Model, settings: dict[str, Setting], start: float
) -> dict[str, object]:
    seconds = time.perf_counter() - start
    return {
        "candidate": candidate,
        "fold": fold,
        "seed": seed,
        "status": "ok",
        "metrics": {},
        "parameters": model.parameters,
        "operations": model.operations,
        "train_seconds": seconds,
        "step_microseconds": step_microseconds(step_of(model)),
        "settings": settings,
    }


def _outcome(fitter: Fitter, trial: Trial, model: Model) -> Outcome:
    metrics, arrays = _test(fitter, model)
    if not all(math.isfinite(value) for value in metrics.values()):
        return Outcome(replace(trial, status="diverged"), {})
    return Outcome(replace(trial, metrics=metrics), arrays)


def _test(fitter: Fitter, model: Model) -> tuple[dict[str, float], Arrays]:
    """The one look at the test part."""
    fold, data = fitter.fold, fitter.data
    if isinstance(fitter, ClassifyFitter):
        found = cast(SequenceModel, model).probabilities(data, fold.test)
        return fitter.task.score(data, fold.test, found), {"test": found.astype(np.float32)}
    forecaster = cast(Forecaster, model)
    forecast = forecaster.forecast(data, fold.test)
    calibration = forecaster.forecast(fitter.known, fold.valid)
    quantiles = quantiles_of(scaled_errors(fitter.task, data, fold.train, fold.valid, calibration))
    arrays = {"test": forecast.astype(np.float32), "quantiles": quantiles.astype(np.float32)}
    return fitter.task.score(data, fold.train, fold.test, forecast), arrays
