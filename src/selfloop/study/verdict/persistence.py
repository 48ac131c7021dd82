"""How far what favours a candidate in one fold goes on into the next, and how much less the folds then show.

Folds of a series follow each other. Where effects persist, their mean varies more than their spread tells: a stretch
that suits one candidate looks like skill. The correlation is estimated from all pairs of candidates together, read
with its uncertainty, and paid for with a wider error. docs/evidence.md has the measured rates.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

GRID = np.linspace(0.0, 0.95, 20)  # lag-1 correlations that are considered
PRIOR = 0.5  # standard deviation of the half-normal over them: most real series are near zero, some at 0.5
CLEAR = 1.64  # standard errors above what independent folds give: from there on the worst is assumed
WORST = 0.9
DRAWS = 2000  # simulated studies for each correlation


@dataclass(frozen=True)
class Persistence:
    """What the folds say of it.

    Attributes:
        correlation: of effects in neighbouring folds: mean of the posterior.
        low, high: ends of its 90 % interval.
        widening: of the variance of a mean over folds, against independent ones.
        clear: whether it is more than chance gives.
    """

    correlation: float
    low: float
    high: float
    widening: float
    clear: bool


def persistence(deviations: Sequence[Floats], candidates: int) -> Persistence | None:
    """Estimate it from the effects of all pairs.

    Args:
        deviations: (folds,) of each pair, in the order of time; those without spread left out.
        candidates: how many made the pairs.

    Returns:
        None where there is no pair, or fewer than four folds.
    """
    if not deviations or len(deviations[0]) < 4:
        return None
    folds = len(deviations[0])
    found = float(lag_one(np.array(deviations)).mean())
    centre, spread = _law(candidates, folds)
    weight = np.exp(-0.5 * (GRID / PRIOR) ** 2 - 0.5 * ((found - centre) / spread) ** 2) / spread
    weight /= weight.sum()
    widening = float(weight @ [inflation(each, folds) for each in GRID])
    clear = bool(found > centre[0] + CLEAR * spread[0])
    low, high = np.interp([0.05, 0.95], np.cumsum(weight), GRID)
    return Persistence(
        correlation=float(weight @ GRID),
        low=float(low),
        high=float(high),
        widening=max(widening, inflation(WORST, folds)) if clear else widening,
        clear=clear,
    )


def lag_one(effects: Floats) -> Floats:
    """(...,) lag-1 autocorrelation of (..., folds) effects around their own means."""
    around = effects - effects.mean(-1, keepdims=True)
    return np.asarray((around[..., 1:] * around[..., :-1]).sum(-1) / (around**2).sum(-1))


def inflation(correlation: float, folds: int) -> float:
    """Variance of the mean of an AR(1) over s² / folds, s² being what its own folds show on average.

    Args:
        correlation: of neighbours, from 0 to below 1.
        folds: how many.
    """
    lags = np.arange(1, folds)
    mean = 1 + 2 * float(((1 - lags / folds) * correlation**lags).sum())  # times the variance of one, over folds
    return mean / (1 - (mean - 1) / (folds - 1))


@lru_cache(maxsize=64)
def _law(candidates: int, folds: int) -> tuple[Floats, Floats]:
    """Mean and standard deviation of the pairs' mean lag-1 correlation, for each correlation of `GRID`.

    Simulated: each candidate's effects are an AR(1) of its own. Always with the same draws.
    """
    rng = np.random.default_rng(20_240_613)
    noise = rng.standard_normal((DRAWS, candidates, folds))
    first, second = np.array(list(itertools.combinations(range(candidates), 2))).T
    found = []
    for correlation in GRID:
        own = noise.copy()
        for fold in range(1, folds):
            own[..., fold] = correlation * own[..., fold - 1] + np.sqrt(1 - correlation**2) * noise[..., fold]
        found.append(lag_one(own[:, first] - own[:, second]).mean(1))
    means = np.array(found)
    return means.mean(1), means.std(1)
