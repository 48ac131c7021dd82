"""Folds, ratios and sentences of a study, counted by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from selfloop.study.setup import make_setup

from selfloop.data import Sequences, load, load_builtin
from selfloop.study.settings import Settings


def walks(*lengths: int) -> Sequences:
    return load([np.random.default_rng(n).normal(size=(n, 1)) for n in lengths])


def labelled(*counts: int, name: str | None = None) -> Sequences:
    labels = [chr(ord("a") + k) for k, count in enumerate(counts) for _ in range(count)]
    made = load([np.random.default_rng(k).normal(size=(3, 2)) for k in range(len(labels))], labels=labels)
    return made if name is None else replace(made, name=name)


def test_expanding_windows_and_their_mean_ratio() -> None:
    setup = make_setup(walks(120), None, Settings(horizon=5, season=1, folds=2))
    # At most half of the 120 steps are tested: two blocks of 30. The last origin has 5 steps after it: 114.
    bounds = [(int(f.test.first[0]), int(f.test.stop[0]), int(f.train[0])) for f in setup.bench.folds]
    assert bounds == [(55, 85, 56), (85, 115, 86)]
    assert setup.fold_text == "2 expanding windows, each tested on 30 forecasts of 5 steps"
    assert setup.test_to_train == pytest.approx((30 / 56 + 30 / 86) / 2)
    assert setup.inferred == (
        "task: forecast (there are no labels; --task changes it)",
        "season: 1 (as asked; --season changes it)",
        "horizon: 5 (as asked)",
    )
    assert setup.resolved == {"task": "forecast", "split": setup.fold_text, "horizon": 5, "season": 1}


def test_many_series_and_one_window() -> None:
    setup = make_setup(walks(2600, 2700), None, Settings(task="forecast", horizon=4, folds=1))
    # 40 % of the shorter one: a block of 1040 origins in each. Trained on 2600 - 4 - 1040 + 1 steps, and 100 more.
    assert setup.fold_text == "1 expanding window, each tested on 2,080 forecasts of 4 steps"
    assert setup.test_to_train == pytest.approx(2080 / (1557 + 1657))
    assert setup.inferred[0] == "task: forecast (as asked; --task changes it)"
    assert setup.inferred[1] == "season: 1 (no clear peak of the autocorrelation; --season changes it)"
    assert setup.inferred[2] == "horizon: 4 (as asked)"


def test_a_given_test_part_of_several_series() -> None:
    train, after = walks(100, 80), walks(30, 20)
    setup = make_setup(train, after, Settings(horizon=7, season=1))
    (fold,) = setup.bench.folds
    # From the last known step of each (99, 79) to the last with seven known ones after it (122, 92).
    assert (fold.test.first.tolist(), fold.test.stop.tolist()) == ([99, 79], [123, 93])
    assert fold.train.tolist() == [100, 80]
    assert setup.test_to_train == pytest.approx((24 + 14) / 180)
    assert setup.fold_text == "1 expanding window, each tested on 38 forecasts of 7 steps"
    np.testing.assert_array_equal(setup.bench.data[1], np.concatenate([train[1], after[1]]))


def test_the_calendar_gives_the_season_and_the_season_the_horizon() -> None:
    setup = make_setup(load_builtin("airline"), None, Settings(folds=3))
    assert setup.inferred == (
        "task: forecast (there are no labels; --task changes it)",
        "season: 12 (steps are months, so a year; --season changes it)",
        "horizon: 12 (one season; --horizon changes it)",
    )
    assert setup.resolved["season"] == setup.resolved["horizon"] == 12


def test_without_a_season_ten_steps_are_forecast() -> None:
    setup = make_setup(walks(300), None, Settings(folds=2))
    assert setup.inferred[2] == "horizon: 10 (no season is known; --horizon changes it)"
    assert setup.resolved["horizon"] == 10


def test_stratified_folds_and_their_mean_ratio() -> None:
    setup = make_setup(labelled(12, 10), None, Settings(folds=4))
    tested = sorted(len(f.test) for f in setup.bench.folds)
    assert tested == [5, 5, 6, 6]  # three of the twelve each; two or three of the ten
    assert setup.test_to_train == pytest.approx((6 / 16 + 6 / 16 + 5 / 17 + 5 / 17) / 4)
    assert setup.fold_text == f"4 stratified folds of about {len(setup.bench.folds[0].test)} of 22 sequences"
    assert sorted(np.concatenate([f.test for f in setup.bench.folds]).tolist()) == list(range(22))
    assert setup.inferred == (
        "task: classify (there are labels; --task changes it)",
        "networks read in both directions, pool mean",
    )
    wanted = {"task": "classify", "split": setup.fold_text, "direction": "both", "pool": "mean"}
    assert setup.resolved == wanted


def test_one_fold_is_a_fifth_of_the_cases() -> None:
    setup = make_setup(labelled(10, 15), None, Settings(folds=1, direction="one"))
    assert setup.fold_text == "one stratified part of 5 of 25 sequences"
    assert setup.test_to_train == pytest.approx(5 / 20)
    assert setup.inferred[1] == "networks read in one direction, pool mean"
    assert setup.resolved["direction"] == "one"


def test_a_given_test_part_of_cases() -> None:
    setup = make_setup(labelled(6, 6), labelled(2, 3), Settings(pool="last"))
    assert setup.fold_text == "the given split: 12 sequences to learn from, 5 to test"
    assert setup.test_to_train == pytest.approx(5 / 12)
    assert setup.bench.folds[0].test.tolist() == [12, 13, 14, 15, 16]
    assert setup.inferred[1] == "networks read in both directions, pool last"
    assert setup.resolved["pool"] == "last"


def test_problems_of_memory_are_read_as_they_come() -> None:
    for name in ("recall-20", "temporal-order"):
        setup = make_setup(labelled(9, 9, name=name), None, Settings(folds=3))
        assert setup.inferred[1] == "networks read in one direction, pool last"
        assert (setup.resolved["direction"], setup.resolved["pool"]) == ("one", "last")
