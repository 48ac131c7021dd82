"""A ridge autoregression: the linear model that a network has to beat, and the linear skip inside one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from selfloop.data.sequences import Floats, Ints

PENALTIES = (1e-6, 1e-4, 1e-2, 1e-1, 1.0)  # times the mean variance of a feature
BLOCK = 1 << 22  # numbers of a design matrix made at once: 32 MB


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


def design(shown: Floats, offsets: Ints, lagged: list[int], window: int, rows: Ints) -> Floats:
    """What a linear model sees at some steps: of its own series only, zeros before that starts.

    Args:
        shown: (steps, features), all series one after the other.
        offsets: (series + 1,) where each starts.
        lagged: columns of which the last `window` steps are seen; of the others, the step itself.
        window: steps.
        rows: (rows,) the steps wanted.

    Returns:
        (rows, lagged * window + others), the oldest step first.
    """
    past_size, others = len(lagged) * window, [c for c in range(shown.shape[1]) if c not in lagged]
    x = np.empty((len(rows), past_size + len(others)))
    first = max(int(rows.min(initial=len(shown) - 1)) - window + 1, 0)
    last = int(rows.max(initial=first))
    padded = np.concatenate([np.zeros((window - 1, len(lagged))), shown[first : last + 1, lagged]])
    past = np.lib.stride_tricks.sliding_window_view(padded, window, axis=0)
    steps = rows - offsets[np.searchsorted(offsets, rows, side="right") - 1]
    for part in blocks(len(rows), x.shape[1]):  # what is picked from a view is a copy
        x[part, :past_size] = past[rows[part] - first].reshape(len(x[part]), -1)
    early = np.flatnonzero(steps < window - 1)  # their windows reach into the series before
    before = np.arange(window) < (window - 1 - steps[early])[:, None]
    x[early, :past_size] = np.where(np.tile(before, len(lagged)), 0.0, x[early, :past_size])
    x[:, past_size:] = shown[rows][:, others]
    return x


def blocks(rows: int, features: int) -> Iterator[slice]:
    """So many rows of a design matrix in parts of about `BLOCK` numbers."""
    size = max(BLOCK // max(features, 1), 1)
    return (slice(start, min(start + size, rows)) for start in range(0, rows, size))


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
