"""Split-conformal intervals, against counting."""

from fractions import Fraction

import numpy as np
import pytest

from selfloop.data import load
from selfloop.tasks.forecast.intervals import in_units, scaled_errors
from selfloop.tasks.forecast.task import Forecast
from selfloop.tasks.intervals import LEVELS, half_widths
from selfloop.tasks.places import Block


@pytest.mark.parametrize("n", [1, 2, 4, 9, 19, 20, 39, 59, 99, 100, 699])
def test_the_half_width_is_the_smallest_residual_that_covers(n: int) -> None:
    """The k-th smallest of n, k the least with k ≥ (n + 1) level, in exact arithmetic; the largest if there is none."""
    errors = np.random.default_rng(n).permuted(np.arange(1.0, n + 1)[:, None].repeat(3, axis=1), axis=0)
    got = half_widths(errors)
    for level, row in zip((Fraction(4, 5), Fraction(19, 20)), got, strict=True):
        enough = [k for k in range(1, n + 1) if k >= (n + 1) * level]
        assert row.tolist() == [float(enough[0] if enough else n)] * 3


def test_coverage_where_errors_are_exchangeable() -> None:
    """The theorem: at least the level; over 4000 draws the mean is within 4 standard errors of k / (n + 1)."""
    rng, n, draws = np.random.default_rng(0), 39, 4000
    covered = np.zeros(2)
    for _ in range(draws):
        errors = rng.exponential(size=(n + 1, 1))
        covered += errors[n] <= half_widths(errors[:n])[:, 0]
    for level, share in zip(LEVELS, covered / draws, strict=True):  # (n + 1) level is whole for both
        assert share == pytest.approx(level, abs=4 * np.sqrt(level * (1 - level) / draws))


def test_errors_are_in_units_of_each_series_and_widths_back_in_the_users() -> None:
    task, rng = Forecast(2, 1), np.random.default_rng(4)
    data = load([rng.normal(size=20), 1000 * rng.normal(size=25)])
    stops, block = np.array([15, 18]), Block(np.array([14, 17]), np.array([17, 20]))
    forecast = rng.normal(size=(6, 2))
    got = scaled_errors(task, data, stops, block, forecast)
    naive = [np.mean([abs(data[k][t, 0] - data[k][t - 1, 0]) for t in range(1, stops[k])]) for k in (0, 1)]
    origins = [(0, 14), (0, 15), (0, 16), (1, 17), (1, 18), (1, 19)]
    for row, (k, t) in enumerate(origins):
        for h in (1, 2):
            expected = abs(forecast[row, h - 1] - data[k][t + h, 0]) / naive[k]
            assert got[row, h - 1] == pytest.approx(expected, rel=1e-12)
    widths = in_units(task, data, stops, block, np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert widths.shape == (2, 6, 2)
    np.testing.assert_allclose(widths[1, 4], [3 * naive[1], 4 * naive[1]], rtol=1e-12)
