"""Reading data with a trained network: every step once, or whole sequences, never more of them at once than fits."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from selfloop.data.sequences import Floats, Ints
from selfloop.tasks.output import Output
from selfloop.tasks.places import Block, pieces
from selfloop.train.network import Network
from selfloop.train.truncated_bptt import Rows, chunks, stretch

READ_ROWS = 256  # rows that are read side by side
READ_STEPS = 4096  # steps of a row that are read at once, before the state is carried on
READ_AT_ONCE = 1 << 18  # steps of all rows side by side that are read at once: of 64 features, 64 MB


def read_steps(network: Network, inputs: Tensor, offsets: Ints, block: Block) -> Floats:
    """(places, K) scores at the steps of a block, each sequence read from its start with the state from zeros.

    Args:
        network: reads at every step.
        inputs: (steps, I), all sequences one after the other.
        offsets: (sequences + 1,) where each begins.
        block: the steps wanted.
    """
    starts = offsets[:-1]
    return _read(network, inputs, starts, starts + block.first, starts + block.stop)


def read_steps_near(network: Network, inputs: Tensor, offsets: Ints, block: Block, warm: int) -> Floats:
    """The same after a warm-up of `warm` steps, each sequence's places in a few stretches side by side.

    Args:
        network: reads at every step.
        inputs: (steps, I), all sequences one after the other.
        offsets: (sequences + 1,) where each begins.
        block: the steps wanted.
        warm: steps before them that let a state settle.
    """
    begins, count = offsets[:-1], len(offsets) - 1
    rows = stretch(begins + block.first, begins + block.stop, max(8, count), warm)
    own = offsets[np.searchsorted(offsets, rows.start, side="right") - 1]
    return _read(network, inputs, np.maximum(rows.start - warm, own), rows.start, rows.stop)


@torch.no_grad()
def _read(network: Network, inputs: Tensor, starts: Ints, firsts: Ints, stops: Ints) -> Floats:
    """Scores at flat steps firsts[k] to stops[k] − 1 of each row k, read from starts[k], row after row.

    A batch of rows is walked in chunks with the state carried over, so what a network keeps of each step is never held
    for all of them.
    """
    places = np.cumsum(stops - firsts) - (stops - firsts)
    outputs = np.empty((int((stops - firsts).sum()), network.head.out_features))
    order = np.argsort(stops - starts, kind="stable")
    for k in range(0, len(order), READ_ROWS):
        batch, state = order[k : k + READ_ROWS], None
        first = torch.from_numpy(firsts[batch])
        rows, place = Rows(starts[batch], stops[batch], batch), torch.from_numpy(places[batch])
        steps = min(READ_STEPS, max(READ_AT_ONCE // len(batch), 1))
        for index, inside in chunks(rows, np.arange(len(batch)), steps):
            scores, state = network(inputs[index], state)
            wanted = inside & (index >= first)
            outputs[(index - first + place)[wanted].numpy()] = scores[wanted].numpy()
    return outputs


class Batches:
    """Whole sequences, held flat; a batch is gathered from it, so that no padding is stored.

    Attributes:
        inputs: (steps, I).
        offsets: (sequences + 1,).
    """

    def __init__(self, inputs: Floats, offsets: Ints) -> None:
        self.inputs = torch.from_numpy(inputs.astype(np.float32))
        self.offsets = torch.from_numpy(offsets)

    def places(self, cases: Tensor, reach: int | None) -> tuple[Tensor, Tensor]:
        """(T, B) flat steps, the last one repeated at the end, and (B,) lengths; the last `reach` steps where given."""
        start, stop = self.offsets[cases], self.offsets[cases + 1]
        if reach is not None:
            start = torch.maximum(start, stop - reach)
        lengths = stop - start
        index = start + torch.arange(int(lengths.max()))[:, None]
        return torch.minimum(index, stop - 1), lengths

    def batch(self, cases: Tensor, reach: int | None) -> tuple[Tensor, Tensor]:
        """(T, B, I) inputs, padded at the end, and (B,) lengths; the last `reach` steps only where it is given."""
        index, lengths = self.places(cases, reach)
        return self.inputs[index], lengths


@torch.no_grad()
def read_cases(network: Network, batches: Batches, cases: Ints) -> Tensor:
    """(cases, K) scores of whole sequences, like lengths read together."""
    lengths = (batches.offsets[1:] - batches.offsets[:-1]).numpy()[cases]
    order = np.argsort(lengths, kind="stable")
    scores = torch.empty(0)
    for k in range(0, len(order), READ_ROWS):
        places = torch.from_numpy(order[k : k + READ_ROWS])
        x, valid = batches.batch(torch.from_numpy(cases)[places], network.encoder.reach)
        part, _ = network(x, None, valid)
        scores = part.new_empty(len(cases), part.shape[1]) if k == 0 else scores
        scores[places] = part
    return scores


@torch.no_grad()
def read_each_step(network: Network, batches: Batches, cases: Ints) -> Floats:
    """(steps, K) scores at all steps of whole sequences, one sequence after the other in the order of `cases`."""
    lengths = (batches.offsets[1:] - batches.offsets[:-1]).numpy()[cases]
    begins = torch.from_numpy(np.cumsum(lengths) - lengths)
    outputs = np.empty((int(lengths.sum()), network.head.out_features))
    for group in _alike(lengths):
        x, valid = batches.batch(torch.from_numpy(cases[group]), None)
        scores, _ = network(x, None, valid)
        t = torch.arange(len(x))[:, None]
        inside = t < valid
        outputs[(begins[group] + t)[inside].numpy()] = scores[inside].numpy()
    return outputs


def _alike(lengths: Ints) -> Iterator[Ints]:
    """Sequences of like length together, no more of them than may be read at once."""
    order = np.argsort(-lengths, kind="stable")
    first = 0
    while first < len(order):
        rows = min(READ_ROWS, max(READ_AT_ONCE // max(int(lengths[order[first]]), 1), 1))
        yield order[first : first + rows]
        first += rows


def read_pieces(network: Network, inputs: Floats, offsets: Ints, block: Block) -> Floats:
    """(places, K) scores at the steps of a block, by a network that reads each piece of a sequence from both ends.

    Args:
        network: answers at every step.
        inputs: (steps, I), all sequences one after the other.
        offsets: (sequences + 1,) where each begins.
        block: the steps wanted.
    """
    wanted = np.concatenate([a + steps for a, steps in zip(offsets, block.steps(), strict=False)])
    cut = pieces(offsets)
    of = np.searchsorted(cut, wanted, side="right") - 1
    cases = np.unique(of)
    scores = read_each_step(network, Batches(inputs, cut), cases)
    lengths = np.diff(cut)[cases]
    begins = np.cumsum(lengths) - lengths
    return np.asarray(scores[begins[np.searchsorted(cases, of)] + wanted - cut[of]])


def linked(output: Output, scores: Floats) -> Floats:
    """What scores say, in float64."""
    return output.link(torch.from_numpy(scores)).numpy().astype(np.float64)
