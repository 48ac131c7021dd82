"""Classification: folds by their properties, metrics and the simple baselines against scikit-learn and loops."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, balanced_accuracy_score, log_loss
from sklearn.preprocessing import StandardScaler

from selfloop.data import Sequences, load
from selfloop.errors import DataError, SettingsError
from selfloop.tasks.classify.baselines import (
    PENALTIES,
    Majority,
    fit_summary,
    refit_summary,
)
from selfloop.tasks.classify.labels import labels_of
from selfloop.tasks.classify.task import Classify
from selfloop.tasks.features.summary import summary, summary_features
from selfloop.tasks.scaler import Scaler

NAMES = "abcdefgh"


def cases(counts: list[int], seed: int = 0, shift: float = 1.0) -> Sequences:
    """Sequences of unequal length, (2 to 9 steps, 2 channels), so many of each class, in mixed order."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation([NAMES[c] for c, count in enumerate(counts) for _ in range(count)])
    arrays = [rng.normal(size=(rng.integers(2, 10), 2)) + shift * NAMES.index(label) for label in labels]
    return load(arrays, labels=labels, axes="steps,channels")


@settings(max_examples=40)
@given(counts=st.lists(st.integers(10, 40), min_size=2, max_size=5), folds=st.integers(1, 10), seed=st.integers(0, 99))
def test_folds_are_a_stratified_partition(counts: list[int], folds: int, seed: int) -> None:
    data, task = cases(counts, seed), Classify()
    labels, found = labels_of(data), task.folds(data, folds)
    tested = np.concatenate([fold.test for fold in found])
    assert len(np.unique(tested)) == len(tested), "no case is tested twice"
    if folds > 1:
        assert sorted(tested) == list(range(len(data)))
    for k, fold in enumerate(found):
        assert fold.index == k
        parts = np.concatenate([fold.fit, fold.valid, fold.test])
        assert sorted(parts) == list(range(len(data))), "each case has one part in a fold"
        share = max(folds, 2) if folds > 1 else 5
        for c, count in enumerate(counts):
            here = int((labels[fold.test] == c).sum())
            assert count // share <= here <= -(-count // share)
            assert (labels[fold.fit] == c).sum() >= 1
        assert len(fold.valid) == max(round(0.2 * (len(fold.fit) + len(fold.valid))), len(counts))
    again = task.folds(data, folds)
    assert all(
        np.array_equal(a.valid, b.valid) and np.array_equal(a.test, b.test) for a, b in zip(found, again, strict=True)
    )


def test_defaults_are_ten_folds_where_a_hundred_can_be_tested_in_each() -> None:
    assert Classify().default_folds(cases([600, 400])) == 10
    assert Classify().default_folds(cases([600, 399])) == 5
    assert Classify().default_folds(cases([985, 19])) == 5


@pytest.mark.parametrize(
    ("counts", "folds", "said"),
    [
        ([20, 4], 5, "class 'b' has 4 cases; 5 folds need 5 of each; folds=4 would do."),
        ([20, 4], 1, "class 'b' has 4 cases; 1 fold needs 5 of each; folds=4 would do."),
        ([20, 2], 2, "class 'b' has 2 cases; 2 folds need 3 of each; more cases of it, or leaving it out, would do."),
        ([20, 1], 5, "class 'b' has 1 case; 5 folds need 5 of each; more cases of it, or leaving it out, would do."),
        ([20, 20], 0, "folds is 0; expected 1 or more."),
    ],
)
def test_too_few_cases_of_a_class(counts: list[int], folds: int, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Classify().folds(cases(counts), folds)
    assert str(caught.value) == said
    if "folds=4" in said:
        assert len(Classify().folds(cases(counts), 4)) == 4


def test_a_given_split_needs_two_cases_of_each_class_to_learn_from() -> None:
    data = cases([5, 2])
    rare = np.flatnonzero(labels_of(data) == 1)
    train = np.setdiff1d(np.arange(len(data)), rare[:1])
    expected = "^class 'b' has 1 case to learn from; expected 2 or more, one to validate on; more cases of it, or leav"
    with pytest.raises(SettingsError, match=expected):
        Classify().fold(data, 0, train, rare[:1])
    fold = Classify().fold(data, 0, np.arange(len(data)), np.zeros(0, dtype=np.int64))
    assert sorted(labels_of(data)[fold.valid]) == [0, 1]


def test_labels_are_needed_and_two_classes() -> None:
    data = cases([3, 3])
    with pytest.raises(DataError, match="has no labels"):
        labels_of(replace(data, labels=None))
    with pytest.raises(DataError, match="has only one class, 'a'"):
        labels_of(replace(data, classes=("a",)))


@pytest.mark.parametrize("counts", [[9, 14], [7, 11, 5, 6]])
def test_metrics_are_scikit_learns(counts: list[int]) -> None:
    data, rng = cases(counts), np.random.default_rng(3)
    which = rng.permutation(len(data))[:17]
    found = rng.dirichlet(np.ones(len(counts)), size=17)
    truth = labels_of(data)[which]
    got = Classify().score(data, which, found)
    assert got["accuracy"] == pytest.approx(accuracy_score(truth, found.argmax(1)), rel=1e-14)
    assert got["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(truth, found.argmax(1)), rel=1e-14)
    assert got["log_loss"] == pytest.approx(log_loss(truth, found, labels=range(len(counts))), rel=1e-12)


def test_certainty_that_is_wrong_costs_a_lot_but_not_infinitely_much() -> None:
    data = cases([3, 3])
    wrong = np.eye(2)[1 - labels_of(data)]
    assert Classify().score(data, np.arange(6), wrong)["log_loss"] == pytest.approx(23 * np.log(2), rel=1e-14)


def test_summary_features_against_loops() -> None:
    data = cases([3, 3])
    data = load([data[k] for k in range(6)] + [np.array([[2.0, -1.0]])], labels=list("aaabbbb"))
    which = np.array([6, 2, 4])
    expected = []
    for k in which:
        columns, row = [[step[c] for step in data[k].tolist()] for c in range(2)], []
        means = [sum(c) / len(c) for c in columns]
        row += means
        row += [(sum((x - m) ** 2 for x in c) / len(c)) ** 0.5 for c, m in zip(columns, means, strict=True)]
        row += [min(c) for c in columns] + [max(c) for c in columns]
        row += [c[0] for c in columns] + [c[-1] for c in columns]
        row += [sum(b - a for a, b in pairwise(c)) / max(len(c) - 1, 1) for c in columns]
        expected.append([*row, len(columns[0])])
    got = summary(data, which)
    np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-14)
    assert got.shape[1] == summary_features(2)


@pytest.mark.parametrize("counts", [[30, 25], [20, 25, 15]])
def test_the_linear_model_says_what_scikit_learn_says(counts: list[int]) -> None:
    data, task = cases(counts, shift=0.3), Classify()
    fold = task.folds(data, 5)[0]
    model, losses = fit_summary(task, data, fold), []
    scaler = StandardScaler().fit(summary(data, fold.fit))
    for penalty in PENALTIES:
        x = scaler.transform(summary(data, fold.fit))
        other = LogisticRegression(C=penalty, max_iter=1000).fit(x, labels_of(data)[fold.fit])
        valid = other.predict_proba(scaler.transform(summary(data, fold.valid)))
        losses.append(log_loss(labels_of(data)[fold.valid], valid, labels=range(len(counts))))
        if penalty == model.penalty:
            expected = other.predict_proba(scaler.transform(summary(data, fold.test)))
            np.testing.assert_allclose(model.predict(data, fold.test), expected, rtol=1e-7, atol=1e-12)
    assert model.penalty == PENALTIES[int(np.argmin(losses))]
    assert model.weight.shape == (len(counts), summary_features(2))
    assert model.parameters == len(counts) * (summary_features(2) + 1)
    again = refit_summary(data, model)
    assert again.penalty == model.penalty
    assert not np.array_equal(again.weight, model.weight)


def test_no_test_case_reaches_a_baseline_and_no_other_case_a_prediction() -> None:
    data, task = cases([30, 25, 20], shift=0.3), Classify()
    fold = task.folds(data, 5)[0]
    changed = data.take(np.arange(len(data)))
    for k in fold.test:
        changed[k][:] *= -77
    before, after = fit_summary(task, data, fold), fit_summary(task, changed, fold)
    assert np.array_equal(before.weight, after.weight)
    assert np.array_equal(before.bias, after.bias)
    assert before.penalty == after.penalty
    assert np.array_equal(Majority.fit(data, fold.fit).shares, Majority.fit(changed, fold.fit).shares)
    untouched = fold.test[:1]
    others = data.take(np.arange(len(data)))
    for k in fold.test[1:]:
        others[k][:] *= -77
    assert np.array_equal(before.predict(data, untouched), before.predict(others, untouched))


def test_the_majority_says_how_common_each_class_was() -> None:
    data = cases([6, 3, 1])
    model = Majority.fit(data, np.arange(10))
    np.testing.assert_allclose(model.predict(data, np.array([4, 2])), [[0.6, 0.3, 0.1]] * 2, rtol=1e-15)
    absent = Majority.fit(data, np.flatnonzero(labels_of(data) < 2))
    assert absent.shares.shape == (3,)
    assert absent.shares[2] == 0


def test_a_constant_channel_is_scaled_to_zeros() -> None:
    scaler = Scaler.fit(np.column_stack([np.full(9, 0.1), np.arange(9.0)]))
    got = scaler.scale(np.array([[0.1, 4.0], [0.3, 8.0]]))
    np.testing.assert_allclose(got, np.array([[0, 0], [0, 4 / np.std(np.arange(9))]]), atol=1e-15)
