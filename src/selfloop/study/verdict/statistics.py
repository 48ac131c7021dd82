"""What per-fold scores of two candidates can show: pure functions on arrays, no words and no files.

An *effect* says how far apart the mean scores of a and b are: the logarithm of their ratio, or their difference where
scores are shares of cases. Its sign is turned for metrics where higher is better: negative means that a is better.
docs/evidence.md derives the method, names its sources and holds its measured error rates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

from selfloop.errors import SettingsError
from selfloop.results.study import Metric

Floats = NDArray[np.float64]

ALPHA = 0.05  # chance of one false claim or more in a study, over all its claims
POWER = 0.80  # of the smallest detectable difference
FEWEST_FOLDS = 4  # below: a pick, but no claim
NO_SPREAD = 1e-12  # effects closer than this differ by rounding: two logarithms of doubles, with room to spare


@dataclass(frozen=True, eq=False)
class Effect:
    """How far apart two candidates' mean scores are, and each fold's part in it.

    Attributes:
        scores: the means over folds, of a and of b.
        size: negative: a is better. A log ratio or a difference, as the metric's effect says.
        deviations: (folds,) how much more than its share each fold adds to the size; they sum to zero.
    """

    scores: tuple[float, float]
    size: float
    deviations: Floats

    @property
    def spread(self) -> float:
        """Standard deviation over folds; 0 where they differ by rounding alone, and with one fold."""
        if len(self.deviations) < 2:
            return 0.0
        spread = float(self.deviations.std(ddof=1))
        return 0.0 if spread < NO_SPREAD else spread


@dataclass(frozen=True)
class Estimate:
    """An effect and how well it is known: a Student t around `mean`, `error` wide."""

    mean: float  # negative: a is better
    error: float  # standard error; 0: the folds do not differ, so nothing says how sure the mean is
    degrees: int  # degrees of freedom: folds − 1


def effect(a: Floats, b: Floats, metric: Metric) -> Effect | None:
    """How far apart the mean scores are.

    A ratio is that of the means, which are what a reader sees. A fold deviates from it by a_j / mean(a) − b_j / mean(b)
    (the linearised log ratio): a fold that is twice as hard for both does not.

    Args:
        a, b: (folds,) scores, finite and zero or more; averaged over seeds.
        metric: says which way is better, and whether scores are compared by ratio or by difference.

    Returns:
        None where a ratio does not exist: one mean is zero, the other is not.

    Raises:
        SettingsError: the shapes differ, there is no fold, or a score is negative or not finite.
    """
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 1 or len(a) == 0:
        raise SettingsError(f"Scores have shapes {a.shape} and {b.shape}; expected one score a fold for both.")
    if not (np.isfinite(a).all() and np.isfinite(b).all() and (a >= 0).all() and (b >= 0).all()):
        raise SettingsError(
            "A score is negative or not finite; expected scores of zero or more. Leave diverged runs out."
        )
    scores = float(a.mean()), float(b.mean())
    sign = 1 if metric.lower_is_better else -1
    if metric.effect == "difference":
        return Effect(scores, _rounded(sign * (scores[0] - scores[1])), sign * ((a - b) - (a - b).mean()))
    if scores == (0.0, 0.0):
        return Effect(scores, 0.0, np.zeros(len(a)))
    if 0.0 in scores:
        return None
    deviations = sign * (a / scores[0] - b / scores[1])
    return Effect(scores, _rounded(sign * float(np.log(scores[0]) - np.log(scores[1]))), deviations)


def _rounded(size: float) -> float:
    """Scores that differ by the rounding of their sums are the same."""
    return 0.0 if abs(size) < NO_SPREAD else size


def overlap(folds: int, test_to_train: float) -> float:
    """How much wider the variance of a mean over folds is than s² / folds: 1 + folds · n_test / n_train.

    Training sets overlap, so that folds are not independent (Nadeau & Bengio 2003).

    Args:
        folds: how many.
        test_to_train: n_test / n_train; its mean over folds where training windows expand.

    Raises:
        SettingsError: a ratio below zero.
    """
    if not test_to_train >= 0:
        raise SettingsError(f"test_to_train is {test_to_train}; expected test cases over training cases, 0 or more.")
    return 1 + folds * test_to_train


def estimate(found: Effect, *, widening: float) -> Estimate:
    """A Student t for an effect.

    Args:
        found: over two folds or more.
        widening: of the variance of the mean, against independent folds: 1 or more.

    Raises:
        SettingsError: a single fold, or a widening below 1.
    """
    folds = len(found.deviations)
    if folds < 2 or not widening >= 1:
        raise SettingsError(f"{folds} folds, widened by {widening}; expected two or more folds, and 1 or more.")
    return Estimate(found.size, found.spread * float(np.sqrt(widening / folds)), folds - 1)


def p_different(estimate: Estimate) -> float:
    """Two-sided p of "the effect is zero". 1 where the folds do not differ: no spread, no scale to judge by."""
    if estimate.error == 0:
        return 1.0
    return float(2 * special.stdtr(estimate.degrees, -abs(estimate.mean) / estimate.error))


def p_equivalent(estimate: Estimate, *, bound: float) -> float:
    """p of "the effect is `bound` or more, either way": the larger of two one-sided tests (Schuirmann 1987).

    Args:
        estimate: of the effect.
        bound: as `bound_of` gives it, above 0.
    """
    if estimate.error == 0:
        return 1.0
    return float(special.stdtr(estimate.degrees, (abs(estimate.mean) - bound) / estimate.error))


def bound_of(margin: float, metric: Metric) -> float:
    """A margin as an effect: log(1 + margin) of a ratio, the margin itself of a difference."""
    return float(np.log1p(margin)) if metric.effect == "ratio" else margin


def interval(estimate: Estimate, metric: Metric, *, level: float = 0.95) -> tuple[float, float] | None:
    """Of score a against score b, a ratio or a difference; of this comparison alone. None without spread."""
    if estimate.error == 0:
        return None
    reach = float(special.stdtrit(estimate.degrees, (1 + level) / 2)) * estimate.error
    low, high = sorted(against(end, metric) for end in (estimate.mean - reach, estimate.mean + reach))
    return low, high


def against(size: float, metric: Metric) -> float:
    """An effect as people read it: score a over score b, or score a less score b."""
    size = size if metric.lower_is_better else -size
    return float(np.exp(size)) if metric.effect == "ratio" else size


def smallest_detectable(estimate: Estimate, metric: Metric, *, comparisons: int) -> float | None:
    """The difference that such a study shows with 80 % power: 0.04 is 4 %, or 4 points. None without spread.

    Args:
        estimate: its error is the observed one.
        metric: says whether it is relative.
        comparisons: the family's size; each test of a difference has ALPHA / comparisons.
    """
    if estimate.error == 0:
        return None
    shift = _noncentrality(estimate.degrees, ALPHA / comparisons) * estimate.error
    return float(np.expm1(shift)) if metric.effect == "ratio" else shift


@lru_cache(maxsize=256)
def _noncentrality(degrees: int, level: float) -> float:
    """The true mean, in standard errors, that a two-sided t test at `level` finds with POWER."""
    critical = float(special.stdtrit(degrees, 1 - level / 2))

    def missing(shift: float) -> float:
        # The other tail is below level / 2 already at zero shift; nctdtr loses its digits there, so it stays out.
        return float(1 - special.nctdtr(degrees, shift, critical)) - POWER

    return float(optimize.brentq(missing, 0.0, 4 * critical + 10))


@dataclass(frozen=True)
class Discordant:
    """Test cases that one of two candidates got right oftener than the other did, over all folds."""

    a: int  # a more often than b
    b: int

    @property
    def p(self) -> float:
        """McNemar's exact test: either is as likely where the two are alike."""
        both = self.a + self.b
        return 1.0 if both == 0 else float(stats.binomtest(self.a, both).pvalue)


def discordant(a: Floats, b: Floats) -> Discordant:
    """Count them.

    Args:
        a, b: (cases,) the share of runs that were right about each test case; NaN where there was none.
    """
    return Discordant(int((a > b + NO_SPREAD).sum()), int((b > a + NO_SPREAD).sum()))


def one_family(different: Sequence[float], equivalent: Sequence[float]) -> tuple[Floats, Floats]:
    """Adjusted p of every claim that a study could make, all in one family.

    Holm's step-down (1979) by the closure principle, for comparisons that carry two null hypotheses each: "no
    difference" and "the margin apart or more". Both cannot be true of one comparison, so that n comparisons have at
    most n true nulls among their 2n (Shaffer 1986): the family counts comparisons, not tests. A comparison stops
    counting once both of its nulls are rejected. Adjusted at 5 %, the chance of any false claim is at most 5 %.

    Args:
        different: (n,) p of "no difference", a comparison each.
        equivalent: (n,) p of "the margin apart or more", in the same order.

    Returns:
        (n,) adjusted p of a claimed difference, and (n,) of a claimed equivalence.
    """
    p = np.array([different, equivalent], dtype=np.float64)
    adjusted = np.empty_like(p)
    for i in range(p.shape[1]):
        # The hardest set of s true nulls that holds this one: the s − 1 largest of the other comparisons' p.
        others = np.sort(np.delete(p.max(axis=0), i))[::-1]
        hardest = np.concatenate([[np.inf], others])
        sizes = np.arange(1, len(hardest) + 1)
        adjusted[:, i] = np.minimum(1.0, (sizes * np.minimum(p[:, i, None], hardest)).max(axis=1))
    return adjusted[0], adjusted[1]
