"""Estimators on a fold: what they are handed, how often they are made, and every answer that is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.svm import SVC

from own_entries import Answers, Drawn, Means
from selfloop.data import load
from selfloop.entries.answers import probabilities
from selfloop.entries.estimator import fit_estimator, prepared
from selfloop.entries.resolve import entries
from selfloop.errors import EntryError
from selfloop.tasks.classify.task import Classify
from selfloop.tasks.features.summary import summary
from selfloop.tasks.forecast.task import Forecast
from study_samples import classify_experiment

SERIES = load([np.random.default_rng(k).normal(size=(n, 2)).cumsum(0) for k, n in enumerate((90, 120))])
TASK = Forecast(3, 1)
FOLD = TASK.folds(SERIES, 2)[0]
CASES = classify_experiment(["a", "b", "c"] * 6, [[0, 1, 2, 3, 4, 5]])


class Spy:
    """Keeps what it was handed."""

    def __init__(self, seen: list[Any]) -> None:
        self.seen = seen

    def __deepcopy__(self, memo: Any) -> Spy:
        return Spy(self.seen)

    def fit(self, X: Any, y: Any = None) -> Spy:
        self.seen.append(("fit", X, y))
        self.each = 3
        return self

    def predict(self, X: Any) -> Any:
        self.seen.append(("predict", X))
        return np.zeros((len(X), self.each))


def entry(made: Any, task: Any = TASK) -> Any:
    return entries([made], task)[0]


def designs(window: int | None = 4, reads: str = "windows", data: Any = SERIES) -> Any:
    return TASK.designs(data, FOLD, "level/raw/plain", reads, window)


def test_windows_are_the_past_oldest_first_channel_by_channel_and_y_what_follows() -> None:
    (design,) = designs()
    x, y = design.learnt()
    rows = np.concatenate([np.arange(n - 3) for n in FOLD.fit])
    assert x.shape == (len(rows), 2 * 4)
    assert y.shape == (len(rows), 3)
    series = SERIES[0][: FOLD.fit[0]]
    level = (series - series.mean(0)) / series.std(0)
    at = 10
    np.testing.assert_allclose(x[at], level[at - 3 : at + 1].T.ravel(), rtol=1e-12)
    asked = series[:, 0] - series[:, 0].mean()
    np.testing.assert_allclose(y[at] / y[at, 0], asked[at + 1 : at + 4] / asked[at + 1], rtol=1e-9)


def test_answers_come_back_in_the_users_units() -> None:
    (design,) = designs()
    zero = design.answers(SERIES, FOLD.test, np.zeros((len(FOLD.test), 3)))
    np.testing.assert_allclose(zero[0], SERIES[0][: FOLD.fit[0], 0].mean())


@pytest.mark.parametrize("reads", ["windows", "histories"])
def test_nothing_of_the_test_part_is_seen_before_it_is_asked_for(reads: str) -> None:
    """The steps from the first test origin's future on are other ones, or none: what is handed is the same."""
    other = SERIES.values.copy()
    for start, train in zip(SERIES.offsets, FOLD.train, strict=False):
        other[start + train :][: 90 - train if start == 0 else None] = 1e6
    seen: list[list[Any]] = []
    for data in (SERIES, replace(SERIES, values=other)):
        seen.append([])
        fitted = fit_estimator(entry(Spy(seen[-1])), designs(None, reads, data), 0)
        fitted.model.predict(data, FOLD.valid)
    assert len(seen[0]) == len(seen[1]) > 2
    for one, two in zip(*seen, strict=True):
        assert one[0] == two[0]
        for a, b in zip(one[1:], two[1:], strict=True):
            for p, q in zip(a, b, strict=True) if a is not None else ():
                np.testing.assert_array_equal(*((p.values, q.values) if reads == "histories" else (p, q)))


def test_what_is_answered_at_an_origin_is_made_of_the_steps_up_to_it() -> None:
    other = SERIES.values.copy()
    first = int(FOLD.test.first[0])
    other[first + 1 : 90] = 1e6
    for design in (*designs(), *designs(None, "histories")):
        a = next(iter(design.rows(SERIES, FOLD.test)))
        b = next(iter(design.rows(replace(SERIES, values=other), FOLD.test)))
        np.testing.assert_array_equal(*((a[0].values, b[0].values) if hasattr(a[0], "values") else (a[0], b[0])))
        assert not np.array_equal(*((a[1].values, b[1].values) if hasattr(a[0], "values") else (a[1], b[1])))


def test_the_users_own_changes_of_what_they_are_handed_stay_with_them() -> None:
    before = SERIES.values.copy()
    for design in (*designs(), *designs(None, "histories")):
        for part in (design.learnt()[0], *design.rows(SERIES, FOLD.test)):
            for each in part:
                (each.values if hasattr(each, "values") else each)[:] = 0
    np.testing.assert_array_equal(SERIES.values, before)


def test_validation_chooses_the_window_and_the_fit_is_of_the_learnt_part_alone() -> None:
    seen: list[Any] = []
    found = fit_estimator(entry(Spy(seen)), designs(None), 0)
    fits = [each for each in seen if each[0] == "fit"]
    assert len(fits) == len(designs(None)) > 1
    assert {len(each[1]) for each in fits} == {sum(FOLD.fit) - 2 * 3}
    assert found.settings["window"] in [design.window for design in designs(None)]


def test_what_answers_one_number_gets_a_copy_for_each() -> None:
    found = fit_estimator(entry(GradientBoostingRegressor(n_estimators=2)), designs(), 0)
    assert found.settings == {"window": 4, "copies": 3}
    assert found.model.predict(SERIES, FOLD.test).shape == (len(FOLD.test), 3)
    assert fit_estimator(entry(Ridge()), designs(), 0).settings == {"window": 4}


def test_an_error_of_its_own_is_its_own() -> None:
    with pytest.raises(ValueError, match="Unknown label type"):
        fit_estimator(entry(LogisticRegression()), designs(), 0)
    broken: Any = Means()
    broken.fit = lambda X, y: 1 / 0
    with pytest.raises(ZeroDivisionError):
        fit_estimator(entry(lambda: broken), designs(), 0)


def test_each_fit_begins_anew_with_the_seed() -> None:
    mine = Drawn()
    one, two = (prepared(entry(mine), seed, {}) for seed in (3, 4))
    assert (mine.random_state, one.random_state, two.random_state) == (None, 3, 4)
    forest = entry(RandomForestClassifier(random_state=5), Classify())
    assert prepared(forest, 8, {}).random_state == 8


def test_what_wants_to_know_the_horizon_is_told() -> None:
    class Curious(Means):
        def __init__(self) -> None:
            self.horizon, self.season = 0, 0

    found = prepared(entry(Curious), 0, TASK.folds and designs()[0].facts)
    assert (found.horizon, found.season) == (3, 1)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (lambda n: np.zeros((n, 2)), r"predict gives an array of shape \(\d+, 2\); expected \(\d+, 3\)"),
        (lambda n: np.zeros((n - 1, 3)), r"predict gives an array of shape"),
        (lambda n: np.zeros(n), r"predict gives an array of shape"),
        (lambda n: np.full((n, 3), np.nan), r"predict gives (\d+) of \1 numbers that are not finite"),
        (lambda n: [["a"] * 3] * n, r"predict gives 'a'; expected numbers"),
        (lambda n: None, r"predict gives None; expected an array"),
        (lambda n: np.zeros((n, 3), complex), r"expected numbers"),
    ],
)
def test_numbers_that_are_none_are_refused(answers: Callable[[int], Any], said: str) -> None:
    found = fit_estimator(entry(lambda: Answers(answers)), designs(), 0)
    with pytest.raises(EntryError, match=said):
        found.model.predict(SERIES, FOLD.test)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (Answers(lambda n: np.zeros(n), lambda n: np.full((n, 3), 0.4)), r"which adds up to 1\.2; expected probab"),
        (Answers(lambda n: np.zeros(n), lambda n: np.tile([1.5, -0.5, 0], (n, 1))), r"expected probabilities"),
        (Answers(lambda n: np.zeros(n), lambda n: np.full((n, 2), 0.5)), r"predict_proba gives an array of shape"),
        (Answers(lambda n: np.full(n, 3)), r"predict gives 3\.0; expected numbers of classes, 0 to 2"),
        (Answers(lambda n: np.full(n, 0.5)), r"predict gives 0\.5; expected numbers of classes"),
        (Answers(lambda n: ["b"] * n), r"predict gives 'b'; expected numbers"),
    ],
)
def test_classes_that_are_none_are_refused(given: Any, said: str) -> None:
    with pytest.raises(EntryError, match=said):
        probabilities(given, np.zeros((5, 2)), 3)


def test_classes_may_be_named_alone_and_columns_are_those_of_the_estimator() -> None:
    certain = probabilities(Answers(lambda n: np.array([[2], [0]])), np.zeros((2, 1)), 3)
    np.testing.assert_array_equal(certain, [[0, 0, 1], [1, 0, 0]])
    partly = Answers(chances=lambda n: np.tile([0.25, 0.75], (n, 1)))
    partly.classes_ = np.array([2, 0])  # type: ignore[attr-defined]
    np.testing.assert_array_equal(probabilities(partly, np.zeros((1, 1)), 3), [[0.75, 0, 0.25]])


@pytest.mark.parametrize(("reads", "shape"), [("summary", (15,)), ("steps", (4,)), ("arrays", (2, 2))])
def test_sequences_are_handed_in_the_form_that_is_asked_for(reads: str, shape: tuple[int, ...]) -> None:
    fold = CASES.folds[0]
    (design,) = CASES.task.designs(CASES.data, fold, "", reads, None)
    x, y = design.learnt()
    assert x.shape == (len(fold.fit), *shape)
    assert set(y.tolist()) == {0, 1, 2}
    if reads == "summary":
        raw = summary(CASES.data, fold.fit)
        np.testing.assert_allclose(x[:, 0], (raw[:, 0] - raw[:, 0].mean()) / raw[:, 0].std())
    if reads == "arrays":
        flat = CASES.task.designs(CASES.data, fold, "", "steps", None)[0].learnt()[0]
        np.testing.assert_array_equal(x[:, 1, 0], flat[:, 1])  # second channel of the first step
    found = fit_estimator(entry(SVC() if reads != "arrays" else Shapes(), CASES.task), (design,), 0)
    said = found.model.predict(CASES.data, fold.test)
    np.testing.assert_array_equal(said.sum(1), 1)


class Shapes(Means):
    def predict(self, X: Any) -> Any:
        return np.zeros(len(X))
