"""What the networks of a forecast are shown, and whether they are added to a linear model: chosen once for all of them.

Chosen on the training part of the first fold, which no test block of any fold touches.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import cast

from selfloop.study.engine.processes import Workers
from selfloop.study.progress import Progress
from selfloop.study.trial import Bench
from selfloop.tasks.forecast.baselines import log_is_possible
from selfloop.tasks.forecast.task import Forecast, ForecastFold
from selfloop.tasks.forecast.treatment import Treatment, treatments
from selfloop.train.budget import Option, Plan
from selfloop.train.fit_forecast import ForecastFitter

PREFERENCE = ("changes", "seasonal changes", "both", "level")  # the less it hangs on the level, the safer in a drift
TIE = 0.01  # a less safe treatment must validate better by this share
HOPELESS = 1.15  # times the best on one inner block: not tried on the next


def options(bench: Bench, plan: Plan) -> list[Plan]:
    """The plan with each treatment that makes sense, with and without a linear skip, and a third of the epochs."""
    task = cast(Forecast, bench.task)
    first = bench.data.until(cast(ForecastFold, bench.folds[0]).train)
    return [
        replace(plan, treatment=t, skip=skip, epochs=-(-plan.epochs // 3), patience=-(-plan.patience // 2))
        for t in treatments(task.season, task.horizon, positive=log_is_possible(first))
        for skip in (False, True)
    ]


def choose(bench: Bench, plan: Plan, tried: list[Plan], pool: Workers, progress: Progress) -> tuple[Plan, str]:
    """The option with the best mean validation MASE over candidates and inner blocks, and a sentence about it.

    Among options within `TIE` of the best, the one that depends least on the level of the series is taken.

    Args:
        bench: task, data, folds.
        plan: to be completed.
        tried: `options`, each with its hidden sizes.
        pool: where they are trained.
        progress: is told how far it is.
    """
    scores: dict[int, list[float]] = {k: [] for k in range(len(tried))}
    alive = list(scores)
    for block in range(len(inner_folds(bench))):
        runs = [(k, candidate) for k in alive for candidate in tried[k].hidden]
        progress.choosing(len(runs))
        for k, candidate in runs:
            pool.submit(partial(_note, scores[k], progress), judge, tried[k], candidate, block)
        pool.drain()
        means = {k: _geometric_mean(scores[k]) for k in alive}
        alive = [k for k in alive if means[k] <= HOPELESS * min(means.values())]
    best = min(means[k] for k in alive)
    good = [k for k in alive if means[k] <= best * (1 + TIE)]
    k = min(good, key=lambda k: (PREFERENCE.index(shown(tried[k]).kind), means[k]))
    how = "added to a ridge autoregression" if tried[k].skip else "without a linear skip"
    worst = _geometric_mean(max(scores.values(), key=_geometric_mean))
    return replace(plan, treatment=tried[k].treatment, skip=tried[k].skip), (
        f"networks are shown {shown(tried[k])}, {how}: validation MASE {means[k]:.3g} on the first fold's training "
        f"part, where the {len(tried)} options range from {best:.3g} to {worst:.3g}"
    )


def judge(bench: Bench, plan: Plan, candidate: str, block: int) -> float:
    """Validation MASE of a short training run on an inner block of the first fold."""
    task, fold = cast(Forecast, bench.task), inner_folds(bench)[block]
    fitter = ForecastFitter(task, bench.data, fold, plan)
    _, run = fitter.train(candidate, Option(plan.middle_rate, plan.hidden[candidate]), seed=0)
    return run.valid


def inner_folds(bench: Bench) -> list[ForecastFold]:
    """The first fold, and where there is room for it the one whose validation part ends where that one's begins."""
    task, first = cast(Forecast, bench.task), cast(ForecastFold, bench.folds[0])
    if int(first.fit.min()) < task.least_training:
        return [first]
    return [first, task.fold(0, first.fit - 1, first.fit - 1)]


def shown(plan: Plan) -> Treatment:
    """The treatment of a forecast's plan."""
    assert plan.treatment is not None, "a forecast plan has a treatment"
    return plan.treatment


def _note(scores: list[float], progress: Progress, score: float) -> None:
    scores.append(score)
    progress.chose()


def _geometric_mean(values: list[float]) -> float:
    # Sorted: scores come in the order in which runs end, and a sum depends on its order.
    return math.exp(sum(math.log(max(v, 1e-12)) for v in sorted(values)) / len(values)) if values else math.inf
