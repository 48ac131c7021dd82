"""How the data are shown to the networks, where the task knows several ways: chosen for all of them together.

All ways are tried on the training part of the first fold, which no test part of any fold touches; the best few of them
again on that of each later fold, as a baseline that chooses for itself does.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial

from selfloop.study.pool import StudyWorkers
from selfloop.study.progress import Progress
from selfloop.tasks.task import Experiment
from selfloop.train.budget import Budget, Option
from selfloop.train.fitter import Fitter
from selfloop.words import count, listed

TIE = 0.01  # a less safe variant must validate better by this share
HOPELESS = 1.15  # times the best on one inner block: not tried on the next
AGAIN = 3  # of the best on the first fold: tried on each later one


@dataclass(frozen=True)
class Choice:
    """The variant for the first fold.

    Attributes:
        variant: what was chosen.
        sentence: about it.
        ranked: all that were tried to the end, best first.
    """

    variant: str
    sentence: str
    ranked: tuple[str, ...]


def short_budgets(experiment: Experiment, budget: Budget) -> list[Budget]:
    """The budget with each of the task's variants, and a third of the epochs."""
    epochs, patience = -(-budget.epochs // 3), -(-budget.patience // 2)
    variants = experiment.task.variants(experiment.data, experiment.folds[0])
    return [replace(budget, variant=variant, epochs=epochs, patience=patience, limit=epochs) for variant in variants]


def choose(experiment: Experiment, tried: list[Budget], pool: StudyWorkers, progress: Progress) -> Choice:
    """The variant with the best mean validation loss over candidates and inner blocks of the first fold.

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
    for block in range(len(inner_folds(experiment, 0))):
        runs = [(k, candidate) for k in alive for candidate in tried[k].hidden]
        progress.choosing(len(runs))
        for k, candidate in runs:
            pool.submit(partial(_note, scores[k], progress), judge, tried[k], candidate, 0, block)
        pool.drain()
        means = {k: _geometric_mean(scores[k]) for k in alive}
        alive = [k for k in alive if means[k] <= HOPELESS * min(means.values())]
    best, k = min(means[k] for k in alive), _safest(experiment, tried, {k: means[k] for k in alive})
    worst = _geometric_mean(max(scores.values(), key=_geometric_mean))
    judged = task.validated_by or task.metrics[0].label
    said = (
        f"networks are shown {task.describe(tried[k].variant)}: validation {judged} {means[k]:.3g} on "
        f"the first fold's training part, where the {len(tried)} options range from {best:.3g} to {worst:.3g}"
    )
    return Choice(tried[k].variant, said, tuple(tried[k].variant for k in sorted(alive, key=lambda k: means[k])))


def choose_again(
    experiment: Experiment, tried: list[Budget], pool: StudyWorkers, progress: Progress
) -> tuple[tuple[str, ...], str]:
    """The variant of each fold after the first, by validation on that fold; and a sentence about them.

    Args:
        experiment: task, data, folds.
        tried: short budgets of the few that did best on the first fold.
        pool: where they are trained.
        progress: is told how far it is.
    """
    later = range(1, len(experiment.folds))
    scores: dict[tuple[int, int], list[float]] = {(fold, k): [] for fold in later for k in range(len(tried))}
    blocks = {fold: range(len(inner_folds(experiment, fold))) for fold in later}
    runs = [(f, k, candidate, block) for f, k in scores for candidate in tried[k].hidden for block in blocks[f]]
    progress.choosing(len(runs))
    for fold, k, candidate, block in runs:
        pool.submit(partial(_note, scores[fold, k], progress), judge, tried[k], candidate, fold, block)
    pool.drain()
    found = []
    for fold in later:
        means = {k: _geometric_mean(scores[fold, k]) for k in range(len(tried))}
        found.append(tried[_safest(experiment, tried, means)].variant)
    each = [f"{experiment.task.describe(v)} in {count(n, 'fold')}" for v, n in Counter(found).most_common()]
    return tuple(found), f"of the best {len(tried)}, chosen anew on each later fold: {listed(each)}"


def _safest(experiment: Experiment, tried: list[Budget], means: dict[int, float]) -> int:
    """Which one is taken: among those within `TIE` of the best, the safest."""
    good = [k for k in means if means[k] <= min(means.values()) * (1 + TIE)]
    return min(good, key=lambda k: (experiment.task.safety(tried[k].variant), means[k]))


def judge(experiment: Experiment, budget: Budget, candidate: str, fold: int, block: int) -> float:
    """Validation loss of a short training run on an inner block of a fold.

    Args:
        experiment: task, data and folds.
        budget: with the variant that is tried.
        candidate: name of the network.
        fold: which one.
        block: of those inside its training part.
    """
    fitter = Fitter(experiment.task, experiment.data, inner_folds(experiment, fold)[block], budget)
    _, run = fitter.train(candidate, Option(budget.middle_rate, budget.hidden[candidate]), seed=0)
    return run.valid


def inner_folds(experiment: Experiment, fold: int) -> list[object]:
    """Where variants are tried; the first of them is the fold itself."""
    return experiment.task.choosing_folds(experiment.data, experiment.folds[fold])


def _note(scores: list[float], progress: Progress, score: float) -> None:
    scores.append(score)
    progress.chose()


def _geometric_mean(values: list[float]) -> float:
    # Sorted: scores come in the order in which runs end, and a sum depends on its order.
    return math.exp(sum(math.log(max(v, 1e-12)) for v in sorted(values)) / len(values)) if values else math.inf
