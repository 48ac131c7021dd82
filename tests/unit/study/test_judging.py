"""From finished trials to the study's end: phrases, warnings, effects and totals, with scores and forecasts by hand."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from selfloop.data import Sequences, load
from selfloop.results.study import StudyResult, Trial
from selfloop.study.experiment import make_experiment
from selfloop.study.settings import Settings
from selfloop.tasks.forecast.folds import ForecastFold
from study_samples import Predictions, finished, planned, trial

FORECASTERS = ("rnn", "naive", "ridge_ar", "feed_forward")
WHOLE = ("ridge_raw", "nearest_neighbour", "random_convolutions")  # answers that are made anew, from whole sequences
CLASSIFIERS = ("rnn", "majority", "summary", *WHOLE, "feed_forward")
ASKED: dict[str, Any] = {"horizon": 2, "season": 1, "folds": 4, "seeds": 1, "candidates": ("rnn",)}
CASES: dict[str, Any] = {"folds": 4, "seeds": 1, "candidates": ("rnn",)}
PHRASES = ("on this series", "on these series", "on these data")


def walks(*lengths: int) -> Sequences:
    return load([np.random.default_rng(n).normal(size=(n, 1)).cumsum(0) for n in lengths])


def labelled(first: int, second: int) -> Sequences:
    rng = np.random.default_rng(0)
    return load(
        [rng.normal(size=(3, 2)) for _ in range(first + second)],
        labels=["a"] * first + ["b"] * second,
        axes="steps,channels",
    )


def folds_of(data: Sequences) -> list[ForecastFold]:
    return list(make_experiment(data, None, Settings(**ASKED)).folds)


def known(data: Sequences, fold: ForecastFold) -> tuple[np.ndarray, np.ndarray]:
    """(origins, 2) what came, and (origins, 1) the mean absolute change of the series before its first origin."""
    truth, unit = [], []
    for values, first, stop in zip(data, fold.test.first, fold.test.stop, strict=True):
        for origin in range(int(first), int(stop)):
            truth.append(values[origin + 1 : origin + 3, 0])
            unit.append([np.abs(np.diff(values[: first + 1, 0])).mean()])
    return np.array(truth), np.array(unit)


def forecasts(data: Sequences, fold: ForecastFold, missed: tuple[int, int]) -> dict[str, np.ndarray]:
    """Exact but for those of `missed`: so many are off by four units, and more, up to the first number, by two."""
    truth, unit = known(data, fold)
    off = np.zeros(truth.size)
    off[: missed[0]] = 2.0
    off[: missed[1]] = 4.0
    found = truth + off.reshape(truth.shape) * unit
    return {"test": found}


def forecast_study(
    folder: Path, data: Sequences, missed: dict[str, tuple[int, int]] | None = None, **given: Any
) -> StudyResult:
    """Four candidates on four folds, with given or usual scores, and forecasts that miss as given."""
    missed, folds = missed or {}, folds_of(data)
    trials, arrays = [], {}
    scores = given.get("scores", {"rnn": [0.5, 0.6, 0.4, 0.5]})
    for name in FORECASTERS:
        for k, fold in enumerate(folds):
            value = scores.get(name, [1.0, 1.3, 0.9, 1.0])[k]
            metrics = {"mase": value, "mae": 2 * value, "rmse": 3 * value, "smape": 4 * value}
            trials.append(trial(name, k, 0, metrics=metrics, train_seconds=1.5, search_seconds=0.25))
            arrays[name, k, 0] = forecasts(
                data, fold, missed.get(name, (0, 0)) if k >= given.get("exact", 0) else (0, 0)
            )
    return finished(folder, data, planned(variant="level/raw/plain"), trials, arrays, **ASKED)


def classify_study(folder: Path, data: Sequences, scores: dict[str, list[float]], **settings: Any) -> StudyResult:
    trials: list[Trial] = []
    arrays: dict[tuple[str, int, int], dict[str, np.ndarray]] = {}
    folds = make_experiment(data, None, Settings(**settings)).folds
    for name in CLASSIFIERS:
        for k, fold in enumerate(folds):
            value = scores.get(name, [0.5] * 4)[k]
            metrics = {"accuracy": value, "balanced_accuracy": value, "log_loss": 1.0}
            trials.append(trial(name, k, 0, metrics=metrics))
            arrays[name, k, 0] = {"test": np.tile(np.array([[0.4, 0.6]], np.float32), (len(fold.test), 1))}
    made: Predictions = arrays
    return finished(folder, data, planned(), trials, made, seeds=1, candidates=("rnn",), **settings)


def said(study: StudyResult) -> str:
    found = study.verdict
    return "\n".join((found.headline, found.pick_reason, *(c.sentence for c in found.claims), *found.notes))


def test_one_series_is_this_series(tmp_path: Path) -> None:
    study = forecast_study(tmp_path, walks(101))
    assert study.verdict.headline.startswith("This RNN is the pick on this series: ")
    assert len(study.verdict.claims) == 3
    assert all("on this series" in claim.sentence for claim in study.verdict.claims)
    assert not any(phrase in said(study) for phrase in PHRASES[1:])


def test_several_series_are_these_series(tmp_path: Path) -> None:
    study = forecast_study(tmp_path, walks(101, 90))
    assert study.verdict.headline.startswith("This RNN is the pick on these series: ")
    assert all("on these series" in claim.sentence for claim in study.verdict.claims)
    assert "on this series" not in said(study)
    assert "on these data" not in said(study)


def test_cases_are_these_data(tmp_path: Path) -> None:
    study = classify_study(tmp_path, labelled(12, 10), {"rnn": [0.9, 0.8, 0.9, 0.8]}, folds=4)
    assert study.verdict.headline.startswith("This RNN is the pick on these data: ")
    assert all("on these data" in claim.sentence for claim in study.verdict.claims)
    assert not any(phrase in said(study) for phrase in PHRASES[:2])


def interval_notes(study: StudyResult) -> list[str]:
    return [note for note in study.verdict.notes if "intervals" in note]


def test_intervals_that_hold_what_they_say_are_not_warned_of(tmp_path: Path) -> None:
    study = forecast_study(tmp_path, walks(85))
    assert interval_notes(study) == []
    assert {c.covered for c in study.coverage} == {1.0}


def test_intervals_that_hold_less_are_warned_of_by_level(tmp_path: Path) -> None:
    """Exact on the first fold and far off on the others: intervals that are made on the folds before hold little."""
    study = forecast_study(tmp_path, walks(85), dict.fromkeys(FORECASTERS, (20, 20)), exact=1)
    assert [note.split(",")[0] for note in interval_notes(study)] == ["The 80 % intervals", "The 95 % intervals"]


def test_an_accuracy_of_zero_is_a_share_like_others(tmp_path: Path) -> None:
    accuracy = {"rnn": [0.9, 0.8, 0.95, 0.85], "majority": [0.0, 0.0, 0.4, 0.0], "summary": [0.05] * 4}
    study = classify_study(tmp_path, labelled(12, 10), accuracy, folds=4)
    claims = {claim.other: claim for claim in study.verdict.claims}
    assert claims["majority"].scores == pytest.approx((3.5 / 4, 0.4 / 4), rel=1e-12)
    assert claims["majority"].effect == pytest.approx((3.5 - 0.4) / 4, rel=1e-12)
    assert claims["summary"].effect == pytest.approx((3.5 - 0.2) / 4, rel=1e-12)


def test_an_error_of_zero_in_one_fold_is_part_of_the_mean_and_in_all_has_no_ratio(tmp_path: Path) -> None:
    scores = {"rnn": [0.5, 0.4, 0.6, 0.5], "naive": [0.0, 2.0, 2.0, 2.0], "ridge_ar": [0.0] * 4}
    some = forecast_study(tmp_path / "a", walks(101), scores={**scores, "ridge_ar": [0.9] * 4})
    (claim,) = [claim for claim in some.verdict.claims if claim.other == "naive"]
    assert claim.outcome != "no claim"
    assert claim.effect == pytest.approx(2.0 / 6.0, rel=1e-12)
    none = forecast_study(tmp_path / "b", walks(101), scores=scores)
    assert none.verdict.pick == "ridge_ar"
    assert {(claim.outcome, claim.effect) for claim in none.verdict.claims} == {("no claim", None)}


def test_a_claims_interval_pays_for_overlap_by_the_ratio_of_test_to_training(tmp_path: Path) -> None:
    data = labelled(12, 10)
    accuracy = {"rnn": [0.9, 0.8, 0.95, 0.85], "majority": [0.3, 0.2, 0.5, 0.1]}
    study = classify_study(tmp_path, data, accuracy, folds=4)
    ratio = sum(len(f.test) / (22 - len(f.test)) for f in make_experiment(data, None, Settings(folds=4)).folds) / 4
    differences = [a - b for a, b in zip(accuracy["rnn"], accuracy["majority"], strict=True)]
    mean = sum(differences) / 4
    error = math.sqrt(sum((x - mean) ** 2 for x in differences) / 3 * (1 / 4 + ratio))
    reach = stats.t.ppf(0.975, 3) * error
    (claim,) = [claim for claim in study.verdict.claims if claim.other == "majority"]
    assert claim.effect == pytest.approx(mean, rel=1e-12)
    assert claim.interval == pytest.approx((mean - reach, mean + reach), rel=1e-9)


def test_folds_that_follow_in_time_pay_for_what_persists_if_that_is_more(tmp_path: Path) -> None:
    data = walks(101, 90)
    scores = {"rnn": [0.5, 0.6, 0.4, 0.5], "naive": [1.0, 1.1, 1.2, 0.9]}
    study = forecast_study(tmp_path, data, scores=scores)
    ratio = sum(
        sum(int(b - a) for a, b in zip(f.test.first, f.test.stop, strict=True)) / sum(int(a) + 1 for a in f.test.first)
        for f in folds_of(data)
    )
    ratio /= 4
    parts = [a / 0.5 - b / 1.05 for a, b in zip(scores["rnn"], scores["naive"], strict=True)]
    error = math.sqrt(sum(x**2 for x in parts) / 3 * (1 / 4 + ratio))
    reach = stats.t.ppf(0.975, 3) * error
    (claim,) = [claim for claim in study.verdict.claims if claim.other == "naive"]
    assert claim.interval is not None
    low, high = (math.log(end) for end in claim.interval)
    assert claim.effect == pytest.approx(0.5 / 1.05, rel=1e-12)
    assert (low + high) / 2 == pytest.approx(math.log(0.5 / 1.05), rel=1e-9)
    assert (high - low) / 2 > 1.05 * reach
    assert any("the chance that this study makes a false claim at all is at most 5 %, as long as" in note
               for note in study.verdict.notes)  # fmt: skip


def test_what_a_study_says_of_itself(tmp_path: Path) -> None:
    data = walks(101, 90)
    result = forecast_study(tmp_path, data)
    assert (result.task, result.command) == ("forecast", "selfloop compare these")
    assert result.seconds == pytest.approx(16 * 1.75)  # of the searches too
    assert (result.folds, result.seeds, len(result.trials)) == (4, 1, 16)
    assert (result.data.sequences, result.data.steps, result.data.shortest, result.data.longest) == (2, 191, 90, 101)
    assert (result.data.target, result.data.channels) == (data.channels[0], data.channels)
    assert (result.settings["epochs"], result.settings["patience"]) == (7, 3)  # of the budget
    assert result.settings["horizon"] == 2
    assert (result.words.title, result.words.target) == (f"Forecast of {data.channels[0]}", data.channels[0])
    assert result.choices[-1] == "a choice of the budget."
    assert result.choices[0].startswith("task: forecast")
    assert result.models == dict.fromkeys(("pick", "best_recurrent", "rnn"), "rnn.safetensors")
    assert {c.candidate for c in result.coverage} == set(FORECASTERS)
    assert [each.series for each in result.examples] == list(data.ids)
    assert set(result.examples[0].forecasts) == set(FORECASTERS)
    assert result.confusions == ()


def test_a_baseline_that_is_the_pick_is_saved_beside_the_recurrent_ones(tmp_path: Path) -> None:
    scores = {"rnn": [2.0] * 4, "ridge_ar": [0.2, 0.3, 0.2, 0.2]}
    result = forecast_study(tmp_path, walks(101), scores=scores)
    rnn, ridge = "rnn.safetensors", "ridge_ar.safetensors"
    assert result.models == {"pick": ridge, "best_recurrent": rnn, "rnn": rnn}


def test_a_classification_shows_confusions_best_first(tmp_path: Path) -> None:
    scores = {name: [0.9 - 0.1 * k] * 4 for k, name in enumerate(CLASSIFIERS)}
    result = classify_study(tmp_path, labelled(12, 10), scores, folds=4)
    assert [each.candidate for each in result.confusions] == list(CLASSIFIERS[:6])
    # Every forecast is "b": all cases of each class once, over the folds.
    assert {each.counts for each in result.confusions} == {((0.0, 12.0), (0.0, 10.0))}
    assert (result.examples, result.coverage) == ((), ())
    assert result.data.target == "label"


@pytest.mark.parametrize(("direction", "streams"), [("one", True), ("both", False)])
def test_what_reads_backwards_does_not_stream(tmp_path: Path, direction: str, streams: bool) -> None:
    settings = {"folds": 4, "direction": direction}
    board = classify_study(tmp_path, labelled(12, 10), {"rnn": [0.9] * 4}, **settings).leaderboard
    assert {row.candidate.name: row.candidate.streams for row in board} == {
        "rnn": streams,
        "majority": True,
        "summary": True,
        **dict.fromkeys(WHOLE, False),
        "feed_forward": True,
    }


def test_the_metric_that_is_asked_for_orders_the_board_and_is_the_headlines(tmp_path: Path) -> None:
    """By accuracy the network is first; by log loss, which is an error, the summary is."""
    data, settings = labelled(12, 10), {**CASES, "metric": "log_loss"}
    trials, arrays = [], {}
    losses = {"rnn": 0.5, "majority": 0.8, "summary": 0.4, "feed_forward": 0.6, **dict.fromkeys(WHOLE, 0.7)}
    for place, name in enumerate(CLASSIFIERS):
        for k, fold in enumerate(make_experiment(data, None, Settings(**settings)).folds):
            loss = losses[name] * (1 + 0.01 * ((3 * place + 5 * k) % 7))
            metrics = {"accuracy": 0.9 - 0.1 * place, "balanced_accuracy": 0.9 - 0.1 * place, "log_loss": loss}
            trials.append(trial(name, k, 0, metrics=metrics))
            arrays[name, k, 0] = {"test": np.tile(np.array([[0.4, 0.6]], np.float32), (len(fold.test), 1))}
    study = finished(tmp_path, data, planned(), trials, arrays, **settings)
    order = [row.candidate.name for row in study.leaderboard]
    assert (order[:3], set(order[3:-1]), order[-1]) == (["summary", "rnn", "feed_forward"], set(WHOLE), "majority")
    assert [metric.name for metric in study.metrics] == ["log_loss", "accuracy", "balanced_accuracy"]
    assert (study.verdict.metric.name, study.verdict.pick, study.verdict.margin) == ("log_loss", "summary", 0.03)
    found = study.leaderboard[0].score, study.leaderboard[-1].score
    assert found[0] is not None
    assert found[1] is not None
    assert f"its log loss is {found[0]:.3f} against {found[1]:.3f} for the majority class" in study.verdict.headline
    assert study.leaderboard[1].relative["log_loss"] == pytest.approx((study.leaderboard[1].score or 0) / found[1])
    assert study.settings["metric"] == "log_loss"


def test_the_margin_of_a_classification_is_a_tenth_of_the_bests_mistakes(tmp_path: Path) -> None:
    accuracy = {"rnn": [0.7, 0.8, 0.7, 0.8], "majority": [0.5] * 4, "summary": [0.6] * 4, "feed_forward": [0.6] * 4}
    usual = classify_study(tmp_path / "a", labelled(12, 10), accuracy, folds=4)
    assert usual.verdict.margin == pytest.approx(0.025)
    assert "within 2.5 percentage points" in usual.verdict.pick_reason
    asked = classify_study(tmp_path / "b", labelled(12, 10), accuracy, folds=4, margin=0.4)
    assert asked.verdict.margin == pytest.approx(0.1)


def test_cases_decide_where_folds_are_all_alike(tmp_path: Path) -> None:
    """Both as good in every fold; what each predicted says which cases the one got right and the other did not."""
    data, settings = labelled(60, 60), CASES
    trials, arrays = [], {}
    for name in CLASSIFIERS:
        for k, fold in enumerate(make_experiment(data, None, Settings(**settings)).folds):
            good = name == "rnn"
            metrics = dict.fromkeys(("accuracy", "balanced_accuracy"), 1.0 if good else 0.5) | {"log_loss": 1.0}
            trials.append(trial(name, k, 0, metrics=metrics))
            truth = (np.array(fold.test) >= 60).astype(int)
            arrays[name, k, 0] = {"test": np.eye(2, dtype=np.float32)[truth if good else np.zeros_like(truth)]}
    study = finished(tmp_path, data, planned(), trials, arrays, **settings)
    claims = {claim.other: claim for claim in study.verdict.claims}
    assert (study.verdict.pick, claims["majority"].outcome) == ("rnn", "better")
    assert "is right more often on 60 cases and the majority class on 0 (McNemar" in claims["majority"].sentence
    # Three pairs differ, each p is 2 / 2^60; the other three never differ and do not count.
    assert claims["majority"].p_value == pytest.approx(3 * 2 / 2**60, rel=1e-9)
