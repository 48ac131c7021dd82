"""Long series as rows side by side: each row is a stretch, walked in chunks with the state carried over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from selfloop.data.sequences import Ints
from selfloop.train.encoder import State


@dataclass(frozen=True)
class Rows:
    """Stretches of series: row r is steps start[r], ..., stop[r] − 1 of a flat array."""

    start: Ints
    stop: Ints
    follows: Ints  # row that ends where this one starts, or −1 at the start of a series

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.start)


def stretch(starts: Ints, stops: Ints, rows: int, shortest: int, step: int = 1) -> Rows:
    """Cut series into about `rows` stretches.

    Args:
        starts: (series,) the flat step that each begins at.
        stops: (series,) the flat step that each ends before.
        rows: stretches over all series, where that leaves them long enough.
        shortest: steps that every row has but the last of a series.
        step: a row that another follows is a multiple of so many steps long: walked in chunks of that size it ends
            where a chunk ends, and what is handed on is its state and not that of a row still being read.
    """
    length = max(shortest, -(-int((stops - starts).sum()) // rows))
    length = -(-length // step) * step
    first: list[int] = []
    last: list[int] = []
    follows: list[int] = []
    for a, b in zip(starts, stops, strict=True):
        parts = max(-(-int(b - a) // length), 1)
        edges = [*(int(a) + length * np.arange(parts)).tolist(), int(b)]
        follows += [-1] + [len(first) + k for k in range(parts - 1)]
        first += edges[:-1]
        last += edges[1:]
    return Rows(np.array(first), np.array(last), np.array(follows))


def batches(rows: Rows, size: int) -> list[Ints]:
    """Rows of like length together, at most `size` a batch."""
    order = np.argsort(rows.stop - rows.start, kind="stable")
    return [order[k : k + size] for k in range(0, len(order), size)]


def chunks(rows: Rows, batch: Ints, steps: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Walk a batch: for each chunk of time, (T, B) flat indices and (T, B) whether the step is within its row."""
    start, stop = torch.from_numpy(rows.start[batch]), torch.from_numpy(rows.stop[batch])
    longest = int((stop - start).max())
    for t in range(0, longest, steps):
        index = start + torch.arange(t, min(t + steps, longest))[:, None]
        yield torch.minimum(index, stop - 1), index < stop


class Carry:
    """The state at the end of each row, kept from one epoch to the next: a row starts where its forerunner ended.

    In the first epoch every row starts from zeros; from then on from a state that is one epoch old.
    """

    def __init__(self, rows: Rows) -> None:
        self._follows, self._lengths = rows.follows, rows.stop - rows.start
        self._followed = set(rows.follows.tolist()) - {-1}
        self._ends: dict[int, State] = {}

    def start(self, batch: Ints) -> State | None:
        """The batch's initial state, or None for zeros."""
        before = [int(self._follows[r]) for r in batch]
        known = next((self._ends[b] for b in before if b in self._ends), None)
        if known is None:
            return None
        zeros = [tuple(torch.zeros_like(s) for s in h) for h in known]
        ends = [self._ends.get(b, zeros) for b in before]
        return [
            tuple(torch.cat(parts, dim=1) for parts in zip(*layer, strict=True)) for layer in zip(*ends, strict=True)
        ]

    def end(self, batch: Ints, steps: int, state: State) -> None:
        """Remember the state after so many `steps` of the rows that end there and that others follow."""
        for column, row in enumerate(batch):
            if int(row) in self._followed and self._lengths[row] == steps:
                self._ends[int(row)] = [tuple(s[:, column : column + 1].detach().clone() for s in h) for h in state]


def detached(state: State) -> State:
    """The state without its history: where a truncated gradient stops."""
    return [tuple(s.detach() for s in h) for h in state]
