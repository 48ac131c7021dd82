"""Faults that were found once: each of these failed before it was mended."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from rich.console import Console

import selfloop
from selfloop.data import load
from selfloop.data.sequences import Sequences
from selfloop.errors import DataError, SettingsError, StudyError
from selfloop.results.study import Trial
from selfloop.study.bars import Bars, Lines
from selfloop.study.experiment import make_experiment
from selfloop.study.progress import Progress
from selfloop.study.settings import Settings
from selfloop.study.store import Store
from selfloop.study.trial import run_trial
from selfloop.tasks.forecast.design import continued
from selfloop.train.encoder import RecurrentEncoder

pytestmark = pytest.mark.usefixtures("charts_left_out")

QUICK: dict[str, Any] = {"seeds": 2, "folds": 2, "epochs": 1, "horizon": 3, "season": 1, "workers": 1, "explain": False}


def wave(steps: int = 90, name: str = "A") -> Sequences:
    import polars as pl

    times = [str(np.datetime64("2020-01-01") + k) for k in range(steps)]
    values = np.sin(np.arange(steps) / 3) + 2
    return load(pl.DataFrame({"unique_id": [name] * steps, "ds": times, "y": values}))


def test_with_one_worker_each_trial_is_recorded_before_the_next_one_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from selfloop.study import trials

    log: list[str] = []

    def logged(*args: Any) -> Any:
        log.append("ran")
        return run_trial(*args)

    class Logs(Progress):
        def finished(self, trial: Trial) -> None:
            log.append("stored")

    monkeypatch.setattr(trials, "run_trial", logged)
    selfloop.compare(wave(), out=tmp_path, candidates=("rnn",), progress=Logs(), **QUICK)
    assert log == ["ran", "stored"] * (len(log) // 2)
    assert len(log) >= 12


def test_a_logarithm_does_not_outlive_positive_data() -> None:
    from selfloop.tasks.forecast.task import Forecast
    from selfloop.train.budget import Budget, Option
    from selfloop.train.fitter import Fitter

    data = load([np.concatenate([np.linspace(5, 1, 100), np.linspace(0.5, -8, 60)])])
    task = Forecast(3, 1)
    budget = Budget(1, 1, (1e-3,), 1, "chrono", {"rnn": 4}, "changes/log/skip")
    early = task.fold(0, np.array([80]), np.array([84]))
    first: Any = Fitter(task, data, early, budget).material.pipeline
    assert first.fitted.treatment.log
    late = task.fold(1, np.array([150]), np.array([155]))
    fitter = Fitter(task, data, late, budget)
    second: Any = fitter.material.pipeline
    assert not second.fitted.treatment.log
    assert second.skip is not None
    model, _ = fitter.refit("rnn", Option(1e-3, 4), epochs=1, seed=0)
    last: Any = model.pipeline
    assert not last.fitted.treatment.log
    assert model.predict(data, task.whole(data).valid).min() < 0


@pytest.mark.parametrize("name", ["v [/s]", "speed [m/s]", "[bold]"])
def test_names_are_not_markup(name: str) -> None:
    for kind in (Lines, Bars):
        out = io.StringIO()
        kind(Console(file=out, width=200)).say(f"using target={name}")
        assert f"target={name}" in out.getvalue()


def test_one_run_is_one_run() -> None:
    out = io.StringIO()
    Lines(Console(file=out, width=200)).choosing(1)
    assert out.getvalue() == "choosing the input treatment: 1 short run on training parts\n"


def test_last_of_both_directions_is_what_each_knows_when_it_has_read_all() -> None:
    torch.manual_seed(0)
    encoder = RecurrentEncoder("gru", 3, 5, 1, both=True)
    x, lengths = torch.randn(7, 2, 3), torch.tensor([7, 4])
    moved = x.clone()
    moved[0] += 1.0
    before, after = (encoder.last(encoder(v, None, lengths)[1]) for v in (x, moved))
    changed = (before - after).abs()
    assert (changed[:, :5].amax(1) > 1e-6).all()
    assert (changed[:, 5:].amax(1) > 1e-3).all()  # the first step is the last that the backward layer reads


def test_other_times_or_an_inferred_setting_make_another_study(tmp_path: Path) -> None:
    import polars as pl

    values = np.cumsum(np.random.default_rng(0).normal(size=90)) + 50
    daily = pl.DataFrame({"ds": [str(np.datetime64("2020-01-01") + k) for k in range(90)], "y": values})
    settings = {**QUICK, "candidates": ("rnn",)}
    settings.pop("season")
    selfloop.compare(daily, out=tmp_path, **settings)
    with pytest.raises(StudyError, match="holds another study"):
        selfloop.compare(daily.select("y"), out=tmp_path, **settings)


def test_one_process_a_folder(tmp_path: Path) -> None:
    first = Store(tmp_path)
    first.record("a", b"1")
    with pytest.raises(StudyError, match="in use by another process"):
        Store(tmp_path)
    first.close()
    second = Store(tmp_path)
    assert second.fact("a") == b"1"
    second.close()


def test_a_test_part_continues_the_same_series_in_the_same_steps() -> None:
    with pytest.raises(DataError, match="in one of"):
        continued(wave(), wave(20, "B"))
    times = [str(np.datetime64("2020-03-31") + 7 * k) for k in range(20)]
    import polars as pl

    weekly = load(pl.DataFrame({"unique_id": ["A"] * 20, "ds": times, "y": np.ones(20)}))
    with pytest.raises(DataError, match="steps of 1w; expected 1d"):
        continued(wave(), weekly)


def test_the_season_is_not_read_off_the_test_blocks() -> None:
    rng = np.random.default_rng(0)
    late = np.concatenate([rng.normal(size=500), 5 * np.sin(2 * np.pi * np.arange(500) / 10)])
    experiment = make_experiment(load([late]), None, Settings(horizon=5))
    assert "season: 1 (" in " ".join(experiment.inferred)


def test_workers_below_one_are_refused() -> None:
    for workers in (0, -1):
        with pytest.raises(SettingsError, match=f"workers is {workers}"):
            selfloop.compare(wave(), **{**QUICK, "workers": workers})


def test_what_is_written_may_be_read_by_those_who_may_read_the_folder(tmp_path: Path) -> None:
    study = selfloop.compare(wave(), out=tmp_path, candidates=("rnn",), **QUICK)
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / study.result.models["pick"], tmp_path / "results.csv")}
    assert len(modes) == 1


def test_training_seconds_are_of_the_kept_run(monkeypatch: pytest.MonkeyPatch) -> None:
    from selfloop.results.study import Curve
    from selfloop.study import trial as module
    from selfloop.tasks.forecast.task import Forecast
    from selfloop.tasks.task import Experiment
    from selfloop.train.budget import Budget
    from selfloop.train.fitter import Fitter
    from selfloop.train.loop import TrainingRun

    seconds = {1e-3: 1.0, 1e-2: 20.0, 1e-1: 300.0}
    real = Fitter.train

    def train(self: Fitter, candidate: str, option: object, seed: int) -> object:
        model, _ = real(self, candidate, option, seed)  # type: ignore[arg-type]
        rate = option.learning_rate  # type: ignore[attr-defined]
        return model, TrainingRun(Curve((None,), (0.5,), 0), 0.1 if rate == 1e-2 else 0.5, 1, seconds[rate])

    clock = iter([0.0, 321.5, 1000.0, 1020.5])  # processor seconds
    monkeypatch.setattr(Fitter, "train", train)
    monkeypatch.setattr(module, "time", SimpleNamespace(process_time=lambda: next(clock)))  # its own clock alone
    monkeypatch.setattr(module, "step_microseconds", lambda model: 1.0)
    task, data = Forecast(3, 1), wave()
    budget = Budget(1, 1, tuple(seconds), 1, "chrono", {"rnn": 4}, "changes/raw/plain")
    experiment = Experiment(task, data, task.folds(data, 2))
    first = module.run_trial(experiment, budget, "rnn", 0, 0, None).trial
    assert (first.train_seconds, first.search_seconds) == (20.0, 301.5)
    other = module.run_trial(experiment, budget, "rnn", 0, 1, first.settings).trial
    assert (other.train_seconds, other.search_seconds) == (20.0, 0.5)
