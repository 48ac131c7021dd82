"""However large a study is, its report stays under 2 MB, keeps its charts alive, and says what it left out."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

import selfloop.report.study.page as render_module
from report_samples import (
    ACCURACY,
    LOG_LOSS,
    MASE,
    RMSE,
    board,
    claims,
    classify_page,
    classify_study,
    forecast_study,
    trials,
)
from selfloop.report import render_report
from selfloop.report.charts import confusion, forecasts, scores
from selfloop.report.charts.looks import looks
from selfloop.report.study.folds import fold_scores
from selfloop.results.study import Candidate, Confusion, Coverage, Curve, ForecastExample, Metric, StudyResult

CANDIDATES, FOLDS, SEEDS, EPOCHS, CLASSES = 30, 10, 5, 700, 200
STEPS, HORIZON = 10_000, 168


def large(base: StudyResult, metrics: tuple[Metric, ...]) -> StudyResult:
    """Thirty candidates, 1,500 runs, every one with a long curve."""
    rng = np.random.default_rng(11)
    names = {
        Candidate(f"c{k}", f"a candidate with a long name, number {k}", "recurrent" if k % 2 else "baseline", True): 0.5
        + 0.01 * k
        for k in range(CANDIDATES)
    }
    fall = 0.3 + np.exp(-np.arange(EPOCHS) / 100)

    def losses() -> tuple[float, ...]:
        return tuple((fall + rng.normal(0, 0.01, EPOCHS)).tolist())

    made = tuple(
        replace(trial, curve=Curve(losses(), losses(), 377))
        for trial in trials(rng, names, metrics, FOLDS, SEEDS, 0.05)
    )
    rows = board(made, tuple(names), metrics, f"c{CANDIDATES - 1}")
    words = claims(rows, "c0", metrics[0], 0.02)
    verdict = replace(base.verdict, pick="c0", best="c0", best_recurrent="c1", claims=words)
    return replace(
        base, candidates=tuple(names), metrics=metrics, trials=made, leaderboard=rows, verdict=verdict, folds=FOLDS,
        seeds=SEEDS, examples=(), coverage=(), confusions=(),
    )  # fmt: skip


def many_classes(name: str, classes: int) -> Confusion:
    """No cell is empty; the three pairs of classes 7, 91 and 180 stand out."""
    counts = np.random.default_rng(5).gamma(0.3, 1, (classes, classes)) + 30 * np.eye(classes)
    for place, (true, taken) in enumerate([(7, 91), (91, 7), (180, 7)]):
        counts[true, taken] = 500 - 100 * place
    return Confusion(name, tuple(f"class {k:03d}" for k in range(classes)), tuple(map(tuple, counts.tolist())))


def long_example(names: tuple[str, ...], series: str) -> ForecastExample:
    """Hourly, a week ahead, from four points near the end of a long series."""
    rng = np.random.default_rng(len(series))
    truth = rng.normal(0, 1, STEPS).cumsum()
    time = tuple(f"{np.datetime64('2001-01-01T00', 'h') + k}:00" for k in range(STEPS))
    origins = (9000, 9300, 9600, STEPS - 1 - HORIZON)
    paths = {
        n: tuple(tuple((truth[o + 1 :][:HORIZON] + rng.normal(0, 1, HORIZON)).tolist()) for o in origins) for n in names
    }
    bands = {
        n: {level: tuple((v - w, v + w) for v in paths[n][-1]) for level, w in (("80", 1.0), ("95", 2.0))}
        for n in names
    }
    return ForecastExample(series, "load", time, tuple(truth.tolist()), origins, paths, bands)


@pytest.fixture(scope="module")
def classify() -> StudyResult:
    result = large(classify_study(), (ACCURACY, LOG_LOSS))
    return replace(result, confusions=tuple(many_classes(each.name, CLASSES) for each in result.candidates))


@pytest.fixture(scope="module")
def forecast() -> StudyResult:
    result = large(forecast_study(), (MASE, RMSE))
    names = tuple(each.name for each in result.candidates)
    return replace(
        result,
        data=replace(result.data, sequences=41),
        examples=tuple(long_example(names, f"{'s' * k}") for k in range(1, 6)),
        coverage=tuple(Coverage(name, level, level + 0.01, 3.0) for name in names for level in (0.8, 0.95)),
    )


def words(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\N{NO-BREAK SPACE}", " "))


def test_a_large_classification_is_a_small_page(classify: StudyResult) -> None:
    text = render_report(classify)
    assert len(text.encode()) < 2_000_000
    assert 'id="specifications"' in text  # small with all of it, not for want of the charts' code
    said = words(text)
    assert said.count("Drawn are the 25 most confused of 200 classes. 2 of 30 candidates are drawn.") == 2
    assert "The 20 worst of 39,800 confusions" in said
    first = said[said.index('id="confusion-0-pairs"') :]
    assert re.search(r'class 007</th><td class="words">class 091</td><td><span title="500.0">500</span>', first)
    assert "600 runs are too many to draw" in said
    assert "Only the first 6 runs of each are drawn. 6 of 30 candidates with such a curve are drawn. Of 700 ep" in said


def test_a_large_forecast_is_a_small_page(forecast: StudyResult) -> None:
    text = render_report(forecast)
    assert len(text.encode()) < 2_000_000
    assert 'id="specifications"' in text
    said = words(text)
    assert said.count("4 of 30 candidates are drawn, on 3 of 41 series.") == 3
    assert said.count("Lines join 1 step in 2 of the truth and 35 of 168 steps of each forecast.") == 3
    assert "12 of 30 candidates are drawn; the table has them all." in said


def test_a_page_that_is_too_large_all_the_same_gives_up_its_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = classify_page()
    monkeypatch.setattr(render_module, "_MOST_BYTES", len(whole.encode()) + 1)
    assert render_report(classify_study()) == whole
    monkeypatch.setattr(render_module, "_MOST_BYTES", len(whole.encode()))
    still = render_report(classify_study())
    assert "<script" not in still
    assert still.count("<svg") == whole.count("<svg xmlns") > 8
    assert len(still.encode()) < len(whole.encode()) - 800_000


def test_both_classes_of_the_worst_pairs_are_drawn_with_their_share_of_all_cases() -> None:
    many = many_classes("c0", CLASSES)
    drawn = confusion._drawn(CLASSES, confusion._confused(many))
    assert len(drawn) == 25
    assert {7, 91, 180} <= set(drawn)
    assert list(drawn) == sorted(drawn)
    labels = [f"{k}" for k in range(CLASSES)]
    cells = {(c["true"], c["predicted"]): c for c in confusion._cells(many, drawn, labels)}
    assert cells["7", "91"]["share"] == round(500 / sum(many.counts[7]), 3)
    assert len(cells) == 25 * 25


def test_where_nothing_is_confused_the_first_classes_are_drawn() -> None:
    perfect = Confusion("c0", tuple(map(str, range(40))), tuple(map(tuple, (3.0 * np.eye(40)).tolist())))
    assert confusion._confused(perfect) == []
    drawn = confusion._drawn(40, [])
    assert drawn == tuple(range(25))
    assert len(confusion._cells(perfect, drawn, [str(k) for k in range(40)])) == 25  # nothing for none
    few = Confusion("c0", ("a", "b", "c"), ((3.0, 0.0, 1.0), (0.0, 0.0, 0.0), (0.0, 0.0, 2.0)))
    assert confusion._drawn(3, confusion._confused(few)) == (0, 1, 2)
    assert len(confusion._cells(few, (0, 1, 2), ["a", "b", "c"])) == 9


def test_too_many_runs_become_means_of_folds(classify: StudyResult) -> None:
    kept = [score for score in fold_scores(classify) if score.candidate in {"c0", "c1"}]
    runs = [{"fold": s.fold, "seed": seed, "value": v} for s in kept for seed, v in s.seeds]
    means = [{"fold": s.fold, "value": s.mean} for s in kept]
    assert scores._thinned(runs, means, kept)[:2] == (runs, means)
    thinned, same, said = scores._thinned(4 * runs, means, kept)
    assert thinned == same == means
    assert "400 runs are too many to draw" in said
    long = [replace(score, fold=score.fold + 10 * k) for k in range(3) for score in kept]
    means = [{"fold": s.fold, "value": s.mean} for s in long]
    thinned, _, said = scores._thinned(4 * runs, means, long)
    assert {each["fold"] for each in thinned} == set(range(20))
    assert "The first 20 of 30 folds are drawn." in said


@pytest.mark.parametrize("horizon", [1, 7, 36, 37, 168, 1500])
def test_the_last_forecast_is_drawn_whole_however_far_it_reaches(horizon: int) -> None:
    steps = 6000
    origins = tuple(steps - 1 - horizon - 3 * k for k in range(11, -1, -1))
    path = tuple(float(k) for k in range(1, horizon + 1))
    example = ForecastExample(
        "s", "y", tuple(map(str, range(steps))), (0.0,) * steps, origins, {"gru": (path,) * 12},
        {"gru": {"80": tuple((v - 1, v + 1) for v in path)}},
    )  # fmt: skip
    window = forecasts._Window.of(example)
    paths, bands, marks = forecasts._records(example, "gru", window)
    last = [point for point in paths if point["path"] == 11]
    assert [last[0]["ahead"], last[-1]["ahead"]] == [1, horizon]
    assert all(point["value"] == point["ahead"] for point in last)
    assert [band["low"] + 1 for band in bands] == [point["value"] for point in last]
    assert len(last) == len(set(window.ahead)) <= 38
    assert len(marks) == 6
    truth = forecasts._truth(example, window)
    assert len(truth) <= 401
    assert truth[0]["x"] <= origins[-1]
    assert "The last 6 of 12 forecasts are drawn." in window.limits(example)


def test_a_short_example_is_drawn_as_it_is() -> None:
    example = replace(forecast_study().examples[0])
    window = forecasts._Window.of(example)
    assert window.every == 1
    assert window.ahead == tuple(range(1, 13))
    assert "Lines join" not in window.limits(example)


SAVED = {
    "both, one file": {"pick": "gru.safetensors", "best_recurrent": "gru.safetensors"},
    "both, two files": {"pick": "ridge_ar.safetensors", "best_recurrent": "gru.safetensors"},
    "only the pick": {"pick": "ridge_ar.safetensors"},
    "only the network": {"best_recurrent": "gru.safetensors"},
    "none": {},
}


@pytest.mark.parametrize("saved", SAVED)
@pytest.mark.parametrize("recurrent", ["gru", None])
def test_how_to_use_it_is_said_of_what_was_saved_and_of_what_was_not(saved: str, recurrent: str | None) -> None:
    result = forecast_study()
    pick = "gru" if saved == "both, one file" else "ridge_ar"
    verdict = replace(result.verdict, pick=pick, best_recurrent=recurrent)
    result = replace(result, models=SAVED[saved], verdict=verdict)
    models = render_module._models(result)
    missing = render_module._missing(result, looks(result))
    assert [model.command.split()[2] for model in models] == list(dict.fromkeys(SAVED[saved].values()))
    lost = {
        "the pick": "pick" not in SAVED[saved],
        "the best recurrent": recurrent is not None and "best_recurrent" not in SAVED[saved],
    }
    for role, is_lost in lost.items():
        assert any(role in sentence.lower() for sentence in missing) == is_lost
    assert len(models) == {"both, one file": 1, "both, two files": 2, "none": 0}.get(saved, 1)


def test_one_lost_model_with_two_roles_is_one_sentence() -> None:
    result = replace(forecast_study(), models={})
    (sentence,) = render_module._missing(result, looks(result))
    assert (
        sentence
        == "The pick, also the best recurrent network, GRU, was not saved: its training on all data did not succeed."
    )
