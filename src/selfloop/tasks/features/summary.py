"""Summaries: where and how a sequence is, not in which order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.tasks.cases import read_scaler, scaler_arrays
from selfloop.tasks.model import Arrays, Fields
from selfloop.tasks.scaler import Scaler


def summary(data: Sequences, cases: Ints) -> Floats:
    """(cases, 7 * channels + 1): a channel's mean, deviation, least, greatest, first, last, mean change; the length."""
    rows = []
    for k in cases:
        s = data[k]
        slope = (s[-1] - s[0]) / max(len(s) - 1, 1)
        rows.append(np.concatenate([s.mean(0), s.std(0), s.min(0), s.max(0), s[0], s[-1], slope, [len(s)]]))
    return np.array(rows)


def summary_features(channels: int) -> int:
    """Columns that `summary` makes of so many channels."""
    return 7 * channels + 1


def scaled_by(x: Floats) -> Scaler:
    """How to scale (cases, features) summaries, relative to the values that they were made of."""
    channels = x.shape[1] // 7
    largest = np.abs(x[:, 2 * channels : 4 * channels]).max(0).reshape(2, channels).max(0)
    return Scaler.fit(x, np.append(np.tile(largest, 7), x[:, -1].max()))


@dataclass(frozen=True)
class Summaries:
    """Scaled summaries."""

    scaler: Scaler
    parameters: int = 0

    standardised: ClassVar[bool] = False

    @property
    def size(self) -> int:
        """Seven a channel, and the length."""
        return len(self.scaler.mean)

    @property
    def operations(self) -> int:
        """Running sums."""
        return self.size

    def rows(self, data: Sequences, cases: Ints) -> Floats:
        """(cases, size)."""
        return self.scaler.scale(summary(data, cases))

    def step(self) -> Callable[[], Floats]:
        """Zeros: the sums are left out."""
        zeros = np.zeros((1, self.size))
        return lambda: zeros

    def fields(self) -> Fields:
        """None."""
        return {}

    def arrays(self) -> Arrays:
        """The scaling."""
        return scaler_arrays(self.scaler)

    def settings(self) -> dict[str, int]:
        """None."""
        return {}


class SummaryKind:
    """Makes `Summaries`."""

    def fit(self, data: Sequences, cases: Ints) -> Summaries:
        """Measure on the cases."""
        return Summaries(scaled_by(summary(data, cases)))

    def read(self, fields: Fields, arrays: Arrays, channels: int) -> Summaries:
        """The scaling."""
        return Summaries(read_scaler(arrays, summary_features(channels)))


SUMMARIES = SummaryKind()
