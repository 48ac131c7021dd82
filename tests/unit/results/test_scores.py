"""Means over seeds."""

from __future__ import annotations

import math

import pytest

from selfloop.results.scores import FoldScore, means_over_seeds, score_of
from selfloop.results.study import Status, Trial


def trial(name: str, fold: int, seed: int, value: float | None, status: Status = "ok") -> Trial:
    return Trial(name, fold, seed, status, {} if value is None else {"mase": value}, 10, 10, 1.0, 1.0, {})


def test_means_are_over_the_runs_that_have_a_score() -> None:
    trials = [
        trial("b", 2, 1, 4.0), trial("b", 2, 0, 1.0), trial("b", 2, 2, math.inf), trial("b", 2, 3, 7.0, "diverged"),
        trial("b", 0, 0, 3.0), trial("a", 1, 0, None, "diverged"), trial("a", 1, 1, math.nan),
    ]  # fmt: skip
    assert means_over_seeds(trials, "mase") == (
        FoldScore("a", 1, None, ()),
        FoldScore("b", 0, 3.0, ((0, 3.0),)),
        FoldScore("b", 2, 2.5, ((0, 1.0), (1, 4.0))),
    )


@pytest.mark.parametrize(
    ("one", "score"),
    [
        (trial("a", 0, 0, 0.0), 0.0),
        (trial("a", 0, 0, None), None),
        (trial("a", 0, 0, math.nan), None),
        (trial("a", 0, 0, 2.0, "diverged"), None),
    ],
)
def test_a_run_has_a_score_where_it_is_finite(one: Trial, score: float | None) -> None:
    assert score_of(one, "mase") == score
    assert score_of(one, "another") is None
