"""The strong baselines of a classification: each against another way to the same numbers, and what all promise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import optimize
from sklearn.linear_model import RidgeClassifier
from sklearn.neighbors import KNeighborsClassifier

from selfloop.data import Sequences, load
from selfloop.data.sequences import Floats
from selfloop.tasks.cases import CaseFold
from selfloop.tasks.classify import nearest
from selfloop.tasks.classify.calibrate import Slope, probabilities
from selfloop.tasks.classify.labels import labels_of
from selfloop.tasks.classify.nearest import NEAREST
from selfloop.tasks.classify.ridges import RANDOM_CONVOLUTIONS, RIDGE_RAW, best_of, plus_minus
from selfloop.tasks.classify.task import Classify
from selfloop.tasks.features import convolved, features, raw
from selfloop.tasks.features.raw import Raw
from selfloop.tasks.features.ridges import PENALTIES, ridges
from selfloop.tasks.scaler import Scaler

BARS = (RIDGE_RAW, NEAREST, RANDOM_CONVOLUTIONS)
NAMES = [row.name for row in BARS]


def shapes(count: int = 48, lengths: tuple[int, int] = (20, 31), classes: int = 3, seed: int = 0) -> Sequences:
    """Waves of so many bumps as the class is, at any speed, on two channels in different units."""
    rng, arrays = np.random.default_rng(seed), []
    for k in range(count):
        t = np.linspace(0, 1, rng.integers(*lengths))
        wave = np.sin(np.pi * (k % classes + 1) * t) + 0.3 * rng.normal(size=len(t))
        arrays.append(np.stack([1000 + 50 * wave, rng.normal(size=len(t))], axis=1))
    return load(arrays, labels=[f"class {k % classes}" for k in range(count)], axes="steps,channels")


def fold_of(data: Sequences) -> CaseFold:
    return Classify().folds(data, 4)[0]


def stretched(case: Floats, steps: int) -> Floats:
    """(steps, channels) by NumPy's interpolation."""
    at = np.linspace(0, len(case) - 1, steps)
    return np.stack([np.interp(at, np.arange(len(case)), column) for column in case.T], axis=1)


class TestRaw:
    def test_sequences_are_stretched_to_the_median_length(self) -> None:
        data = shapes()
        cases = np.arange(17)
        made = Raw.fit(data, cases, 10**6)
        assert made.steps == int(np.median(data.lengths[cases]))
        scaler = Scaler.fit(np.concatenate([data[k] for k in range(17)]))
        wanted = [stretched(scaler.scale(data[k]), made.steps).ravel() for k in (20, 3, 41)]
        np.testing.assert_allclose(made.rows(data, np.array([20, 3, 41])), wanted, rtol=1e-9, atol=1e-9)

    def test_of_one_length_they_stay_as_they_are(self) -> None:
        data = shapes(lengths=(23, 24))
        made = Raw.fit(data, np.arange(9), 10**6)
        assert np.array_equal(made.rows(data, np.arange(5))[4], made.scaler.scale(data[4]).ravel())

    @pytest.mark.parametrize(("lengths", "steps"), [([1, 1, 1], 1), ([1, 5, 2], 2), ([5, 1, 1], 1)])
    def test_a_single_step_fills_a_row_and_a_row_of_one_is_the_middle(self, lengths: list[int], steps: int) -> None:
        data = load([np.arange(n, dtype=float) for n in lengths], labels=["a", "b", "a"])
        made = Raw.fit(data, np.arange(3), 100)
        assert made.steps == steps
        back = made.rows(data, np.arange(3)) * made.scaler.deviation + made.scaler.mean
        middle = [np.array([(n - 1) / 2]) for n in lengths]
        wanted = [stretched(case, steps).ravel() for case in data] if steps > 1 else middle
        np.testing.assert_allclose(back, np.array(wanted), atol=1e-12)

    def test_a_row_has_no_more_values_than_there_is_room_for(self) -> None:
        data = shapes()
        assert Raw.fit(data, np.arange(9), 11).size == 10
        assert Raw.fit(data, np.arange(9), 1).steps == 1
        long = load([np.arange(3000.0)] * 2, labels=["a", "b"])
        assert Raw.fit(long, np.arange(2), 10**6).steps == raw.LONGEST

    def test_some_of_many_are_drawn_in_order(self) -> None:
        cases = np.arange(100, 160)
        assert features.some(cases, 60) is cases
        got = features.some(cases, 20)
        assert len(got) == 20
        assert (np.diff(got) > 0).all()
        assert np.array_equal(got, features.some(cases, 20))


class TestSlope:
    def scores(self, count: int = 60, seed: int = 0) -> tuple[Floats, Any]:
        rng = np.random.default_rng(seed)
        labels = rng.integers(0, 3, size=count)
        return np.eye(3)[labels] + rng.normal(size=(count, 3)), labels

    def test_it_has_the_least_smoothed_cross_entropy(self) -> None:
        scores, labels = self.scores()
        found = Slope.fit(scores, labels)
        truth = np.full((60, 3), 1 / 3 / 61)
        truth[np.arange(60), labels] = (60 + 1 / 3) / 61

        def loss(slope: float) -> float:
            raised = np.exp(slope * scores)
            return float(-(truth * np.log(raised / raised.sum(1, keepdims=True))).sum(1).mean())

        other = optimize.minimize(lambda s: loss(s[0]), [1.0], method="Nelder-Mead", options={"xatol": 1e-9})
        assert found.slope == pytest.approx(other.x[0], rel=1e-4)
        assert found.loss == pytest.approx(other.fun, rel=1e-9)

    def test_a_few_cases_that_are_all_right_make_nobody_sure(self) -> None:
        labels = np.arange(9) % 3
        found = Slope.fit(np.eye(3)[labels] * 5, labels)
        said = probabilities(np.eye(3)[labels] * 5, found.slope)
        assert said.max() == pytest.approx((9 + 1 / 3) / 10, rel=1e-4)

    @pytest.mark.parametrize("factor", [1e-12, 1e12])
    def test_the_unit_of_scores_does_not_matter(self, factor: float) -> None:
        scores, labels = self.scores()
        said = probabilities(scores, Slope.fit(scores, labels).slope)
        again = probabilities(scores * factor, Slope.fit(scores * factor, labels).slope)
        np.testing.assert_allclose(again, said, rtol=1e-5)

    def test_scores_that_say_nothing_or_the_wrong_thing_end_near_even(self) -> None:
        labels = np.arange(60) % 3
        assert probabilities(np.ones((4, 3)), Slope.fit(np.ones((60, 3)), labels).slope) == pytest.approx(1 / 3)
        wrong = -np.eye(3)[labels]
        assert probabilities(wrong, Slope.fit(wrong, labels).slope) == pytest.approx(1 / 3, abs=1e-3)


class TestRidges:
    @pytest.mark.parametrize("shape", [(40, 9), (15, 33)])
    def test_they_are_scikit_learns_by_either_product(self, shape: tuple[int, int]) -> None:
        rng = np.random.default_rng(1)
        x, labels = rng.normal(size=shape) + 3, np.arange(shape[0]) % 3
        new = rng.normal(size=(7, shape[1])) + 3
        centred = x - x.mean(0)
        unit = (centred**2).sum() / min(shape)  # the mean of the eigenvalues
        for model, penalty in zip(ridges(x, plus_minus(labels, 3)), PENALTIES, strict=True):
            other = RidgeClassifier(alpha=penalty * unit).fit(x, labels)
            np.testing.assert_allclose(model.of(new), other.decision_function(new), rtol=1e-6, atol=1e-8)
            assert model.penalty == penalty
        two = ridges(x, plus_minus(labels % 2, 2))[4].of(new)
        np.testing.assert_allclose(two[:, 0], -two[:, 1], rtol=1e-9)

    def test_the_best_has_the_least_loss(self) -> None:
        rng = np.random.default_rng(2)
        labels, way = np.arange(90) % 2, rng.normal(size=25)
        x = rng.normal(size=(90, 25)) + 0.4 * np.outer(labels, way)
        models = ridges(x[:30], plus_minus(labels[:30], 2))
        found, slope = best_of(models, x[30:], labels[30:])
        losses = [Slope.fit(model.of(x[30:]), labels[30:]).loss for model in models]
        assert found is models[int(np.argmin(losses))]
        assert slope.loss == min(losses) < max(losses)
        assert found is not models[0]

    def test_features_that_never_change_say_how_common_classes_are(self) -> None:
        labels = np.array([0, 0, 0, 1])
        for model in ridges(np.full((4, 6), 0.1), plus_minus(labels, 2)):
            np.testing.assert_allclose(model.of(np.full((2, 6), 0.1)), [[0.5, -0.5]] * 2, atol=1e-6)


def test_the_ridge_on_raw_values_is_a_ridge_on_raw_values() -> None:
    data = shapes()
    fold, labels = fold_of(data), labels_of(data)
    model = RIDGE_RAW.fit(Classify(), data, fold)
    assert isinstance(model.features, Raw)
    rows = model.features.rows(data, np.arange(len(data)))
    unit = ((rows[fold.fit] - rows[fold.fit].mean(0)) ** 2).sum() / len(fold.fit)
    other = RidgeClassifier(alpha=model.linear.penalty * unit).fit(rows[fold.fit], labels[fold.fit])
    got = model.predict(data, fold.test)
    assert np.array_equal(got.argmax(1), other.predict(rows[fold.test]))
    assert model.parameters == 3 * model.features.size + 3
    assert model.operations == 5 * model.features.size
    assert RIDGE_RAW.settings(model) == {"steps": model.features.steps, "penalty": model.linear.penalty}


def test_the_nearest_neighbour_is_scikit_learns() -> None:
    data = shapes()
    fold, labels = fold_of(data), labels_of(data)
    model = NEAREST.fit(Classify(), data, fold)
    rows = model.raw.rows(data, np.arange(len(data)))
    other = KNeighborsClassifier(1).fit(rows[fold.fit], labels[fold.fit])
    assert np.array_equal(model.predict(data, fold.test).argmax(1), other.predict(rows[fold.test]))
    assert (model.predict(data, fold.fit).argmax(1) == labels[fold.fit]).all(), "each is nearest to itself"
    assert model.parameters == rows[fold.fit].size
    assert model.operations == rows[fold.fit].size + 2 * model.raw.size
    scores = model.scores(data, fold.test)
    for c in range(3):
        near = rows[fold.fit][labels[fold.fit] == c]
        wanted = -np.sqrt(((rows[fold.test][:, None] - near) ** 2).sum(2)).min(1)
        np.testing.assert_allclose(scores[:, c], wanted, rtol=1e-12)


def test_of_many_cases_some_are_kept_and_one_of_each_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest, "MOST_CASES", 10)
    monkeypatch.setattr(nearest, "ROOM", 200)
    data = shapes(count=60)
    labels = ["rare" if k == 59 else data.classes[c] for k, c in enumerate(data.labels)]
    data = load(list(data), labels=labels)
    model = NEAREST.refit(Classify(), load([*data, data[59]], labels=[*labels, "rare"]))
    assert 10 <= len(model.rows) <= 14
    assert model.counts.min() >= 1
    assert model.rows.size <= 200


def test_random_convolutions_are_a_ridge_on_scaled_shares() -> None:
    data = shapes()
    fold, labels = fold_of(data), labels_of(data)
    model = RANDOM_CONVOLUTIONS.fit(Classify(), data, fold)
    assert isinstance(model.features, convolved.Convolved)
    scaled = [model.features.scaler.scale(case) for case in data]
    x = model.features.convolutions.features(scaled)
    assert x.shape == (48, 9996)
    train = x[fold.fit]
    moving = train.std(0) > 0
    z = (x[:, moving] - train[:, moving].mean(0)) / train[:, moving].std(0)
    unit = (z[fold.fit] ** 2).sum() / len(fold.fit)
    other = RidgeClassifier(alpha=model.linear.penalty * unit).fit(z[fold.fit], labels[fold.fit])
    np.testing.assert_allclose(model.linear.of(x[fold.test]), other.decision_function(z[fold.test]), rtol=1e-6)
    assert model.parameters == 9996 + 3 * 9996 + 3
    longest = int(data.lengths[fold.fit].max())
    taps = 9 * int(model.features.convolutions.channels.sum()) * longest
    assert model.operations == taps + 9996 * longest + 3 * 9996


@pytest.mark.parametrize("limit", ["LARGEST", "STEPS"])
def test_where_there_is_much_to_learn_from_there_are_fewer_features(
    monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(convolved, limit, 20)
    data = shapes()
    model = RANDOM_CONVOLUTIONS.fit(Classify(), data, fold_of(data))
    assert RANDOM_CONVOLUTIONS.settings(model)["features"] == 2016


def test_a_linear_model_on_many_rows_has_shorter_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw, "LARGEST", 20)
    data = shapes()
    assert RIDGE_RAW.fit(Classify(), data, fold_of(data)).features.size == 20


@pytest.mark.parametrize("row", BARS, ids=NAMES)
class TestEachBar:
    def test_it_tells_shapes_apart_that_summaries_do_not(self, row: Any) -> None:
        data = shapes(count=90)
        fold = fold_of(data)
        scores = Classify().score(data, fold.test, row.fit(Classify(), data, fold).predict(data, fold.test))
        assert scores["accuracy"] >= 0.9
        assert scores["log_loss"] < np.log(3) / 2

    def test_probabilities_are_probabilities(self, row: Any) -> None:
        data = shapes()
        fold = fold_of(data)
        said = row.fit(Classify(), data, fold).predict(data, fold.test)
        assert said.shape == (len(fold.test), 3)
        np.testing.assert_allclose(said.sum(1), 1, rtol=1e-12)
        assert said.min() > 0

    def test_the_same_data_give_the_same_bits(self, row: Any) -> None:
        data = shapes()
        fold = fold_of(data)
        one, other = (row.fit(Classify(), data, fold) for _ in range(2))
        assert one.fields() == other.fields()
        assert all(np.array_equal(array, other.arrays()[name]) for name, array in one.arrays().items())

    def test_a_refit_keeps_what_validation_chose_and_learns_from_all(self, row: Any) -> None:
        data, task = shapes(), Classify()
        chosen, found = row.fit(task, data, task.whole(data)), row.refit(task, data)
        known = {"penalty", "slope"} & set(chosen.fields())
        assert {name: found.fields()[name] for name in known} == {name: chosen.fields()[name] for name in known}
        changed = data.take(np.arange(len(data)))
        changed.values[-1] += 1
        assert not all(
            np.array_equal(array, row.refit(task, changed).arrays()[name]) for name, array in found.arrays().items()
        )

    def test_it_does_not_stream_and_a_step_is_an_answer_made_anew(self, row: Any) -> None:
        data = shapes()
        assert not row.candidate.streams
        assert row.fit(Classify(), data, fold_of(data)).step()() is not None

    @pytest.mark.parametrize("lengths", [(1, 2), (1, 4)])
    def test_very_short_sequences_are_answered(self, row: Any, lengths: tuple[int, int]) -> None:
        data = shapes(lengths=lengths)
        said = row.fit(Classify(), data, fold_of(data)).predict(data, np.arange(len(data)))
        assert np.isfinite(said).all()

    def test_a_channel_that_never_changes_does_no_harm(self, row: Any) -> None:
        data = shapes()
        still = load([np.column_stack([case, np.full(len(case), 0.1)]) for case in data], labels=labels_of(data))
        fold = fold_of(data)
        said = row.fit(Classify(), still, fold).predict(still, fold.test)
        assert np.isfinite(said).all()

    def test_classes_that_cannot_be_told_apart_are_not_claimed(self, row: Any) -> None:
        rng = np.random.default_rng(0)
        data = load([rng.normal(size=(12, 1)) for _ in range(80)], labels=["a", "b"] * 40)
        fold = fold_of(data)
        said = row.fit(Classify(), data, fold).predict(data, fold.test)
        assert Classify().score(data, fold.test, said)["log_loss"] < 1.1
