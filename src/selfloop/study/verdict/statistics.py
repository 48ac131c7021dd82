"""What per-fold scores of two candidates can show: pure functions on arrays, no words and no files.

An *effect* is, per fold, log(score of a / score of b), each score averaged over seeds within the fold (seeds are not
extra data), with the sign turned for metrics where higher is better: negative means that a is better. docs/evidence.md
derives the method, names its sources and holds its measured error rates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from selfloop.errors import SettingsError

Floats = NDArray[np.float64]

ALPHA = 0.05  # chance of one false claim or more in a study, over all its claims
POWER = 0.80  # of the smallest detectable difference
FEWEST_FOLDS = 4  # below: a pick, but no claim
NO_SPREAD = 1e-12  # effects closer than this differ by rounding: two logarithms of doubles, with room to spare


@dataclass(frozen=True)
class Estimate:
    """The mean effect and how well it is known: a Student t around `mean`, `error` wide."""

    mean: float  # log ratio, negative: a is better
    error: float  # standard error; 0: the folds do not differ, so nothing says how sure the mean is
    degrees: int  # degrees of freedom: folds − 1


def log_ratios(a: Floats, b: Floats, *, floor: float) -> Floats:
    """Log of a over b per fold.

    Args:
        a, b: (folds,) scores, zero or more; averaged over seeds.
        floor: scores below it count as `floor`: half a case over the number of test cases for an accuracy, whose
            logarithm at zero would not exist; 0.0 for none.

    Returns:
        (folds,) log ratios: 0 where both are zero (neither is better), infinite where one is.

    Raises:
        SettingsError: the shapes differ, or a score is negative or not finite.
    """
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 1:
        raise SettingsError(f"Scores have shapes {a.shape} and {b.shape}; expected one score a fold for both.")
    if not (np.isfinite(a).all() and np.isfinite(b).all() and (a >= 0).all() and (b >= 0).all()):
        raise SettingsError(
            "A score is negative or not finite; a ratio needs scores of zero or more. Leave diverged runs out."
        )
    a, b = np.maximum(a, floor), np.maximum(b, floor)
    same = a == b
    with np.errstate(divide="ignore"):
        return np.where(same, 0.0, np.log(np.where(same, 1.0, a)) - np.log(np.where(same, 1.0, b)))


def resampled_t(effects: Floats, *, test_to_train: float) -> Estimate:
    """The corrected resampled t of Nadeau & Bengio (2003): the variance of the mean is s² (1/J + n_test/n_train).

    Training sets overlap, so the J folds are not independent; the second term pays for that.

    Args:
        effects: (folds,) finite, two or more.
        test_to_train: n_test / n_train; its mean over folds where training windows expand.

    Raises:
        SettingsError: fewer than two effects, one that is not finite, or a negative ratio.
    """
    effects = np.asarray(effects, dtype=np.float64)
    if effects.ndim != 1 or len(effects) < 2 or not np.isfinite(effects).all():
        raise SettingsError(f"Effects are {effects.tolist()}; expected two or more finite numbers, one a fold.")
    if not test_to_train >= 0:
        raise SettingsError(f"test_to_train is {test_to_train}; expected test cases over training cases, 0 or more.")
    folds = len(effects)
    spread = float(effects.std(ddof=1))
    error = 0.0 if spread < NO_SPREAD else spread * float(np.sqrt(1 / folds + test_to_train))
    return Estimate(float(effects.mean()), error, folds - 1)


def p_different(estimate: Estimate) -> float:
    """Two-sided p of "the effect is zero". 1 where the folds do not differ: no spread, no scale to judge by."""
    if estimate.error == 0:
        return 1.0
    return float(2 * special.stdtr(estimate.degrees, -abs(estimate.mean) / estimate.error))


def p_equivalent(estimate: Estimate, *, bound: float) -> float:
    """p of "the effect is `bound` or more, either way": the larger of two one-sided tests (Schuirmann 1987).

    Args:
        estimate: of the log ratio.
        bound: log(1 + margin), above 0.
    """
    if estimate.error == 0:
        return 1.0
    return float(special.stdtr(estimate.degrees, (abs(estimate.mean) - bound) / estimate.error))


def p_better(estimate: Estimate) -> float | None:
    """Probability that the effect is below zero: the posterior t of Corani & Benavoli (2015). None without spread."""
    if estimate.error == 0:
        return None
    return float(special.stdtr(estimate.degrees, -estimate.mean / estimate.error))


def interval(estimate: Estimate, *, level: float = 0.95) -> tuple[float, float] | None:
    """Interval of the log ratio, of this comparison alone (no correction for others). None without spread."""
    if estimate.error == 0:
        return None
    reach = float(special.stdtrit(estimate.degrees, (1 + level) / 2)) * estimate.error
    return estimate.mean - reach, estimate.mean + reach


def smallest_detectable(estimate: Estimate, *, comparisons: int) -> float | None:
    """Relative difference that such a study shows with 80 % power: 0.04 is 4 %. None without spread.

    Args:
        estimate: its error is the observed one.
        comparisons: the family's size; each test of a difference has ALPHA / comparisons.
    """
    if estimate.error == 0:
        return None
    return float(np.expm1(_noncentrality(estimate.degrees, ALPHA / comparisons) * estimate.error))


@lru_cache(maxsize=256)
def _noncentrality(degrees: int, level: float) -> float:
    """The true mean, in standard errors, that a two-sided t test at `level` finds with POWER."""
    critical = float(special.stdtrit(degrees, 1 - level / 2))

    def missing(shift: float) -> float:
        # The other tail is below level / 2 already at zero shift; nctdtr loses its digits there, so it stays out.
        return float(1 - special.nctdtr(degrees, shift, critical)) - POWER

    return float(optimize.brentq(missing, 0.0, 4 * critical + 10))


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
