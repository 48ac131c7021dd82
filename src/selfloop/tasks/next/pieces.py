"""Long sequences in pieces that are read side by side, each behind the steps that came before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.tasks.model import Predicts
from selfloop.tasks.next.folds import AT_ONCE
from selfloop.tasks.places import Block

BEFORE = 1024  # steps that a piece's state is made of, or all there are
SHORTEST, LONGEST = 256, 4096  # answers of a piece
SIDE_BY_SIDE = 64  # pieces that are aimed at


@dataclass(frozen=True, eq=False)
class Answered:
    """Some answers of a model.

    Attributes:
        steps: (n,) flat steps of the data after which they were asked for.
        answers: (n, K).
    """

    steps: Ints
    answers: Floats


def answered(model: Predicts, data: Sequences, block: Block, size: int) -> Iterator[Answered]:
    """A model's answers at the places of a block, in their order, so many at a time as fit into memory.

    A sequence that is long is read in pieces, each from 1024 steps before its first answer on, with the state carried
    from there; a short one from its start.

    Args:
        model: answers.
        data: all sequences.
        block: the steps after which the next is asked for.
        size: numbers in an answer.
    """
    firsts, stops, own = _cut(data, block)
    counts = stops - firsts
    group = np.cumsum(counts * size) // AT_ONCE
    for k in range(int(group[-1]) + 1 if len(group) else 0):
        some = group == k
        if not some.any():
            continue
        starts = np.maximum(firsts[some] - BEFORE, own[some])
        places = Block(firsts[some] - starts, stops[some] - starts)
        part = spans(data, starts, stops[some])
        steps = np.concatenate([np.arange(a, b) for a, b in zip(firsts[some], stops[some], strict=True)])
        yield Answered(steps, model.predict(part, places))


def _cut(data: Sequences, block: Block) -> tuple[Ints, Ints, Ints]:
    """Flat steps at which each piece begins and before which it ends, and where its sequence begins."""
    length = int(np.clip(-(-len(block) // SIDE_BY_SIDE), SHORTEST, LONGEST))
    starts = data.offsets[:-1]
    edges = [
        (first, min(first + length, b), start)
        for start, a, b in zip(starts, starts + block.first, starts + block.stop, strict=True)
        for first in range(int(a), int(b), length)
    ]
    pieces = np.array(edges, dtype=np.int64).reshape(-1, 3)
    return pieces[:, 0], pieces[:, 1], pieces[:, 2]


def spans(data: Sequences, starts: Ints, stops: Ints) -> Sequences:
    """Sequences of their own: flat steps start to stop − 1 of each."""
    rows = np.concatenate([np.arange(a, b) for a, b in zip(starts, stops, strict=True)])
    return replace(
        data,
        values=data.values[rows],
        offsets=np.concatenate([[0], np.cumsum(stops - starts)]).astype(np.int64),
        ids=tuple(f"{k}" for k in range(len(starts))),
        labels=None,
        tags=None,
        outcomes=None,
        outcome_names=(),
        time=None if data.time is None else data.time[rows],
        groups=None,
        named=False,
        came=None,
    )
