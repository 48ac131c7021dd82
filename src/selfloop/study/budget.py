"""The plan that all candidates share: sizes, epochs, and for a forecast what the networks are shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import cast

import numpy as np

from selfloop.kinds import kind_of
from selfloop.study import treatment_choice
from selfloop.study.engine.processes import Workers
from selfloop.study.progress import Progress
from selfloop.study.settings import Settings
from selfloop.study.treatment_choice import shown
from selfloop.study.trial import Bench
from selfloop.tasks.forecast.task import Forecast, ForecastFold
from selfloop.train.budget import Plan
from selfloop.train.classifying import BATCH
from selfloop.train.forecasting import updates_per_epoch
from selfloop.train.sizes import Sizes, parameters, sizes

SMALLEST, LARGEST = 4_000, 40_000  # parameters by default: about one a step of the data, within these
TRUNCATION = (64, 168)  # steps a gradient travels back: four seasons within these


@dataclass(frozen=True)
class Planned:
    """A plan, the sizes behind it, and how it came about, in sentences."""

    plan: Plan
    sizes: Sizes
    choices: tuple[str, ...]


def make_plan(bench: Bench, settings: Settings, pool: Workers, progress: Progress) -> Planned:
    """Decide what all candidates share."""
    budget = settings.params or int(np.clip(bench.data.lengths.sum(), SMALLEST, LARGEST))
    plan = _schedule(bench, settings)
    if isinstance(bench.task, Forecast):
        options = [
            replace(o, hidden=_sizes(bench, o, settings, budget).hidden) for o in treatment_choice.options(bench, plan)
        ]
        plan, choice = treatment_choice.choose(bench, plan, options, pool, progress)
        found = _sizes(bench, plan, settings, budget)
        return Planned(replace(plan, hidden=found.hidden), found, (choice, _sentence(found)))
    found = _sizes(bench, plan, settings, budget)
    return Planned(replace(plan, hidden=found.hidden), found, (_sentence(found),))


def _schedule(bench: Bench, settings: Settings) -> Plan:
    """Epochs for about the same number of updates whatever the data's size, and the patience to go with them."""
    truncation = 0
    if isinstance(bench.task, Forecast):
        truncation = int(np.clip(4 * bench.task.season, *TRUNCATION))
        updates = updates_per_epoch(bench.data, cast(ForecastFold, bench.folds[-1]).fit, truncation)
        epochs = int(np.clip(1500 // updates, 20, 300))
    else:
        updates = -(-len(bench.folds[-1].fit) // BATCH)
        epochs = int(np.clip(400 // updates, 15, 200))
    epochs = settings.epochs or epochs
    patience = settings.patience or int(np.clip(epochs // 6, 5, 30))
    return Plan(
        epochs,
        patience,
        settings.learning_rates,
        settings.layers,
        settings.init,
        {},
        truncation,
        window=settings.window,
    )


def _sizes(bench: Bench, plan: Plan, settings: Settings, budget: int) -> Sizes:
    channels = bench.data.values.shape[1]
    if isinstance(bench.task, Forecast):
        inputs, outputs, both = shown(plan).features(channels), bench.task.horizon, False
    else:
        inputs, outputs, both = channels, len(bench.data.classes), bench.task.direction == "both"
    shape = (inputs, outputs, plan.layers, both)
    return sizes({name: partial(parameters, name, shape) for name in settings.candidates}, budget)


def _sentence(found: Sizes) -> str:
    each = ", ".join(
        f"{kind_of(n).label} {h} units ({found.parameters[n]:,} parameters)" for n, h in found.hidden.items()
    )
    return f"sizes: {each}; largest gap {found.gap:.1%}"
