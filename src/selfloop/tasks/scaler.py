"""Centred and scaled channels, whatever unit they come in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from selfloop.data.sequences import Floats

ROUNDING = 1e-12  # of the size of numbers: those that differ by less were the same before they were rounded


@dataclass(frozen=True)
class Scaler:
    """Mean and standard deviation of each channel over the training part; 0 for one that never changed there."""

    mean: Floats  # (channels,)
    deviation: Floats  # (channels,)

    @classmethod
    def fit(cls, values: Floats, sizes: Floats | None = None) -> Scaler:
        """Measure (examples, channels).

        Args:
            values: of the training part.
            sizes: (channels,) of the numbers that they were made of, which rounding is relative to; their own if None.
        """
        sizes = np.abs(values).max(0) if sizes is None else sizes
        return cls(values.mean(0), without_rounding(values.std(0), sizes))

    def scale(self, values: Floats) -> Floats:
        """(examples, channels), centred and scaled; zeros for a channel without a scale."""
        return over(values - self.mean, self.deviation)


def without_rounding(scale: Floats, sizes: Floats | float) -> Floats:
    """Scales of numbers of some sizes, with 0 where there is nothing but rounding: no unit of ours decides."""
    return np.where(scale > ROUNDING * sizes, scale, 0.0)


def over(values: Floats, scale: Floats) -> Floats:
    """Values by their scales; zeros where there is none: what was never seen to change says nothing."""
    return np.divide(values, scale, out=np.where(np.isnan(values), np.nan, 0.0), where=scale > 0)
