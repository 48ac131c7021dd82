"""A ridge autoregression: the linear model that a network has to beat, and the linear skip inside one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from selfloop.data.sequences import Floats

PENALTIES = (1e-6, 1e-4, 1e-2, 1e-1, 1.0)  # times the mean variance of a feature


@dataclass(frozen=True)
class Ridge:
    """answer[t] = weight · (the last `window` steps of the lagged columns, the other columns of step t) + bias."""

    window: int
    penalty: float
    weight: Floats  # (horizon, lagged * window + others)
    bias: Floats  # (horizon,)

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return self.weight.size + self.bias.size

    @property
    def operations(self) -> int:
        """Multiply-adds for one new step."""
        return self.weight.size


def design(shown: Floats, lagged: list[int], window: int) -> Floats:
    """(steps, lagged * window + others): what a linear model sees at each step. Before the start it sees zeros."""
    others = np.delete(shown, lagged, axis=1)
    padded = np.concatenate([np.zeros((window - 1, len(lagged))), shown[:, lagged]])
    past = np.lib.stride_tricks.sliding_window_view(padded, window, axis=0)
    return np.concatenate([past.reshape(len(shown), -1), others], axis=1)


def fit(x: Floats, y: Floats, window: int, penalties: tuple[float, ...] = PENALTIES) -> list[Ridge]:
    """A ridge regression for each penalty, by one eigendecomposition.

    Args:
        x: (examples, features).
        y: (examples, horizon), finite.
        window: recorded in the result.
        penalties: relative to the mean variance of a feature.
    """
    mean_x, mean_y = x.mean(0), y.mean(0)
    centred = x - mean_x
    values, vectors = linalg.eigh(centred.T @ centred / len(x))
    values = np.maximum(values, 0.0)
    projected = vectors.T @ (centred.T @ (y - mean_y) / len(x))
    models = []
    for penalty in penalties:
        shrink = values + penalty * max(float(values.mean()), 1e-12)
        # Contiguous as it comes back from a file: a product's bits depend on the layout of its factors.
        weight = np.ascontiguousarray((vectors @ (projected / shrink[:, None])).T)
        models.append(Ridge(window, penalty, weight, mean_y - weight @ mean_x))
    return models


def windows(season: int, horizon: int, steps: int) -> tuple[int, ...]:
    """Windows worth trying, from one step to fourteen seasons; a quarter of the steps at most."""
    wanted = {1, 4, season + 1, 2 * season, 4 * season, 7 * season, 14 * season, horizon, 2 * horizon, 32, 48}
    return tuple(sorted(w for w in wanted if w <= max(steps // 4, 1)))
