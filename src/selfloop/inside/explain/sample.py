"""From a model and data to cases: which losses are looked at, and the state that each window starts from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from selfloop.data.sequences import Ints, Sequences
from selfloop.inside.explain.cases import Cases
from selfloop.kinds import kind_of
from selfloop.models.predictor import Predictor
from selfloop.tasks.task import Task
from selfloop.train.encoder import RecurrentEncoder, State
from selfloop.train.model import NetworkModel
from selfloop.train.network import Network

MOST_CASES = 256


@dataclass(frozen=True, eq=False)
class Windows:
    """The last `window` steps up to some places of flat sequences, and what the encoder made of all before."""

    inputs: Tensor  # (W, B, I)
    lengths: Tensor  # (B,)
    starts: State
    earlier: Tensor  # (B, D)
    skipped: Tensor  # (B,)


def cases_of(predictor: Predictor, data: Sequences, window: int, seed: int = 0) -> Cases:
    """Up to 256 losses of a model on data, spread over all of them.

    Args:
        predictor: a network with what it needs to read data.
        data: with the columns that it learnt from.
        window: steps back that are looked at.
        seed: of what is drawn.

    Raises:
        DataError: the data are too short for one.
    """
    assert isinstance(predictor.model, NetworkModel), "checked when the model was read"
    predictor.check(data)
    return sampled(predictor.task, predictor.model, data, window, seed)


def sampled(task: Task, model: NetworkModel, data: Sequences, window: int, seed: int = 0) -> Cases:
    """The same of a network that no file holds.

    Args:
        task: what it answers.
        model: a recurrent network with its pipeline.
        data: as it reads them.
        window: steps back that are looked at.
        seed: of what is drawn.
    """
    network = model.network
    asked = task.questions(model, data, MOST_CASES, seed)
    if asked.at is not None:  # what is asked before the end must be within the window: it holds all that is read
        window = max(window, int((asked.stops - asked.firsts).max()))
    seen = windows(network, torch.from_numpy(asked.inputs.astype(np.float32)), asked.firsts, asked.stops, window)
    return Cases(
        network=network, output=model.output, inputs=seen.inputs, lengths=seen.lengths, starts=seen.starts,
        earlier=seen.earlier, skipped=seen.skipped, targets=tensor_of(asked.wanted), of=asked.of, each=asked.each,
        baseline=asked.baseline, truth=None if asked.truth is None else tensor_of(asked.truth),
        at=None if asked.at is None else seen.lengths - torch.from_numpy(asked.stops - asked.at),
    )  # fmt: skip


def tensor_of(wanted: np.ndarray) -> Tensor:
    """Classes as they are, values in float32."""
    return torch.from_numpy(wanted.astype(np.float32) if wanted.dtype.kind == "f" else np.asarray(wanted))


def windows(network: Network, inputs: Tensor, firsts: Ints, stops: Ints, window: int) -> Windows:
    """The steps max(first, stop − window) to stop − 1 of flat inputs, of each case.

    Args:
        network: its encoder makes the states that windows start from.
        inputs: (steps, I), all sequences one after the other.
        firsts: (B,) where the sequence of each begins.
        stops: (B,) where each ends.
        window: steps.
    """
    begins = np.maximum(firsts, stops - window)
    lengths = torch.from_numpy(stops - begins)
    index = torch.from_numpy(begins) + torch.arange(int(lengths.max()))[:, None]
    padded = inputs[torch.minimum(index, torch.from_numpy(stops) - 1)]
    starts, earlier = _pasts(network, inputs, firsts, begins)
    return Windows(padded, lengths, starts, earlier, torch.from_numpy(begins - firsts))


@torch.no_grad()
def _pasts(network: Network, inputs: Tensor, firsts: Ints, begins: Ints) -> tuple[State, Tensor]:
    """Each layer's state after steps first to begin − 1 of each case, and the sum of the features there.

    Each sequence is read once, from one begin to the next.
    """
    encoder = network.encoder
    assert isinstance(encoder, RecurrentEncoder), "checked when the model was read"
    found: list[State | None] = [None] * len(firsts)
    sums = torch.zeros(len(firsts), encoder.output_size)
    place, state, total = -1, None, torch.zeros(encoder.output_size)
    for k in np.lexsort((begins, firsts)).tolist():
        first, begin = int(firsts[k]), int(begins[k])
        if place < first or begin < place:
            place, state, total = first, None, torch.zeros(encoder.output_size)
        if begin > place:
            features, state = encoder(network.fed(inputs[place:begin, None]), state)
            total = total + features.sum(dim=(0, 1))
        place, found[k], sums[k] = begin, state, total
    return _joined(encoder, found), sums


def _joined(encoder: RecurrentEncoder, states: list[State | None]) -> State:
    """One state of a batch; zeros where there is none."""
    count, D = len(kind_of(encoder.kind).states), 2 if encoder.both else 1
    zeros = (torch.zeros(D, 1, encoder.hidden_size),) * count
    each = [state if state is not None else [zeros] * len(encoder.layers) for state in states]
    return [
        tuple(torch.cat([state[layer][k] for state in each], dim=1) for k in range(count))
        for layer in range(len(encoder.layers))
    ]
