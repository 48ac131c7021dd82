"""One trial: a candidate on one fold with one seed, chosen on validation, scored once on the test part."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from selfloop.results.study import Metric, Setting, Trial
from selfloop.study.step_time import step_microseconds
from selfloop.tasks.model import Arrays, Model
from selfloop.tasks.task import Experiment
from selfloop.train.budget import Budget, Option, option_of
from selfloop.train.fitter import Fitter
from selfloop.train.loop import TrainingRun
from selfloop.train.model import NetworkModel


@dataclass(frozen=True)
class Outcome:
    """A finished trial and what it predicted, for the report and the intervals."""

    trial: Trial
    arrays: Arrays


def run_trial(
    experiment: Experiment, budget: Budget, candidate: str, fold: int, seed: int, chosen: dict[str, Setting] | None
) -> Outcome:
    """Train and score.

    Args:
        experiment: task, data, folds.
        budget: what all candidates share.
        candidate: name.
        fold: index.
        seed: of initialisation and batch order.
        chosen: settings that validation chose with the first seed; None: this is the first, choose now.
    """
    fitter = Fitter(experiment.task, experiment.data, experiment.folds[fold], budget)
    start, run = time.process_time(), None
    model: Model
    settings: dict[str, Setting]
    row = fitter.closed_form(candidate)
    if row is not None:
        model, settings = fitter.fit(row)
        seconds = time.process_time() - start
        once = min(_seconds(partial(fitter.again, row, model)), seconds)
    else:
        option, model, run = (
            (option_of(chosen), *fitter.train(candidate, option_of(chosen), seed))
            if chosen
            else search(fitter, candidate, seed)
        )
        settings = {**option.settings, "epochs": run.curve.best_epoch, "updates": run.updates}
        seconds, once = time.process_time() - start, run.seconds
    metrics, arrays = ({}, {}) if run and run.diverged else fitter.test(model)
    ok = bool(metrics) and all(math.isfinite(value) for value in metrics.values())
    trial = Trial(
        candidate=candidate,
        fold=fold,
        seed=seed,
        status="ok" if ok else "diverged",
        # The deciding one first, which is what progress shows.
        metrics={m.name: metrics[m.name] for m in experiment.ranked if m.name in metrics} | metrics if ok else {},
        parameters=model.parameters,
        operations=model.operations,
        train_seconds=once,
        search_seconds=seconds - once,
        step_microseconds=step_microseconds(model),
        settings=settings,
        curve=run.curve if run else None,
        start=_start(fitter, experiment.deciding) if run and ok else None,
        capped=run.capped if run else False,
    )
    return Outcome(trial, arrays if ok else {})


def _start(fitter: Fitter, metric: Metric) -> float | None:
    """The deciding metric of every network before training, where that is an answer: a linear forecast, say."""
    if not fitter.output.zero_start:
        return None
    score = fitter.test(fitter.start)[0].get(metric.name, math.nan)
    return score if math.isfinite(score) else None


def _seconds(work: Callable[[], object]) -> float:
    """Processor time that some work takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def search(fitter: Fitter, candidate: str, seed: int) -> tuple[Option, NetworkModel, TrainingRun]:
    """Train each option; keep the one that validates best. The test part is not touched."""
    first, rates = fitter.options(candidate)
    tried = [(option, *fitter.train(candidate, option, seed)) for option in first]
    best = min(tried, key=lambda entry: entry[2].valid)
    more = [replace(best[0], learning_rate=rate) for rate in rates]
    tried = [best, *((option, *fitter.train(candidate, option, seed)) for option in more)]
    return min(tried, key=lambda entry: entry[2].valid)
