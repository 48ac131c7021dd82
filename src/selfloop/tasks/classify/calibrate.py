"""From scores to probabilities: one number, measured on cases that the scores were not learnt from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from selfloop.data.sequences import Floats, Ints

REACH = 14.0  # slopes tried lie within a factor of exp(14), a million, of one over the scores' spread


@dataclass(frozen=True)
class Slope:
    """Probabilities are softmax(slope * scores): which class is first never changes, how sure it is does.

    Attributes:
        slope: above 0.
        loss: mean cross-entropy where it was measured, against the smoothed truth.
    """

    slope: float
    loss: float

    @classmethod
    def fit(
        cls,
        scores: Floats,  # (N, K)
        labels: Ints,  # (N,)
    ) -> Slope:
        """The slope with the least cross-entropy.

        The truth is smoothed as in Platt 1999, here as if one more case had been seen that was of every class in equal
        parts: a few cases that are all right do not make a model sure of everything.
        """
        cases, classes = scores.shape
        truth = (np.eye(classes)[labels] * cases + 1 / classes) / (cases + 1)
        spread = float(scores.std())
        unit = 1 / spread if spread > 0 else 1.0

        def loss(exponent: float) -> float:
            said = special.log_softmax(unit * np.exp(exponent) * scores, axis=1)
            return float(-(truth * said).sum(1).mean())

        found = optimize.minimize_scalar(loss, bounds=(-REACH, REACH), method="bounded", options={"xatol": 1e-6})
        return cls(unit * float(np.exp(found.x)), float(found.fun))


def probabilities(scores: Floats, slope: float) -> Floats:
    """(N, K) softmax of the sloped scores."""
    return np.asarray(special.softmax(slope * scores, axis=1))
