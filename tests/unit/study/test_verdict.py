"""Golden texts of typical studies (tests/golden/verdict), and the rules behind them. Nothing is random."""

import math
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest

from selfloop.errors import SettingsError, StudyError
from selfloop.results.study import Candidate, Metric, Trial, Verdict
from selfloop.study.verdict.text import cost, the
from selfloop.study.verdict.verdict import verdict

MASE = Metric("mase", "MASE", True, "")
ACCURACY = Metric("accuracy", "accuracy", False, "")
CANDIDATES = {
    each.name: each
    for each in (
        Candidate("rnn", "RNN", "recurrent", True),
        Candidate("lstm", "LSTM", "recurrent", True),
        Candidate("gru", "GRU", "recurrent", True),
        Candidate("ridge_ar", "ridge autoregression", "baseline", True),
        Candidate("naive", "naive forecast", "baseline", True),
        Candidate("majority", "majority class", "baseline", True),
    )
}
OPERATIONS = {"rnn": 1500, "lstm": 4288, "gru": 3300, "ridge_ar": 168, "naive": 0, "majority": 0}
DIFFICULTY = [1.0, 1.3, 0.8, 1.1, 0.9, 1.2, 1.0]
WIGGLE = {  # each candidate's own luck, a fold each
    "rnn": [0.6, -1.0, 0.2, 0.9, -0.8, 0.5, -0.4],
    "lstm": [-0.5, 0.3, 1.0, -0.7, 0.4, -0.9, 0.4],
    "gru": [0.1, 0.8, -0.9, -0.2, 1.0, -0.3, -0.5],
    "ridge_ar": [-0.9, 0.6, 0.4, -0.6, 0.3, 0.9, -0.7],
    "naive": [1.0, -0.2, -0.7, 0.6, -0.9, 0.2, 0.0],
    "majority": [0.2, -0.2, 0.1, 0.0, -0.1, 0.3, -0.3],
}


def make(
    skill: Mapping[str, float],
    *,
    folds: int = 7,
    luck: float = 0.03,
    metric: str = "mase",
    operations: Mapping[str, int] = OPERATIONS,
    diverged: Collection[tuple[str, int, int]] = (),
) -> list[Trial]:
    """Three seeds a fold, 1 % around their mean; `diverged`: (candidate, fold, seed)."""
    trials = []
    for name, score in skill.items():
        for fold in range(folds):
            hard = DIFFICULTY[fold] if metric == "mase" else 1.0
            for seed, around in enumerate((0.99, 1.0, 1.01)):
                value = score * hard * math.exp(luck * WIGGLE[name][fold]) * around
                lost = (name, fold, seed) in diverged
                metrics = {} if lost else {metric: value}
                status: Literal["ok", "diverged"] = "diverged" if lost else "ok"
                trials.append(Trial(name, fold, seed, status, metrics, 500, operations[name], 1.0, 1.0, {}))
    return trials


def judge(
    trials: list[Trial],
    *,
    metric: Metric = MASE,
    margin: float = 0.03,
    test_to_train: float = 0.1,
    on: str = "on this series",
    **given: Any,
) -> Verdict:
    names = list(dict.fromkeys(trial.candidate for trial in trials))
    candidates = [CANDIDATES[name] for name in names]
    naive = ("naive", "majority")
    return verdict(
        trials,
        candidates,
        [metric],
        margin=margin,
        test_to_train=test_to_train,
        data_phrase=on,
        naive_names=naive,
        **given,
    )


def text(result: Verdict) -> str:
    return "\n".join((result.headline, result.pick_reason, *(c.sentence for c in result.claims), *result.notes))


def golden(name: str) -> str:
    return (Path(__file__).parents[2] / "golden" / "verdict" / f"{name}.txt").read_text(encoding="utf-8").rstrip("\n")


def outcomes(result: Verdict) -> dict[str, str]:
    return {claim.other: claim.outcome for claim in result.claims}


def test_a_network_wins() -> None:
    result = judge(make({"rnn": 0.95, "lstm": 0.7, "gru": 0.735, "naive": 1.2}))
    assert text(result) == golden("network")
    assert (result.pick, result.best, result.best_recurrent) == ("lstm", "lstm", "lstm")
    assert outcomes(result) == {"rnn": "better", "gru": "no difference found", "naive": "better"}


def test_a_window_suffices() -> None:
    result = judge(make({"ridge_ar": 0.71, "lstm": 0.7, "naive": 1.2}, luck=0.005))
    assert text(result) == golden("window")
    assert (result.pick, result.best, result.best_recurrent) == ("ridge_ar", "lstm", "lstm")


def test_accuracy_is_read_upwards() -> None:
    result = judge(
        make({"rnn": 0.8, "lstm": 0.97, "gru": 0.975, "majority": 0.2}, luck=0.01, metric="accuracy"),
        metric=ACCURACY,
        on="on these data",
        floor=0.005,
    )
    assert text(result) == golden("accuracy")
    assert (result.pick, result.best) == ("gru", "gru")
    claims = {claim.other: claim for claim in result.claims}
    assert claims["rnn"].ratio > 1  # of scores, whichever way is better
    assert claims["rnn"].interval[0] < claims["rnn"].ratio < claims["rnn"].interval[1]
    assert claims["rnn"].p_better > 0.99


def test_three_folds_give_a_pick_and_no_claim() -> None:
    result = judge(make({"lstm": 0.7, "gru": 1.4, "naive": 2.8}, folds=3, luck=0.001))
    assert text(result) == golden("few")
    assert set(outcomes(result).values()) == {"no claim"}
    assert all(claim.p_value is None and claim.p_better is None and claim.interval is None for claim in result.claims)
    assert result.claims[0].ratio == pytest.approx(0.5, rel=0.01)


def test_four_folds_may_claim() -> None:
    result = judge(make({"lstm": 0.7, "gru": 1.4}, folds=4, luck=0.001))
    assert outcomes(result) == {"gru": "better"}


def test_diverged_runs_are_said_and_cost_the_pick() -> None:
    lost = {("rnn", 0, 1), ("rnn", 5, 2), *(("gru", fold, seed) for fold in range(7) for seed in range(3))}
    result = judge(make({"rnn": 0.3, "lstm": 0.7, "gru": 0.6, "naive": 1.2}, diverged=lost))
    assert text(result) == golden("diverged")
    assert (result.pick, result.best, result.best_recurrent) == ("lstm", "lstm", "lstm")
    claims = {claim.other: claim for claim in result.claims}
    assert claims["rnn"].ratio > 2
    assert claims["gru"].ratio is None


def test_where_everything_diverged_somewhere_the_finished_runs_pick_without_a_claim() -> None:
    result = judge(make({"lstm": 0.7, "gru": 1.4}, diverged={("lstm", 0, 0), ("gru", 1, 1)}))
    assert result.pick == "lstm"
    assert outcomes(result) == {"gru": "no claim"}


def test_where_nothing_finished_there_is_no_verdict() -> None:
    lost = {("lstm", fold, seed) for fold in range(7) for seed in range(3)}
    with pytest.raises(StudyError, match="Every run of every candidate diverged"):
        judge(make({"lstm": 0.7}, diverged=lost))


@pytest.mark.parametrize("rounding", [0.0, 2e-16, 1e-15])
def test_identical_scores_are_no_difference_and_no_proof_of_equivalence(rounding: float) -> None:
    trials = make({"lstm": 0.7})
    trials += [
        replace(t, candidate="gru", operations=3300, metrics={"mase": t.metrics["mase"] * (1 + rounding)})
        for t in make({"lstm": 0.7})
    ]
    (claim,) = judge(trials).claims
    assert (claim.outcome, claim.ratio, claim.p_value, claim.p_better) == ("no difference found", 1.0, None, None)
    assert claim.sentence == (
        "No difference found between this GRU and this LSTM on this series: they scored the same in every fold, which "
        "also leaves nothing to measure a chance difference by."
    )


def test_a_constant_gap_without_spread_is_no_claim() -> None:
    (claim,) = judge(make({"lstm": 0.7, "gru": 0.77}, luck=0.0)).claims
    assert claim.outcome == "no claim"
    assert claim.sentence == (
        "The MASE of this LSTM is 9.1 % lower than that of this GRU in every fold alike on this series; folds without "
        "any spread are no ground for a claim."
    )


def test_a_score_of_zero_has_no_ratio_unless_there_is_a_floor() -> None:
    trials = make({"lstm": 0.9, "majority": 0.0}, luck=0.01, metric="accuracy")
    (claim,) = judge(trials, metric=ACCURACY).claims
    assert (claim.outcome, claim.ratio) == ("no claim", None)
    assert "zero in some fold has no ratio" in claim.sentence
    (claim,) = judge(trials, metric=ACCURACY, floor=0.01).claims
    assert claim.outcome == "better"
    assert claim.ratio == pytest.approx(90, rel=0.02)


def test_equal_candidates_are_shown_equivalent_even_where_a_small_difference_is_sure() -> None:
    result = judge(make({"lstm": 0.7, "gru": 0.708}, luck=0.0005))
    (claim,) = result.claims
    assert claim.outcome == "equivalent"
    assert claim.p_value < 0.05
    assert claim.sentence == (
        "This GRU and this LSTM are shown equivalent (within 3 %) on this series: the MASE of this GRU is 1.1 % higher "
        "(95 % interval 1.1 % to 1.2 % higher). So small a difference is shown too, but it does not matter."
    )


def test_a_cheaper_pick_may_be_shown_worse() -> None:
    result = judge(make({"lstm": 0.7, "rnn": 0.7196}, luck=0.002))
    assert result.pick == "rnn"
    (claim,) = result.claims
    assert claim.outcome == "worse"
    assert claim.sentence == (
        "This RNN is shown worse than this LSTM on this series: its MASE is 2.8 % higher (95 % interval 2.5 % to 3.1 % "
        "higher). It is the pick all the same: its mean MASE is within 3 % of the best, and it takes 1,500 "
        "multiply-adds a step against 4,288."
    )


def test_the_margin_decides_between_cheap_and_good() -> None:
    trials = make({"lstm": 0.7, "gru": 0.72, "rnn": 0.76}, luck=0.0001)
    assert judge(trials, margin=0.01).pick == "lstm"
    assert judge(trials, margin=0.03).pick == "gru"
    assert judge(trials, margin=0.10).pick == "rnn"


def test_equal_cost_goes_to_the_better_score() -> None:
    trials = make({"gru": 0.705, "lstm": 0.7}, luck=0.0001, operations={"gru": 10, "lstm": 10})
    assert judge(trials).pick == "lstm"


def test_networks_no_better_than_naive_are_named() -> None:
    result = judge(make({"lstm": 1.1, "gru": 1.2, "naive": 1.0}))
    assert result.pick == "naive"
    assert "The best recurrent network, this LSTM, does not score better than the naive forecast on this series." in (
        result.notes
    )
    assert "naive forecast's" not in result.headline  # it is not compared with itself
    assert result.headline.startswith("The naive forecast is the pick on this series: its MASE is 1.04, ")


def test_more_candidates_ask_for_more_evidence() -> None:
    """The same two candidates, the same scores: alone a difference, among many that could have been the pick none."""
    pair = {"lstm": 0.7, "gru": 0.75}
    alone = judge(make(pair, luck=0.05))
    among = judge(make({**pair, "rnn": 0.76, "ridge_ar": 0.755}, luck=0.05))
    a, b = (next(c for c in result.claims if c.other == "gru") for result in (alone, among))
    assert (a.outcome, b.outcome) == ("better", "no difference found")
    assert b.p_value == pytest.approx(6 * a.p_value)
    assert (a.ratio, a.interval, a.p_better) == (b.ratio, b.interval, b.p_better)
    assert a.smallest_detectable < b.smallest_detectable
    assert b.sentence.endswith(
        "This comparison alone would pass, but among 6 pairs of candidates such a gap can come by chance."
    )


def test_one_candidate_is_the_pick_without_company() -> None:
    result = judge(make({"lstm": 0.7}))
    assert result.claims == ()
    assert result.pick_reason == "This LSTM is the only candidate."
    assert result.headline == (
        "This LSTM is the pick on this series: its MASE is 0.729, and it takes 4,288 multiply-adds a step."
    )


def test_notes_are_passed_on_last() -> None:
    assert judge(make({"lstm": 0.7, "gru": 0.7}), notes=("A gap of 2 %.",)).notes[-1] == "A gap of 2 %."


@pytest.mark.parametrize("margin", [0.0, -0.1, math.nan, math.inf])
def test_a_margin_must_be_above_zero(margin: float) -> None:
    with pytest.raises(SettingsError, match="margin"):
        judge(make({"lstm": 0.7, "gru": 0.7}), margin=margin)


def test_nothing_to_compare() -> None:
    with pytest.raises(SettingsError, match="nothing to compare"):
        judge([])


def test_a_network_is_this_one_and_a_cost_has_its_unit() -> None:
    assert [the(CANDIDATES[name]) for name in ("lstm", "ridge_ar")] == ["this LSTM", "the ridge autoregression"]
    assert [cost(n) for n in (0, 1, 4288)] == [
        "0 multiply-adds a step", "1 multiply-add a step", "4,288 multiply-adds a step",
    ]  # fmt: skip
