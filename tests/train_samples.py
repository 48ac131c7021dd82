"""Small data, budgets and fitters for the tests of training."""

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import torch

from selfloop.data import Sequences, load
from selfloop.kinds import kind_of
from selfloop.models.predictor import Predictor
from selfloop.results.study import Candidate
from selfloop.study.refit import refit
from selfloop.tasks.classify.task import Classify
from selfloop.tasks.forecast.linear import RidgeForecaster, fit_ridge
from selfloop.tasks.forecast.task import Forecast
from selfloop.tasks.forecast.variants import Variant
from selfloop.tasks.registry import TASKS
from selfloop.tasks.task import Experiment
from selfloop.train.budget import Budget, Option
from selfloop.train.carried import CarriedProblem
from selfloop.train.fitter import Fitter

RECURRENT = ("rnn", "lstm", "gru")
NETWORKS = (*RECURRENT, "feed_forward")
CLOSED_CLASSIFIERS = ("majority", "summary", "ridge_raw", "nearest_neighbour", "random_convolutions")
HIDDEN = {"rnn": 7, "lstm": 5, "gru": 6}
BUDGET = Budget(
    epochs=3,
    patience=3,
    learning_rates=(0.01,),
    layers=1,
    scheme="chrono",
    hidden=HIDDEN,
    window=5,
)


@dataclass(frozen=True)
class ShortForecast(Forecast):
    """The forecast, but gradients travel back so few steps that small series, too, are walked in several chunks."""

    steps_back: int = 9

    @property
    def truncation(self) -> int:
        """As it was given."""
        return self.steps_back


def series(*lengths: int, channels: int = 2, seed: int = 0) -> Sequences:
    """Positive seasonal walks of unequal length, with covariates of either sign."""
    rng = np.random.default_rng(seed)
    parts = []
    for n in lengths:
        part = rng.normal(size=(n, channels)).cumsum(0)
        part[:, 0] = np.exp(2 + 0.05 * part[:, 0] + 0.3 * np.sin(np.pi / 2 * np.arange(n)))
        parts.append(part)
    return load(parts, axes="steps,channels")


def cases(count: int = 60, classes: int = 3, seed: int = 0) -> Sequences:
    """Sequences of 2 to 12 steps, 2 channels, whose mean says the class, roughly."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    arrays = [rng.normal(size=(rng.integers(2, 13), 2)) + 0.7 * label for label in labels]
    return load(arrays, labels=[f"class {label}" for label in labels], axes="steps,channels")


def forecast_fitter(
    data: Sequences | None = None,
    kind: Any = "both",
    log: bool = False,
    season: int = 4,
    skip: bool = False,
    fold: int = 0,
    truncation: int = 9,
    **changes: Any,
) -> Fitter:
    """Fold `fold` of two, horizon 3."""
    data = series(90, 117) if data is None else data
    task = ShortForecast(3, season, steps_back=truncation)
    budget = replace(BUDGET, variant=str(Variant(kind, log, skip)), **changes)
    return Fitter(task, data, task.folds(data, 2)[fold], budget)


def classify_fitter(
    data: Sequences | None = None, direction: Any = "both", pool: Any = "mean", **changes: Any
) -> Fitter:
    """The first fold of four."""
    data = cases() if data is None else data
    task = Classify(direction, pool)
    return Fitter(task, data, task.folds(data, 4)[0], replace(BUDGET, **changes))


def option_for(candidate: str) -> Option:
    """A learning rate, and the size and the window of a network."""
    return Option(0.01, HIDDEN.get(candidate, 8), 5 if candidate == "feed_forward" else None)


def known(fitter: Fitter) -> Sequences:
    """All that a forecast may learn from and choose on."""
    return fitter.data.until(fitter.fold.train)


def linear_skip(fitter: Fitter) -> RidgeForecaster:
    """The ridge autoregression that belongs under a forecaster's networks."""
    task = fitter.task
    assert isinstance(task, Forecast)
    treatment = Variant.of(fitter.budget.variant).treatment(task, fitter.data.target)
    return fit_ridge(task, known(fitter), fitter.fold, [treatment])[0]


def carried_problem(fitter: Fitter, candidate: str, seed: int = 0) -> CarriedProblem:
    """With a head that is not zero, or nothing would reach the encoder."""
    problem = fitter.problem(candidate, option_for(candidate), seed, fitter.material)
    assert isinstance(problem, CarriedProblem)
    torch.nn.init.normal_(problem.network.head.weight)
    torch.nn.init.normal_(problem.network.head.bias)
    return problem


def same_weights(a: torch.nn.Module, b: torch.nn.Module) -> bool:
    """Whether two networks have the same weights to the bit."""
    first, second = a.state_dict(), b.state_dict()
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


HALF_WIDTHS = np.array([[1.0, 2.0, 2.5], [1.5, 3.0, 4.5]])
BY_NAME = {
    name: {
        c.name: c
        for c in (
            *(Candidate(n, kind_of(n).label, "recurrent", True) for n in RECURRENT),
            *(row.candidate for row in task.baselines),
        )
    }
    for name, task in TASKS.items()
}


@cache
def made(task: str, candidate: str, **settings: Any) -> Predictor:
    """A predictor as a study leaves it."""
    fitter = forecast_fitter(**settings) if task == "forecast" else classify_fitter(**settings)
    experiment = Experiment(fitter.task, fitter.data, (fitter.fold,))
    chosen = (option_for(candidate), 2) if candidate in NETWORKS else None
    half_widths = HALF_WIDTHS if task == "forecast" else None
    made = refit(experiment, fitter.budget, BY_NAME[task][candidate], chosen, half_widths).predictor
    assert made is not None
    return made
