"""Folds, ratios and sentences of a study, counted by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from selfloop.data import Sequences, load, load_builtin
from selfloop.study.experiment import make_experiment, resolved
from selfloop.study.settings import Settings


def walks(*lengths: int) -> Sequences:
    return load([np.random.default_rng(n).normal(size=(n, 1)) for n in lengths])


def labelled(*counts: int, name: str | None = None) -> Sequences:
    labels = [chr(ord("a") + k) for k, count in enumerate(counts) for _ in range(count)]
    found = load(
        [np.random.default_rng(k).normal(size=(3, 2)) for k in range(len(labels))], labels=labels, axes="steps,channels"
    )
    return found if name is None else replace(found, name=name)


def test_expanding_windows_and_their_mean_ratio() -> None:
    made = make_experiment(walks(120), None, Settings(horizon=5, season=1, folds=2))
    # At most half of the 120 steps are tested: two blocks of 30. The last origin has 5 steps after it: 114.
    bounds = [(int(f.test.first[0]), int(f.test.stop[0]), int(f.train[0])) for f in made.folds]
    assert bounds == [(55, 85, 56), (85, 115, 86)]
    assert made.fold_text == "2 expanding windows, each tested on 30 forecasts of 5 steps"
    assert made.test_to_train == pytest.approx((30 / 56 + 30 / 86) / 2)
    assert made.inferred == (
        "task: forecast (there are no labels; --task changes it)",
        "season: 1 (as asked; --season changes it)",
        "horizon: 5 (as asked)",
    )
    assert resolved(made) == {"task": "forecast", "split": made.fold_text, "horizon": 5, "season": 1}


def test_many_series_and_one_window() -> None:
    made = make_experiment(walks(2600, 2700), None, Settings(task="forecast", horizon=4, folds=1))
    # 40 % of the shorter one: a block of 1040 origins in each. Trained on 2600 - 4 - 1040 + 1 steps, and 100 more.
    assert made.fold_text == "1 expanding window, each tested on 2,080 forecasts of 4 steps"
    assert made.test_to_train == pytest.approx(2080 / (1557 + 1657))
    assert made.inferred[0] == "task: forecast (as asked; --task changes it)"
    assert made.inferred[1] == "season: 1 (no clear peak of the autocorrelation; --season changes it)"
    assert made.inferred[2] == "horizon: 4 (as asked)"


def test_a_given_test_part_of_several_series() -> None:
    train, after = walks(100, 80), walks(30, 20)
    made = make_experiment(train, after, Settings(horizon=7, season=1))
    (fold,) = made.folds
    # From the last known step of each (99, 79) to the last with seven known ones after it (122, 92).
    assert (fold.test.first.tolist(), fold.test.stop.tolist()) == ([99, 79], [123, 93])
    assert fold.train.tolist() == [100, 80]
    assert made.test_to_train == pytest.approx((24 + 14) / 180)
    assert made.fold_text == "1 expanding window, each tested on 38 forecasts of 7 steps"
    np.testing.assert_array_equal(made.data[1], np.concatenate([train[1], after[1]]))


def test_the_calendar_gives_the_season_and_the_season_the_horizon() -> None:
    made = make_experiment(load_builtin("airline"), None, Settings(folds=3))
    assert made.inferred == (
        "task: forecast (there are no labels; --task changes it)",
        "season: 12 (steps are months, so a year; --season changes it)",
        "horizon: 12 (one season; --horizon changes it)",
    )
    assert resolved(made)["season"] == resolved(made)["horizon"] == 12


def test_without_a_season_ten_steps_are_forecast() -> None:
    made = make_experiment(walks(300), None, Settings(folds=2))
    assert made.inferred[2] == "horizon: 10 (no season is known; --horizon changes it)"
    assert resolved(made)["horizon"] == 10


def test_stratified_folds_and_their_mean_ratio() -> None:
    made = make_experiment(labelled(12, 10), None, Settings(folds=4))
    tested = sorted(len(f.test) for f in made.folds)
    assert tested == [5, 5, 6, 6]  # three of the twelve each; two or three of the ten
    assert made.test_to_train == pytest.approx((6 / 16 + 6 / 16 + 5 / 17 + 5 / 17) / 4)
    assert made.fold_text == f"4 stratified folds of about {len(made.folds[0].test)} of 22 sequences"
    assert sorted(np.concatenate([f.test for f in made.folds]).tolist()) == list(range(22))
    assert made.inferred == (
        "task: classify (there are labels; --task changes it)",
        "networks read in both directions, pool mean",
    )
    wanted = {"task": "classify", "split": made.fold_text, "direction": "both", "pool": "mean"}
    assert resolved(made) == wanted


def test_one_fold_is_a_fifth_of_the_cases() -> None:
    made = make_experiment(labelled(10, 15), None, Settings(folds=1, direction="one"))
    assert made.fold_text == "one stratified part of 5 of 25 sequences"
    assert made.test_to_train == pytest.approx(5 / 20)
    assert made.inferred[1] == "networks read in one direction, pool mean"
    assert resolved(made)["direction"] == "one"


def test_a_given_test_part_of_cases() -> None:
    made = make_experiment(labelled(6, 6), labelled(2, 3), Settings(pool="last"))
    assert made.fold_text == "the given split: 12 sequences to learn from, 5 to test"
    assert made.test_to_train == pytest.approx(5 / 12)
    assert made.folds[0].test.tolist() == [12, 13, 14, 15, 16]
    assert made.inferred[1] == "networks read in both directions, pool last"
    assert resolved(made)["pool"] == "last"


def test_problems_of_memory_are_read_as_they_come() -> None:
    for name in ("recall-20", "temporal-order"):
        made = make_experiment(labelled(9, 9, name=name), None, Settings(folds=3))
        assert made.inferred[1] == "networks read in one direction, pool last"
        assert (resolved(made)["direction"], resolved(made)["pool"]) == ("one", "last")
