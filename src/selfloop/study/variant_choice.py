"""How the data are shown to the networks, where the task knows several ways: chosen once for all of them.

Chosen on the training part of the first fold, which no test part of any fold touches.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

from selfloop.study.pool import StudyWorkers
from selfloop.study.progress import Progress
from selfloop.tasks.task import Experiment
from selfloop.train.budget import Budget, Option
from selfloop.train.fitter import Fitter

TIE = 0.01  # a less safe variant must validate better by this share
HOPELESS = 1.15  # times the best on one inner block: not tried on the next


def short_budgets(experiment: Experiment, budget: Budget) -> list[Budget]:
    """The budget with each of the task's variants, and a third of the epochs."""
    epochs, patience = -(-budget.epochs // 3), -(-budget.patience // 2)
    variants = experiment.task.variants(experiment.data, experiment.folds[0])
    return [replace(budget, variant=variant, epochs=epochs, patience=patience) for variant in variants]


def choose(experiment: Experiment, tried: list[Budget], pool: StudyWorkers, progress: Progress) -> tuple[str, str]:
    """The variant with the best mean validation loss over candidates and inner blocks, and a sentence about it.

    Among variants within `TIE` of the best, the safest is taken.

    Args:
        experiment: task, data, folds.
        tried: `short_budgets`, each with its hidden sizes.
        pool: where they are trained.
        progress: is told how far it is.
    """
    task = experiment.task
    scores: dict[int, list[float]] = {k: [] for k in range(len(tried))}
    alive = list(scores)
    for block in range(len(inner_folds(experiment))):
        runs = [(k, candidate) for k in alive for candidate in tried[k].hidden]
        progress.choosing(len(runs))
        for k, candidate in runs:
            pool.submit(partial(_note, scores[k], progress), judge, tried[k], candidate, block)
        pool.drain()
        means = {k: _geometric_mean(scores[k]) for k in alive}
        alive = [k for k in alive if means[k] <= HOPELESS * min(means.values())]
    best = min(means[k] for k in alive)
    good = [k for k in alive if means[k] <= best * (1 + TIE)]
    k = min(good, key=lambda k: (task.safety(tried[k].variant), means[k]))
    worst = _geometric_mean(max(scores.values(), key=_geometric_mean))
    return tried[k].variant, (
        f"networks are shown {task.describe(tried[k].variant)}: validation {task.metrics[0].label} {means[k]:.3g} on "
        f"the first fold's training part, where the {len(tried)} options range from {best:.3g} to {worst:.3g}"
    )


def judge(experiment: Experiment, budget: Budget, candidate: str, block: int) -> float:
    """Validation loss of a short training run on an inner block of the first fold.

    Args:
        experiment: task, data and folds.
        budget: with the variant that is tried.
        candidate: name of the network.
        block: which one.
    """
    fitter = Fitter(experiment.task, experiment.data, inner_folds(experiment)[block], budget)
    _, run = fitter.train(candidate, Option(budget.middle_rate, budget.hidden[candidate]), seed=0)
    return run.valid


def inner_folds(experiment: Experiment) -> list[object]:
    """Where variants are tried."""
    return experiment.task.choosing_folds(experiment.data, experiment.folds[0])


def _note(scores: list[float], progress: Progress, score: float) -> None:
    scores.append(score)
    progress.chose()


def _geometric_mean(values: list[float]) -> float:
    # Sorted: scores come in the order in which runs end, and a sum depends on its order.
    return math.exp(sum(math.log(max(v, 1e-12)) for v in sorted(values)) / len(values)) if values else math.inf
