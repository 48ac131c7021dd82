"""Ridge regressions of one or several numbers, a penalty each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from selfloop.data.sequences import Floats

PENALTIES = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)  # times the mean eigenvalue
LARGEST = 2048  # cases or features, whichever are fewer: what one eigendecomposition, of seconds, is for


@dataclass(frozen=True)
class LinearScores:
    """score = weight · features + bias."""

    weight: Floats  # (K, features)
    bias: Floats  # (K,)
    penalty: float

    def of(self, x: Floats) -> Floats:
        """(cases, K) of (cases, features)."""
        return np.asarray(x @ self.weight.T + self.bias)


def ridges(x: Floats, y: Floats, penalties: Sequence[float] = PENALTIES) -> list[LinearScores]:
    """A ridge regression for each penalty, by one eigendecomposition of the smaller of two products.

    Args:
        x: (cases, features), of comparable size; centred here.
        y: (cases, K), centred here.
        penalties: relative to the mean eigenvalue of the centred features' products.
    """
    mean_x, mean_y = x.mean(0), y.mean(0)
    centred, wanted = x - mean_x, y - mean_y
    dual = len(x) <= x.shape[1]
    values, vectors = linalg.eigh(centred @ centred.T if dual else centred.T @ centred)
    values = np.maximum(values, 0.0)
    unit = max(float(values.mean()), 1e-12)  # features that never change give weights of zero, not of rounding
    projected = vectors.T @ (wanted if dual else centred.T @ wanted)
    found = []
    for penalty in penalties:
        solved = vectors @ (projected / (values + penalty * unit)[:, None])
        # Contiguous as it comes back from a file: a product's bits depend on the layout of its factors.
        weight = np.ascontiguousarray((centred.T @ solved if dual else solved).T)
        found.append(LinearScores(weight, mean_y - weight @ mean_x, penalty))
    return found
