import math
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pytest

from selfloop.errors import StudyError
from selfloop.results.study import Candidate, Metric, Trial
from selfloop.study.verdict.leaderboard import fold_scores, leaderboard

MASE = Metric("mase", "MASE", True, "")
MAE = Metric("mae", "MAE", True, "")
ACCURACY = Metric("accuracy", "accuracy", False, "", "difference")
LSTM = Candidate("lstm", "LSTM", "recurrent", True)
GRU = Candidate("gru", "GRU", "recurrent", True)
NAIVE = Candidate("naive", "naive forecast", "baseline", True)
SEASONAL = Candidate("seasonal_naive", "seasonal naive forecast", "baseline", True)


def trial(
    candidate: str,
    fold: int,
    seed: int,
    operations: int = 100,
    status: Literal["ok", "diverged"] = "ok",
    seconds: float = 1.0,
    search: float = 0.0,
    micro: float = 2.0,
    parameters: int = 10,
    **metrics: float,
) -> Trial:
    kept = metrics if status == "ok" else {}
    made = Trial(candidate, fold, seed, status, kept, parameters, operations, seconds, micro, {})
    return replace(made, search_seconds=search)


def trials_of(name: str, scores: list[list[float]], **given: Any) -> list[Trial]:
    """`scores`: a list a fold, a number a seed."""
    return [
        trial(name, fold, seed, mase=score, **given)
        for fold, seeds in enumerate(scores)
        for seed, score in enumerate(seeds)
    ]


def test_means_over_folds_of_means_over_seeds() -> None:
    # Unequal numbers of seeds: the mean over all runs (1.8) is another number.
    trials = trials_of("lstm", [[1.0, 2.0, 3.0], [4.0], [0.0, 1.0]])
    np.testing.assert_allclose(fold_scores(trials, "lstm", "mase"), [2.0, 4.0, 0.5])
    (row,) = leaderboard(trials, [LSTM], [MASE], [])
    assert row.score == pytest.approx(6.5 / 3)
    assert row.spread == pytest.approx(math.sqrt(((2 - 6.5 / 3) ** 2 + (4 - 6.5 / 3) ** 2 + (0.5 - 6.5 / 3) ** 2) / 2))
    assert row.metrics == {"mase": row.score}
    assert (row.trials, row.diverged, row.relative) == (6, 0, {})


def test_folds_are_ordered_by_number_not_by_arrival() -> None:
    trials = [trial("lstm", fold, 0, mase=float(fold)) for fold in (10, 2, 7)]
    np.testing.assert_array_equal(fold_scores(trials, "lstm", "mase"), [2.0, 7.0, 10.0])


def test_a_candidate_without_one_of_the_folds_is_an_unfinished_study() -> None:
    trials = [*trials_of("lstm", [[1.0], [1.0]]), *trials_of("gru", [[1.0]])]
    with pytest.raises(StudyError, match="gru has no trial on fold 1, expected all 2 folds"):
        leaderboard(trials, [LSTM, GRU], [MASE], [])


def test_best_first_then_cost_then_name() -> None:
    trials = [
        *trials_of("naive", [[2.0]], operations=0),
        *trials_of("seasonal_naive", [[2.0]], operations=0),
        *trials_of("gru", [[2.0]], operations=5),
        *trials_of("lstm", [[1.0]], operations=9),
    ]
    rows = leaderboard(trials, [SEASONAL, GRU, NAIVE, LSTM], [MASE], [])
    assert [row.candidate.name for row in rows] == ["lstm", "naive", "seasonal_naive", "gru"]
    assert rows[0].spread is None  # one fold


def test_where_higher_is_better_the_highest_comes_first() -> None:
    trials = [trial(name, 0, 0, accuracy=score) for name, score in (("lstm", 0.7), ("gru", 0.9), ("naive", 0.1))]
    rows = leaderboard(trials, [NAIVE, LSTM, GRU], [ACCURACY], [])
    assert [row.candidate.name for row in rows] == ["gru", "lstm", "naive"]


def test_relative_is_the_mean_score_against_the_best_naive_of_each_metric() -> None:
    rows = [("lstm", 1.0, 9.0), ("lstm", 4.0, 1.0), ("naive", 2.0, 3.0), ("naive", 2.0, 3.0)]
    rows += [("seasonal_naive", 3.0, 1.0), ("seasonal_naive", 3.0, 2.0)]
    trials = [trial(name, k % 2, 0, mase=mase, mae=mae) for k, (name, mase, mae) in enumerate(rows)]
    by_name = {
        row.candidate.name: row
        for row in leaderboard(trials, [LSTM, NAIVE, SEASONAL], [MASE, MAE], ["naive", "seasonal_naive"])
    }
    assert by_name["lstm"].relative["mase"] == pytest.approx(5 / 4)  # against naive
    assert by_name["lstm"].relative["mae"] == pytest.approx(10 / 3)  # against seasonal naive
    assert by_name["naive"].relative["mase"] == 1.0
    assert by_name["seasonal_naive"].relative["mae"] == 1.0


def test_relative_of_shares_is_a_difference() -> None:
    scores = {"lstm": (0.9, 0.8), "naive": (0.3, 0.2), "seasonal_naive": (0.0, 0.4)}
    trials = [trial(name, fold, 0, accuracy=score) for name, both in scores.items() for fold, score in enumerate(both)]
    rows = leaderboard(trials, [LSTM, NAIVE, SEASONAL], [ACCURACY], ["naive", "seasonal_naive"])
    found = {row.candidate.name: row.relative["accuracy"] for row in rows}
    assert found == pytest.approx({"lstm": 0.85 - 0.25, "naive": 0.0, "seasonal_naive": 0.2 - 0.25}, abs=1e-15)


def test_relative_is_over_the_folds_that_both_have() -> None:
    trials = [*trials_of("naive", [[1.0], [4.0], [4.0]]), *trials_of("lstm", [[9.0], [2.0], [1.0]])]
    trials[3] = trial("lstm", 0, 0, status="diverged")
    rows = {row.candidate.name: row for row in leaderboard(trials, [LSTM, NAIVE], [MASE], ["naive"])}
    assert rows["lstm"].relative["mase"] == pytest.approx(3 / 8)


@pytest.mark.parametrize(
    ("own", "naive", "expected"),
    [([0.0, 1.0], [1.0, 1.0], 0.5), ([1.0, 1.0], [0.0, 1.0], 2.0), ([1.0, 1.0], [0.0, 0.0], None)],
)
def test_relative_with_a_score_of_zero(own: list[float], naive: list[float], expected: float | None) -> None:
    trials = [*trials_of("lstm", [[x] for x in own]), *trials_of("naive", [[x] for x in naive])]
    rows = {row.candidate.name: row for row in leaderboard(trials, [LSTM, NAIVE], [MASE], ["naive"])}
    assert rows["lstm"].relative.get("mase") == expected


def test_diverged_runs_are_counted_and_left_out_of_the_mean() -> None:
    trials = [
        trial("lstm", 0, 0, mase=1.0),
        trial("lstm", 0, 1, status="diverged"),
        trial("lstm", 1, 0, mase=3.0),
        trial("lstm", 1, 1, mase=math.nan),  # a score that is none, whatever the status says
    ]
    (row,) = leaderboard(trials, [LSTM], [MASE], [])
    assert (row.score, row.trials, row.diverged) == (2.0, 4, 2)


def test_a_candidate_that_never_finished_comes_last_without_a_score() -> None:
    trials = [*trials_of("gru", [[9.0], [9.0]]), *(trial("lstm", fold, 0, status="diverged") for fold in (0, 1))]
    rows = leaderboard(trials, [LSTM, GRU], [MASE], [])
    assert [row.candidate.name for row in rows] == ["gru", "lstm"]
    assert (rows[1].score, rows[1].spread, rows[1].metrics, rows[1].diverged) == (None, None, {}, 2)


def test_a_fold_without_a_finished_run_is_left_out() -> None:
    trials = [trial("lstm", 0, 0, status="diverged"), trial("lstm", 1, 0, mase=3.0), trial("lstm", 2, 0, mase=5.0)]
    assert np.isnan(fold_scores(trials, "lstm", "mase")).tolist() == [True, False, False]
    (row,) = leaderboard(trials, [LSTM], [MASE], [])
    assert row.score == 4.0


def test_costs_are_means_over_runs() -> None:
    trials = [
        trial("lstm", 0, 0, mase=1.0, operations=100, seconds=1.0, micro=4.0, parameters=11),
        trial("lstm", 1, 0, mase=1.0, operations=103, seconds=4.0, micro=8.0, parameters=14),
        trial("lstm", 2, 0, mase=1.0, operations=103, seconds=4.0, micro=3.0, parameters=14),
    ]
    (row,) = leaderboard(trials, [LSTM], [MASE], [])
    assert (row.operations, row.parameters, row.train_seconds, row.step_microseconds) == (102, 13, 3.0, 5.0)


def test_the_search_is_told_by_the_fold() -> None:
    """The first seed of a fold searches; a mean over runs would make it cheaper the more seeds there are."""
    trials = [
        trial("lstm", fold, seed, mase=1.0, search=search if seed == 0 else 0.0)
        for fold, search in enumerate((9.0, 15.0))
        for seed in range(3)
    ]
    (row,) = leaderboard(trials, [LSTM], [MASE], [])
    assert row.search_seconds == pytest.approx(12.0)
