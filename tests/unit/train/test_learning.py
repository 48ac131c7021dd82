"""Real training runs: what must be learnt is learnt, and what cannot be is not."""

from dataclasses import replace

import numpy as np
import pytest

from selfloop.data import load
from selfloop.data.generators import recall
from selfloop.tasks.classify.task import Classify
from selfloop.tasks.forecast.baselines import Naive
from selfloop.tasks.forecast.task import Forecast
from selfloop.train.budget import Option
from selfloop.train.fitter import Fitter
from train_samples import BUDGET, forecast_fitter


@pytest.fixture(scope="module")
def task_of_memory() -> Fitter:
    """Eight symbols, one of them marked twelve steps before the end."""
    data = recall(lag=12, cases=1000, seed=3)
    task = Classify("one", "last")
    budget = replace(BUDGET, epochs=12, patience=12, window=None)
    return Fitter(task, data, task.folds(data, 5)[0], budget)


@pytest.mark.parametrize("candidate", ["lstm", "gru"])
def test_gated_networks_remember_what_was_marked(task_of_memory: Fitter, candidate: str) -> None:
    model, _ = task_of_memory.train(candidate, Option(0.01, 32), seed=0)
    assert task_of_memory.test(model)[0]["accuracy"] >= 0.99


def test_a_linear_model_on_summary_features_guesses(task_of_memory: Fitter) -> None:
    """One in eight is right by chance; 200 test cases: at most 4 standard errors above."""
    model, _ = task_of_memory.fit(task_of_memory.closed_form("summary"))
    assert task_of_memory.test(model)[0]["accuracy"] < 1 / 8 + 4 * np.sqrt(1 / 8 * 7 / 8 / 200)


@pytest.mark.parametrize("candidate", ["rnn", "lstm", "gru", "feed_forward"])
def test_a_forecast_learns_a_nonlinear_map(candidate: str) -> None:
    """The logistic map: the next value is a parabola of this one, which no linear model and no naive one can follow."""
    x = [0.3]
    for _ in range(800):
        x.append(3.9 * x[-1] * (1 - x[-1]))
    data = load([np.array(x)])
    fitter = forecast_fitter(data, kind="level", season=1, epochs=60, patience=60, truncation=32)
    assert isinstance(fitter.task, Forecast)
    task = replace(fitter.task, horizon=1)
    fitter = replace(fitter, task=task, fold=task.folds(data, 1)[0])
    option = Option(0.01, 16, 3 if candidate == "feed_forward" else None)
    model, _ = fitter.train(candidate, option, seed=0)
    error = fitter.test(model)[0]["mae"]
    repeated = Naive(1, 1).predict(data, fitter.fold.test)
    naive = task.score(data, fitter.fold.train, fitter.fold.test, repeated)["mae"]
    ridge, _ = fitter.fit(fitter.closed_form("ridge_ar"))
    linear = fitter.test(ridge)[0]["mae"]
    assert error < 0.25 * linear < 0.25 * naive
