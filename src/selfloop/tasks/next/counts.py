"""Counts of n-grams, sorted, so that millions of symbols are counted and looked up by NumPy alone.

A context is known by its number: that of its last symbols, then one symbol further back, and so on. So is a gram: the
number of its context, then what followed. No key is larger than steps times symbols, however long the context.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from selfloop.data.sequences import Floats, Ints


@dataclass(frozen=True, eq=False)
class Level:
    """Grams of one order: so many symbols before, and what followed them.

    Attributes:
        contexts: sorted keys of the contexts, each one symbol and the number of the shorter context; their places here
            are their numbers.
        grams: sorted keys, each a context's number and what followed it.
        counts: of each gram, above 0.
        discount: what is taken off each count.
        start: (contexts + 1,) where the grams of each context begin.
        total: (contexts,) sum of their counts.
    """

    contexts: Ints
    grams: Ints
    counts: Floats
    discount: float
    start: Ints
    total: Floats

    @classmethod
    def of(cls, contexts: Ints, grams: Ints, counts: Floats, size: int) -> Level:
        """With what follows from the counts.

        Args:
            contexts: sorted keys.
            grams: sorted keys.
            counts: of each gram.
            size: number of symbols.
        """
        start = np.searchsorted(grams, np.arange(len(contexts) + 1) * size)
        running = np.concatenate([[0.0], np.cumsum(counts)])
        return cls(contexts, grams, counts, discount_of(counts), start, running[start[1:]] - running[start[:-1]])

    @property
    def spread(self) -> Floats:
        """(contexts,) the share of each that the discounts free for the order below; 1 where nothing was counted."""
        kinds = np.diff(self.start)
        return np.divide(self.discount * kinds, self.total, out=np.ones(len(self.total)), where=self.total > 0)


def discount_of(counts: Floats) -> float:
    """The absolute discount n₁ / (n₁ + 2 n₂) of Ney, Essen & Kneser 1994; a half where nothing was counted once."""
    once, twice = float((counts == 1).sum()), float((counts == 2).sum())
    return once / (once + 2 * twice) if once and twice else 0.5


def padded(codes: Ints, offsets: Ints, size: int, most: int) -> tuple[Ints, Ints]:
    """Sequences one after the other, each behind symbols of its start; and where each step is there.

    Args:
        codes: (steps,) symbols.
        offsets: (sequences + 1,) where each begins.
        size: number of symbols, and what stands for a start.
        most: symbols that stand before each sequence.
    """
    shift = most * (np.repeat(np.arange(len(offsets) - 1), np.diff(offsets)) + 1)
    places = np.arange(len(codes)) + shift
    flat = np.full(len(codes) + most * (len(offsets) - 1), size, dtype=np.int64)
    flat[places] = codes
    return flat, places


def levels_of(flat: Ints, ends: Ints, size: int, most: int) -> tuple[list[Level], list[Level]]:
    """Grams of each order from 1 on: as often as they came, and in how many ways they were continued to the left.

    Args:
        flat: symbols, as `padded` gives them.
        ends: where what followed stands in it: only that is counted.
        size: number of symbols; `size` itself is the start of a sequence.
        most: the largest order.
    """
    raw, followed = [], flat[ends]
    contexts, numbers = np.zeros(1, dtype=np.int64), np.zeros(len(ends), dtype=np.int64)
    parents: list[Ints] = [contexts]  # of each context the number of the one that is a symbol shorter
    for order in range(1, most + 1):
        if order > 1:
            keys = flat[ends - order + 1] * len(contexts) + numbers
            parents.append(np.zeros(0, dtype=np.int64))
            shorter = len(contexts)
            contexts, numbers = np.unique(keys, return_inverse=True)
            parents[-1] = contexts % shorter
        grams, counts = np.unique(numbers * size + followed, return_counts=True)
        raw.append(Level.of(contexts, grams, counts.astype(np.float64), size))
    ways = []
    for below, above, parent in zip(raw[:-1], raw[1:], parents[1:], strict=True):
        backed = parent[above.grams // size] * size + above.grams % size
        grams, counts = np.unique(backed, return_counts=True)
        ways.append(Level.of(below.contexts, grams, counts.astype(np.float64), size))
    return raw, ways


def numbers_at(levels: Sequence[Level], flat: Ints, ends: Ints) -> list[Ints]:
    """For each level the number of the context before each end; −1 where it was never met."""
    found = [np.zeros(len(ends), dtype=np.int64)]
    for back, (below, level) in enumerate(pairwise(levels), start=1):
        keys = flat[ends - back] * len(below.contexts) + found[-1]
        place = np.minimum(np.searchsorted(level.contexts, keys), len(level.contexts) - 1)
        known = (found[-1] >= 0) & (level.contexts[place] == keys)
        found.append(np.where(known, place, -1))
    return found
