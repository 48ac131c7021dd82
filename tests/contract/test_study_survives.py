"""A study that is stopped, killed or run with other workers comes to the same results, to the last digit.

And those results are right: its baselines' scores are computed from the raw table by `airline_oracle`, its leaderboard
and its pick from results.csv.
"""

from __future__ import annotations

import csv
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import kills
import numpy as np
import pytest
import safetensors.numpy

import airline_oracle
import dying_study
import selfloop
from dying_study import SMALL
from selfloop.errors import StudyError
from selfloop.results.study import Trial
from selfloop.study.progress import Progress
from selfloop.study.study import Study

pytestmark = pytest.mark.usefixtures("charts_left_out")


class Stops(Progress):
    """Raises after so many trials, as Ctrl-C would."""

    def __init__(self, after: int) -> None:
        self.left = after

    def finished(self, trial: Trial) -> None:
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


def run(folder: Path, **given: Any) -> Study:
    """The study of this module in a folder; what its models remember is looked into when all results are written."""
    return selfloop.compare("airline", out=folder, explain=False, **{**SMALL, "workers": 1, **given})


def rows(folder: Path) -> list[dict[str, str]]:
    return kills.results(folder)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return run(tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def whole(study: Study) -> Path:
    return study.folder


@pytest.fixture(scope="module")
def y() -> np.ndarray:
    return airline_oracle.passengers(Path(selfloop.__file__).parent / "data" / "sets" / "airline.csv")


METRICS = ("mase", "mae", "rmse", "smape")


def scored(folder: Path) -> Iterator[tuple[str, int, int, dict[str, float]]]:
    """Candidate, fold, seed and scores of each row of results.csv."""
    with (folder / "results.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            assert row["status"] == "ok"
            yield row["candidate"], int(row["fold"]), int(row["seed"]), {name: float(row[name]) for name in METRICS}


def test_the_baselines_scores_are_those_of_the_raw_table(study: Study, y: np.ndarray) -> None:
    found = {(name, fold, seed): scores for name, fold, seed, scores in scored(study.folder)}
    for k, fold in enumerate(airline_oracle.FOLDS):
        for name, forecast in (("naive", airline_oracle.naive), ("seasonal_naive", airline_oracle.seasonal_naive)):
            wanted = airline_oracle.scores(y, fold, forecast(y, fold.test))
            assert found[name, k, 0] == pytest.approx(wanted, rel=1e-12)
    runs = {"naive": 1, "seasonal_naive": 1, "ridge_ar": 1, "feed_forward": 2, "lstm": 2, "gru": 2}
    assert set(found) == {(name, fold, seed) for name, n in runs.items() for fold in (0, 1) for seed in range(n)}


def test_the_ridge_autoregression_is_the_one_that_validates_best(study: Study, y: np.ndarray) -> None:
    found = {(name, fold): scores for name, fold, _, scores in scored(study.folder)}
    for k, fold in enumerate(airline_oracle.FOLDS):
        wanted = airline_oracle.ridge(y, fold)
        (trial,) = [t for t in study.result.trials if (t.candidate, t.fold) == ("ridge_ar", k)]
        chosen = {"window": wanted.window, "penalty": wanted.penalty, "treatment": wanted.treatment}
        assert trial.settings == chosen
        assert trial.parameters == wanted.parameters
        assert found["ridge_ar", k] == pytest.approx(airline_oracle.scores(y, fold, wanted.forecast), rel=1e-7)


def test_every_score_is_that_of_the_stored_forecasts(study: Study, y: np.ndarray) -> None:
    with closing(sqlite3.connect(study.folder / "study.sqlite")) as db:
        stored = {row[:3]: row[3] for row in db.execute("SELECT candidate, fold, seed, predictions FROM trials")}
    for name, k, seed, scores in scored(study.folder):
        forecast = safetensors.numpy.load(stored[name, k, seed])["test"].astype(np.float64)
        wanted = airline_oracle.scores(y, airline_oracle.FOLDS[k], forecast)
        assert scores == pytest.approx(wanted, rel=3e-6), name  # stored as float32


def test_the_leaderboard_is_means_over_folds_of_means_over_seeds(study: Study) -> None:
    runs: dict[tuple[str, int, str], list[float]] = {}
    for name, fold, _, scores in scored(study.folder):
        for metric, value in scores.items():
            runs.setdefault((name, fold, metric), []).append(value)
    by_fold = {(name, m): [fmean(runs[name, fold, m]) for fold in (0, 1)] for name, _, m in runs}
    for row in study.result.leaderboard:
        name = row.candidate.name
        assert row.metrics == pytest.approx({m: fmean(by_fold[name, m]) for m in METRICS}, rel=1e-12)
        assert row.score == row.metrics["mase"]
        assert row.spread == pytest.approx(stdev(by_fold[name, "mase"]), rel=1e-9)
        for m in METRICS:
            best = min(("naive", "seasonal_naive"), key=lambda other: fmean(by_fold[other, m]))
            assert row.relative[m] == pytest.approx(sum(by_fold[name, m]) / sum(by_fold[best, m]), rel=1e-9)
    order = [row.candidate.name for row in study.result.leaderboard]
    assert order == sorted(order, key=lambda name: fmean(by_fold[name, "mase"]))


def test_the_pick_is_the_cheapest_within_three_hundredths_of_the_best(study: Study) -> None:
    scores: dict[str, dict[int, list[float]]] = {}
    for name, fold, _, found in scored(study.folder):
        scores.setdefault(name, {}).setdefault(fold, []).append(found["mase"])
    means = {name: fmean(map(fmean, folds.values())) for name, folds in scores.items()}
    costs = {trial.candidate: trial.operations for trial in study.result.trials}
    near = [name for name, mean in means.items() if mean <= 1.03 * min(means.values())]
    assert study.verdict.best == min(means, key=lambda name: means[name])
    assert study.verdict.pick == min(near, key=lambda name: costs[name])
    assert study.verdict.best_recurrent == min(("lstm", "gru"), key=lambda name: means[name])
    assert {claim.other for claim in study.verdict.claims} == set(means) - {study.verdict.pick}
    assert {claim.outcome for claim in study.verdict.claims} == {"no claim"}  # two folds show nothing


def test_a_stopped_study_goes_on_where_it_was(whole: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, progress=Stops(7))
    assert len(kills.stored(tmp_path)) == 7
    run(tmp_path)
    assert rows(tmp_path) == rows(whole)


def test_the_number_of_workers_changes_nothing(whole: Path, tmp_path: Path) -> None:
    run(tmp_path, workers=2)
    assert rows(tmp_path) == rows(whole)


def test_a_finished_study_trains_nothing_again(whole: Path) -> None:
    before = rows(whole)
    study = run(whole, progress=Stops(1))
    assert rows(whole) == before
    assert study.verdict.pick in study.result.models["pick"]


def test_another_study_is_kept_out_of_the_folder(whole: Path) -> None:
    before = rows(whole)
    with pytest.raises(StudyError, match="seeds: it has 2, you ask for 3"):
        run(whole, seeds=3)
    assert rows(whole) == before


class Counts(Progress):
    """Keeps what finished."""

    def __init__(self) -> None:
        self.ran: list[tuple[str, int, int]] = []

    def finished(self, trial: Trial) -> None:
        self.ran.append((trial.candidate, trial.fold, trial.seed))


def died(folder: Path, workers: int, trials: int) -> set[tuple[str, ...]]:
    """Run a study that kills itself after so many trials; those that it had told to be finished.

    Its pipes close when the last of its processes has ended: a worker that outlived it would be waited for.
    """
    command = [sys.executable, dying_study.__file__, str(folder), str(workers), str(trials)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    return {tuple(line.split()) for line in ended.stdout.splitlines()}


def test_a_killed_study_loses_only_what_was_running(whole: Path, tmp_path: Path) -> None:
    assert died(tmp_path, workers=1, trials=0) == set()  # before there is a budget
    assert kills.stored(tmp_path) == set()
    told = died(tmp_path, workers=2, trials=7)
    kept = kills.stored(tmp_path)
    assert {tuple(map(str, key)) for key in kept} == told
    assert len(kept) == 7
    rest = Counts()
    run(tmp_path, progress=rest)
    assert kept.isdisjoint(rest.ran)
    assert len(rest.ran) == 18 - 7
    assert rows(tmp_path) == rows(whole)
