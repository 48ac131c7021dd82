"""Where answers are asked for: at some steps of each series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from selfloop.data.sequences import Ints, Sequences

LONGEST = 500  # steps that are read at once from both ends: what training holds in memory is bounded by it


def pieces(offsets: Ints) -> Ints:
    """Where the pieces of all sequences begin, and where the last one ends: as few alike pieces of each as need be.

    Args:
        offsets: (sequences + 1,) where each begins; a sequence of no steps is a piece of none.
    """
    found = [0]
    for first, stop in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        parts = max(-(-(stop - first) // LONGEST), 1)
        found += [first + (stop - first) * (k + 1) // parts for k in range(parts)]
    return np.array(found, dtype=np.int64)


@dataclass(frozen=True)
class Block:
    """Forecast origins of each series: steps first, first + 1, ..., stop − 1 are each the last known step once."""

    first: Ints  # (series,)
    stop: Ints  # (series,)

    def __len__(self) -> int:
        """Origins over all series."""
        return int((self.stop - self.first).sum())

    def steps(self) -> list[Ints]:
        """Per series, the origins as steps of that series."""
        return [np.arange(a, b) for a, b in zip(self.first, self.stop, strict=True)]

    def flat(self, data: Sequences) -> Ints:
        """(origins,) as rows of `data.values`."""
        return np.concatenate([data.offsets[k] + s for k, s in enumerate(self.steps())])

    def series(self) -> Ints:
        """(origins,) the series that each belongs to."""
        return np.repeat(np.arange(len(self.first)), self.stop - self.first)
