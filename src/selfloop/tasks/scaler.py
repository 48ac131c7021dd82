"""Centred and scaled channels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from selfloop.data.sequences import Floats


@dataclass(frozen=True)
class Scaler:
    """Mean and standard deviation of each channel over the training part."""

    mean: Floats  # (channels,)
    deviation: Floats  # (channels,)

    @classmethod
    def fit(cls, values: Floats) -> Scaler:
        """Measure (examples, channels)."""
        deviation = values.std(0)
        return cls(values.mean(0), np.where(deviation > 1e-12, deviation, 1.0))

    def scale(self, values: Floats) -> Floats:
        """(examples, channels), centred and scaled."""
        return (values - self.mean) / self.deviation
