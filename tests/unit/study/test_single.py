"""One candidate on all data does what a study of one fold and one seed does, with nothing left to test."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from selfloop.data import Sequences, load
from selfloop.errors import SettingsError
from selfloop.study.settings import Settings
from selfloop.study.single import fit_one
from selfloop.tasks.asked import Asked
from selfloop.tasks.classify.task import Classify
from selfloop.tasks.forecast.task import Forecast
from selfloop.tasks.registry import TASKS

SMALL: dict[str, Any] = {"epochs": 2, "params": 100, "learning_rates": (0.01, 0.05)}


def cases() -> Sequences:
    rng = np.random.default_rng(0)
    return load([rng.normal(k % 2, 1, size=(4 + k % 3,)) for k in range(30)], labels=[k % 2 for k in range(30)])


def series(*lengths: int) -> Sequences:
    rng = np.random.default_rng(0)
    return load([np.cumsum(rng.normal(size=n)) for n in lengths])


def test_its_metrics_are_those_of_the_part_that_it_was_chosen_on() -> None:
    data = cases()
    fold, labels = Classify.opening(data).whole(data), data.labels
    often = np.bincount(labels[fold.fit]).argmax()
    assert fit_one(data, "majority", Settings()).trial.metrics["accuracy"] == (labels[fold.valid] == often).mean()


def test_a_seed_is_a_model_and_another_seed_another() -> None:
    data = cases()
    made = fit_one(data, "rnn", Settings(**SMALL))
    assert made.trial.settings["learning_rate"] in SMALL["learning_rates"]
    again = fit_one(data, "rnn", Settings(**SMALL))
    other = fit_one(data, "rnn", Settings(**SMALL), seed=3)
    arrays = [each.predictor.model.arrays()["network.head.weight"] for each in (made, again, other)]
    assert (arrays[0] == arrays[1]).all()
    assert (arrays[0] != arrays[2]).any()


def test_hidden_units_are_as_many_as_asked() -> None:
    made = fit_one(cases(), "lstm", Settings(**SMALL), hidden_size=7)
    assert made.predictor.card.hidden_size == made.trial.settings["hidden_size"] == 7


def test_a_forecasts_intervals_come_from_its_validation_part() -> None:
    """The ridge's errors there, refitted by hand: a half width is an error that was made."""
    data = series(80)
    made = fit_one(data, "naive", Settings(horizon=2, season=1))
    fold = Forecast(2, 1).whole(data)
    assert made.predictor.half_widths is not None
    origins = np.arange(fold.valid.first[0], fold.valid.stop[0])
    flat = data.values[:, 0]
    unit = np.abs(np.diff(flat)).mean()
    for step in (1, 2):
        errors = np.abs(flat[origins + step] - flat[origins]) / unit
        assert made.predictor.half_widths[0, step - 1] == pytest.approx(
            np.sort(errors)[int(np.ceil(0.8 * (len(errors) + 1))) - 1]
        )


def test_short_series_among_others_are_set_aside() -> None:
    found = Forecast.alone(series(60, 60, 9), Asked(horizon=3, season=1))
    assert found.data.ids == ("0", "1")
    assert found.inferred
    with pytest.raises(SettingsError, match="has 9 steps to learn from"):
        Forecast.alone(series(60, 60, 9), Asked(horizon=3, season=1, short="error"))


def test_no_class_is_too_small_to_be_tested() -> None:
    rng = np.random.default_rng(0)
    data = load(list(rng.normal(size=(6, 5))), labels=["a", "a", "b", "b", "b", "b"])
    fold = Classify.alone(data, Asked()).folds[0]
    assert sorted([*fold.fit, *fold.valid]) == list(range(6))
    assert len(fold.test) == 0
    with pytest.raises(SettingsError, match="folds need"):
        Classify.design(data, None, Asked())


@pytest.mark.parametrize("task", TASKS)
def test_a_candidate_of_no_task_is_refused(task: str) -> None:
    data = {"forecast": series(60), "classify": cases()}.get(task)
    if data is not None:
        with pytest.raises(SettingsError, match=f"{task} has no candidate 'lsmt'. Did you mean 'lstm'"):
            fit_one(data, "lsmt", Settings(task=task))


def test_what_belongs_to_another_task_is_refused() -> None:
    with pytest.raises(SettingsError, match="belong to a forecast"):
        fit_one(cases(), "rnn", Settings(horizon=3))
    with pytest.raises(SettingsError, match="cannot read the future"):
        fit_one(series(60), "rnn", Settings(pool="last"))
