"""Golden texts of typical studies (tests/golden/verdict), and the rules behind them. Nothing is random."""

import math
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from selfloop.errors import SettingsError, StudyError
from selfloop.results.study import Candidate, Curve, Metric, Trial, Verdict
from selfloop.study.verdict.frame import cost, the
from selfloop.study.verdict.verdict import Rules, verdict

MASE = Metric("mase", "MASE", True, "")
ACCURACY = Metric("accuracy", "accuracy", False, "", "difference")
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
                curve = Curve((), (), 3) if CANDIDATES[name].family == "recurrent" else None
                trials.append(Trial(name, fold, seed, status, metrics, 500, operations[name], 1.0, 1.0, {}, curve))
    return trials


def judge(
    trials: list[Trial],
    *,
    metric: Metric = MASE,
    margin: float = 0.03,
    test_to_train: float = 0.1,
    on: str = "on this series",
    ordered: bool = False,
    **given: Any,
) -> Verdict:
    names = list(dict.fromkeys(trial.candidate for trial in trials))
    candidates = [CANDIDATES[name] for name in names]
    rules = Rules(margin, test_to_train, on, ordered, naive_names=("naive", "majority"))
    return verdict(trials, candidates, [metric], rules, **given)


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
    assert outcomes(result) == {"rnn": "better", "gru": "better", "naive": "better"}


def test_a_window_suffices() -> None:
    result = judge(make({"ridge_ar": 0.71, "lstm": 0.7, "naive": 1.2}, luck=0.005))
    assert text(result) == golden("window")
    assert (result.pick, result.best, result.best_recurrent) == ("ridge_ar", "lstm", "lstm")


def test_accuracy_is_read_upwards() -> None:
    result = judge(
        make({"rnn": 0.8, "lstm": 0.97, "gru": 0.972, "majority": 0.2}, luck=0.002, metric="accuracy"),
        metric=ACCURACY,
        on="on these data",
        margin=0.005,
    )
    assert text(result) == golden("accuracy")
    assert (result.pick, result.best) == ("gru", "gru")
    claims = {claim.other: claim for claim in result.claims}
    assert claims["rnn"].effect == pytest.approx(0.172, abs=5e-4)  # a difference of shares, whichever way is better
    assert claims["rnn"].interval[0] < claims["rnn"].effect < claims["rnn"].interval[1]
    assert claims["rnn"].scores == pytest.approx((0.972, 0.8), abs=5e-4)


def test_three_folds_give_a_pick_and_no_claim() -> None:
    result = judge(make({"lstm": 0.7, "gru": 1.4, "naive": 2.8}, folds=3, luck=0.001))
    assert text(result) == golden("few")
    assert set(outcomes(result).values()) == {"no claim"}
    assert all(claim.p_value is None and claim.interval is None for claim in result.claims)
    assert result.claims[0].effect == pytest.approx(0.5, rel=0.01)


def test_four_folds_may_claim() -> None:
    result = judge(make({"lstm": 0.7, "gru": 1.4}, folds=4, luck=0.001))
    assert outcomes(result) == {"gru": "better"}


def test_diverged_runs_are_said_and_cost_the_pick() -> None:
    lost = {("rnn", 0, 1), ("rnn", 5, 2), *(("gru", fold, seed) for fold in range(7) for seed in range(3))}
    result = judge(make({"rnn": 0.3, "lstm": 0.7, "gru": 0.6, "naive": 1.2}, diverged=lost))
    assert text(result) == golden("diverged")
    assert (result.pick, result.best, result.best_recurrent) == ("lstm", "lstm", "lstm")
    claims = {claim.other: claim for claim in result.claims}
    assert claims["rnn"].effect > 2
    assert claims["gru"].effect is None


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
    assert (claim.outcome, claim.effect, claim.p_value) == ("no difference found", 1.0, None)
    assert claim.sentence == (
        "No difference found between this GRU and this LSTM on this series: they scored the same in every fold, which "
        "also leaves nothing to measure a chance difference by."
    )


def test_a_constant_gap_without_spread_is_no_claim() -> None:
    (claim,) = judge(make({"lstm": 0.7, "gru": 0.77}, luck=0.0)).claims
    assert claim.outcome == "no claim"
    assert claim.sentence == (
        "MASE of this LSTM against this GRU on this series: 0.730 against 0.803, 9.1 % lower in every fold alike; "
        "folds without any spread are no ground for a claim."
    )


def test_a_mean_of_zero_has_no_ratio() -> None:
    (claim,) = judge(make({"lstm": 0.9, "naive": 0.0}, luck=0.01)).claims
    assert (claim.outcome, claim.effect) == ("no claim", None)
    assert (
        claim.sentence == "No claim about the naive forecast and this LSTM on this series: a MASE of zero has no ratio."
    )


def test_one_fold_without_an_error_is_a_fold_like_others() -> None:
    """It was "100 % lower": a ratio of means has no logarithm of a single fold in it."""
    trials = [replace(t, metrics={"mase": 0.0}) if (t.candidate, t.fold) == ("lstm", 2) else t
              for t in make({"lstm": 0.7, "gru": 1.4})]  # fmt: skip
    (claim,) = judge(trials).claims
    assert claim.outcome == "better"
    assert claim.effect == pytest.approx(claim.scores[0] / claim.scores[1], rel=1e-12)
    assert 0.35 < claim.effect < 0.5


def test_a_share_of_zero_is_a_share_like_others() -> None:
    trials = make({"lstm": 0.9, "majority": 0.0}, luck=0.01, metric="accuracy")
    (claim,) = judge(trials, metric=ACCURACY, margin=0.01).claims
    assert claim.outcome == "better"
    assert claim.effect == pytest.approx(0.9, rel=0.01)


def test_the_same_pair_is_the_same_number_in_headline_board_and_claim() -> None:
    result = judge(make({"rnn": 0.9, "naive": 1.2}, luck=0.2))
    (claim,) = result.claims
    assert claim.scores is not None
    said = f"{claim.scores[0]:.3f} against {claim.scores[1]:.2f}"
    lower = f"{100 * (1 - claim.scores[0] / claim.scores[1]):.0f} % lower"
    assert said in result.headline
    assert said in claim.sentence
    assert lower in result.headline
    assert lower in claim.sentence


def test_equal_candidates_are_shown_equivalent_even_where_a_small_difference_is_sure() -> None:
    result = judge(make({"lstm": 0.7, "gru": 0.708}, luck=0.0005))
    (claim,) = result.claims
    assert claim.outcome == "equivalent"
    assert claim.p_value < 0.05
    assert claim.sentence == (
        "This GRU and this LSTM are shown equivalent (within 3 %) in these 21 runs on this series: MASE 0.738 against "
        "0.730, 1.1 % higher (95 % interval 1.1 % to 1.2 % higher). So small a difference is shown too, but it does "
        "not matter. Training that fails in fewer than 1 of 7 runs may have gone unseen."
    )


def test_few_runs_of_training_are_no_ground_for_equivalence() -> None:
    """A run in ten that fails goes unseen in a third of all studies of nine runs."""
    trials = [t for t in make({"lstm": 0.7, "gru": 0.7}, luck=0.0005) if t.seed == 0]
    (claim,) = judge(trials).claims
    assert claim.outcome == "no difference found"
    assert claim.sentence.endswith("They would pass as equivalent, but 7 runs of training are too few to say so.")
    both = [replace(t, curve=None) for t in trials]  # closed forms: no luck in training, nothing to fail
    (claim,) = judge(both).claims
    assert claim.outcome == "equivalent"
    assert "runs" not in claim.sentence


def wrong(trials: list[Trial], name: str, cases: int) -> dict[str, Any]:
    """By candidate, whether it was right: all of them are, but for `name` on the first `cases` of 400."""
    right = {t.candidate: np.ones(400) for t in trials}
    right[name][:cases] = 0.0
    return right


def rare_faults() -> list[Trial]:
    """One candidate finds every fault, the majority class none, in every fold alike: balanced accuracy 1 and 0.5."""
    trials = make({"lstm": 1.0, "gru": 1.0, "ridge_ar": 1.0, "majority": 0.5}, luck=0.0, metric="accuracy")
    return [replace(t, metrics={"accuracy": 0.5 if t.candidate == "majority" else 1.0}) for t in trials]


def test_where_folds_tie_the_cases_decide() -> None:
    """400 sequences, 10 of them faults: McNemar's exact p is 2 / 2^10, three pairs of four candidates can differ."""
    trials = rare_faults()
    result = judge(trials, metric=ACCURACY, margin=0.005, on="on these data", right=wrong(trials, "majority", 10))
    assert result.pick == "ridge_ar"
    claims = {claim.other: claim for claim in result.claims}
    assert claims["majority"].outcome == "better"
    assert claims["majority"].p_value == pytest.approx(3 * 2 / 2**10)
    assert claims["majority"].sentence == (
        "The ridge autoregression is shown better than the majority class on these data: accuracy 1.00 against 0.500, "
        "50 percentage points higher in every fold alike. Over all folds, the ridge autoregression is right more often "
        "on 10 cases and the majority class on 0 (McNemar's exact test)."
    )
    assert claims["lstm"].outcome == "no difference found"


def test_few_cases_decide_nothing() -> None:
    trials = rare_faults()
    result = judge(trials, metric=ACCURACY, margin=0.005, right=wrong(trials, "majority", 4))
    (claim,) = (claim for claim in result.claims if claim.other == "majority")
    assert claim.outcome == "no difference found"
    assert "right more often on 4 cases" in claim.sentence


def test_a_naive_baseline_that_is_near_and_cheap_is_not_the_pick_where_something_likely_beats_it() -> None:
    trials = make({"lstm": 0.98, "naive": 1.0}, luck=0.004)
    result = judge(trials)
    assert result.pick == "lstm"
    assert result.pick_reason == (
        "This LSTM has the best mean MASE (1.02). The naive forecast is as near and cheaper, but likely beaten."
    )


def test_of_those_that_likely_beat_a_naive_baseline_the_cheapest_is_the_pick() -> None:
    """The RNN is cheaper, but hardly better than naive."""
    skills = {"lstm": 0.975, "gru": 0.98, "rnn": 0.9995, "naive": 1.0}
    result = judge(make(skills, luck=0.004))
    assert result.pick == "gru"
    assert result.pick_reason == (
        "This GRU has a mean MASE of 1.02 against 1.02 of the best, this LSTM (0.5 % higher); of the 4 candidates "
        "within 3 % of it, it is the cheapest that likely beats the naive forecast, with 3,300 multiply-adds a step "
        "against 4,288."
    )


def test_a_naive_baseline_that_beats_another_is_the_pick_unless_it_is_beaten_too() -> None:
    cheap = {**OPERATIONS, "naive": 1, "majority": 2}
    for luck, pick in ((0.004, "lstm"), (0.02, "majority")):
        skills = {"lstm": 0.976, "majority": 0.982, "naive": 1.0}
        trials = [
            replace(
                t, metrics={"mase": t.metrics["mase"] * (1 + (luck if t.candidate == "lstm" else 0) * (-1) ** t.fold)}
            )
            for t in make(skills, luck=0.002, operations=cheap)
        ]
        assert judge(trials).pick == pick


def test_a_naive_baseline_is_the_pick_where_nothing_likely_beats_it() -> None:
    result = judge(make({"lstm": 0.995, "gru": 1.2, "naive": 1.0}, luck=0.05))
    assert result.pick == "naive"
    assert result.headline.startswith("Nothing here is shown to beat the naive forecast on this series: its MASE is ")
    assert "suffices" not in result.pick_reason
    assert result.pick_reason.endswith("and nothing is shown to beat the naive forecast.")


@pytest.mark.parametrize(
    ("skill", "luck", "said"),
    [
        ({"ridge_ar": 0.71, "lstm": 0.7, "naive": 1.2}, 0.005, "A model without a self loop suffices on this series"),
        ({"ridge_ar": 0.71, "lstm": 0.7, "naive": 1.2}, 0.05, "Whether a self loop helps on this series is undecided"),
        ({"ridge_ar": 0.7195, "lstm": 0.7, "naive": 1.2}, 0.003, "A self loop helps on this series, but by little"),
        ({"ridge_ar": 1.21, "lstm": 1.205, "naive": 1.2}, 0.2, "nothing is shown to beat the naive forecast"),
    ],
)
def test_what_a_baseline_as_the_pick_says_of_a_self_loop(skill: dict[str, float], luck: float, said: str) -> None:
    operations = {**OPERATIONS, "naive": 10_000}
    assert said in judge(make(skill, luck=luck, operations=operations)).pick_reason


def test_effects_that_persist_are_said_and_widen_what_is_claimed() -> None:
    """Ten folds: in the first five the one is lucky, in the last five the other."""
    luck = [1, 1, 1, 1, 1, -1, -1, -1, -1, -1]
    trials = [
        Trial(name, fold, 0, "ok", {"mase": score * (1 + sign * 0.02 * luck[fold])}, 1, 1, 0.0, 0.0, {})
        for name, score, sign in (("ridge_ar", 0.8, 1), ("naive", 1.0, -1))
        for fold in range(10)
    ]
    free, ordered = judge(trials), judge(trials, ordered=True)
    narrow, wide = (result.claims[0].interval for result in (free, ordered))
    assert wide[1] - wide[0] > 2 * (narrow[1] - narrow[0])
    (clear,) = [note for note in ordered.notes if note.startswith("What favours a candidate in one fold tends to")]
    assert "a slow drift can still look like skill" in clear
    assert any("false claim is about 5 %" in note for note in ordered.notes)
    assert not any("favours" in note for note in free.notes)


def test_a_cheaper_pick_may_be_shown_worse() -> None:
    result = judge(make({"lstm": 0.7, "rnn": 0.7196}, luck=0.002))
    assert result.pick == "rnn"
    (claim,) = result.claims
    assert claim.outcome == "worse"
    assert claim.sentence == (
        "This RNN is shown worse than this LSTM on this series: MASE 0.750 against 0.730, 2.8 % higher (95 % interval "
        "2.5 % to 3.1 % higher). It is the pick all the same: its mean MASE is within 3 % of the best, and it takes "
        "1,500 multiply-adds a step against 4,288."
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
    assert result.headline.startswith(
        "Nothing here is shown to beat the naive forecast on this series: its MASE is 1.04."
    )


def test_more_candidates_ask_for_more_evidence() -> None:
    """The same two candidates, the same scores: alone a difference, among many that could have been the pick none."""
    pair = {"lstm": 0.7, "gru": 0.75}
    alone = judge(make(pair, luck=0.05))
    among = judge(make({**pair, "rnn": 0.76, "ridge_ar": 0.755}, luck=0.05))
    a, b = (next(c for c in result.claims if c.other == "gru") for result in (alone, among))
    assert (a.outcome, b.outcome) == ("better", "no difference found")
    assert b.p_value == pytest.approx(6 * a.p_value)
    assert (a.effect, a.interval) == (b.effect, b.interval)
    assert a.smallest_detectable < b.smallest_detectable
    assert b.sentence.endswith(
        "This comparison alone would pass, but among 6 pairs of candidates such a gap can come by chance."
    )


def test_one_candidate_is_the_pick_without_company() -> None:
    result = judge(make({"lstm": 0.7}))
    assert result.claims == ()
    assert result.pick_reason == "This LSTM is the only candidate."
    assert result.headline == (
        "This LSTM is the pick on this series: its MASE is 0.729. It takes 4,288 multiply-adds a step."
    )


def test_notes_are_passed_on_last() -> None:
    assert judge(make({"lstm": 0.7, "gru": 0.7}), notes=("A gap of 2 %.",)).notes[-1] == "A gap of 2 %."


@pytest.mark.parametrize("margin", [-0.1, math.nan, math.inf])
def test_a_margin_must_be_zero_or_more(margin: float) -> None:
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
