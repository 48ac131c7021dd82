"""What the report shows of a classification, counted by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from selfloop.results.study import Confusion, Trial
from selfloop.study.store import Store
from selfloop.tasks.classify.evidence import confusions
from selfloop.tasks.forecast.task import Forecast
from study_samples import classify_experiment, trial


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path)
    yield made
    made.close()


def kept(store: Store, each: Trial, **arrays: object) -> Trial:
    store.add(each, {name: np.array(values, dtype=np.float32) for name, values in arrays.items()})
    return each


def said(*classes: int) -> list[list[float]]:
    """(cases, 3) probabilities whose largest is at these classes."""
    return [[0.6 if k == found else 0.2 for k in range(3)] for found in classes]


def test_confusions_are_summed_over_folds_and_averaged_over_runs(store: Store) -> None:
    experiment = classify_experiment(["a", "b", "c", "a", "b", "c", "a"], [[0, 1, 5], [2, 3, 4, 6]])
    trials = (
        kept(store, trial("rnn", 0, 0), test=said(0, 1, 2)),  # a b c, all right
        kept(store, trial("rnn", 0, 1), test=said(1, 1, 0)),  # a as b, b, c as a
        kept(store, trial("rnn", 1, 0), test=said(2, 0, 2, 1)),  # c, a, b as c, a as b
        kept(store, trial("rnn", 1, 1), test=said(2, 0, 1, 2)),  # c, a, b, a as c
        kept(store, trial("gru", 0, 0), test=said(2, 2, 2)),
        kept(store, trial("gru", 1, 0), test=said(2, 2, 2, 2)),
    )
    found = confusions(experiment, store.predictions, trials, ("gru", "rnn"))
    assert found[0] == Confusion("gru", ("a", "b", "c"), ((0, 0, 3), (0, 0, 2), (0, 0, 2)))
    # Seed 0: a right twice, once as b; b right, then as c; c right twice. Seed 1: a as b, right, as c; b right twice;
    # c as a, then right.
    assert found[1] == Confusion("rnn", ("a", "b", "c"), ((1.5, 1.0, 0.5), (0.0, 1.5, 0.5), (0.5, 0.0, 1.5)))


def test_each_fold_is_averaged_over_the_runs_that_finished_on_it(store: Store) -> None:
    experiment = classify_experiment(list("abcabcabc"), [[0, 1, 2], [3, 4, 5], [6, 7, 8]])
    trials = (
        kept(store, trial("rnn", 0, 0), test=said(0, 1, 2)),  # all right
        kept(store, trial("rnn", 0, 1), test=said(1, 1, 2)),  # a as b
        kept(store, trial("rnn", 0, 2), test=said(1, 1, 0)),  # a as b, c as a
        kept(store, trial("rnn", 0, 3), test=said(0, 2, 2)),  # b as c
        kept(store, trial("rnn", 1, 0, status="diverged")),
        kept(store, trial("rnn", 1, 1), test=said(0, 0, 2)),  # b as a
        kept(store, trial("rnn", 1, 2), test=said(0, 1, 1)),  # c as b
        kept(store, trial("rnn", 1, 3, status="diverged")),
        *(kept(store, trial("rnn", 2, seed, status="diverged")) for seed in (0, 1, 3)),
        kept(store, trial("rnn", 2, 2), test=said(2, 1, 0)),  # a and c for each other
        *(kept(store, trial("gru", fold, seed), test=said(2, 2, 2)) for fold in (0, 1, 2) for seed in (0, 1, 2, 3)),
    )
    gru, rnn = confusions(experiment, store.predictions, trials, ("gru", "rnn"))
    assert gru.counts == ((0.0, 0.0, 3.0),) * 3
    # Fold by fold a: half each of a and b; a; c. b: three quarters b, a quarter c; half each of a and b; b.
    # c: a quarter a, three quarters c; half each of b and c; a.
    assert rnn.counts == ((1.5, 0.5, 1.0), (0.5, 2.25, 0.25), (1.25, 0.5, 1.25))
    assert [sum(row) for row in rnn.counts] == [3.0, 3.0, 3.0]  # each class has three cases


def test_a_fold_where_every_run_diverged_has_no_cases(store: Store) -> None:
    experiment = classify_experiment(list("abcabc"), [[0, 1, 2], [3, 4, 5]])
    trials = [kept(store, trial("rnn", 0, seed), test=said(0, 1, 2)) for seed in (0, 1)]
    trials += [kept(store, trial("rnn", 1, seed, status="diverged")) for seed in (0, 1)]
    (found,) = confusions(experiment, store.predictions, trials, ("rnn",))
    assert found.counts == ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def test_who_was_right_case_by_case_over_all_folds(store: Store) -> None:
    experiment = classify_experiment(["a", "b", "c", "a", "b", "c", "a"], [[5, 0, 1], [2, 3, 4, 6]])
    trials = (
        kept(store, trial("rnn", 0, 0), test=said(2, 0, 1)),  # all right
        kept(store, trial("rnn", 0, 1), test=said(0, 1, 1)),  # b alone
        kept(store, trial("rnn", 0, 2, status="diverged")),
        kept(store, trial("rnn", 1, 0), test=said(2, 0, 2, 1)),  # c, a
        kept(store, trial("rnn", 1, 1), test=said(2, 0, 1, 2)),  # c, a, b
        kept(store, trial("rnn", 1, 2), test=said(2, 1, 1, 2)),  # c, b
        *(kept(store, trial("gru", 0, seed, status="diverged")) for seed in (0, 1, 2)),
        kept(store, trial("gru", 1, 0), test=said(0, 0, 0, 0)),
    )
    right = experiment.task.right(experiment, store.predictions, trials)
    assert list(right) == ["rnn", "gru"]
    # The cases as the folds have them: 5, 0, 1, then 2, 3, 4, 6.
    np.testing.assert_allclose(right["rnn"], [1 / 2, 1 / 2, 1, 1, 2 / 3, 2 / 3, 0], rtol=1e-15)
    np.testing.assert_array_equal(right["gru"], [np.nan, np.nan, np.nan, 0, 1, 0, 1])


def test_a_forecast_is_never_just_right(store: Store) -> None:
    experiment = classify_experiment(["a", "b", "c"], [[0], [1]])
    assert Forecast(2, 1).right(experiment, store.predictions, []) == {}
