from __future__ import annotations

from itertools import pairwise
from math import comb, inf

import numpy as np
import pytest

from bench_samples import bench
from selfloop.bench.statistics import geometric_mean, means, median_interval


@pytest.mark.parametrize(
    ("count", "low"),  # of n values in order, from Conover 1999, table A3: the last place with P(below) <= 2.5 %
    [(6, 1), (8, 1), (9, 2), (20, 6), (25, 8), (50, 18)],
)
def test_the_bounds_are_the_order_statistics_of_the_sign_test(count: int, low: int) -> None:
    values = [float(v) for v in np.random.default_rng(count).permutation(count) + 1]
    assert median_interval(values) == ((count + 1) / 2, low, count + 1 - low)


def test_their_coverage_is_at_least_what_is_said_and_no_narrower_pair_has_it() -> None:
    for count in range(6, 60):
        _, low, _ = median_interval([float(v) for v in range(1, count + 1)])
        tail = [sum(comb(count, k) for k in range(place)) / 2**count for place in (int(low), int(low) + 1)]
        assert 1 - 2 * tail[0] >= 0.95 > 1 - 2 * tail[1]


def test_fewer_than_six_values_bound_nothing() -> None:
    assert median_interval([3.0, 1.0, 2.0, 5.0, 4.0]) == (3.0, -inf, inf)


def test_one_disturbed_pair_moves_nothing() -> None:
    quiet = [1.98, 2.0, 2.01, 2.02, 1.99, 2.03, 1.97, 2.04, 1.96]
    assert median_interval([*quiet, 50.0])[2] <= 2.04


def test_the_geometric_mean() -> None:
    assert geometric_mean([2.0, 0.5]) == pytest.approx(1.0, rel=4e-16)
    assert geometric_mean([1.0, 10.0, 100.0]) == pytest.approx(10.0, rel=4e-16)
    ways = [geometric_mean(values) for values in ([3.0, 5.0, 7.0], [7.0, 3.0, 5.0])]
    assert all(a == pytest.approx(b, rel=4e-16) for a, b in pairwise(ways))


def test_means_are_over_shapes_for_each_number_of_threads_and_over_all() -> None:
    found = bench(whole_grid=True)
    points = [p for p in found.points if (p.cell, p.mode, p.allocator) == ("gru", "training", "tuned")]
    each = {m.threads: m for m in means(found.points) if (m.cell, m.mode, m.allocator) == ("gru", "training", "tuned")}
    assert set(each) == {1, 2, None}
    for threads, mean in each.items():
        product, count = 1.0, 0
        for point in points:
            if threads in (None, point.threads):
                product, count = product * point.ratios[0].ratio, count + 1
        assert mean.points == count == (24 if threads is None else 12)
        assert mean.ratio == pytest.approx(product ** (1 / count), rel=1e-12)
        assert mean.slower == sum(p.ratios[0].high < 0.97 for p in points if threads in (None, p.threads))


def test_no_values_are_refused() -> None:
    with pytest.raises(ValueError, match="no values"):
        median_interval([])
    with pytest.raises(ValueError, match="no values"):
        geometric_mean([])
