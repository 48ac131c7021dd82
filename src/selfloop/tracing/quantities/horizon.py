"""How far back a model's answer depends on what it read: replace the older inputs, and watch the loss.

Khandelwal, He, Qi & Jurafsky 2018, "Sharp nearby, fuzzy far away: how neural language models use context",
arXiv:1805.04623.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from selfloop.results.explanation import HorizonCurve
from selfloop.results.exploration import Horizon
from selfloop.tracing.quantities.lags import Floats, Ints

EPSILON = 0.01
ALL_UP_TO = 100  # lags that are tried one by one
GROWTH = 1.05  # from there on each is so much larger
RESAMPLES = 1000
ENDS = (2.5, 97.5)  # percentiles: a 95 % interval


def lag_grid(window: int) -> Ints:
    """Lags 0 to window − 1: one by one up to 100, then 5 % apart, and the last one."""
    lags = list(range(min(window, ALL_UP_TO)))
    while lags[-1] < window - 1:
        lags.append(min(window - 1, int(np.ceil(lags[-1] * GROWTH))))
    return np.array(lags)


def replaced(lengths: Ints, lag: int, other: Ints) -> tuple[Ints, Ints]:
    """Where each step of a batch is read from, when all that is older than `lag` comes from other sequences.

    Sequences are aligned at their ends: the step d steps before the end is replaced by the other's step d before its
    end. An other that is shorter goes on from its start in reverse: repeated from its end, what stands there (the
    marker of a task, the last value of a series) would come twice.

    Args:
        lengths: (B,) valid steps.
        lag: how many steps before the last one stay.
        other: (B,) for each sequence the one that its past comes from.

    Returns:
        Indices of steps and of sequences, each (T, B).
    """
    T, B = int(lengths.max()), len(lengths)
    steps, own = np.arange(T)[:, None], np.broadcast_to(np.arange(B), (T, B))
    distance = lengths - 1 - steps
    past = distance > lag
    folded = (lengths[other] - 1 - distance) % (2 * lengths[other])
    theirs = np.minimum(folded, 2 * lengths[other] - 1 - folded)
    return np.where(past, theirs, steps), np.where(past, other, own)


def horizon_of(lags: Ints, change: Floats, epsilon: float = EPSILON) -> int | None:
    """The smallest lag from which on the loss rises by less than epsilon; None: it does not, in the window."""
    large = np.flatnonzero(~(change < epsilon))  # NaN is no small change
    if len(large) == 0:
        return int(lags[0])
    return int(lags[large[-1] + 1]) if large[-1] + 1 < len(lags) else None


def horizon_curve(
    lags: Ints,  # (K,)
    losses: Floats,  # (K, B)
    full: Floats,  # (B,)
    *,
    epsilon: float = EPSILON,
    seed: int = 0,
) -> HorizonCurve:
    """ΔL(k) = L(history older than k replaced) − L(full), and the smallest k beyond which it is negligible.

    Negligible is less than epsilon of the loss, or of what the whole history is worth, ΔL(0), where that is more: the
    loss of a model that is nearly always right is no measure of anything.

    Args:
        lags: growing.
        losses: of each sequence, with what is older than each lag replaced.
        full: of each sequence as it is.
        epsilon: a share.
        seed: of the bootstrap, which resamples sequences.
    """
    rng = np.random.default_rng(seed)
    draws = rng.multinomial(len(full), np.full(len(full), 1 / len(full)), size=RESAMPLES) / len(full)  # (R, B) weights
    extra = losses - full
    change = _relative(extra.mean(axis=1), full.mean())
    resampled = np.array([_relative(extra @ weights, float(full @ weights)) for weights in draws])  # (R, K)
    low, high = np.percentile(resampled, ENDS, axis=0)
    found = [horizon_of(lags, each, epsilon) for each in resampled]
    ends = np.percentile([np.inf if each is None else each for each in found], ENDS, method="closest_observation")
    bounds = [int(end) if np.isfinite(end) else None for end in ends]
    steps = horizon_of(lags, change, epsilon)
    of: Literal["loss", "past"] = "past" if extra[0].mean() > full.mean() else "loss"
    horizon = Horizon(steps, bounds[0], bounds[1], int(lags[-1]) + 1, epsilon, of, _fall(lags, change, steps, epsilon))
    return HorizonCurve(
        tuple(map(int, lags)), tuple(change), tuple(low), tuple(high), float(full.mean()), horizon, len(full)
    )


def _fall(lags: Ints, change: Floats, steps: int | None, epsilon: float) -> float:
    """By how much the loss falls at most where what is older than `steps` is replaced; less than epsilon is 0."""
    if steps is None:
        return 0.0
    fall = -float(change[lags >= steps].min())
    return fall if fall >= epsilon else 0.0


def _relative(extra: Floats, loss: float) -> Floats:
    """ΔL over max(L, ΔL(0)); nothing where both are nothing."""
    scale = max(loss, float(extra[0]))
    return np.asarray(extra / scale) if scale != 0 else extra
