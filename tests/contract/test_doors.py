"""The contributor's way: a toy of each kind comes in through a public door and goes the whole way.

Compared, saved, loaded, predicted with, explained and reported, without a change to any file of the package.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import selfloop
from selfloop.data import Sequences, load
from selfloop.kinds import kind_of
from selfloop.tasks import registry
from selfloop.tasks.forecast.task import Forecast
from toy_baseline import DRIFT
from toy_cell import MGU
from toy_task import Reach

SMALL: dict[str, Any] = {"folds": 2, "seeds": 1, "epochs": 2, "params": 400, "learning_rates": (0.01,)}


@pytest.fixture
def tables() -> Iterator[None]:
    """What a test adds to the tables goes when it ends."""
    tasks, rows, added = dict(registry.TASKS), Forecast.baselines, list(registry.ADDED)
    yield
    registry.TASKS.clear()
    registry.TASKS.update(tasks)
    Forecast.baselines = rows
    registry.ADDED[:] = added


def walks() -> Sequences:
    rng = np.random.default_rng(3)
    return load([np.cumsum(rng.normal(size=(n, 2)), 0) + 50 for n in (70, 83)])


def bumps(count: int = 40) -> Sequences:
    rng = np.random.default_rng(4)
    return load([rng.normal(size=(rng.integers(5, 11), 2)) for _ in range(count)], axes="steps,channels")


WAY = {  # the files that a newcomer takes, beside its one row; and the most that it may take
    "a baseline": (["toy_baseline.py"], 1),
    "a task with an output of its own": (["toy_task.py", "toy_values.py", "toy_output.py"], 4),
    "a cell in plain torch": (["toy_cell.py"], 1),
}


@pytest.mark.parametrize("newcomer", WAY)
def test_the_way_in_is_short_and_public(newcomer: str) -> None:
    files, most = WAY[newcomer]
    assert len(files) <= most
    own = {file.removesuffix(".py") for file in files}
    for file in files:
        tree = ast.parse((Path(__file__).parent.parent / file).read_text(encoding="utf-8"))
        for node in (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)):
            assert not any(name.name.startswith("_") for name in node.names), "a private name is no door"
            assert node.module is not None
            if node.module.startswith("toy_"):
                assert node.module in own, "what it needs beside itself counts, too"


@pytest.mark.usefixtures("tables")
def test_a_baseline_is_one_row(tmp_path: Path) -> None:
    registry.add_baseline("forecast", DRIFT)
    data = walks()
    study = selfloop.compare(
        data, candidates=["gru"], horizon=3, season=1, workers=1, out=tmp_path, explain=False, **SMALL
    )
    trial = next(trial for trial in study.result.trials if trial.candidate == "drift")
    fold = Forecast(3, 1).folds(data, 2)[trial.fold]
    errors = []
    for k, values in enumerate(data):
        for t in range(int(fold.test.first[k]), int(fold.test.stop[k])):
            line = values[t, 0] + np.arange(1, 4) * (values[t, 0] - values[t - 1, 0])
            errors.append(np.abs(line - values[t + 1 : t + 4, 0]))
    assert trial.metrics["mae"] == pytest.approx(np.mean(errors), rel=1e-6)
    assert "drift forecast" in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("tables", "brief_horizons")
def test_a_task_with_an_output_of_its_own_goes_the_whole_way(tmp_path: Path) -> None:
    registry.register(Reach)
    data = bumps()
    study = selfloop.compare(data, task="reach", candidates=["lstm", "gru"], workers=1, out=tmp_path, **SMALL)
    assert study.result.metrics[0].name == "rmse"
    assert {trial.status for trial in study.result.trials} == {"ok"}
    report = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Regression of reach" in report
    assert "reaches.csv" in report
    for name in ("lstm", "gru"):
        model = selfloop.load_model(tmp_path / f"{name}.safetensors")
        table = model.predict(data)
        assert table.columns == ["unique_id", "reach"]
        assert np.isfinite(table["reach"].to_numpy()).all()
    explained = selfloop.explain(tmp_path / "lstm.safetensors", data)
    assert explained.explanation.loss == "absolute error of the scaled number"
    assert explained.to_html(tmp_path / "page.html").stat().st_size < 2_000_000


@pytest.mark.usefixtures("tables", "brief_horizons")
def test_a_cell_in_plain_torch_is_compared_traced_and_explained(tmp_path: Path) -> None:
    """In processes of their own, which have to be told of the cell, and of a baseline beside it."""
    registry.add_baseline("forecast", DRIFT)
    data = walks()
    study = selfloop.compare(data, candidates=["mgu", "gru"], horizon=3, season=1, workers=2, out=tmp_path, **SMALL)
    assert {t.status for t in study.result.trials if t.candidate in ("mgu", "drift")} == {"ok"}
    path = tmp_path / "mgu.safetensors"
    model = selfloop.load_model(path)
    assert model.predict(data).equals(selfloop.load_model(path).predict(data))
    with selfloop.trace(path) as traced:
        assert traced.predictor is not None
        traced.predictor.predict(data)
    gates = traced["encoder.layers.0"].at().gates
    assert set(gates) == {"forget", "candidate"}
    explained = selfloop.explain(path, data, against=[tmp_path / "gru.safetensors"])
    first = explained.explanation.models[0]
    assert (first.label, first.cell) == ("MGU", "mgu")
    assert first.ledger is not None, "its kind says what keeps and what writes"
    assert len(first.time_constants) == first.hidden_size
    page = explained.to_html(tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Zhou et al. 2016" in page
    assert kind_of("mgu") is MGU.kind


def test_a_registered_name_is_not_taken_twice() -> None:
    from selfloop.errors import SettingsError

    class Other(Reach):
        name = "forecast"

    with pytest.raises(SettingsError, match="'forecast' is there already"):
        registry.register(Other)
    with pytest.raises(SettingsError, match="has a baseline 'naive' already"):
        registry.add_baseline("forecast", type(DRIFT)("naive", "mine"))
