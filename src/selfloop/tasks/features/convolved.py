"""Shares of random convolutions above their biases, as features."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.tasks.cases import read_scaler, scaler_arrays
from selfloop.tasks.features.convolutions import KERNELS, Convolutions, dilations
from selfloop.tasks.features.features import SEED
from selfloop.tasks.features.ridges import LARGEST
from selfloop.tasks.model import Arrays, Fields, Size, floats, read_fields
from selfloop.tasks.scaler import Scaler

MANY, FEW = 119, 24  # biases a kernel: 9,996 features as in the paper, or 2,016
STEPS = 1 << 22  # of all training cases together, up to which there are many biases


@dataclass(frozen=True)
class Convolved:
    """Scaled sequences, convolved.

    Attributes:
        scaler: mean and deviation of each channel: zeros around a sequence are its mean.
        convolutions: from scaled sequences to shares.
    """

    scaler: Scaler
    convolutions: Convolutions

    standardised: ClassVar[bool] = True

    @property
    def size(self) -> int:
        """One a bias."""
        return len(self.convolutions.biases)

    @property
    def parameters(self) -> int:
        """Biases; kernels are fixed."""
        return self.size

    @property
    def operations(self) -> int:
        """A whole sequence is convolved anew."""
        return self.convolutions.operations

    def rows(self, data: Sequences, cases: Ints) -> Floats:
        """(cases, size)."""
        return self.convolutions.features(_scaled(self.scaler, data, cases))

    def step(self) -> Callable[[], Floats]:
        """All convolutions of one sequence."""
        zeros = np.zeros((self.convolutions.length, len(self.scaler.mean)))
        return lambda: self.convolutions.features([zeros])

    def fields(self) -> Fields:
        """Length of the sequences."""
        return {"length": self.convolutions.length}

    def arrays(self) -> Arrays:
        """Scaling, channels and biases."""
        channels = self.convolutions.channels.astype(np.float64)
        return {**scaler_arrays(self.scaler), "channels": channels, "biases": self.convolutions.biases}

    def settings(self) -> dict[str, int]:
        """How many."""
        return {"features": self.size}


@dataclass(frozen=True)
class ConvolvedFields:
    """What the description of `Convolved` has."""

    length: Size


class ConvolvedKind:
    """Makes `Convolved`."""

    def fit(self, data: Sequences, cases: Ints) -> Convolved:
        """Draw channels and biases; of many cases, or long ones, there are fewer."""
        scaler = Scaler.fit(data.take(cases).values)
        scaled = _scaled(scaler, data, cases)
        few = len(cases) > LARGEST or sum(map(len, scaled)) > STEPS
        return Convolved(scaler, Convolutions.fit(scaled, FEW if few else MANY, np.random.default_rng(SEED)))

    def read(self, fields: Fields, arrays: Arrays, channels: int) -> Convolved:
        """Scaling, channels and biases."""
        length, size = read_fields(fields, ConvolvedFields).length, arrays["biases"].size
        if size == 0 or size % KERNELS:
            raise ValueError(f"{size} biases of {KERNELS} kernels")
        biases, spread = floats(arrays, "biases", size), dilations(length, size // KERNELS)[0]
        chosen = floats(arrays, "channels", len(spread), KERNELS, channels)
        if not (np.isin(chosen, (0, 1)).all() and chosen.any(2).all()):
            raise ValueError("channels of a kernel are none, or neither 0 nor 1")
        return Convolved(read_scaler(arrays, channels), Convolutions(length, chosen.astype(bool), biases))


def _scaled(scaler: Scaler, data: Sequences, cases: Ints) -> list[Floats]:
    return [scaler.scale(data[int(k)]) for k in cases]


CONVOLVED = ConvolvedKind()
