"""Random convolutions against the paper in loops, and what they do with lengths, channels and units."""

from __future__ import annotations

import math
from collections import Counter
from itertools import groupby

import numpy as np
import pytest

import rocket_oracle as oracle
from selfloop.data.sequences import Floats
from selfloop.tasks.features.convolutions import KERNELS, Convolutions, dilations, drawn_channels, padded


def cases(*lengths: int, channels: int = 1, seed: int = 0) -> list[Floats]:
    """Whole numbers: sums are exact in any order, and values that are equal are equal to the bit."""
    rng = np.random.default_rng(seed)
    return [rng.integers(-99, 99, size=(n, channels)).astype(float) for n in lengths]


def fitted(given: list[Floats], per_kernel: int = 7, seed: int = 5) -> Convolutions:
    return Convolutions.fit(given, per_kernel, np.random.default_rng(seed))


def series(case: Floats, chosen: Floats) -> list[list[float]]:
    """The chosen channels, each a list of steps."""
    return [case[:, c].tolist() for c in range(case.shape[1]) if chosen[c]]


def places(length: int, per_kernel: int) -> list[tuple[int, int, int, int]]:
    """(which dilation, dilation, kernel, how many biases) in the order of the features, by the oracle."""
    of_kernel = [oracle.dilation_of(k, per_kernel, length) for k in range(per_kernel)]
    groups = [(dilation, len(list(same))) for dilation, same in groupby(of_kernel)]
    return [(which, d, kernel, n) for which, (d, n) in enumerate(groups) for kernel in range(84)]


@pytest.mark.parametrize(
    ("lengths", "channels", "per_kernel"),
    [((37, 37, 37), 1, 7), ((30, 41, 6, 17, 2), 1, 5), ((25, 19, 33), 3, 4), ((12, 12), 11, 2), ((5, 3, 2), 2, 3)],
)
def test_features_are_those_of_the_paper(lengths: tuple[int, ...], channels: int, per_kernel: int) -> None:
    given = cases(*lengths, channels=channels)
    made, weights = fitted(given, per_kernel), oracle.kernels()
    got = made.features(given)
    assert got.shape == (len(lengths), 84 * per_kernel)
    expected = []
    for case in given:
        row, start = [], 0
        for which, dilation, kernel, count in places(max(lengths), per_kernel):
            values = oracle.convolution(series(case, made.channels[which, kernel]), weights[kernel], dilation)
            values = oracle.pooled(values, dilation, padding=(kernel + which) % 2 == 0)
            row += [oracle.share(values, bias) for bias in made.biases[start : start + count]]
            start += count
        expected.append(row)
    assert np.array_equal(got, np.array(expected))


@pytest.mark.parametrize(("lengths", "channels"), [((31, 24, 40), 1), ((22, 22), 4)])
def test_biases_are_quantiles_of_one_cases_convolution(lengths: tuple[int, ...], channels: int) -> None:
    given, per_kernel = cases(*lengths, channels=channels, seed=2), 6
    made, weights, start, whose = fitted(given, per_kernel), oracle.kernels(), 0, Counter[int]()
    for which, dilation, kernel, count in places(max(lengths), per_kernel):
        found = made.biases[start : start + count]
        at = [oracle.golden(start + k + 1) for k in range(count)]
        start += count
        fits = []
        for k, case in enumerate(given):
            values = oracle.convolution(series(case, made.channels[which, kernel]), weights[kernel], dilation)
            if np.allclose(found, [oracle.quantile(values, q) for q in at], rtol=1e-12, atol=1e-12):
                fits.append(k)
        assert fits, (which, kernel)
        whose.update(fits)
    assert start == len(made.biases)
    assert set(whose) == set(range(len(lengths))), "every case gives some"


def test_there_are_84_kernels_and_each_adds_up_to_zero() -> None:
    assert len(oracle.kernels()) == KERNELS == 84
    assert {sum(weights) for weights in oracle.kernels()} == {0}


@pytest.mark.parametrize(("length", "biases"), [(251, 119), (100, 119), (24, 119), (10_000, 24), (9, 119), (2, 3)])
def test_dilations_grow_by_powers_up_to_the_length(length: int, biases: int) -> None:
    found, counts = dilations(length, biases)
    assert counts.sum() == biases
    assert (np.diff(found) > 0).all()
    assert found[0] == 1
    assert len(found) <= 32
    assert 8 * found[-1] <= max(length - 1, 8) < 8 * (found[-1] + 1) + 8 * (length < 9)
    assert found.tolist() == sorted({oracle.dilation_of(k, biases, length) for k in range(biases)})


def test_channels_are_one_to_nine_and_few_more_often_than_many() -> None:
    chosen = drawn_channels(np.random.default_rng(1), 4000, 20)
    counts = Counter(chosen.sum(1).tolist())
    assert set(counts) == set(range(1, 10))
    for k in range(1, 10):  # u is even, so 2^u falls between k and k + 1 this often; five standard errors
        share = math.log2((k + 1) / k) / math.log2(10)
        assert counts[k] / 4000 == pytest.approx(share, abs=5 * math.sqrt(share / 4000))
    assert (drawn_channels(np.random.default_rng(1), 50, 1)).all()
    assert chosen.any(0).all()


def test_a_seed_is_a_set_of_features_and_another_seed_another() -> None:
    given = cases(30, 26, channels=3)
    first, again, other = fitted(given), fitted(given), fitted(given, seed=6)
    assert np.array_equal(first.biases, again.biases)
    assert np.array_equal(first.channels, again.channels)
    assert not np.array_equal(first.biases, other.biases)
    assert not np.array_equal(first.channels, other.channels)


def test_what_else_is_read_changes_no_feature(monkeypatch: pytest.MonkeyPatch) -> None:
    given = cases(30, 7, 58, 2, 41, channels=2)
    made = fitted(given[:2])
    together = made.features(given)
    alone = np.concatenate([made.features([case]) for case in given])
    assert np.array_equal(together, alone)
    monkeypatch.setattr("selfloop.tasks.features.convolutions.BLOCK", 70)  # two or one at once
    assert np.array_equal(made.features(given), together)
    assert made.features([]).shape == (0, len(made.biases))


@pytest.mark.parametrize("factor", [2.0**-100, 2.0**90])
def test_units_change_nothing(factor: float) -> None:
    given = cases(30, 26, channels=2)
    scaled = [case * factor for case in given]  # a power of two: no rounding
    assert np.array_equal(fitted(given).features(given), fitted(scaled).features(scaled))


def test_a_level_is_seen_at_the_ends_alone() -> None:
    """Weights add up to zero, so that a constant is nothing but its jump from zero."""
    x = padded([np.full((30, 1), 3.0)], 2)
    for kernel in range(KERNELS):
        values = x.added(np.array([True])).convolved(kernel)
        assert np.array_equal(values[0, 8:-8], np.zeros(14))
    assert np.flatnonzero(x.pooled(1)[0]).tolist() == list(range(8, 22))
    assert x.pooled(0).all()


def test_a_kernel_that_is_longer_than_a_sequence_reads_its_middle_alone() -> None:
    given = cases(500, 3)
    made = fitted([given[0]], 6)
    assert dilations(500, 6)[0][-1] > 50
    got = made.features([given[1]])
    assert np.isfinite(got).all()
    assert set(np.unique(got)) <= {0.0, 1 / 3, 2 / 3, 1.0}
