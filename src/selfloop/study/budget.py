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
from selfloop.tasks.model import Signature, fed
from selfloop.tasks.task import Experiment
from selfloop.train import carried, whole
from selfloop.train.budget import Budget
from selfloop.train.sizes import Sizes, parameters, sizes
from selfloop.words import percent

BEYOND = 4  # times the expected epochs: where a run ends that still gets better


@dataclass(frozen=True)
class Planned:
    """The budget of each fold, how it came about, in sentences, and the processor time that this took.

    Folds differ in nothing but how the data are shown, and in the sizes that this asks for.
    """

    budgets: tuple[Budget, ...]
    sizes: Sizes  # on the first fold
    choices: tuple[str, ...]
    seconds: float = 0.0

    @property
    def budget(self) -> Budget:
        """Of the first fold."""
        return self.budgets[0]


def make_budget(experiment: Experiment, settings: Settings, pool: StudyWorkers, progress: Progress) -> Planned:
    """Decide what all candidates share.

    Args:
        experiment: task, data, folds.
        settings: of the study.
        pool: where variants are tried.
        progress: listens.
    """
    budget, choices = _schedule(experiment, settings), []

    def sized(each: Budget) -> Budget:
        return replace(each, hidden=_sizes(experiment, each, settings).hidden)

    short, chosen = [sized(each) for each in variant_choice.short_budgets(experiment, budget)], [budget.variant]
    if len(short) > 1 and settings.candidates:
        choice = variant_choice.choose(experiment, short, pool, progress)
        chosen = [choice.variant]
        choices.append(choice.sentence)
        best = [each for each in short if each.variant in choice.ranked[: variant_choice.AGAIN]]
        if settings.treatment == "each" and len(best) > 1 and len(experiment.folds) > 1:
            later, said = variant_choice.choose_again(experiment, best, pool, progress)
            chosen += later
            choices.append(said)
    chosen += chosen[-1:] * (len(experiment.folds) - len(chosen))
    budgets = tuple(sized(replace(budget, variant=variant)) for variant in chosen)
    found = _sizes(experiment, budgets[0], settings)
    return Planned(budgets, found, (*choices, *_sentence(found), *_told(budgets[0])), pool.seconds)


def _told(budget: Budget) -> tuple[str, ...]:
    """What is not as usual of how networks are trained."""
    if not budget.decay:
        return ()
    passes = "one pass" if budget.most_epochs == 1 else f"{budget.most_epochs} passes"
    return (f"networks are trained for {passes} over the data, their rate falling to nothing; --epochs changes it",)


def _schedule(experiment: Experiment, settings: Settings) -> Budget:
    """Epochs for about the same number of updates whatever the data's size, and the patience to go with them."""
    task, data, fold = experiment.task, experiment.data, experiment.folds[-1]
    regime = task.regime(data, fold)
    if task.truncation is None:
        epochs = int(np.clip(400 // whole.updates_per_epoch(task.examples(data, fold)), 15, 200))
    else:
        updates = carried.updates_per_epoch(data.offsets, fold.fit, task.truncation)
        known = None if regime.updates is None else max(round(regime.updates / updates), 1)
        epochs = known or int(np.clip(1500 // updates, 20, 300))
    limit = settings.epochs or (BEYOND if regime.updates is None else 1) * epochs
    epochs = settings.epochs or epochs
    usual = int(np.clip(epochs // 6, 5, 30)) if regime.updates is None else limit
    rates, layers = settings.learning_rates, settings.layers
    first = task.variants(experiment.data, experiment.folds[0])[0]
    return Budget(
        epochs, settings.patience or usual, rates, layers, settings.init, {}, first, settings.window, limit,
        decay=regime.updates is not None, dropout=regime.dropout if settings.dropout is None else settings.dropout,
    )  # fmt: skip


def _sizes(experiment: Experiment, budget: Budget, settings: Settings) -> Sizes:
    """By what the user gave, tables of symbols included; else by the data's size, and the tables come on top."""
    task, data = experiment.task, experiment.data
    if not settings.candidates:
        return Sizes({}, {})  # entries of the user's own have sizes of their own
    outputs, symbols = task.output(Signature.of(data)).size, task.symbols(data, experiment.folds[0], budget.variant)
    tables = sum(each.rows * each.width for each in symbols)
    regime = task.regime(data, experiment.folds[0])  # about one a step of the data, within its bounds
    usual = int(np.clip(data.lengths.sum(), regime.fewest, regime.parameters))
    size = usual if settings.params is None else settings.params - tables
    shape = (fed(task.features(data, budget.variant), symbols), outputs, budget.layers, task.direction == "both")
    return sizes({name: partial(parameters, name, shape) for name in settings.candidates}, size, tables)


def _sentence(found: Sizes) -> tuple[str, ...]:
    if not found.hidden:
        return ()
    each = ", ".join(
        f"{kind_of(n).label} {h} units ({found.parameters[n]:,} parameters)" for n, h in found.hidden.items()
    )
    return (f"sizes: {each}; largest gap {percent(found.gap)}",)
