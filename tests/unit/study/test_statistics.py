"""Oracles: closed forms from the textbooks, scipy's own tests, and the closure principle by brute force."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from selfloop.errors import SettingsError
from selfloop.results.study import Metric
from selfloop.study.verdict import statistics as st

EFFECTS = np.array([-0.11, 0.03, -0.20, -0.07, -0.02, 0.01, -0.09])  # 7 folds


ERROR = Metric("mase", "MASE", True, "")
SHARE = Metric("accuracy", "accuracy", False, "", "difference")


def as_effect(values: st.Floats) -> st.Effect:
    """An effect whose folds are these."""
    return st.Effect((1.0, 1.0), float(values.mean()), values - values.mean())


def test_a_ratio_is_that_of_the_means() -> None:
    a, b = np.array([0.5, 2.0, 1.0]), np.array([1.0, 0.5, 1.0])
    found = st.effect(a, b, ERROR)
    assert found is not None
    assert found.scores == pytest.approx((3.5 / 3, 2.5 / 3), rel=1e-15)
    assert found.size == pytest.approx(math.log(3.5 / 2.5), rel=1e-14)
    assert st.against(found.size, ERROR) == pytest.approx(3.5 / 2.5, rel=1e-14)


def test_a_folds_part_in_a_ratio_is_what_leaving_a_little_of_it_out_changes() -> None:
    """The oracle: the derivative of the log ratio of weighted means by the weight of a fold, by complex step."""
    rng = np.random.default_rng(3)
    a, b = rng.uniform(0.5, 2.0, (2, 6))
    found = st.effect(a, b, ERROR)
    assert found is not None
    for fold in range(6):
        weights = np.ones(6, dtype=complex)
        weights[fold] += 1e-30j
        slope = np.log((weights @ a) / (weights @ b)).imag / 1e-30
        assert found.deviations[fold] == pytest.approx(6 * slope, rel=1e-12)


def test_a_fold_that_is_harder_for_both_does_not_deviate() -> None:
    hard = np.array([1.0, 5.0, 0.2, 3.0])
    found = st.effect(0.9 * hard, hard, ERROR)
    assert found is not None
    assert found.spread == 0
    assert found.size == pytest.approx(math.log(0.9), rel=1e-14)


def test_shares_are_compared_by_difference_and_more_is_better() -> None:
    found = st.effect(np.array([0.9, 0.8]), np.array([0.7, 0.8]), SHARE)
    assert found is not None
    assert found.size == pytest.approx(-0.1)  # negative: a is better
    assert st.against(found.size, SHARE) == pytest.approx(0.1)
    np.testing.assert_allclose(found.deviations, [-0.1, 0.1])


def test_a_mean_of_zero_has_no_ratio_but_two_are_the_same() -> None:
    zero, some = np.zeros(3), np.array([0.0, 1.0, 0.0])
    assert st.effect(zero, some, ERROR) is None
    both = st.effect(zero, zero, ERROR)
    assert both is not None
    assert (both.size, both.spread) == (0.0, 0.0)


@pytest.mark.parametrize("bad", [[-0.1, 0.5], [np.nan, 0.5], [np.inf, 0.5]])
def test_scores_below_zero_or_not_finite_are_refused(bad: list[float]) -> None:
    with pytest.raises(SettingsError, match="negative or not finite"):
        st.effect(np.array(bad), np.array([1.0, 1.0]), ERROR)
    with pytest.raises(SettingsError, match="negative or not finite"):
        st.effect(np.array([1.0, 1.0]), np.array(bad), SHARE)


def test_scores_of_other_folds_are_refused() -> None:
    with pytest.raises(SettingsError, match=r"shapes \(3,\) and \(2,\)"):
        st.effect(np.ones(3), np.ones(2), ERROR)


def test_with_disjoint_data_it_is_students_t() -> None:
    estimate = st.estimate(as_effect(EFFECTS), widening=1.0)
    theirs = stats.ttest_1samp(EFFECTS, 0.0)
    assert st.p_different(estimate) == pytest.approx(theirs.pvalue, rel=1e-12)
    low, high = theirs.confidence_interval(0.95)
    assert st.interval(estimate, ERROR) == pytest.approx((math.exp(low), math.exp(high)), rel=1e-12)
    assert st.interval(estimate, SHARE) == pytest.approx((-high, -low), rel=1e-12)


def test_overlap_widens_the_error_as_nadeau_and_bengio_say() -> None:
    estimate = st.estimate(as_effect(EFFECTS), widening=st.overlap(7, 0.25))
    mean = sum(EFFECTS) / 7
    variance = sum((effect - mean) ** 2 for effect in EFFECTS) / 6
    assert estimate.mean == pytest.approx(mean, rel=1e-14)
    assert estimate.error == pytest.approx(math.sqrt((1 / 7 + 0.25) * variance), rel=1e-14)
    assert estimate.degrees == 6


@pytest.mark.parametrize(("folds", "widening"), [(1, 1.0), (3, 0.9), (3, math.nan)])
def test_too_few_folds_and_a_narrowing_are_refused(folds: int, widening: float) -> None:
    with pytest.raises(SettingsError, match="two or more folds, and 1 or more"):
        st.estimate(as_effect(EFFECTS[:folds]), widening=widening)


@pytest.mark.parametrize("ratio", [-0.1, math.nan])
def test_a_ratio_below_zero_is_refused(ratio: float) -> None:
    with pytest.raises(SettingsError, match="test_to_train"):
        st.overlap(7, ratio)


@pytest.mark.parametrize("shift", [-0.02, 0.0, 0.05])
def test_equivalence_is_two_one_sided_tests(shift: float) -> None:
    effects, bound = EFFECTS / 10 + shift, math.log(1.03)
    ours = st.p_equivalent(st.estimate(as_effect(effects), widening=1.0), bound=bound)
    above = stats.ttest_1samp(effects, -bound, alternative="greater").pvalue
    below = stats.ttest_1samp(effects, bound, alternative="less").pvalue
    assert ours == pytest.approx(max(above, below), rel=1e-11)


@pytest.mark.parametrize("constant", [0.0, 0.3, 1e-14])
def test_folds_without_spread_show_nothing(constant: float) -> None:
    effects = np.full(5, constant) + np.array([0, 1, -1, 0, 1]) * 2e-16
    estimate = st.estimate(as_effect(effects), widening=2.0)
    assert estimate.error == 0
    assert st.p_different(estimate) == 1.0
    assert st.p_equivalent(estimate, bound=0.03) == 1.0
    assert st.interval(estimate, ERROR) is None
    assert st.smallest_detectable(estimate, ERROR, comparisons=3) is None


def test_a_small_spread_is_still_a_spread() -> None:
    estimate = st.estimate(as_effect(np.array([1e-9, 3e-9, 2e-9, 2e-9])), widening=1.0)
    assert 0 < st.p_different(estimate) < 0.05


@pytest.mark.parametrize(("folds", "comparisons"), [(5, 1), (5, 21), (10, 1), (10, 15), (4, 3)])
def test_the_smallest_detectable_difference_is_found_four_times_in_five(folds: int, comparisons: int) -> None:
    estimate = st.Estimate(mean=0.0, error=0.02, degrees=folds - 1)
    detectable = st.smallest_detectable(estimate, ERROR, comparisons=comparisons)
    draws, seed = 40_000, 11
    rng = np.random.default_rng(seed)
    true = math.log1p(detectable)
    assert st.smallest_detectable(estimate, SHARE, comparisons=comparisons) == pytest.approx(true)
    means = rng.normal(true, 0.02, draws)
    errors = 0.02 * np.sqrt(rng.chisquare(folds - 1, draws) / (folds - 1))
    found = np.mean(np.abs(means / errors) > stats.t.isf(0.025 / comparisons, folds - 1))
    assert found == pytest.approx(0.8, abs=4 * math.sqrt(0.8 * 0.2 / draws))  # 4 standard errors


def closure(different: st.Floats, equivalent: st.Floats, alpha: float) -> set[tuple[int, int]]:
    """Every claim that closed testing with Bonferroni makes: each set of nulls that can be true together is tested."""
    n = len(different)
    p = {(i, kind): (different, equivalent)[kind][i] for i in range(n) for kind in (0, 1)}
    claims = set(p)
    for choice in itertools.product((None, 0, 1), repeat=n):
        true = [(i, kind) for i, kind in enumerate(choice) if kind is not None]
        if true and min(p[null] for null in true) > alpha / len(true):
            claims -= set(true)
    return claims


@pytest.mark.parametrize("n", [1, 2, 3, 5])
@pytest.mark.parametrize("seed", range(12))
def test_the_family_is_the_closure_of_bonferroni(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    different, equivalent = rng.uniform(size=(2, n)) ** rng.integers(1, 7, (2, n))  # many small ones
    a, b = st.one_family(different, equivalent)
    for alpha in (0.01, 0.05, 0.2):
        ours = {(i, kind) for i in range(n) for kind in (0, 1) if (a, b)[kind][i] <= alpha}
        assert ours == closure(different, equivalent, alpha)


def test_without_equivalence_tests_that_pass_it_counts_comparisons() -> None:
    different, _ = st.one_family([0.001, 0.02, 0.5], [1.0, 1.0, 1.0])
    np.testing.assert_allclose(different, [0.003, 0.06, 1.0])


def test_a_comparison_leaves_once_both_its_nulls_are_rejected() -> None:
    different, equivalent = st.one_family([0.001, 0.04], [0.002, 1.0])
    np.testing.assert_allclose(different, [0.002, 0.04])  # the second is alone by then
    np.testing.assert_allclose(equivalent, [0.004, 1.0])


def test_an_empty_family_is_empty() -> None:
    assert [len(part) for part in st.one_family([], [])] == [0, 0]


def test_any_false_claim_is_rare_whatever_is_true() -> None:
    """Equal pairs, pairs exactly the margin apart, precise and vague ones: one false claim or more in at most 5 %."""
    studies, folds, seed = 3000, 6, 5
    rng = np.random.default_rng(seed)
    bound = math.log(1.03)
    truth = np.array([0.0, 0.0, bound, -bound, bound, 0.0])
    spread = np.array([0.005, 0.08, 0.02, 0.005, 0.03, 0.02])
    wrong = 0
    for _ in range(studies):
        draws = truth + spread * rng.standard_normal((folds, len(truth)))
        estimates = [st.estimate(as_effect(column), widening=1.0) for column in draws.T]
        different, equivalent = st.one_family(
            [st.p_different(each) for each in estimates], [st.p_equivalent(each, bound=bound) for each in estimates]
        )
        wrong += bool(((different <= 0.05) & (truth == 0)).any() or ((equivalent <= 0.05) & (truth != 0)).any())
    assert wrong / studies <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / studies)
    assert wrong / studies >= 0.02  # and it does claim: a family that never errs never speaks


def test_cases_are_counted_for_whoever_is_right_more_often() -> None:
    nan = math.nan
    a, b = np.array([1.0, 1.0, 0.0, 2 / 3, 1 / 3, nan]), np.array([0.0, 1.0, 1.0, 1 / 3, 1 / 3, 1.0])
    assert st.discordant(a, b) == st.Discordant(2, 1)


@pytest.mark.parametrize(("a", "b"), [(10, 0), (7, 2), (5, 5), (1, 0)])
def test_mcnemar_is_exact(a: int, b: int) -> None:
    """The oracle: the tails of a fair coin, counted."""
    n, most = a + b, max(a, b)
    tail = sum(math.comb(n, k) for k in range(most, n + 1)) / 2**n
    assert st.Discordant(a, b).p == pytest.approx(min(1.0, 2 * tail), rel=1e-12)
    assert st.Discordant(0, 0).p == 1.0
