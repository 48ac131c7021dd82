"""One trial: a candidate on one fold with one seed, chosen on validation, scored once on the test part."""

from __future__ import annotations

import contextlib
import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from selfloop.errors import SelfloopError
from selfloop.results.study import Metric, Setting, Trial
from selfloop.study.step_time import step_microseconds
from selfloop.tasks.entry import Entry
from selfloop.tasks.model import Arrays, Measured
from selfloop.tasks.task import Experiment
from selfloop.train.budget import Budget, Option, option_of
from selfloop.train.entered import EnteredModel
from selfloop.train.fitter import Fitter
from selfloop.train.loop import TrainingRun
from selfloop.train.model import NetworkModel

LINE = 240  # characters of an error that are kept


@dataclass(frozen=True)
class Outcome:
    """A finished trial and what it predicted, for the report and the intervals."""

    trial: Trial
    arrays: Arrays


@dataclass(frozen=True)
class Made:
    """A candidate that learnt.

    Attributes:
        model: what came of it.
        settings: what validation chose.
        seconds: of processor time, of the fit that was kept.
        search: the same, of what was tried besides.
        run: of the training loop; None where there was none.
    """

    model: Measured
    settings: dict[str, Setting]
    seconds: float
    search: float
    run: TrainingRun | None = None


def run_trial(
    experiment: Experiment, budget: Budget, candidate: str, fold: int, seed: int, chosen: dict[str, Setting] | None
) -> Outcome:
    """Train and score; an entry of the user's own that cannot be is a trial that failed, and nobody else's.

    Args:
        experiment: task, data, folds.
        budget: what all candidates share.
        candidate: name.
        fold: index.
        seed: of initialisation and batch order.
        chosen: settings that validation chose with the first seed; None: this is the first, choose now.
    """
    fitter = Fitter(experiment.task, experiment.data, experiment.folds[fold], budget, experiment.entries)
    if fitter.entry(candidate) is None:
        return _scored(experiment, fitter, candidate, fold, seed, chosen)
    start = time.process_time()
    try:
        with contextlib.redirect_stdout(sys.stderr):  # standard output is the study's, for its result as JSON
            return _scored(experiment, fitter, candidate, fold, seed, chosen)
    except (Exception, SystemExit) as error:
        seconds = time.process_time() - start
        trial = Trial(candidate, fold, seed, "failed", {}, None, None, seconds, None, {}, failure=_line(error))
        return Outcome(trial, {})


def _scored(
    experiment: Experiment, fitter: Fitter, candidate: str, fold: int, seed: int, chosen: dict[str, Setting] | None
) -> Outcome:
    made = _made(fitter, candidate, seed, chosen)
    run, model = made.run, made.model
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
        train_seconds=made.seconds,
        search_seconds=made.search,
        step_microseconds=step_microseconds(model),
        settings=made.settings,
        curve=run.curve if run else None,
        start=_start(fitter, experiment.deciding) if run and ok and fitter.entry(candidate) is None else None,
        capped=run.capped if run else False,
    )
    return Outcome(trial, arrays if ok else {})


def _made(fitter: Fitter, candidate: str, seed: int, chosen: dict[str, Setting] | None) -> Made:
    """Learnt, whatever it is; the first seed of a fold chooses."""
    start, row, entry = time.process_time(), fitter.closed_form(candidate), fitter.entry(candidate)
    if row is not None:
        model, settings = fitter.fit(row)
        seconds = time.process_time() - start
        once = min(_seconds(partial(fitter.again, row, model)), seconds)
        return Made(model, settings, once, seconds - once)
    if entry is not None and entry.kind == "estimator":
        fitted = fitter.enter(entry, seed, chosen)
        return Made(fitted.model, fitted.settings, fitted.seconds, time.process_time() - start - fitted.seconds)
    option, network, run = (
        (option_of(chosen), *fitter.train(candidate, option_of(chosen), seed))
        if chosen
        else search(fitter, candidate, seed)
    )
    found = {**option.settings, "epochs": run.curve.best_epoch, "updates": run.updates}
    seconds = time.process_time() - start
    return Made(_entered(fitter, entry, network), found, run.seconds, seconds - run.seconds, run)


def _entered(fitter: Fitter, entry: Entry | None, network: NetworkModel) -> Measured:
    """A module of the user's own reads all that its answer is made of, again for each."""
    if entry is None:
        return network
    truncation = fitter.task.truncation
    return EnteredModel(network, fitter.material.memory if truncation is None else truncation + 1)


def _line(error: BaseException) -> str:
    """An error in one line, as its own kind of error says it; ours need no name."""
    told = error.args[0] if isinstance(error, SelfloopError) and error.args else error
    text = " ".join(str(told).split())
    text = text if len(text) <= LINE else f"{text[: LINE - 1]}…"
    return text if isinstance(error, SelfloopError) else f"{type(error).__name__}: {text}".removesuffix(": ")


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
