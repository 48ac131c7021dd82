"""Folds of a forecast by their properties; metrics and naive forecasts against loops."""

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_error, root_mean_squared_error

from selfloop.data import Sequences, load
from selfloop.errors import SettingsError
from selfloop.tasks.forecast.baselines import Naive
from selfloop.tasks.forecast.task import Forecast
from selfloop.tasks.places import Block

QUICK = settings(max_examples=60)
tasks = st.builds(
    Forecast, horizon=st.integers(1, 13), season=st.integers(1, 25), validation=st.sampled_from([0.05, 0.2, 0.5, 0.9])
)


def lengths_of(*lengths: int) -> Sequences:
    rng = np.random.default_rng(0)
    return load([rng.normal(size=n) for n in lengths])


@QUICK
@given(task=tasks, folds=st.integers(1, 7), extra=st.lists(st.integers(0, 400), min_size=1, max_size=3))
def test_every_fold_tests_a_block_of_its_own_and_never_looks_ahead(
    task: Forecast, folds: int, extra: list[int]
) -> None:
    data = lengths_of(*(task.needed(folds) + more for more in extra))
    found = task.folds(data, folds)
    assert len(found) == folds
    sizes = {tuple(fold.test.stop - fold.test.first) for fold in found}
    assert len(sizes) == 1, "blocks of one size"
    ordinary = data.lengths >= np.median(data.lengths) / 2
    blocks = np.array(next(iter(sizes)))
    assert len(set(blocks[ordinary])) == 1, "the same for every series that is not short among the others"
    assert (blocks[~ordinary] <= blocks[ordinary][0]).all() if not ordinary.all() else True
    for k, fold in enumerate(found):
        assert fold.index == k
        assert (fold.test.stop - fold.test.first >= task.horizon).all()
        assert (fold.train == fold.test.first + 1).all(), "the first origin is the last training step"
        if k + 1 < folds:
            assert (fold.test.stop == found[k + 1].test.first).all(), "blocks touch and do not overlap"
        else:
            assert (fold.test.stop - 1 + task.horizon == data.lengths - 1).all(), "the last future ends the series"
        assert (fold.valid.first == fold.fit - 1).all()
        assert (fold.valid.stop - 1 + task.horizon == fold.train - 1).all(), "validation futures end the training part"
        assert (fold.valid.stop - fold.valid.first >= task.horizon).all()
        assert (fold.fit >= 2 * max(task.season, task.horizon) + task.horizon).all(), "two seasons to learn from"


@QUICK
@given(task=tasks, folds=st.integers(1, 7), short=st.integers(1, 60))
def test_needed_is_exact_and_the_remedy_works(task: Forecast, folds: int, short: int) -> None:
    need = task.needed(folds)
    task.folds(lengths_of(need, need + 5), folds)
    steps = max(need - short, 1)
    data = lengths_of(need + 5, steps)
    expected = f"has {steps} steps; horizon {task.horizon} with {folds} folds? needs {need}; "
    with pytest.raises(SettingsError, match=f"^series {data.ids[1]!r} {expected}") as caught:
        task.folds(data, folds)
    remedy = re.search(r"--folds (\d+) would do", str(caught.value))
    if remedy:
        task.folds(data, int(remedy[1]))
        with pytest.raises(SettingsError):
            task.folds(data, int(remedy[1]) + 1)
    else:
        assert steps < task.needed(1), "if one fold fits, it is what the message must offer"


@pytest.mark.parametrize("setting", [{"horizon": 0, "season": 1}, {"horizon": 3, "season": 0}])
def test_nothing_below_one_step(setting: dict[str, int]) -> None:
    with pytest.raises(SettingsError, match=r"is 0; expected 1 or more steps\."):
        Forecast(**setting)


def test_no_folds_are_refused() -> None:
    with pytest.raises(SettingsError, match=r"^folds is 0; expected 1 or more\.$"):
        Forecast(2, 1).folds(lengths_of(100), 0)


def test_blocks_of_ten_horizons_where_the_data_allow() -> None:
    task = Forecast(4, 1)
    fold = task.folds(lengths_of(2000), 10)[0]
    assert len(fold.test) == 80  # 40 % of the series over ten folds, more than ten horizons
    assert len(task.folds(lengths_of(500), 5)[0].test) == 40
    assert task.default_folds(lengths_of(800)) == 10
    assert task.default_folds(lengths_of(799)) == 5
    assert [task.default_folds(lengths_of(task.needed(folds))) for folds in (5, 4, 3, 2, 1)] == [5, 4, 3, 2, 1]
    assert task.default_folds(lengths_of(4)) == 1


def test_a_block_in_its_forms() -> None:
    data = lengths_of(11, 7, 9)
    block = Block(np.array([2, 5, 0]), np.array([5, 5, 2]))
    assert len(block) == 5
    assert [s.tolist() for s in block.steps()] == [[2, 3, 4], [], [0, 1]]
    assert block.flat(data).tolist() == [2, 3, 4, 18, 19]
    assert block.series().tolist() == [0, 0, 0, 2, 2]


def test_the_whole_leaves_nothing_to_test_and_validates_at_the_end() -> None:
    task, data = Forecast(3, 4), lengths_of(61, 47)
    fold = task.whole(data)
    assert (fold.train == data.lengths).all()
    assert len(fold.test) == 0
    assert (fold.valid.stop + task.horizon == data.lengths).all()


@pytest.mark.parametrize("season", [1, 4])
def test_metrics_against_loops(season: int) -> None:
    task, rng = Forecast(3, season), np.random.default_rng(1)
    data = load([rng.normal(size=29).cumsum(), 40 * rng.normal(size=37)])
    stops, block = np.array([20, 25]), Block(np.array([19, 24]), np.array([23, 31]))
    forecast = rng.normal(size=(len(block), 3)) * 5
    forecast[0, 0] = 0.0
    row, scaled, errors, squares, percentages = 0, [], [], [], []
    for k, (a, b) in enumerate([(19, 23), (24, 31)]):
        series, stop = data[k][:, 0].tolist(), int(stops[k])
        naive = [abs(series[t] - series[t - season]) for t in range(season, stop)]
        for t in range(a, b):
            for h in range(1, 4):
                f, y = float(forecast[row, h - 1]), series[t + h]
                errors.append(abs(f - y))
                squares.append((f - y) ** 2)
                scaled.append(abs(f - y) / (sum(naive) / len(naive)))
                percentages.append(200 * abs(f - y) / (abs(f) + abs(y)))
            row += 1
    got = task.score(data, stops, block, forecast)
    assert got["mae"] == pytest.approx(sum(errors) / len(errors), rel=1e-12)
    assert got["rmse"] == pytest.approx(math.sqrt(sum(squares) / len(squares)), rel=1e-12)
    assert got["mase"] == pytest.approx(sum(scaled) / len(scaled), rel=1e-12)
    assert got["smape"] == pytest.approx(sum(percentages) / len(percentages), rel=1e-12)
    truth = task.truth(data, block)
    assert got["mae"] == pytest.approx(mean_absolute_error(truth, forecast), rel=1e-12)
    assert got["rmse"] == pytest.approx(root_mean_squared_error(truth.ravel(), forecast.ravel()), rel=1e-12)


def test_metrics_of_a_constant_series_are_finite() -> None:
    task, data = Forecast(2, 1), load([np.zeros(30)])
    block = Block(np.array([20]), np.array([25]))
    assert task.score(data, np.array([20]), block, np.zeros((5, 2))) == {"mase": 0, "mae": 0, "rmse": 0, "smape": 0}
    assert task.score(data, np.array([20]), block, np.ones((5, 2)))["smape"] == 200


@pytest.mark.parametrize("unit", [1.0, 1e6])
def test_a_series_that_does_not_change_is_measured_by_the_others_whatever_the_unit(unit: float) -> None:
    task, rng = Forecast(2, 3), np.random.default_rng(4)
    changing = [rng.normal(size=n).cumsum() * size for n, size in ((31, 1.0), (25, 9.0), (40, 4.0))]
    late = np.full(28, 5.0)
    late[20:] = 6.0  # changes after its training part, where no one may look
    data = load([unit * s for s in (changing[0], late, changing[1], np.full(30, 2.0), changing[2], np.arange(3.0))])
    stops = np.array([20, 20, 22, 24, 33, 3])
    scale = task.naive_error(data, stops)
    expected = {
        k: unit * sum(abs(s[t] - s[t - 3]) for t in range(3, n)) / (n - 3)
        for k, s, n in zip((0, 2, 4), changing, (20, 22, 33), strict=True)
    }
    for k, value in expected.items():
        assert scale[k] == pytest.approx(value, rel=1e-12)
    middle = sorted(expected.values())[1]
    assert scale[[1, 3, 5]].tolist() == pytest.approx([middle] * 3, rel=1e-12)
    assert task.naive_error(data.take([1, 3]), stops[[1, 3]]).tolist() == [1.0, 1.0]


def test_what_mase_divides_by_ends_with_the_training_part() -> None:
    task, data = Forecast(2, 3), lengths_of(40, 33)
    stops = np.array([21, 17])
    before = task.naive_error(data, stops)
    for k in range(2):
        data[k][stops[k] :] = 1e6
    assert np.array_equal(task.naive_error(data, stops), before)


@pytest.mark.parametrize("season", [1, 4, 7])
@pytest.mark.parametrize("horizon", [1, 3, 11])
def test_naive_forecasts_against_loops(season: int, horizon: int) -> None:
    data = lengths_of(23, 31)
    block = Block(np.array([6, 9]), np.array([10, 12]))
    expected = []
    for k, (a, b) in enumerate([(6, 10), (9, 12)]):
        for t in range(a, b):
            row = []
            for h in range(1, horizon + 1):
                step = t + h
                while step > t:
                    step -= season
                row.append(data[k][step, 0])
            expected.append(row)
    assert np.array_equal(Naive(season, horizon).predict(data, block), expected)


def test_the_seasonal_naive_on_less_than_a_season_takes_the_first_step() -> None:
    data = lengths_of(9, 5)
    got = Naive(12, 3).predict(data, Block(np.array([2, 4]), np.array([3, 5])))
    assert np.array_equal(got, [[data[0][0, 0]] * 3, [data[1][0, 0]] * 3])
