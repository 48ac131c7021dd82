"""Oracles: the exact covariance matrix of an AR(1), and folds drawn with a known correlation."""

import itertools

import numpy as np
import pytest

from selfloop.study.verdict.persistence import GRID, Floats, inflation, lag_one, persistence


def ar(rng: np.random.Generator, correlation: float, *shape: int) -> Floats:
    """By the Cholesky factor of the covariance."""
    folds = shape[-1]
    covariance = correlation ** np.abs(np.subtract.outer(np.arange(folds), np.arange(folds)))
    return rng.standard_normal(shape) @ np.linalg.cholesky(covariance).T


def pairs(effects: Floats) -> list[Floats]:
    return [effects[a] - effects[b] for a, b in itertools.combinations(range(len(effects)), 2)]


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.5, 0.9])
@pytest.mark.parametrize("folds", [4, 5, 10])
def test_inflation_is_what_the_covariance_matrix_says(correlation: float, folds: int) -> None:
    covariance = correlation ** np.abs(np.subtract.outer(np.arange(folds), np.arange(folds)))
    mean = np.ones(folds) @ covariance @ np.ones(folds) / folds**2
    centre = np.eye(folds) - np.full((folds, folds), 1 / folds)
    spread = np.trace(centre @ covariance @ centre) / (folds - 1)  # what s² is on average
    assert inflation(correlation, folds) == pytest.approx(mean / (spread / folds), rel=1e-12)


def test_the_correlation_of_neighbours_is_as_the_textbooks_have_it() -> None:
    values = np.array([1.0, 3.0, 2.0, 6.0])
    around = values - 3.0
    assert lag_one(values) == pytest.approx(
        (around[0] * around[1] + around[1] * around[2] + around[2] * around[3]) / (around @ around)
    )


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.6])
def test_it_finds_a_correlation_on_average_and_holds_it_in_its_interval(correlation: float) -> None:
    rng = np.random.default_rng(8)
    found = [persistence(pairs(ar(rng, correlation, 6, 10)), 6) for _ in range(300)]
    held = np.mean([each.low <= correlation <= each.high for each in found if each is not None])
    assert held >= (0.6 if correlation == 0 else 0.8)  # the prior's edge is at zero
    mean = np.mean([each.correlation for each in found if each is not None])
    assert mean == pytest.approx(correlation, abs=0.15)


def test_independent_folds_are_clear_of_it_in_nineteen_studies_of_twenty() -> None:
    rng = np.random.default_rng(9)
    clear = [persistence(pairs(ar(rng, 0.0, 5, 10)), 5) for _ in range(400)]
    share = np.mean([each.clear for each in clear if each is not None])
    assert 0.01 < share < 0.10


def test_the_worst_is_assumed_where_it_is_clear() -> None:
    steps = np.concatenate([np.ones(5), -np.ones(5)]) + 0.01 * np.arange(10)
    found = persistence([steps], 2)
    assert found is not None
    assert found.clear
    assert found.widening >= inflation(0.9, 10)


def test_few_folds_and_no_pairs_say_nothing() -> None:
    assert persistence([], 3) is None
    assert persistence([np.array([1.0, 2.0, 1.5])], 2) is None


def test_it_never_narrows() -> None:
    """Folds that alternate look better than independent ones; that is luck."""
    found = persistence([np.array([1.0, -1.0] * 5)], 2)
    assert found is not None
    assert 1 <= found.widening < 1.5
    assert GRID[0] == 0
