"""Regression against other ways to the same numbers, and against what people bring."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

import selfloop
from selfloop.data import Sequences, load, load_builtin
from selfloop.data.sequences import Floats
from selfloop.errors import DataError, SettingsError
from selfloop.tasks.asked import Asked
from selfloop.tasks.cases import CaseFold
from selfloop.tasks.registry import task_for
from selfloop.tasks.regress import evidence
from selfloop.tasks.regress.baselines import MEAN, RANDOM_CONVOLUTIONS, RIDGE_RAW, SUMMARY
from selfloop.tasks.regress.task import Regress
from selfloop.tasks.regress.values import measured
from selfloop.tasks.scaler import Scaler
from selfloop.tasks.task import Experiment
from study_samples import trial

SMALL: dict[str, Any] = {
    "folds": 2, "seeds": 1, "epochs": 2, "params": 200, "candidates": "gru", "learning_rates": 0.01, "window": 3,
    "workers": 1, "explain": False, "progress": False,
}  # fmt: skip


def waves(count: int = 40, several: bool = False, seed: int = 0) -> Sequences:
    """Waves on two channels, of unequal length; told is their height, or that and how many bumps they have."""
    rng, arrays, told = np.random.default_rng(seed), [], []
    for _ in range(count):
        height, bumps = rng.uniform(1, 3), rng.uniform(1, 4)
        t = np.linspace(0, 1, rng.integers(9, 17))
        wave = height * np.sin(np.pi * bumps * t)
        arrays.append(np.stack([1000 + 50 * wave, rng.normal(size=len(t))], axis=1))
        told.append([height, 1e5 * bumps] if several else height)
    return Regress.answered(load(arrays, labels=told, axes="steps,channels"))


def fold_of(data: Sequences) -> CaseFold:
    return Regress().folds(data, 4)[0]


def outcomes(data: Sequences) -> Floats:
    assert data.outcomes is not None
    return data.outcomes


class TestWhichTask:
    @pytest.mark.parametrize(
        ("labels", "name"),
        [
            (np.arange(60) + 0.5, "regress"),
            (np.arange(60) % 2 + 0.5, "regress"),
            (np.arange(60), "regress"),
            (np.arange(60) % 4, "classify"),
            (np.stack([np.arange(60) % 2] * 2, axis=1), "regress"),
            (["a", "b"] * 30, "classify"),
            (None, "forecast"),
        ],
    )
    def test_it_is_told_by_the_labels(self, labels: Any, name: str) -> None:
        assert task_for(load(list(np.ones((60, 3, 1))), labels=labels), None)[0].name == name

    def test_it_takes_the_numbers_alone_and_another_the_classes_alone(self) -> None:
        data = load(list(np.ones((6, 3, 1))), labels=[1, 2, 3, 1, 2, 3])
        told = Regress.answered(data)
        assert (told.labels, told.classes) == (None, ())
        classes = task_for(data, None)[0].answered(data)
        assert (classes.outcomes, classes.outcome_names) == (None, ())

    @pytest.mark.parametrize(
        ("labels", "said"),
        [
            ([1.5] * 9, "'outcome' is 1.50 for all 9 sequences; nothing to tell"),
            ([0.1 + 1e-17 * k for k in range(9)], "is 0.100 for all 9 sequences"),
            (["a", "b", "c"] * 3, "has no number for each sequence; a regression needs one"),
            (None, "has no number for each sequence"),
        ],
    )
    def test_what_is_nothing_to_tell(self, labels: Any, said: str) -> None:
        with pytest.raises(DataError, match=said):
            Regress.design(load(list(np.ones((9, 3, 1))), labels=labels), None, Asked())

    def test_too_few_sequences(self) -> None:
        with pytest.raises(DataError, match="has 5 sequences; expected 6 or more"):
            Regress.design(waves(5), None, Asked())
        with pytest.raises(SettingsError, match=r"has 8 sequences; 5 folds need 10, .*: folds=4 would do"):
            Regress.design(waves(8), None, Asked(folds=5))
        assert len(Regress.design(waves(8), None, Asked()).folds) == 4


class TestFolds:
    @pytest.mark.parametrize("folds", [1, 2, 5])
    def test_each_case_is_tested_once_and_learnt_from_or_chosen_on_elsewhere(self, folds: int) -> None:
        data = waves(23)
        found = Regress().folds(data, folds)
        tested = np.concatenate([fold.test for fold in found])
        assert len(np.unique(tested)) == len(tested) == (23 if folds > 1 else 5)
        for fold in found:
            assert sorted([*fold.fit, *fold.valid, *fold.test]) == list(range(23))
            assert min(len(fold.fit), len(fold.valid)) >= 2

    def test_groups_stay_together(self) -> None:
        data = replace(waves(40), groups=tuple(f"person {k % 7}" for k in range(40)))
        for fold in Regress().folds(data, 3):
            parts = [{k % 7 for k in part} for part in (fold.fit, fold.valid, fold.test)]
            assert sum(map(len, parts)) == 7
        with pytest.raises(SettingsError, match="group has 2 different values; expected 3 or more"):
            Regress().folds(replace(data, groups=("a", "b") * 20), 2)


class TestMetrics:
    def test_of_one_outcome_they_are_scikit_learns(self) -> None:
        rng = np.random.default_rng(0)
        truth, said = rng.normal(size=(30, 1)) * 40 + 7, rng.normal(size=(30, 1)) * 40
        found = measured(truth, said, Scaler.fit(3 * truth))
        assert found["rmse"] == pytest.approx(root_mean_squared_error(truth, said), rel=1e-12)
        assert found["mae"] == pytest.approx(mean_absolute_error(truth, said), rel=1e-12)
        assert found["r2"] == pytest.approx(r2_score(truth, said), rel=1e-12)

    def test_of_several_each_is_over_its_deviation_in_training(self) -> None:
        rng = np.random.default_rng(0)
        truth, said, learnt = (rng.normal(size=(30, 2)) * [1, 1e6] for _ in range(3))
        found, unit = measured(truth, said, Scaler.fit(learnt)), learnt.std(0)
        assert found["rmse"] == pytest.approx(root_mean_squared_error((truth / unit).ravel(), (said / unit).ravel()))
        assert found["mae"] == pytest.approx(mean_absolute_error(truth / unit, said / unit))
        assert found["r2"] == pytest.approx(r2_score(truth, said))

    @pytest.mark.parametrize("size", [1e-90, 1.0, 1e90])
    def test_of_what_never_differs_there_is_a_score(self, size: float) -> None:
        same = np.full((4, 1), 0.1) * size
        assert measured(same, same, Scaler.fit(same)) == {"rmse": 0, "mae": 0, "r2": 1}
        assert measured(same, 3 * same, Scaler.fit(same))["rmse"] == pytest.approx(0.2 * size)
        assert measured(same, 3 * same, Scaler.fit(same))["r2"] == 0


@pytest.mark.parametrize("row", [SUMMARY, RIDGE_RAW, RANDOM_CONVOLUTIONS], ids=lambda row: row.name)
@pytest.mark.parametrize("several", [False, True])
def test_a_ridge_is_a_ridge_on_its_features(row: Any, several: bool) -> None:
    data = waves(several=several)
    fold, everything = fold_of(data), np.arange(len(data))
    model = row.fit(Regress(), data, fold)
    x = model.features.rows(data, everything)
    if model.features.standardised:
        train = x[fold.fit]
        moving = train.std(0) > 1e-9
        x = (x[:, moving] - train[:, moving].mean(0)) / train[:, moving].std(0)
    unit = ((x[fold.fit] - x[fold.fit].mean(0)) ** 2).sum() / min(len(fold.fit), model.features.size)
    y = outcomes(data)[fold.fit]
    other = Ridge(alpha=model.linear.penalty * unit, solver="svd").fit(x[fold.fit], (y - y.mean(0)) / y.std(0))
    wanted = other.predict(x).reshape(len(data), -1) * y.std(0) + y.mean(0)
    np.testing.assert_allclose(model.predict(data, everything), wanted, rtol=1e-6)
    if several:  # summaries say nothing of the bumps
        return
    told = measured(outcomes(data)[fold.test], model.predict(data, fold.test), model.target)["rmse"]
    naive = MEAN.fit(Regress(), data, fold)
    assert told < 0.9 * measured(outcomes(data)[fold.test], naive.predict(data, fold.test), naive.target)["rmse"]


def test_the_mean_is_that_of_what_is_fitted() -> None:
    data = waves(several=True)
    fold = fold_of(data)
    said = MEAN.fit(Regress(), data, fold).predict(data, fold.test)
    np.testing.assert_allclose(said, np.tile(outcomes(data)[fold.fit].mean(0), (len(fold.test), 1)), rtol=1e-12)


def test_intervals_are_the_errors_on_the_test_parts() -> None:
    data = waves(20, several=True)
    experiment, truth = Experiment(Regress(), data, Regress().folds(data, 4)), outcomes(data)
    off = np.arange(1.0, 21)[:, None] * [0.25, -1000]  # by how much each case is told wrongly
    off[experiment.folds[0].test] *= 10  # a fold that is unlike the others
    trials = [trial("gru", fold, seed) for fold in range(4) for seed in range(2)]

    def predictions(name: str, fold: int, seed: int) -> dict[str, Any]:
        test = experiment.folds[fold].test
        return {"test": truth[test] + off[test]}

    errors = np.sort(np.repeat(np.abs(off), 2, axis=0), axis=0)
    wanted = errors[[32, 38]]  # the 33rd of 40, ceil(41 * 0.8), and the 39th
    np.testing.assert_allclose(evidence.widths(experiment, predictions, trials, "gru"), wanted, rtol=1e-9)
    held = evidence.coverage(experiment, predictions, trials)
    assert [(each.candidate, each.level) for each in held] == [("gru", 0.8), ("gru", 0.95)]
    shares, sizes = [], []
    for fold in experiment.folds:
        others = np.abs(np.delete(off, fold.test, axis=0))
        bound = np.sort(np.repeat(others, 2, axis=0), axis=0)[24]  # the 25th of 30, ceil(31 * 0.8)
        shares.append((np.abs(off[fold.test]) <= bound * (1 + 1e-9)).mean())
        sizes.append((2 * bound / truth.std(0)).mean())
    assert held[0].covered == pytest.approx(np.mean(shares))
    assert held[0].width == pytest.approx(np.mean(sizes))


class TestAStudy:
    """As people bring them: a frame of named columns, and whole numbers that were meant as numbers."""

    def frame(self, count: int = 16, first: int = 0) -> pl.DataFrame:
        rows = [
            (f"n{k}", t, np.sin(k + t), 100 * k + 0.5, 1e-20 * (k % 5), k)
            for k in range(first, first + count)
            for t in range(2 + k % 4)
        ]
        return pl.DataFrame(rows, schema=["id", "time", "x", "label", "small", "count"], orient="row")

    def test_columns_come_back_under_their_names_with_intervals(self, tmp_path: Path) -> None:
        study = selfloop.compare(self.frame(), label=["label", "small"], inputs="x", out=tmp_path, **SMALL)
        assert study.result.words.title == "Regression of label and small"
        new = self.frame(5, first=40)
        said = study.best.predict(new.drop("label", "small"))
        bounds = [f"{name}-{end}-{level}" for name in ("label", "small") for level in (80, 95) for end in ("lo", "hi")]
        assert set(said.columns) == {"unique_id", "label", "small", *bounds}
        assert said["unique_id"].to_list() == [f"n{k}" for k in range(40, 45)]
        assert said["label"].dtype == pl.Float64
        middle = (said["small-lo-95"] + said["small-hi-95"]) / 2
        np.testing.assert_allclose(middle, said["small"], rtol=1e-9)
        assert set(study.best.score(new)) == {"rmse", "mae", "r2"}
        with pytest.raises(DataError, match="has no numbers for each sequence; a score needs the true 2 of each"):
            study.best.score(new.drop("small"))
        again = selfloop.load_model(study.best.save(tmp_path / "again.safetensors"))
        assert again.predict(new).equals(study.best.predict(new))

    def test_counts_are_told_where_it_is_asked_for(self, tmp_path: Path) -> None:
        data, test = self.frame(), self.frame(6, first=40)  # with counts that were not there to learn from
        small = {name: value for name, value in SMALL.items() if name != "folds"}
        study = selfloop.compare(data, test=test, label="count", inputs="x", task="regress", out=tmp_path, **small)
        assert study.result.task == "regress"
        said = study.best.predict(test)
        assert said["count"].dtype == pl.Float64

    def test_one_step_each_and_eight_of_them(self, tmp_path: Path) -> None:
        rng = np.random.default_rng(0)
        cases = [rng.normal(size=(1, 2)) for _ in range(8)]
        labels = [float(case[0, 0]) for case in cases]
        small = {**SMALL, "folds": None, "explain": True}
        study = selfloop.compare(cases, labels=labels, axes="steps,channels", out=tmp_path, **small)
        assert np.isfinite(study.results["rmse"].to_numpy()).all()

    def test_a_test_part_of_one_number(self, tmp_path: Path) -> None:
        small = {name: value for name, value in SMALL.items() if name != "folds"}
        test = self.frame(4).with_columns(label=pl.lit(7.5))
        study = selfloop.compare(self.frame(), test=test, label="label", inputs="x", out=tmp_path, **small)
        assert np.isfinite(study.results["r2"].to_numpy()).all()

    def test_a_test_part_without_numbers(self) -> None:
        small = {name: value for name, value in SMALL.items() if name != "folds"}
        with pytest.raises(DataError, match="has no number for each sequence; a test part needs the true one of each"):
            selfloop.compare(self.frame(), test=self.frame().drop("label"), label="label", inputs="x", **small)


class TestAdding:
    @pytest.mark.parametrize("lag", [1, 6, 40])
    def test_its_answer_is_the_sum_of_the_marked(self, lag: int) -> None:
        data = load_builtin("adding", lag=lag, cases=301, seed=4)
        for case, told in zip(data, outcomes(data)[:, 0], strict=True):
            marked = [t for t, mark in enumerate(case[:, 1]) if mark == 1]
            assert len(marked) == 2
            assert marked[1] == len(case) - 1 - lag
            assert told == case[marked[0], 0] + case[marked[1], 0]
            assert set(case[:, 1]) == {0.0, 1.0}
        assert len(set(data.lengths)) > 5

    def test_whoever_says_the_mean_is_off_by_what_the_variance_says(self) -> None:
        data = load_builtin("adding", cases=20_000)
        told = outcomes(data)[:, 0]
        # The variance of a sum of two even numbers is 1/6; its estimate's deviation is 0.0010.
        assert told.var() == pytest.approx(1 / 6, abs=0.004)
        last = np.array([case[-20:, 0].sum() for case in data])
        assert abs(np.corrcoef(last, told)[0, 1]) < 4 / np.sqrt(20_000)
        assert abs(np.corrcoef(data.lengths, told)[0, 1]) < 4 / np.sqrt(20_000)

    def test_it_is_read_as_it_comes(self) -> None:
        task = Regress.design(load_builtin("adding", cases=50), None, Asked()).task
        assert (task.direction, task.readout) == ("one", "last")
