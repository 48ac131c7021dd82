"""`selfloop score` and `selfloop explore`, and what they stand for in Python."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import selfloop
from selfloop.cli.app import run
from selfloop.data import Columns, load
from selfloop.errors import DataError, SettingsError
from selfloop.models.predictor import Predictor
from selfloop.tasks.forecast.task import Forecast
from train_samples import CLOSED_CLASSIFIERS, NETWORKS, cases, forecast_fitter, made, series


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def table(path: str, *, labels: bool = True) -> pl.DataFrame:
    """The cases of `cases`, a row a step, with labels, as a file."""
    data = cases(23, seed=5)
    frames = [
        pl.DataFrame({"a": case[:, 0], "b": case[:, 1]}).with_columns(
            id=pl.lit(str(k)), kind=pl.lit(data.classes[label])
        )
        for k, (case, label) in enumerate(zip(data, data.labels, strict=True))
    ]
    found = pl.concat(frames)
    found = found if labels else found.drop("kind")
    found.write_csv(path)
    return found


def classifier(candidate: str = "summary") -> Predictor:
    found = made("classify", candidate)
    columns = Columns(id="id", label="kind", inputs=("a", "b"))
    return replace(found, card=replace(found.card, columns=columns, channels=("a", "b")))


@pytest.mark.parametrize("candidate", [*CLOSED_CLASSIFIERS, "gru"])
def test_labels_are_scored_over_all_sequences(candidate: str) -> None:
    model, frame = classifier(candidate), table("x.csv")
    found, said = model.score("x.csv"), model.predict(frame)
    truth = frame.group_by("id", maintain_order=True).first()["kind"].to_list()
    assert found["accuracy"] == pytest.approx(np.mean([a == b for a, b in zip(truth, said["label"], strict=True)]))
    right = [row[f"p_{kind}"] for row, kind in zip(said.iter_rows(named=True), truth, strict=True)]
    assert found["log_loss"] == pytest.approx(-np.mean(np.log(np.maximum(right, 2**-23))), rel=1e-6)
    assert set(found) == {"accuracy", "balanced_accuracy", "log_loss"}
    assert model.score(frame) == found


def test_arrays_bring_their_labels() -> None:
    data = cases(23, seed=5)
    labels = [data.classes[k] for k in data.labels]
    assert made("classify", "summary").score(list(data), labels=labels) == classifier().score(table("x.csv"))


@pytest.mark.parametrize("candidate", [*NETWORKS, "naive", "ridge_ar"])
def test_forecasts_are_scored_as_a_study_scores_a_test_block(candidate: str) -> None:
    fitter, model = forecast_fitter(), made("forecast", candidate)
    task: Any = fitter.task
    fold = task.folds(fitter.data, 2)[-1]
    last: Any = fitter.data.lengths - fold.test.first - 1
    assert last[0] == last[1]
    wanted = task.score(fitter.data, fold.train, fold.test, model.model.predict(fitter.data, fold.test))
    assert model.score(fitter.data, last=last[0]) == wanted  # of NumPy's type
    assert set(wanted) == {"mase", "mae", "rmse", "smape"}


def test_the_second_half_is_forecast_where_nobody_says_how_much() -> None:
    model, data = made("forecast", "naive"), series(40, 61)
    error, horizon, scaled = [], 3, []
    for case, half in ((data[0][:, 0], 20), (data[1][:, 0], 30)):
        start = len(case) - half
        unit = np.abs(case[4:start] - case[: start - 4]).mean()
        for origin in range(start - 1, len(case) - horizon):
            error.append(np.abs(case[origin + 1 : origin + 4] - case[origin]))
            scaled.append(error[-1] / unit)
    found = model.score(data)
    assert found["mae"] == pytest.approx(np.mean(error), rel=1e-12)
    assert found["mase"] == pytest.approx(np.mean(scaled), rel=1e-12)


def test_what_cannot_be_scored_is_refused_in_a_sentence() -> None:
    with pytest.raises(DataError, match=r"has no labels; a score needs the true one of each sequence: add the column"):
        classifier().score(table("x.csv", labels=False))
    with pytest.raises(SettingsError, match=r"last counts steps of a forecast; .*: leave last= out\."):
        classifier().score(table("x.csv"), last=3)
    forecast = made("forecast", "naive")
    with pytest.raises(SettingsError, match=r"last is 2; expected 3 or more, the steps of one forecast\. Give another"):
        forecast.score(series(40), last=2)
    with pytest.raises(DataError, match=r"has 40 steps, the last 36 of which are to be forecast; expected 5 or more"):
        forecast.score(series(90, 40), last=36)
    assert forecast.score(series(90, 40), last=35)
    with pytest.raises(SettingsError, match=r"last is 3\.5; expected a whole number"):
        forecast.score(series(40), last=3.5)  # type: ignore[arg-type]


def test_the_command_prints_every_metric(capsys: pytest.CaptureFixture[str]) -> None:
    model, _ = classifier(), table("x.csv")
    model.save("m.safetensors")
    assert run(["score", "m.safetensors", "x.csv"]) == 0
    found = model.score("x.csv")
    assert capsys.readouterr().out.splitlines() == [
        f"accuracy           {found['accuracy']:.3f}",
        f"balanced accuracy  {found['balanced_accuracy']:.3f}",
        f"log loss           {found['log_loss']:.2f}",  # three digits, as everywhere
    ]
    assert run(["score", "m.safetensors", "x.csv", "--last", "3"]) == 2
    assert "leave --last out" in capsys.readouterr().err
    table("x.csv", labels=False)
    assert run(["score", "m.safetensors", "x.csv"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "x has no labels" in said.err


def test_a_score_counts_the_task_s_own_metrics() -> None:
    names = [metric.name for metric in Forecast.metrics]
    assert list(made("forecast", "gru").score(series(40, 61))) == names


def test_explore_writes_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    load(table("x.csv"), label="kind", id="id")
    classifier("gru").save("gru.safetensors")
    classifier("rnn").save("rnn.safetensors")
    code = run(["explore", "gru.safetensors", "x.csv", "--sequence", "3", "--against", "rnn.safetensors"])
    said = capsys.readouterr()
    assert code == 0, said.err
    assert "(sequence 3 of x, " in said.out
    assert "The page is in selfloop-explore.html: open it in a browser." in said.out
    page = Path("selfloop-explore.html").read_text(encoding="utf-8")
    explored = selfloop.explore("gru.safetensors", "x.csv", sequence_id="3", against=["rnn.safetensors"])
    explored.to_html("python.html")
    assert page == Path("python.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--sequence", "99"], "has no sequence '99'"),
        (["--first", "900"], "first is 900"),
        (["--out", "."], "is a folder; expected the name of a file"),
    ],
)
def test_explore_refuses_in_a_sentence(capsys: pytest.CaptureFixture[str], options: list[str], said: str) -> None:
    table("x.csv")
    classifier("gru").save("gru.safetensors")
    assert run(["explore", "gru.safetensors", "x.csv", *options]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert said in shown.err
    assert not Path("selfloop-explore.html").exists()


def test_steps_of_other_libraries_are_counted_as_well() -> None:
    table("x.csv")
    model = classifier("gru")
    found = selfloop.explore(model, "x.csv", sequence_id="3", first=np.int64(1), steps=2.0)  # type: ignore[arg-type]
    assert found.exploration.raw.shape[0] == 2
    with pytest.raises(SettingsError, match="window is 'all'; expected a whole number"):
        selfloop.explain(model, "x.csv", window="all")  # type: ignore[arg-type]


def test_arrays_in_a_file_say_their_axes(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two channels and two steps: nothing but the option decides."""
    data = cases(23, seed=5)
    np.savez(here / "x.npz", X=np.stack([case[:2] for case in data]), y=[data.classes[k] for k in data.labels])
    made("classify", "gru").save(here / "m.safetensors")
    assert run(["score", "m.safetensors", "x.npz"]) == 2
    assert "say which with --axes" in capsys.readouterr().err
    assert run(["score", "m.safetensors", "x.npz", "--axes", "cases,steps,channels"]) == 0
    assert "accuracy" in capsys.readouterr().out
    assert run(["explore", "m.safetensors", "x.npz", "--axes", "cases,channels,steps", "--out", "x.html"]) == 0


def test_explore_writes_over_nothing_that_it_reads(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made("classify", "gru").save(here / "m.safetensors")
    table("x.csv")
    before = (here / "x.csv").read_bytes()
    assert run(["explore", "m.safetensors", "x.csv", "--out", "x.csv"]) == 2
    assert "x.csv" in capsys.readouterr().err
    assert (here / "x.csv").read_bytes() == before


def test_a_score_reads_as_everywhere(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not 0.000 in units of the user's that are small."""
    np.save(here / "x.npy", 1e-9 * series(60)[0])
    made("forecast", "naive").save(here / "m.safetensors")
    assert run(["score", "m.safetensors", "x.npy", "--axes", "steps,channels"]) == 0
    assert " × 10⁻" in capsys.readouterr().out
