"""The plan that all candidates share: sizes, epochs, and for a forecast what the networks are shown.

Everything here is decided on the training part of the first fold, which no test block of any fold touches when the
folds are expanding windows; for a classification nothing is chosen here, only counted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import cast

import numpy as np

from selfloop.compare.candidates import RECURRENT
from selfloop.compare.settings import Settings
from selfloop.compare.trial import Bench
from selfloop.compare.workers import Workers
from selfloop.tasks.forecast import Forecast, ForecastFold
from selfloop.tasks.linear_forecast import log_is_possible
from selfloop.tasks.treatment import Treatment, treatments
from selfloop.train.classifying import BATCH
from selfloop.train.fit_forecast import ForecastFitter
from selfloop.train.forecasting import updates_per_epoch
from selfloop.train.plan import Option, Plan
from selfloop.train.sizes import Sizes, parameters, sizes

SMALLEST, LARGEST = 4_000, 40_000  # parameters by default: about one a step of the data, within these
TRUNCATION = (64, 168)  # steps a gradient travels back: four seasons within these
PREFERENCE = ("changes", "seasonal changes", "both", "level")  # the less it hangs on the level, the safer in a drift
TIE = 0.01  # a less safe treatment must validate better by this share


@dataclass(frozen=True)
class Planned:
    """A plan, the sizes behind it, and how it came about, in sentences."""

    plan: Plan
    sizes: Sizes
    choices: tuple[str, ...]


def make_plan(bench: Bench, settings: Settings, pool: Workers) -> Planned:
    """Decide what all candidates share."""
    budget = settings.params or int(np.clip(bench.data.lengths.sum(), SMALLEST, LARGEST))
    plan = _schedule(bench, settings)
    if isinstance(bench.task, Forecast):
        plan, choice = _choose(bench, plan, settings, budget, pool)
        found = _sizes(bench, plan, settings, budget)
        return Planned(replace(plan, hidden=found.hidden), found, (choice, _sentence(found)))
    found = _sizes(bench, plan, settings, budget)
    return Planned(replace(plan, hidden=found.hidden), found, (_sentence(found),))


def judge(bench: Bench, plan: Plan, candidate: str, block: int) -> float:
    """Validation MASE of a short training run on an inner block of the first fold."""
    task, fold = cast(Forecast, bench.task), inner_folds(bench)[block]
    fitter = ForecastFitter(task, bench.data, fold, plan)
    rate = plan.learning_rates[len(plan.learning_rates) // 2]
    _, run = fitter.train(candidate, Option(rate, plan.hidden[candidate]), seed=0)
    return run.valid


def inner_folds(bench: Bench) -> list[ForecastFold]:
    """The first fold, and where there is room for it the one whose validation part ends where that one's begins."""
    task, first = cast(Forecast, bench.task), cast(ForecastFold, bench.folds[0])
    if int(first.fit.min()) < task.least_training:
        return [first]
    return [first, task.fold(0, first.fit - 1, first.fit - 1)]


def _schedule(bench: Bench, settings: Settings) -> Plan:
    """Epochs for about the same number of updates whatever the data's size, and the patience to go with them."""
    truncation = 0
    if isinstance(bench.task, Forecast):
        truncation = int(np.clip(4 * bench.task.season, *TRUNCATION))
        updates = updates_per_epoch(bench.data, cast(ForecastFold, bench.folds[-1]).fit, truncation)
        epochs = int(np.clip(1500 // updates, 20, 300))
    else:
        updates = -(-len(bench.folds[-1].fit) // BATCH)
        epochs = int(np.clip(500 // updates, 15, 200))
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


def _choose(bench: Bench, plan: Plan, settings: Settings, budget: int, pool: Workers) -> tuple[Plan, str]:
    """The treatment, and whether there is a linear skip: the same for all networks, by their mean on inner blocks."""
    task, blocks = cast(Forecast, bench.task), len(inner_folds(bench))
    first = bench.data.until(cast(ForecastFold, bench.folds[0]).train)
    options = [
        replace(plan, treatment=t, skip=skip, epochs=-(-plan.epochs // 3), patience=-(-plan.patience // 2))
        for t in treatments(task.season, task.horizon, positive=log_is_possible(first))
        for skip in (False, True)
    ]
    scores: dict[int, list[float]] = {k: [] for k in range(len(options))}
    for k, option in enumerate(options):
        sized = replace(option, hidden=_sizes(bench, option, settings, budget).hidden)
        for candidate in settings.candidates:
            for block in range(blocks):
                pool.submit(scores[k].append, judge, sized, candidate, block)
    pool.drain()
    means = [_geometric_mean(sorted(scores[k])) for k in range(len(options))]
    best = min(means)
    good = [k for k in range(len(options)) if means[k] <= best * (1 + TIE)] or [0]
    k = min(good, key=lambda k: (PREFERENCE.index(_treatment(options[k]).kind), means[k]))
    chosen = replace(plan, treatment=options[k].treatment, skip=options[k].skip)
    how = "added to a ridge autoregression" if chosen.skip else "without a linear skip"
    return chosen, (
        f"networks are shown {_treatment(chosen)}, {how}: validation MASE {means[k]:.3g} on the first fold's training "
        f"part, where the {len(options)} treatments range from {best:.3g} to {max(means):.3g}"
    )


def _sizes(bench: Bench, plan: Plan, settings: Settings, budget: int) -> Sizes:
    channels = bench.data.values.shape[1]
    if isinstance(bench.task, Forecast):
        inputs, outputs, both = _treatment(plan).features(channels), bench.task.horizon, False
    else:
        inputs, outputs, both = channels, len(bench.data.classes), bench.task.direction == "both"
    shape = (inputs, outputs, plan.layers, both)
    return sizes({name: partial(parameters, name, shape) for name in settings.candidates}, budget)


def _sentence(found: Sizes) -> str:
    each = ", ".join(
        f"{dict(RECURRENT)[n]} {h} units ({found.parameters[n]:,} parameters)" for n, h in found.hidden.items()
    )
    return f"sizes: {each}; largest gap {found.gap:.1%}"


def _treatment(plan: Plan) -> Treatment:
    assert plan.treatment is not None, "a forecast plan has a treatment"
    return plan.treatment


def _geometric_mean(values: list[float]) -> float:
    return math.exp(sum(math.log(max(v, 1e-12)) for v in values) / len(values)) if values else math.inf
