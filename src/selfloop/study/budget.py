"""The budget that all candidates share: sizes, epochs, and how the data are shown to networks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from selfloop.kinds import kind_of
from selfloop.study import variant_choice
from selfloop.study.pool import StudyWorkers
from selfloop.study.progress import Progress
from selfloop.study.settings import Settings
from selfloop.tasks.task import Experiment
from selfloop.train import carried, whole
from selfloop.train.budget import Budget
from selfloop.train.sizes import Sizes, parameters, sizes
from selfloop.words import percent

SMALLEST, LARGEST = 4_000, 40_000  # parameters by default: about one a step of the data, within these


@dataclass(frozen=True)
class Planned:
    """A budget, the sizes behind it, and how it came about, in sentences."""

    budget: Budget
    sizes: Sizes
    choices: tuple[str, ...]


def make_budget(experiment: Experiment, settings: Settings, pool: StudyWorkers, progress: Progress) -> Planned:
    """Decide what all candidates share.

    Args:
        experiment: task, data, folds.
        settings: of the study.
        pool: where variants are tried.
        progress: listens.
    """
    size = settings.params or int(np.clip(experiment.data.lengths.sum(), SMALLEST, LARGEST))
    budget, choices = _schedule(experiment, settings), []
    short = variant_choice.short_budgets(experiment, budget)
    if len(short) > 1:
        tried = [replace(each, hidden=_sizes(experiment, each, settings, size).hidden) for each in short]
        variant, choice = variant_choice.choose(experiment, tried, pool, progress)
        budget = replace(budget, variant=variant)
        choices.append(choice)
    found = _sizes(experiment, budget, settings, size)
    return Planned(replace(budget, hidden=found.hidden), found, (*choices, _sentence(found)))


def _schedule(experiment: Experiment, settings: Settings) -> Budget:
    """Epochs for about the same number of updates whatever the data's size, and the patience to go with them."""
    task, fit = experiment.task, experiment.folds[-1].fit
    if task.truncation is None:
        epochs = int(np.clip(400 // whole.updates_per_epoch(fit), 15, 200))
    else:
        updates = carried.updates_per_epoch(experiment.data.offsets, fit, task.truncation)
        epochs = int(np.clip(1500 // updates, 20, 300))
    epochs = settings.epochs or epochs
    patience = settings.patience or int(np.clip(epochs // 6, 5, 30))
    rates, layers = settings.learning_rates, settings.layers
    first = experiment.task.variants(experiment.data, experiment.folds[0])[0]
    return Budget(epochs, patience, rates, layers, settings.init, {}, first, settings.window)


def _sizes(experiment: Experiment, budget: Budget, settings: Settings, size: int) -> Sizes:
    task, data = experiment.task, experiment.data
    outputs = task.output(len(data.classes)).size
    shape = (task.features(data, budget.variant), outputs, budget.layers, task.direction == "both")
    return sizes({name: partial(parameters, name, shape) for name in settings.candidates}, size)


def _sentence(found: Sizes) -> str:
    each = ", ".join(
        f"{kind_of(n).label} {h} units ({found.parameters[n]:,} parameters)" for n, h in found.hidden.items()
    )
    return f"sizes: {each}; largest gap {percent(found.gap)}"
