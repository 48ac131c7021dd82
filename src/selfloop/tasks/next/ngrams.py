"""Interpolated Kneser-Ney: what follows the last symbols, by counts, backed by ever shorter contexts.

Kneser & Ney 1995, interpolated as in Chen & Goodman 1999: the longest context is counted as often as it came, shorter
ones in how many ways they were continued to the left; each gives up a discount of every count to the order below, and
the lowest to all symbols alike, what is unknown among them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from selfloop.data.sequences import Floats, Ints
from selfloop.tasks.next.counts import Level, levels_of, numbers_at, padded


@dataclass(frozen=True, eq=False)
class NGrams:
    """Probabilities of the next of `size` symbols.

    Attributes:
        levels: from order 1 on; the last is the model's order.
        size: number of symbols; contexts may also hold `size`, which stands for the start of a sequence.
    """

    levels: tuple[Level, ...]
    size: int

    @property
    def order(self) -> int:
        """Symbols in a gram, what follows included."""
        return len(self.levels)

    @property
    def parameters(self) -> int:
        """Counts that are kept."""
        return sum(len(level.counts) for level in self.levels)

    @property
    def operations(self) -> int:
        """Multiply-adds for one new step: a discounted count and a share of the order below, for each symbol."""
        return self.order * self.size

    def probabilities(self, flat: Ints, ends: Ints) -> Floats:
        """(ends, size) of each symbol at `ends`, given the order − 1 or more of `flat` before."""
        found = np.full((len(ends), self.size), 1.0 / self.size)
        for level, numbers in zip(self.levels, numbers_at(self.levels, flat, ends), strict=True):
            rows = np.flatnonzero(numbers >= 0)
            context = numbers[rows]
            found[rows] *= level.spread[context][:, None]
            begin, kinds = level.start[context], level.start[context + 1] - level.start[context]
            place = np.repeat(begin - np.cumsum(kinds) + kinds, kinds) + np.arange(kinds.sum())
            row, total = np.repeat(rows, kinds), np.repeat(level.total[context], kinds)
            found[row, level.grams[place] % self.size] += (level.counts[place] - level.discount) / total
        return found

    def of_truth(self, flat: Ints, ends: Ints) -> Floats:
        """(ends,) the probability of what stands there: the same without those of all other symbols."""
        found = np.full(len(ends), 1.0 / self.size)
        for level, numbers in zip(self.levels, numbers_at(self.levels, flat, ends), strict=True):
            met = numbers >= 0
            context = np.where(met, numbers, 0)
            keys = context * self.size + flat[ends]
            place = np.minimum(np.searchsorted(level.grams, keys), len(level.grams) - 1)
            counted = level.grams[place] == keys
            own = np.where(counted, level.counts[place] - level.discount, 0.0) / np.maximum(level.total[context], 1.0)
            found = np.where(met, own + level.spread[context] * found, found)
        return found

    def step(self) -> Callable[[], object]:
        """One new step."""
        flat, ends = np.full(self.order, self.size, dtype=np.int64), np.array([self.order - 1])
        return lambda: self.probabilities(flat, ends)


def fitted(codes: Ints, offsets: Ints, size: int, most: int) -> tuple[NGrams, ...]:
    """Models of the orders 1 to `most`, of everything that follows something in its sequence.

    Args:
        codes: (steps,) symbols, 0 to size − 1.
        offsets: (sequences + 1,) where each begins.
        size: number of symbols.
        most: the largest order.
    """
    flat, places = padded(codes, offsets, size, most - 1)
    raw, ways = levels_of(flat, places[followers(offsets)], size, most)
    return tuple(NGrams((*ways[: order - 1], raw[order - 1]), size) for order in range(1, most + 1))


def followers(offsets: Ints) -> Ints:
    """Steps that follow another one of their sequence."""
    rest = np.ones(int(offsets[-1]), dtype=bool)
    rest[offsets[:-1][np.diff(offsets) > 0]] = False
    return np.flatnonzero(rest)


def chosen(models: Sequence[NGrams], codes: Ints, offsets: Ints, wanted: Ints) -> int:
    """The place among the models of the one under which `wanted` steps of some sequences are likeliest.

    Args:
        models: of rising orders.
        codes: (steps,) symbols.
        offsets: (sequences + 1,) where each begins.
        wanted: steps.
    """
    flat, places = padded(codes, offsets, models[0].size, models[-1].order - 1)
    losses = [-np.log(model.of_truth(flat, places[wanted])).mean() for model in models]
    return int(np.argmin(losses))
