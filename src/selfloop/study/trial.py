"""One trial: a candidate on one fold with one seed, chosen on validation, scored once on the test part."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from selfloop.data.sequences import Sequences
from selfloop.results.study import Setting, Trial
from selfloop.study.candidates import CLOSED_FORM
from selfloop.study.step_time import step_microseconds, step_of
from selfloop.tasks.classify.task import Classify, ClassifyFold
from selfloop.tasks.forecast.task import Forecast, ForecastFold
from selfloop.train.budget import Option, Plan, option_of
from selfloop.train.fit_classify import ClassifyFitter
from selfloop.train.fit_forecast import ForecastFitter
from selfloop.train.loop import TrainingRun

Arrays = dict[str, NDArray[np.float32]]
M = TypeVar("M", bound="Model")


class Model(Protocol):
    """What the comparison needs to know of any trained candidate."""

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        ...

    @property
    def operations(self) -> int:
        """Multiply-adds for one new step."""
        ...


class Fitter(Protocol[M]):
    """Builds, trains and tests candidates on one fold."""

    def closed_form(self, candidate: str) -> tuple[M, dict[str, Setting]]:
        """A baseline without a training loop, and what validation chose for it."""
        ...

    def options(self, candidate: str) -> tuple[tuple[Option, ...], tuple[float, ...]]:
        """What to try first, and the learning rates to try on the best of it."""
        ...

    def train(self, candidate: str, option: Option, seed: int) -> tuple[M, TrainingRun]:
        """Train a network."""
        ...

    def test(self, model: M) -> tuple[dict[str, float], Arrays]:
        """The one look at the test part."""
        ...

    def refit(self, candidate: str, option: Option, epochs: int, seed: int) -> M:
        """Train a network on all data."""
        ...

    def refit_closed_form(self, candidate: str) -> M:
        """Make a baseline of all data."""
        ...


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

    def fitter(self, plan: Plan, fold: int) -> Fitter[Any]:
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
    fitter, start, run = bench.fitter(plan, fold), time.perf_counter(), None
    settings: dict[str, Setting]
    if candidate in CLOSED_FORM:
        model, settings = fitter.closed_form(candidate)
    else:
        option = option_of(chosen) if chosen else None
        option, model, run = (
            (option, *fitter.train(candidate, option, seed)) if option else search(fitter, candidate, seed)
        )
        settings = {**option.settings, "epochs": run.curve.best_epoch, "updates": run.updates}
    seconds = time.perf_counter() - start
    metrics, arrays = ({}, {}) if run and run.diverged else fitter.test(model)
    ok = bool(metrics) and all(math.isfinite(value) for value in metrics.values())
    trial = Trial(
        candidate=candidate,
        fold=fold,
        seed=seed,
        status="ok" if ok else "diverged",
        metrics=metrics if ok else {},
        parameters=model.parameters,
        operations=model.operations,
        train_seconds=run.seconds if run else seconds,
        search_seconds=seconds - run.seconds if run else 0.0,
        step_microseconds=step_microseconds(step_of(model)),
        settings=settings,
        curve=run.curve if run else None,
    )
    return Outcome(trial, arrays if ok else {})


def search(fitter: Fitter[M], candidate: str, seed: int) -> tuple[Option, M, TrainingRun]:
    """Train each option; keep the one that validates best. The test part is not touched."""
    first, rates = fitter.options(candidate)
    tried = [(option, *fitter.train(candidate, option, seed)) for option in first]
    best = min(tried, key=lambda entry: entry[2].valid)
    more = [replace(best[0], learning_rate=rate) for rate in rates]
    tried = [best, *((option, *fitter.train(candidate, option, seed)) for option in more)]
    return min(tried, key=lambda entry: entry[2].valid)
