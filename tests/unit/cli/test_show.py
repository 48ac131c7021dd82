"""The end of a study on the terminal: every column, row and number of the leaderboard, the verdict, the files."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

import report_samples
from selfloop.cli.show import show
from selfloop.results.study import Candidate, Claim, Metric, Row, StudyResult
from selfloop.study.board import summary

MASE = Metric("mase", "MASE", True, "")
ACCURACY = Metric("accuracy", "accuracy", False, "", "difference")


def row(candidate: Candidate, score: float | None, **given: Any) -> Row:
    usual = {
        "spread": 0.0625,
        "metrics": {},
        "relative": {},
        "parameters": 1234,
        "operations": 5678,
        "train_seconds": 9.06,
        "search_seconds": 17.5,
        "step_microseconds": 31.4,
        "trials": 6,
        "diverged": 0,
    }
    return Row(candidate=candidate, score=score, **{**usual, **given})


GRU = Candidate("gru", "GRU", "recurrent", False)
LSTM = Candidate("lstm", "LSTM", "recurrent", True)
RIDGE = Candidate("ridge_ar", "ridge autoregression", "baseline", True)
NAIVE = Candidate("naive", "naive forecast", "baseline", True)
MAJORITY = Candidate("majority", "majority class", "baseline", True)


def study(task: str, rows: tuple[Row, ...], pick: str) -> StudyResult:
    sample = report_samples.forecast_study() if task == "forecast" else report_samples.classify_study()
    verdict = replace(
        sample.verdict, pick=pick, headline="The headline.", pick_reason="The reason.", notes=("A note.",)
    )
    metrics = (MASE, ACCURACY) if task == "forecast" else (ACCURACY, MASE)
    return replace(sample, leaderboard=rows, metrics=metrics, verdict=verdict)


def printed(result: StudyResult, **console: Any) -> list[str]:
    out = io.StringIO()
    summary(result, Console(file=out, width=80, highlight=False, **console))
    return out.getvalue().splitlines()


FORECAST = (
    row(GRU, 0.4567, relative={"mase": 0.876, "accuracy": 0.5}, step_microseconds=30.6),
    row(RIDGE, 0.51249, spread=None, relative={"mase": 0.5}, parameters=25, operations=24, train_seconds=0.04),
    row(LSTM, 0.6, spread=0.12345, diverged=2, parameters=1_000_000, operations=12, train_seconds=123.45),
    row(NAIVE, 1.0, spread=0.0, relative={"mase": 1.0}, parameters=0, operations=0, train_seconds=0.0),
    row(replace(LSTM, name="rnn", label="RNN"), None, spread=None, diverged=6),
)


def test_a_forecasts_leaderboard_column_by_column() -> None:
    lines = printed(study("forecast", FORECAST, "ridge_ar"))
    board = [" ".join(line.split()) for line in lines if line.strip()]
    assert board[:6] == [
        "MASE × naive params ops/step train s µs/step",
        "GRU 0.457 ± 0.062 0.88 1,234 5,678 9.1 31",
        "ridge autoregression 0.512 0.50 25 24 0.0 31",
        "LSTM (2/6 diverged) 0.600 ± 0.123 1,000,000 12 123.5 31",  # without a naive score to compare with
        "naive forecast 1.000 ± 0.000 1.00 0 0 0.0 31",
        "RNN diverged",
    ]
    assert board[6:] == ["The headline.", "The reason."]
    assert "streams" not in lines[1]


def test_numbers_stand_under_their_headings() -> None:
    lines = [line for line in printed(study("forecast", FORECAST, "gru")) if line.strip()]
    for heading, value in (("MASE", "0.457 ± 0.062"), ("× naive", "0.88"), ("params", "1,234"), ("ops/step", "5,678")):
        assert lines[1].index(value) + len(value) == lines[0].index(heading) + len(heading)
    for heading, value in (("train s", "123.5"), ("µs/step", "31")):
        assert lines[3].rindex(value) + len(value) == lines[0].index(heading) + len(heading)
    assert lines[3].index("1,000,000") + 9 == lines[0].index("params") + 6
    assert max(map(len, (line.rstrip() for line in lines))) <= 80


CLASSES = (
    row(LSTM, 0.9876, operations=4, train_seconds=2.25, step_microseconds=1.5),
    row(GRU, 0.91, relative={"accuracy": 0.8}),
    row(MAJORITY, 0.11, spread=0.001, parameters=0, operations=0, train_seconds=0.0, step_microseconds=0.2),
)


def test_a_classifications_leaderboard_says_who_can_stream() -> None:
    lines = printed(study("classify", CLASSES, "lstm"))
    board = [" ".join(line.split()) for line in lines if line.strip()]
    assert board[:4] == [
        "accuracy params ops/step train s µs/step streams",
        "LSTM 0.988 ± 0.062 1,234 4 2.2 2 yes",
        "GRU 0.910 ± 0.062 1,234 5,678 9.1 31 no",
        "majority class 0.110 ± 0.001 0 0 0.0 0 yes",
    ]
    rows = [line.rstrip() for line in lines if line.strip()]
    assert {line.rfind("yes") + 3 for line in (rows[1], rows[3])} == {len(rows[0])}
    assert len(rows[2]) == len(rows[0])


def test_no_number_is_cut_however_long_names_are() -> None:
    balanced = Metric("balanced_accuracy", "balanced accuracy", False, "", "difference")
    long = replace(MAJORITY, label="logistic regression on a window of words and letters")
    rows = (
        row(LSTM, 0.9876, parameters=16_722, operations=16_280),
        row(long, 0.5, parameters=29_990, operations=540_792, train_seconds=1234.5, step_microseconds=35185.0),
    )
    result = replace(study("classify", rows, "lstm"), metrics=(balanced,))
    lines = printed(result)
    assert not any("…" in line for line in lines)
    assert [line for line in lines if all(cell in line for cell in ("29,990", "540,792", "1234.5", "35185", "yes"))]
    assert max(map(len, (line.rstrip() for line in lines))) <= 80


def test_rows_are_printed_in_the_order_of_the_leaderboard() -> None:
    for rows in (CLASSES, CLASSES[::-1]):
        board = [line for line in printed(study("classify", rows, "lstm")) if line.strip()][1:4]
        assert all(line.startswith(f"{each.candidate.label} ") for line, each in zip(board, rows, strict=True))


def test_the_pick_is_bold_and_baselines_are_dim() -> None:
    lines = printed(study("forecast", FORECAST, "ridge_ar"), force_terminal=True, color_system="standard")
    codes = {"ridge autoregression": "\x1b[1m", "naive forecast": "\x1b[2m", "GRU": "GRU"}  # bold, dim, as it is
    for label, code in codes.items():
        assert next(line for line in lines if label in line).startswith(code)


def shown(capsys: pytest.CaptureFixture[str], result: StudyResult, folder: Path, explanation: object) -> list[str]:
    show(SimpleNamespace(result=result, verdict=result.verdict, folder=folder, explanation=explanation))  # type: ignore[arg-type]
    said = capsys.readouterr()
    assert said.err == ""
    return [line.rstrip() for line in said.out.splitlines() if line.strip()]


def test_the_verdict_and_the_files_follow(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    result = study("forecast", FORECAST, "gru")
    claims = tuple(
        Claim(n, "better", (0.5, 1.0), 0.5, None, 0.01, None, f"Better than [{n}].") for n in ("naive", "rnn")
    )
    models = {"pick": "gru.st", "best_recurrent": "gru.st", "gru": "gru.st", "rnn": "rnn.st"}
    result = replace(result, models=models, verdict=replace(result.verdict, claims=claims))
    lines = shown(capsys, result, Path("out"), object())
    assert lines[6:] == [
        "The headline.",
        "The reason.",
        "· Better than [naive].",
        "· Better than [rnn].",
        "· A note.",
        "report   out/report.html",
        "inside   out/explain.html",
        "results  out/results.csv",
        "model    out/gru.st (pick and best recurrent)",
        "model    out/rnn.st",
        "To use it: selfloop predict out/gru.st DATA --out predictions.csv",
    ]


def test_without_models_or_an_explanation_none_are_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    result = replace(study("forecast", FORECAST, "gru"), models={"pick": "ridge.st", "best_recurrent": "rnn.st"})
    lines = shown(capsys, result, Path("out"), None)
    assert lines[-5:] == [
        "report   out/report.html",
        "results  out/results.csv",
        "model    out/ridge.st (pick)",
        "model    out/rnn.st (best recurrent)",
        "To use it: selfloop predict out/ridge.st DATA --out predictions.csv",
    ]
    bare = shown(capsys, replace(result, models={}), Path("out"), None)
    assert bare[-1] == "results  out/results.csv"
