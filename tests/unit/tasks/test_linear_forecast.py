"""The ridge autoregression: its design against loops, its fit against scikit-learn, and that it never looks ahead."""

import tracemalloc
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from sklearn.linear_model import Ridge as SklearnRidge

from selfloop.data import Sequences, load
from selfloop.tasks.forecast import linear, ridge
from selfloop.tasks.forecast.fitted import FittedTreatment
from selfloop.tasks.forecast.linear import (
    MOST_EXAMPLES,
    RidgeForecaster,
    fit_ridge,
    learnable,
    log_is_possible,
    refit_ridge,
)
from selfloop.tasks.forecast.task import Forecast
from selfloop.tasks.forecast.treatment import KINDS, Kind, Treatment
from selfloop.tasks.places import Block


def many(*lengths: int, channels: int = 1, seed: int = 0) -> Sequences:
    """Positive random walks of unequal length, with covariates that are not positive."""
    rng = np.random.default_rng(seed)
    parts = [rng.normal(size=(n, channels)).cumsum(0) for n in lengths]
    for part in parts:
        part[:, 0] = np.exp(2 + 0.1 * part[:, 0])
    return load(parts, axes="steps,channels")


@pytest.mark.parametrize(("window", "lagged"), [(1, [0]), (3, [0, 2]), (9, [1]), (4, [0, 1, 2, 3])])
def test_the_design_against_loops(window: int, lagged: list[int]) -> None:
    """Three series one after the other, none of which may see another's steps."""
    shown = np.random.default_rng(2).normal(size=(23, 4))
    offsets = np.array([0, 7, 9, 23])
    expected = []
    for start, stop in [(0, 7), (7, 9), (9, 23)]:
        for t in range(start, stop):
            row = [
                shown[t - back, c] if t - back >= start else 0.0 for c in lagged for back in range(window - 1, -1, -1)
            ]
            expected.append(row + [shown[t, c] for c in range(4) if c not in lagged])
    assert np.array_equal(ridge.design(shown, offsets, lagged, window, np.arange(23)), expected)
    for rows in ([22], [0], [13, 8, 7, 19], [], [6, 6]):
        got = ridge.design(shown, offsets, lagged, window, np.array(rows, dtype=np.int64))
        assert np.array_equal(got, np.array(expected)[np.array(rows, dtype=np.int64)])


def test_answers_in_blocks_are_the_design_times_the_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ridge, "BLOCK", 40)  # five rows of eight features
    task, data = Forecast(3, 4), many(60, 45, channels=2)
    fold = task.folds(data, 2)[0]
    model, _ = fit_ridge(task, data, fold, [Treatment("changes", False, 4, 3)], windows=(2,))
    shown = model.fitted.show(data)
    x = ridge.design(shown.inputs, shown.offsets, model.fitted.treatment.lagged(2), 2, np.arange(105))
    assert x.shape == (105, 8)
    weight, bias = model.model.weight, model.model.bias
    for rows in (np.arange(105), np.array([104, 3, 60, 61, 59, 0, 7])):
        expected = [
            [sum(a * b for a, b in zip(x[r], w, strict=True)) + c for w, c in zip(weight, bias, strict=True)]
            for r in rows
        ]
        got = model.outputs(shown, 2, rows)
        # Nine terms in another order.
        np.testing.assert_allclose(
            got, expected, rtol=0, atol=9 * 2**-53 * np.abs(x).max() * np.abs(weight).sum(1).max() * 2
        )


def test_a_long_series_with_a_long_window_stays_within_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The design matrix of all steps would take 160 MB; held are the examples' twice, a block and the steps."""
    examples = 10_000
    monkeypatch.setattr(linear, "MOST_EXAMPLES", examples)
    monkeypatch.setattr(ridge, "BLOCK", 1 << 20)
    task, rng, window = Forecast(2, 1), np.random.default_rng(0), 200
    data = load([rng.normal(size=100_000).cumsum()])
    fold = task.folds(data, 5)[-1]
    choices = [Treatment("changes", False, 1, 2)]
    tracemalloc.start()
    try:
        model, _ = fit_ridge(task, data, fold, choices, windows=(window,))
        learnt = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        model.outputs(model.fitted.see(data), 1, np.arange(100_000))
        answered = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    few = 8 * 100_000 * 20  # twenty numbers a step
    block = 8 * ridge.BLOCK
    assert learnt < 8 * examples * window * 2.5 + 2 * block + few
    assert answered < 3 * block + few


@pytest.mark.parametrize("penalty", ridge.PENALTIES)
def test_the_fit_is_scikit_learns(penalty: float) -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(53, 7)) @ rng.normal(size=(7, 7)) + 3
    y = x @ rng.normal(size=(7, 3)) + rng.normal(size=(53, 3)) - 5
    alpha = len(x) * penalty * x.var(0).mean()  # the penalty is relative to the mean variance, and to the mean loss
    expected = SklearnRidge(alpha=alpha, solver="svd").fit(x, y)
    (got,) = ridge.fit(x, y, window=4, penalties=(penalty,))
    # An eigendecomposition of XᵀX squares the condition number: about 1e3 here, so 1e6 units of rounding.
    np.testing.assert_allclose(got.weight, expected.coef_, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(got.bias, expected.intercept_, rtol=1e-8, atol=1e-8)
    assert (got.window, got.penalty, got.parameters, got.operations) == (4, penalty, 24, 21)


def test_features_without_any_variance_have_no_weight() -> None:
    y = np.arange(12.0).reshape(6, 2)
    for model in ridge.fit(np.full((6, 3), 4.0), y, 1):
        assert np.array_equal(model.weight, np.zeros((2, 3)))
        np.testing.assert_allclose(model.bias, y.mean(0), rtol=1e-15)


def test_windows_fit_a_quarter_of_the_steps_and_reach_fourteen_seasons() -> None:
    assert ridge.windows(12, 24, 10_000) == (1, 4, 13, 24, 32, 48, 84, 168)
    assert ridge.windows(12, 24, 130) == (1, 4, 13, 24, 32)
    assert ridge.windows(12, 24, 2) == (1,)


def test_an_autoregression_is_recovered() -> None:
    """y[t] = 0.6 y[t−1] − 0.3 y[t−2] + noise: the estimate's standard error is √((1 − 0.3²) / n), Box & Jenkins."""
    rng, n = np.random.default_rng(5), 6000
    y = np.zeros(n)
    for t in range(2, n):
        y[t] = 0.6 * y[t - 1] - 0.3 * y[t - 2] + rng.normal()
    task, data = Forecast(1, 1), load([y + 100])
    fold = task.folds(data, 5)[-1]
    model, _ = fit_ridge(task, data, fold, [Treatment("level", False, 1, 1)], windows=(2,))
    model = refit_ridge(task, data, replace(model, model=replace(model.model, penalty=1e-6)))
    scale = model.fitted.scales[data.ids[0]]
    found = model.model.weight[0] * scale.answer / scale.spread[0]
    np.testing.assert_allclose(found, [-0.3, 0.6], atol=4 * np.sqrt((1 - 0.3**2) / n))  # the oldest step first
    forecast = model.predict(data, fold.test)
    noise = np.abs(task.truth(data, fold.test) - forecast)
    # Nothing but the noise is left: its mean size, √(2/π), with the standard error of so many draws.
    assert noise.mean() == pytest.approx(np.sqrt(2 / np.pi), abs=4 * np.sqrt((1 - 2 / np.pi) / len(fold.test)))


def test_validation_picks_the_best_of_all_it_tries() -> None:
    task, data = Forecast(3, 4), many(90, 120, channels=2)
    fold = task.folds(data, 2)[0]
    choices = [Treatment(kind, log, 4, 3) for kind in KINDS for log in (False, True)]
    best, score = fit_ridge(task, data, fold, choices, windows=(1, 5))
    singles = [fit_ridge(task, data, fold, [c], windows=(w,)) for c in choices for w in (1, 5)]
    assert score == min(s for _, s in singles)
    assert sum(s == score for _, s in singles) == 1
    same = next(model for model, s in singles if s == score)
    assert (best.fitted.treatment, best.model.window) == (same.fitted.treatment, same.model.window)
    assert np.array_equal(best.model.weight, same.model.weight)


def test_examples_end_where_their_future_would_leave_the_fit_part() -> None:
    task, data = Forecast(3, 4), many(40, 31)
    fit = np.array([20, 18])
    fitted = FittedTreatment.fit(Treatment("seasonal changes", False, 4, 3), data, fit)
    rows = learnable(task, data, fitted.show(data), fit)
    # From the season's last step, so that every base is known (3: steps 4 to 6 less a season are 0 to 2), to the step
    # whose third successor is the last of the part.
    assert rows.tolist() == [*range(3, 17), *range(40 + 3, 40 + 15)]


def test_many_examples_are_thinned_evenly() -> None:
    task, n = Forecast(1, 1), 2 * MOST_EXAMPLES + 11
    data = load([np.random.default_rng(0).normal(size=n)])
    fitted = FittedTreatment.fit(Treatment("changes", False, 1, 1), data, data.lengths)
    rows = learnable(task, data, fitted.show(data), data.lengths)
    assert len(rows) <= MOST_EXAMPLES
    assert set(np.diff(rows)) == {3}


def test_refitting_keeps_what_was_chosen_and_learns_from_everything() -> None:
    task, data = Forecast(2, 1), many(60, 45)
    fold = task.folds(data, 2)[0]
    chosen, _ = fit_ridge(task, data, fold, [Treatment("changes", True, 1, 2)], windows=(3,))
    again = refit_ridge(task, data, chosen)
    assert (again.fitted.treatment, again.model.window, again.model.penalty) == (
        chosen.fitted.treatment,
        3,
        chosen.model.penalty,
    )
    assert not np.array_equal(again.model.weight, chosen.model.weight)
    changed = data.take([0, 1])
    changed.values[59] += 1
    assert not np.array_equal(refit_ridge(task, changed, chosen).model.weight, again.model.weight)


def test_the_logarithm_needs_every_target_positive_and_only_the_target() -> None:
    data = many(9, channels=2)
    assert data.values[:, 1].min() < 0
    assert log_is_possible(data)
    data.values[4, 0] = 0
    assert not log_is_possible(data)


ALL = [(k, log, s) for k, log, s in product(KINDS, (False, True), (1, 4)) if s > 1 or k != "seasonal changes"]


@pytest.mark.parametrize(("kind", "log", "season"), ALL)
def test_nothing_after_the_training_part_reaches_the_model_and_no_future_its_forecast(
    kind: Kind, log: bool, season: int
) -> None:
    task, data = Forecast(3, season), many(75, 92, channels=2)
    fold = task.folds(data, 2)[0]
    treatment = Treatment(kind, log, season, 3)
    model, score = fit_ridge(task, data, fold, [treatment], windows=(1, 6))
    forecast = model.predict(data, fold.test)
    for k, origin in enumerate(fold.test.first):
        changed = data.take([0, 1])
        changed[k][origin + 1 :] = 1e3 * many(200, channels=2, seed=7)[0][: data.lengths[k] - origin - 1]
        other, other_score = fit_ridge(task, changed, fold, [treatment], windows=(1, 6))
        _assert_same(other, model)
        assert other_score == score
        first = np.flatnonzero(fold.test.series() == k)[0]
        assert np.array_equal(model.predict(changed, fold.test)[first], forecast[first])
        middle = changed.take([0, 1])
        middle[k][:] = data[k]
        middle[k][origin + 3 :] *= 9
        got = model.predict(middle, fold.test)[first : first + 3]
        assert np.array_equal(got, forecast[first : first + 3])
        assert not np.array_equal(model.predict(middle, fold.test), forecast), "later origins do see it"


def _assert_same(a: RidgeForecaster, b: RidgeForecaster) -> None:
    assert np.array_equal(a.model.weight, b.model.weight)
    assert np.array_equal(a.model.bias, b.model.bias)
    assert (a.model.window, a.model.penalty) == (b.model.window, b.model.penalty)
    for name, scale in a.fitted.scales.items():
        for part in ("level", "spread", "change", "seasonal", "answer", "floor"):
            assert np.array_equal(getattr(scale, part), getattr(b.fitted.scales[name], part))


def test_series_forecast_alone_or_together_alike() -> None:
    """Each series is read on its own; the products' order of sums may differ with their size, hence the rounding."""
    task, data = Forecast(2, 1), many(60, 45, 52)
    fold = task.folds(data, 2)[0]
    model, _ = fit_ridge(task, data, fold, [Treatment("both", False, 1, 2)], windows=(3,))
    together = model.predict(data, fold.test)
    for k in range(3):
        alone = model.predict(data.take([k]), Block(fold.test.first[[k]], fold.test.stop[[k]]))
        np.testing.assert_allclose(alone, together[fold.test.series() == k], rtol=1e-12)
