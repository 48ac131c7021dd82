"""The learning signal by lag: how much of a loss's gradient is left k steps back, and how much a truncation leaves out.

Pascanu, Mikolov & Bengio 2013, "On the difficulty of training recurrent neural networks", arXiv:1211.5063; Aicher, Foti
& Fox 2020, "Adaptively truncating backpropagation through time to control gradient bias", arXiv:1905.07473.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SMALLEST = 1e-30  # below it float32 gradients lose their digits, and are then flushed to zero
FEWEST = 3  # points that a line is fitted to


def _ending(norms: Floats, lengths: Ints) -> Floats:
    """(T, B) with entry k at k steps before each sequence's end, NaN before its start."""
    T, B = norms.shape
    place = lengths - 1 - np.arange(T)[:, None]
    return np.where(place >= 0, norms[place.clip(0), np.arange(B)], np.nan)


def by_lag(
    norms: Floats,  # (T, B)
    lengths: Ints,  # (B,)
) -> Floats:
    """G(k) = E‖∂L_t/∂h_{t−k}‖ for k = 0, ..., T − 1, over the sequences that are long enough; L_t is at their ends.

    Args:
        norms: of the gradient in the state of every step: ‖∂L/∂h‖, for the LSTM ‖∂L/∂c‖.
        lengths: the valid steps of each sequence, 1 or more; the longest has T.
    """
    ending = _ending(norms, lengths)
    return np.asarray(np.nansum(ending, axis=1) / (lengths > np.arange(len(norms))[:, None]).sum(axis=1))


def growth(norms: Floats, lengths: Ints, *, spread: bool = False) -> Floats:
    """(B,) how much each loss's gradient grows on its way back: max_k ‖∂L_t/∂h_{t−k}‖ / ‖∂L_t/∂h_t‖.

    Norms alone would not do: of a model that is mostly right, most gradients are next to nothing.

    Args:
        norms: as for `by_lag`.
        lengths: as for `by_lag`.
        spread: the loss reads the mean over all steps, so that k + 1 of them have added to what arrives at lag k.
    """
    ending = _ending(norms, lengths)
    if spread:
        ending = ending / np.arange(1, len(ending) + 1)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.nanmax(ending, axis=0) / ending[0]
    return np.where(np.isnan(found), 1.0, found)  # no gradient at all: 0 / 0


def slope(values: Floats) -> float | None:
    """Of log G(k) per step, by least squares: log of the factor that a step back costs. None: nothing to fit."""
    lags = np.flatnonzero(np.isfinite(values) & (values > SMALLEST))
    if len(lags) < FEWEST:
        return None
    return float(np.polynomial.polynomial.polyfit(lags, np.log(values[lags]), 1)[1])


def covered(values: Floats, steps: int) -> float | None:
    """Σ_{k<K} G(k) / Σ G(k): the share of the signal that a truncation to K steps lets through. None: there is none."""
    total = values.sum()
    return float(values[:steps].sum() / total) if np.isfinite(total) and total > 0 else None


def truncation(values: Floats, left_out: float) -> int | None:
    """The smallest K with Σ_{k≥K} G(k) / Σ G(k) ≤ `left_out`. None: there is no signal.

    K steps are those at lags 0, ..., K − 1.
    """
    total = values.sum()
    if not np.isfinite(total) or total <= 0:
        return None
    beyond = 1 - np.cumsum(values) / total  # what K = 1, 2, ... leave out
    return int(np.argmax(beyond <= left_out)) + 1
