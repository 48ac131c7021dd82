"""Random convolutions in the manner of MiniRocket: Dempster, Schmidt, Webb 2021, arXiv 2012.08791, section 3.

A sequence is convolved with 84 fixed kernels of length nine, spread out by dilations; a feature is the share of a
convolution's values above a bias (PPV). Which channels a kernel adds up, and which training case a bias comes from, are
drawn; everything else is fixed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from selfloop.data.sequences import Floats, Ints

LENGTH = 9
TWOS = tuple(combinations(range(LENGTH), 3))
"""Where the weights of each kernel are 2; elsewhere they are −1, so that a kernel's weights add up to zero."""
KERNELS = len(TWOS)
MOST_DILATIONS = 32
GOLDEN = (1 + 5**0.5) / 2
MOST_CHANNELS = 9  # that one kernel adds up
BLOCK = 1 << 14  # values that are convolved at once: with what they are compared with they stay near the processor

Channels = NDArray[np.bool_]


def dilations(length: int, biases: int) -> tuple[Ints, Ints]:
    """The dilations of sequences of some length, and how many of a kernel's biases each has.

    Exponents of two are spread evenly up to where the spread kernel is as long as the sequence.
    """
    count = min(biases, MOST_DILATIONS)
    reach = np.log2(max((length - 1) / (LENGTH - 1), 1.0))
    exponents = np.linspace(0.0, reach, count)[np.arange(biases) * count // biases]
    whole = np.floor(2.0**exponents + 1e-9)  # what rounds to just below a whole number is that number
    return np.unique(whole.astype(np.int64), return_counts=True)


def drawn_channels(draw: np.random.Generator, rows: int, channels: int) -> Channels:
    """(rows, channels) which channels are added up: 2^u of them, u evenly up to log2 of their number, or of nine."""
    chosen = np.zeros((rows, channels), dtype=bool)
    reach = np.log2(min(channels, MOST_CHANNELS) + 1)
    for row in chosen:
        row[draw.choice(channels, int(2 ** draw.uniform(0, reach)), replace=False)] = True
    return chosen


@dataclass(frozen=True, eq=False)
class Convolutions:
    """What is convolved with what, and the biases.

    Attributes:
        length: of the sequences that the dilations are for.
        channels: (dilations, 84, channels) which channels are added up.
        biases: (84 * biases a kernel,): of the first dilation kernel by kernel, then of the second, and so on.
    """

    length: int
    channels: Channels
    biases: Floats

    @property
    def per_kernel(self) -> int:
        """Biases of a kernel, over all its dilations."""
        return len(self.biases) // KERNELS

    @property
    def plan(self) -> Iterator[tuple[int, int, slice]]:
        """For each dilation: its index, itself, and the features of it."""
        start = 0
        for index, (dilation, count) in enumerate(zip(*dilations(self.length, self.per_kernel), strict=True)):
            yield index, int(dilation), slice(start, start := start + KERNELS * int(count))

    @property
    def operations(self) -> int:
        """Multiply-adds of one sequence of `length` steps: nine a kernel, dilation, channel and step, and comparing."""
        taps = LENGTH * int(self.channels.sum())
        return self.length * (taps + len(self.biases))

    @classmethod
    def fit(cls, cases: list[Floats], per_kernel: int, draw: np.random.Generator) -> Convolutions:
        """Draw channels and biases.

        Args:
            cases: to learn from, each (steps, channels), of comparable scale.
            per_kernel: biases of each kernel.
            draw: chooses channels, and the case whose convolution a bias is a quantile of.
        """
        length = max(len(case) for case in cases)
        spread = dilations(length, per_kernel)[0]
        count = cases[0].shape[1]
        chosen = drawn_channels(draw, len(spread) * KERNELS, count).reshape(len(spread), KERNELS, count)
        found = cls(length, chosen, np.zeros(KERNELS * per_kernel))
        quantiles = (np.arange(1, len(found.biases) + 1) * GOLDEN) % 1
        for index, dilation, part in found.plan:
            of_kernel = np.arange(part.start, part.stop).reshape(KERNELS, -1)
            for kernel, features in enumerate(of_kernel):
                x = padded([cases[draw.integers(len(cases))]], dilation)
                values = x.added(chosen[index, kernel]).convolved(
                    kernel
                )  # of all steps: those that are pooled may be one
                found.biases[features] = np.quantile(values, quantiles[features])
        return found

    def features(self, cases: list[Floats]) -> Floats:
        """(cases, features) the share of each convolution above each bias.

        Args:
            cases: each (steps, channels).
        """
        found = np.empty((len(cases), len(self.biases)))
        longest = max((len(case) for case in cases), default=1)
        size = max(BLOCK // longest, 1)
        for first in range(0, len(cases), size):
            part = slice(first, first + size)
            for index, dilation, features in self.plan:
                x = padded(cases[part], dilation)
                found[part, features] = self._shares(x, index, self.biases[features].reshape(KERNELS, 1, -1, 1))
        return found

    def _shares(self, x: Padded, index: int, biases: Floats) -> Floats:
        """(cases, features) of one dilation."""
        outside = [~x.pooled(turn) for turn in (0, 1)]
        known: dict[bytes, Taps] = {}  # of one channel, all kernels add up the same
        above = []
        for kernel, each in enumerate(biases):
            channels = self.channels[index, kernel]
            taps = known.get(channels.tobytes()) or known.setdefault(channels.tobytes(), x.added(channels))
            values = taps.convolved(kernel)
            values[outside[(kernel + index) % 2]] = -np.inf
            above.append(np.count_nonzero(values[:, None, :] > each, axis=2))
        sizes = np.stack([x.steps - each.sum(1) for each in outside], axis=1)
        turns = (np.arange(KERNELS) + index) % 2
        return np.asarray(np.stack(above, axis=1) / sizes[:, turns, None]).reshape(len(x.lengths), -1)


@dataclass(frozen=True, eq=False)
class Taps:
    """What the nine places of a spread kernel meet at every step.

    Attributes:
        places: nine of (cases, steps).
        total: (cases, steps) their sum.
    """

    places: tuple[Floats, ...]
    total: Floats

    def convolved(self, kernel: int) -> Floats:
        """(cases, steps): −1 times all nine, and 3 more times those where the weight is 2."""
        a, b, c = (self.places[k] for k in TWOS[kernel])
        return np.asarray(3 * (a + b + c) - self.total)


@dataclass(frozen=True, eq=False)
class Padded:
    """Sequences with zeros around them, as far as a spread kernel reaches.

    Attributes:
        values: (cases, channels, reach + steps + reach), steps of the longest.
        lengths: (cases,) steps of each.
        dilation: of the kernels.
    """

    values: Floats
    lengths: Ints
    dilation: int

    @property
    def steps(self) -> int:
        """Of the longest."""
        return int(self.values.shape[2]) - (LENGTH - 1) * self.dilation

    def added(self, channels: Channels) -> Taps:
        """The sum of some channels, as each of a kernel's places meets it."""
        x = self.values[:, channels].sum(1)
        places = tuple(x[:, j * self.dilation : j * self.dilation + self.steps] for j in range(LENGTH))
        return Taps(places, np.asarray(sum(places)))

    def pooled(self, turn: int) -> NDArray[np.bool_]:
        """(cases, steps) which values count: in turn all steps, and those where the kernel reaches over no end.

        A sequence that is too short for any of these counts with all its steps.
        """
        reach = (LENGTH - 1) // 2 * self.dilation
        margin = np.where((self.lengths > 2 * reach) & (turn % 2 == 1), reach, 0)[:, None]
        place = np.arange(self.steps)
        return np.asarray((place >= margin) & (place < self.lengths[:, None] - margin))


def padded(cases: list[Floats], dilation: int) -> Padded:
    """Sequences side by side, each from the first step on.

    Args:
        cases: each (steps, channels).
        dilation: of the kernels; one as long as the longest sequence reaches over both its ends, and so does a longer.
    """
    lengths = np.array([len(case) for case in cases])
    longest = int(lengths.max())
    dilation = min(dilation, longest)
    reach = (LENGTH - 1) // 2 * dilation
    values = np.zeros((len(cases), cases[0].shape[1], longest + 2 * reach))
    for row, case in zip(values, cases, strict=True):
        row[:, reach : reach + len(case)] = case.T
    return Padded(values, lengths, dilation)
