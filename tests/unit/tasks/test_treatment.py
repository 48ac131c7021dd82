"""What a forecaster is shown and asked, against loops that share no code with it."""

import math
from itertools import product
from typing import Any

import numpy as np
import pytest

from selfloop.data import load
from selfloop.tasks.forecast.fitted import FittedTreatment
from selfloop.tasks.forecast.treatment import KINDS, Treatment, treatments
from selfloop.tasks.places import Block

HORIZON, CHANNELS = 5, 2
ALL = [
    Treatment(kind, log, season, HORIZON)
    for kind, log, season in product(KINDS, (False, True), (1, 4))
    if season > 1 or kind != "seasonal changes"
]
# A handful of sums, differences, a division and an exponential: each within a few units in the last place of numbers
# up to 300, a logarithm's absolute error being the relative error of what it came from.
CLOSE: dict[str, Any] = {"rtol": 1e-11, "atol": 1e-12}


def walk(steps: int, seed: int = 0) -> np.ndarray:
    """(steps, 2): a positive target and a covariate of either sign."""
    rng = np.random.default_rng(seed)
    return np.column_stack([np.exp(3 + 0.2 * rng.normal(size=steps).cumsum()), rng.normal(size=steps) - 4])


def ids(treatment: Treatment) -> str:
    return f"{treatment}, season {treatment.season}"


def logged(values: np.ndarray, treatment: Treatment, floor: float) -> list[list[float]]:
    return [[math.log(max(row[0], floor)) if treatment.log else row[0], *row[1:]] for row in values.tolist()]


def rms(numbers: list[float]) -> float:
    value = math.sqrt(sum(x * x for x in numbers) / len(numbers)) if numbers else 0.0
    return value if value > 1e-12 else math.inf  # shown as zeros


def spread(numbers: list[float]) -> float:
    mean = sum(numbers) / len(numbers)
    return rms([x - mean for x in numbers])


def differences(numbers: list[float], lag: int) -> list[float]:
    return [numbers[t] - numbers[t - lag] for t in range(lag, len(numbers))]


def shown(values: np.ndarray, treatment: Treatment, known: np.ndarray, first: int) -> list[list[float]]:
    """What `show` should give, one number after the other."""
    floor = min(known[:, 0].tolist())
    z, past = logged(values, treatment, floor), logged(known, treatment, floor)
    rows = []
    for t in range(len(z)):
        row = []
        for c in range(len(z[0])):
            column = [step[c] for step in past]
            mean = sum(column) / len(column)
            level = (z[t][c] - mean) / spread(column)
            change = (z[t][c] - z[t - 1][c]) / rms(differences(column, 1)) if t >= 1 else 0.0
            lag = treatment.season
            seasonal = (z[t][c] - z[t - lag][c]) / rms(differences(column, lag)) if t >= lag else 0.0
            last = [seasonal] if lag > 1 else []
            row += {
                "changes": [change, *last],
                "level": [level],
                "both": [change, level, *last],
                "seasonal changes": [seasonal],
            }[treatment.kind]
        if treatment.season > 1:
            angle = 2 * math.pi * (first + t) / treatment.season
            row += [math.sin(angle), math.cos(angle)]
        rows.append(row)
    return rows


def base(values: np.ndarray, treatment: Treatment, known: np.ndarray, t: int, k: int) -> float:
    """What the answer for k steps after step t is measured from."""
    floor = min(known[:, 0].tolist())
    z = [row[0] for row in logged(values, treatment, floor)]
    if treatment.kind == "level":
        past = [row[0] for row in logged(known, treatment, floor)]
        return sum(past) / len(past)
    if treatment.kind == "seasonal changes":
        step = t + k
        while step > t:
            step -= treatment.season
        return z[step] if step >= 0 else math.nan
    return z[t]


@pytest.mark.parametrize("treatment", ALL, ids=ids)
def test_shows_what_the_definition_says(treatment: Treatment) -> None:
    values, fit = walk(37), 23
    scale = treatment.measure(values[:fit])
    got = treatment.show(values, scale, first=3)
    np.testing.assert_allclose(got, shown(values, treatment, values[:fit], 3), **CLOSE)
    assert got.shape == (37, treatment.features(CHANNELS))


@pytest.mark.parametrize("treatment", ALL, ids=ids)
def test_base_and_scale_of_the_answer(treatment: Treatment) -> None:
    values, fit = walk(31), 22
    scale = treatment.measure(values[:fit])
    expected = [
        [base(values, treatment, values[:fit], t, k) for k in range(1, HORIZON + 1)] for t in range(len(values))
    ]
    np.testing.assert_allclose(treatment.base(values, scale), expected, **CLOSE)
    floor = min(values[:fit, 0].tolist())
    z = [row[0] for row in logged(values[:fit], treatment, floor)]
    asked = [
        z[t + k] - b
        for t in range(fit)
        for k in range(1, HORIZON + 1)
        if t + k < fit and not math.isnan(b := base(values[:fit], treatment, values[:fit], t, k))
    ]
    assert scale.answer == pytest.approx(rms(asked), rel=1e-11)


@pytest.mark.parametrize("treatment", ALL, ids=ids)
def test_answering_what_was_asked_gives_the_truth(treatment: Treatment) -> None:
    values = walk(41)
    scale = treatment.measure(values[:29])
    asked, known = treatment.ask(values, scale), treatment.base(values, scale)
    answer = treatment.answer(asked, known, scale)
    floor = values[:29, 0].min()
    first = treatment.season - 1 if treatment.kind == "seasonal changes" else 0
    for t in range(len(values)):
        for k in range(HORIZON):
            if t + k + 1 >= len(values):
                assert math.isnan(asked[t, k])
            elif t >= first:
                truth = values[t + k + 1, 0]
                truth = max(truth, floor) if treatment.log else truth  # the logarithm's floor
                assert answer[t, k] == pytest.approx(truth, rel=1e-11)


@pytest.mark.parametrize("treatment", ALL, ids=ids)
def test_nothing_shown_depends_on_later_steps(treatment: Treatment) -> None:
    values = walk(33)
    scale = treatment.measure(values[:21])
    later = values.copy()
    later[26:] = walk(7, seed=9) * 50
    assert np.array_equal(treatment.show(values, scale)[:26], treatment.show(later, scale)[:26])
    assert np.array_equal(treatment.base(values, scale)[:26], treatment.base(later, scale)[:26], equal_nan=True)


@pytest.mark.parametrize("treatment", ALL, ids=ids)
@pytest.mark.parametrize("value", [0.0, 7.5])
def test_a_constant_series_is_shown_as_zeros(treatment: Treatment, value: float) -> None:
    values = np.full((19, 2), value)
    scale = treatment.measure(values)
    got = treatment.show(values, scale)
    data_columns = got[:, : CHANNELS * len(treatment.columns)]
    assert np.abs(data_columns).max() <= 1e-12
    assert scale.answer == 0.0
    asked = treatment.ask(values, scale)
    assert np.abs(asked[np.isfinite(asked)]).max() == 0
    later = np.column_stack([np.linspace(value, 1e6, 9), np.full(9, value)])
    answer = treatment.answer(np.full((9, HORIZON), 3.0), treatment.base(later, scale), scale)
    expected = treatment.in_units(treatment.base(later, scale), treatment.ceiling(scale))
    assert np.array_equal(answer, expected, equal_nan=True), "without a scale, what is known is what is forecast"


@pytest.mark.parametrize("treatment", ALL, ids=ids)
@pytest.mark.parametrize("steps", [1, 2, 3, 5])
def test_a_series_shorter_than_a_season(treatment: Treatment, steps: int) -> None:
    """Season 4: one, two, three steps; and one step more than a season."""
    values = walk(steps)
    scale = treatment.measure(values)
    assert np.isfinite(treatment.show(values, scale)).all()
    np.testing.assert_allclose(treatment.show(values, scale), shown(values, treatment, values, 0), **CLOSE)
    assert treatment.base(values, scale).shape == (steps, HORIZON)


def test_a_season_much_longer_than_the_series() -> None:
    treatment = Treatment("changes", False, 12, 3)
    values = walk(10)
    assert np.isfinite(treatment.show(values, treatment.measure(values))).all()


@pytest.mark.parametrize("treatment", [t for t in ALL if t.log], ids=ids)
def test_the_logarithm_of_a_series_that_touches_zero(treatment: Treatment) -> None:
    """The floor is the smallest positive value: no infinity comes of a zero, in training or later."""
    values = walk(30)
    values[[3, 17], 0] = [0.0, -2.0]
    scale = treatment.measure(values)
    assert scale.floor == np.delete(values[:, 0], [3, 17]).min()
    assert np.isfinite(treatment.show(values, scale)).all()
    assert math.isfinite(scale.answer)


@pytest.mark.parametrize("treatment", [t for t in ALL if t.log], ids=ids)
def test_an_absurd_forecast_of_the_logarithm_stays_finite(treatment: Treatment) -> None:
    values = walk(30)
    scale = treatment.measure(values)
    answer = treatment.answer(np.full((1, HORIZON), 1e30), np.zeros((1, HORIZON)), scale)
    assert np.isfinite(answer).all()
    assert np.isfinite(answer**2).all(), "its square is what the root mean squared error is made of"


def test_which_treatments_make_sense() -> None:
    assert [str(t) for t in treatments(1, 3, positive=False)] == ["changes, raw", "level, raw", "both, raw"]
    with_season = treatments(4, 3, positive=True)
    assert len(with_season) == 8
    assert {t.kind for t in with_season} == set(KINDS)
    assert sum(t.log for t in with_season) == 4


def test_each_series_has_its_own_scale_and_its_own_start() -> None:
    data = load([walk(23, 1), walk(31, 2) * 100])
    treatment = Treatment("both", True, 4, HORIZON)
    fitted = FittedTreatment.fit(treatment, data, np.array([17, 20]))
    got = fitted.show(data)
    for k, fit in enumerate((17, 20)):
        own = treatment.measure(data[k][:fit])
        rows = slice(data.offsets[k], data.offsets[k + 1])
        assert np.array_equal(got.inputs[rows], treatment.show(data[k], own))
        assert np.array_equal(got.targets[rows], treatment.ask(data[k], own), equal_nan=True)
    block = Block(np.array([5, 16]), np.array([9, 19]))
    answers = fitted.answer(data, block, got.targets[block.flat(data)])
    truth = [
        data[k][t + 1 : t + 1 + HORIZON, 0] for k, t in [(0, 5), (0, 6), (0, 7), (0, 8), (1, 16), (1, 17), (1, 18)]
    ]
    np.testing.assert_allclose(answers, truth, rtol=1e-11)


def test_the_way_back_from_a_part_of_some_series_by_each_ones_own_base_and_scale() -> None:
    data = load([walk(23, 1), walk(31, 2) * 100, walk(9, 3)])
    treatment = Treatment("seasonal changes", True, 4, HORIZON)
    fitted = FittedTreatment.fit(treatment, data, np.array([17, 20, 8]))
    block = Block(np.array([5, 16, 7]), np.array([9, 16, 8]))  # none of the second
    outputs = np.random.default_rng(0).normal(size=(5, HORIZON))
    scales = [fitted.scales[name] for name in data.ids]
    expected = [
        np.exp(np.log(data[k][t + 1 + h - 4 * -(-(h + 1) // 4), 0]) + outputs[row, h] * scales[k].answer)
        for row, (k, t) in enumerate([(0, 5), (0, 6), (0, 7), (0, 8), (2, 7)])
        for h in range(HORIZON)
    ]
    back = fitted.inverse(data, block)
    np.testing.assert_allclose(back.answer(outputs).ravel(), expected, rtol=1e-13)
    assert np.array_equal(back.answer(outputs), fitted.answer(data, block, outputs))


def test_scales_of_new_series_come_from_before_the_origin_and_known_ones_stay() -> None:
    data = load([walk(23, 1), walk(31, 2)])
    treatment = Treatment("level", False, 1, HORIZON)
    fitted = FittedTreatment.fit(treatment, data.take([0]), np.array([17]))
    extended = fitted.extended(data, np.array([3, 12]))
    assert extended.scales[data.ids[0]] is fitted.scales[data.ids[0]]
    np.testing.assert_array_equal(extended.scales[data.ids[1]].level, data[1][:12].mean(0))
    assert set(fitted.scales) == {data.ids[0]}
