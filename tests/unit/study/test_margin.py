"""How large a difference has to be to matter; every number here is worked out by hand."""

from __future__ import annotations

import pytest

from selfloop.results.study import Candidate, Metric, Row
from selfloop.study.verdict.margin import margin

ERROR = Metric("mase", "MASE", True, "")
SHARE = Metric("accuracy", "accuracy", False, "", "difference")


def row(score: float | None, diverged: int = 0) -> Row:
    return Row(Candidate("rnn", "RNN", "recurrent", True), score, None, {}, {}, 1, 1, 0.0, 0.0, 0.0, 3, diverged)


@pytest.mark.parametrize(("wanted", "expected"), [(None, 0.03), (0.1, 0.1)])
def test_of_errors_it_is_a_share_whatever_they_are(wanted: float | None, expected: float) -> None:
    assert margin(ERROR, [row(0.2), row(40.0)], wanted) == expected
    assert margin(ERROR, [row(None)], wanted) == expected


@pytest.mark.parametrize(
    ("best", "wanted", "expected"),
    [
        (0.80, None, 0.02),  # a tenth of 20 % mistakes, not of 80 % found
        (0.50, None, 0.05),
        (0.95, None, 0.005),  # a tenth of the mistakes, and half a point
        (0.99, None, 0.005),  # half a point, for a tenth of the mistakes is less
        (1.00, None, 0.005),
        (0.80, 0.03, 0.006),
        (0.99, 0.50, 0.005),
        (1.00, 0.03, 0.0),  # no mistakes: a share of them is nothing
    ],
)
def test_of_shares_it_is_a_share_of_what_the_best_misses(best: float, wanted: float | None, expected: float) -> None:
    assert margin(SHARE, [row(best), row(best - 0.3)], wanted) == pytest.approx(expected, abs=1e-15)


def test_the_best_is_one_that_never_diverged() -> None:
    assert margin(SHARE, [row(0.99, diverged=1), row(0.7), row(None, diverged=3)], None) == pytest.approx(0.03)


def test_where_every_one_diverged_all_is_missed() -> None:
    assert margin(SHARE, [row(0.9, diverged=1), row(None, diverged=3)], None) == pytest.approx(0.1)
