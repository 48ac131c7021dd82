"""One candidate on all data: what a study does on one fold with one seed, and the model that comes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import Lock

import torch

from selfloop.data import Sequences
from selfloop.engine.processes import workers
from selfloop.errors import SettingsError, StudyError, nearest
from selfloop.kinds import kinds
from selfloop.models.predictor import Predictor
from selfloop.results.study import Candidate, Trial
from selfloop.study.budget import make_budget
from selfloop.study.candidates import candidates
from selfloop.study.pool import StudyWorkers
from selfloop.study.progress import Progress
from selfloop.study.refit import chosen_option, refit
from selfloop.study.settings import Settings, usual_candidates
from selfloop.study.trial import run_trial
from selfloop.tasks.registry import task_for
from selfloop.tasks.task import Experiment, Task
from selfloop.train.budget import Budget

_ONE_AT_A_TIME = Lock()  # torch's random numbers and its number of threads are the whole process's


@dataclass(frozen=True, eq=False)
class Single:
    """A model that was fitted alone.

    Attributes:
        predictor: learnt from all data.
        trial: how its settings were chosen; its metrics are those of the part that they were chosen on.
        remark: what its user must know of it, a sentence; empty for nothing.
    """

    predictor: Predictor
    trial: Trial
    remark: str = ""


def fit_one(data: Sequences, name: str, settings: Settings, *, hidden_size: int | None = None, seed: int = 0) -> Single:
    """Choose a candidate's learning rate and epochs on validation, then train it on all data.

    The user's own random numbers are left as they are.

    Args:
        data: to learn from.
        name: of the candidate: a recurrent network's, or a baseline's of the task.
        settings: as of a study; folds and seeds have no say.
        hidden_size: units of a recurrent network's layers; None: by the parameters that the settings give it.
        seed: of first weights and of the order of batches.

    Raises:
        SettingsError, DataError: the settings make no sense with these data.
        StudyError: training diverged.
    """
    task, _ = task_for(data, settings.task)
    experiment = _chosen_on_validation(task.alone(task.answered(data), settings.asked))
    candidate = candidate_named(experiment.task, name)
    if hidden_size is not None and candidate.family != "recurrent":
        raise SettingsError(f"hidden_size is {hidden_size}, but {name!r} is no recurrent network; leave it out.")
    with _ONE_AT_A_TIME, torch.random.fork_rng(devices=[]), workers(experiment, 1) as pool:
        budget = _budget(experiment, candidate, settings, pool)
        if hidden_size is not None:
            budget = replace(budget, hidden={name: hidden_size})
        found = _fitted(experiment, budget, candidate, seed)
    if found.trial.capped and settings.epochs is None and not found.remark:  # an end that the user set is no news
        early = f"Training the {candidate.label} was still getting better when its epochs ended"
        return replace(found, remark=f"{early}; more --epochs may do better.")
    return found


def candidate_named(task: Task, name: str) -> Candidate:
    """A recurrent network, or a baseline of the task.

    Raises:
        SettingsError: there is none of that name; the message names the nearest.
    """
    every = tuple(kind.name for kind in kinds() if kind.any_size)
    known = {each.name: each for each in candidates(task, every)}
    if name not in known:
        raise SettingsError(f"{task.name} has no candidate {name!r}. {nearest(str(name), known)}")
    return known[name]


def _budget(experiment: Experiment, candidate: Candidate, settings: Settings, pool: StudyWorkers) -> Budget:
    """As a study of the candidate has it; for what is made without a training loop nothing is tried."""
    if any(row.name == candidate.name and not row.trained for row in experiment.task.baselines):
        return Budget(0, 0, settings.learning_rates, settings.layers, settings.init, {})
    recurrent = (candidate.name,) if candidate.family == "recurrent" else usual_candidates()
    return make_budget(experiment, replace(settings, candidates=recurrent), pool, Progress()).budget


def _chosen_on_validation(experiment: Experiment) -> Experiment:
    """With the part in the place of the test part that choices are made on: nothing else is left."""
    return replace(experiment, folds=tuple(replace(fold, test=fold.valid) for fold in experiment.folds))


def _fitted(experiment: Experiment, budget: Budget, candidate: Candidate, seed: int) -> Single:
    outcome = run_trial(experiment, budget, candidate.name, 0, seed, None)
    trial = outcome.trial
    if trial.status != "ok":
        raise StudyError(
            f"training the {candidate.label} diverged at every learning rate that was tried "
            f"({', '.join(f'{rate:g}' for rate in budget.learning_rates)}); smaller --learning-rates would do."
        )
    chosen = None if trial.curve is None else chosen_option([trial])
    calibration = experiment.task.calibration(experiment, lambda *_: outcome.arrays, (trial,), candidate.name)
    made = refit(experiment, budget, candidate, chosen, calibration, seed)
    assert made.predictor is not None, "a training that diverges is an error here"
    return Single(made.predictor, trial, made.remark)
