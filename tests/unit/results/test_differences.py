"""Two scores against each other: expected words and numbers are worked out by hand."""

from __future__ import annotations

import math

import pytest

from selfloop.results import differences
from selfloop.results.study import Metric

ERROR = Metric("mae", "MAE", True, "")
SHARE = Metric("accuracy", "accuracy", False, "", "difference")


def test_equal_scores_are_one_as_a_ratio_and_nothing_as_a_difference() -> None:
    assert (differences.same(ERROR), differences.same(SHARE)) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("metric", "score", "other", "expected"),
    [
        (ERROR, 3.0, 4.0, 0.75),
        (ERROR, 0.0, 4.0, 0.0),
        (ERROR, 4.0, 0.0, None),
        (ERROR, 0.0, 0.0, 1.0),
        (ERROR, -1.0, 2.0, None),
        (SHARE, 0.75, 0.5, 0.25),
        (SHARE, 0.5, 0.75, -0.25),
        (SHARE, 0.5, 0.0, 0.5),
        (SHARE, 0.0, 0.0, 0.0),
    ],
)
def test_one_score_against_another(metric: Metric, score: float, other: float, expected: float | None) -> None:
    assert differences.against(metric, score, other) == expected


@pytest.mark.parametrize(
    ("metric", "value", "expected"),
    [(ERROR, 0.8, 1.25), (ERROR, 0.0, math.inf), (SHARE, 0.25, -0.25), (SHARE, -0.1, 0.1), (SHARE, 0.0, 0.0)],
)
def test_the_other_against_the_one(metric: Metric, value: float, expected: float) -> None:
    assert differences.turned(metric, value) == expected


@pytest.mark.parametrize(("score", "other"), [(3.0, 4.0), (0.5, 0.125)])
def test_turning_is_asking_the_other_way_round(score: float, other: float) -> None:
    for metric in (ERROR, SHARE):
        there = differences.against(metric, score, other)
        assert there is not None
        assert differences.turned(metric, there) == differences.against(metric, other, score)
        back = differences.turned(metric, there)
        assert differences.distance(metric, there) == pytest.approx(differences.distance(metric, back), rel=1e-15)


def test_distances_add_up() -> None:
    assert differences.distance(ERROR, 2.0 * 1.5) == pytest.approx(math.log(2) + math.log(1.5), rel=1e-15)
    assert differences.distance(SHARE, 0.25 + 0.125) == 0.375
    assert differences.distance(ERROR, differences.same(ERROR)) == 0
    assert differences.distance(SHARE, differences.same(SHARE)) == 0


@pytest.mark.parametrize(
    ("metric", "value", "amount"),
    [
        (ERROR, 0.03, "3 %"),
        (ERROR, None, "–"),
        (SHARE, 0.03, "3 percentage points"),
        (SHARE, 0.01, "1 percentage point"),
        (SHARE, None, "–"),
    ],
)
def test_an_amount_has_no_direction(metric: Metric, value: float | None, amount: str) -> None:
    assert differences.amount(metric, value) == amount


def test_a_direction_is_said_in_the_metrics_unit() -> None:
    assert differences.direction(ERROR, 0.88) == "12 % lower"
    assert differences.direction(SHARE, -0.12) == "12 percentage points lower"
    assert differences.direction(SHARE, 0.88) == "88 percentage points higher"
    assert (differences.direction(ERROR, 1.0), differences.direction(SHARE, 0.0)) == ("the same", "the same")


def test_an_interval_is_said_in_the_metrics_unit() -> None:
    assert differences.interval(ERROR, 0.84, 0.92) == "8 % to 16 % lower"
    assert differences.interval(SHARE, 0.08, 0.16) == "8 to 16 percentage points higher"
    assert differences.interval(SHARE, -0.02, 0.92) == "2 lower to 92 percentage points higher"


@pytest.mark.parametrize(
    ("metric", "value", "text"),
    [
        (ERROR, 0.88, "−12 %"),
        (ERROR, 2.5, "× 2.50"),
        (ERROR, 1.0, "0 %"),
        (ERROR, None, "–"),
        (SHARE, 0.012, "+1.2 points"),
        (SHARE, -0.012, "−1.2 points"),
        (SHARE, 0.01, "+1 point"),
        (SHARE, -0.0004, "> −0.1 points"),
        (SHARE, 1e-9, "< +0.1 points"),
        (SHARE, 0.0005, "+0.1 points"),
        (SHARE, 0.0, "0 points"),
        (SHARE, None, "–"),
    ],
)
def test_where_there_is_little_room(metric: Metric, value: float | None, text: str) -> None:
    assert differences.short(metric, value) == text


def test_an_interval_where_there_is_little_room() -> None:
    assert differences.short_interval(ERROR, 0.88, 2.5) == "−12 % to × 2.50"
    assert differences.short_interval(SHARE, -0.004, 0.012) == "−0.4 to +1.2 points"
    assert differences.short_interval(SHARE, 0.01, 0.02) == "+1 to +2 points"
    assert differences.short_interval(SHARE, 0.0, 0.01) == "0 to +1 point"
