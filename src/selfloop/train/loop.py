"""The one training loop: for every cell, every baseline network and every task."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from selfloop.results import Curve

CLIP = 1.0  # gradient norm above which a step is shortened
WEIGHT_DECAY = 1e-4


@dataclass(frozen=True)
class Schedule:
    """How long and how fast; the same for all candidates but for the learning rate, which validation chooses."""

    epochs: int  # passes over the training part at most
    patience: int  # epochs without a better validation loss before stopping
    learning_rate: float


class Problem(Protocol):
    """What is learnt: a network, its losses batch by batch, and its loss on the validation part."""

    @property
    def network(self) -> nn.Module:
        """What learns."""
        ...

    def losses(self, rng: np.random.Generator) -> Iterator[Tensor]:
        """One epoch: a scalar loss for each update, each computed when asked for."""
        ...

    def validate(self) -> float:
        """The loss that early stopping looks at: lower is better."""
        ...


@dataclass(frozen=True)
class Run:
    """What a training run came to. The network holds its best weights, unless it diverged."""

    curve: Curve
    valid: float  # validation loss of the kept weights; infinite when diverged
    updates: int
    seconds: float

    @property
    def diverged(self) -> bool:
        """Whether a loss was not finite."""
        return not math.isfinite(self.valid)


def train(problem: Problem, schedule: Schedule, seed: int) -> Run:
    """Train with AdamW, clipped gradients and early stopping; keep the weights that validated best.

    The untrained network counts as epoch 0: one that only gets worse by training keeps its start.

    Args:
        problem: the network and its losses.
        schedule: epochs, patience, learning rate.
        seed: of the order of batches; the network's start is the caller's.
    """
    start, rng = time.perf_counter(), np.random.default_rng(seed)
    optimiser = _optimiser(problem.network, schedule.learning_rate)
    valid = [problem.validate()]
    losses: list[float] = [math.nan]
    best, kept, updates = 0, copy.deepcopy(problem.network.state_dict()), 0
    while len(valid) <= schedule.epochs and len(valid) - 1 - best < schedule.patience and math.isfinite(valid[-1]):
        loss, count = one_epoch(problem, optimiser, rng)
        updates += count
        losses.append(loss)
        valid.append(problem.validate() if math.isfinite(loss) else math.inf)
        if valid[-1] < valid[best]:
            best, kept = len(valid) - 1, copy.deepcopy(problem.network.state_dict())
    diverged = not math.isfinite(valid[-1])
    problem.network.load_state_dict(kept)
    curve = Curve(tuple(map(_finite, losses)), tuple(map(_finite, valid)), best)
    return Run(curve, math.inf if diverged else valid[best], updates, time.perf_counter() - start)


def train_exactly(problem: Problem, learning_rate: float, epochs: int, seed: int) -> None:
    """Train for a given number of epochs with nothing held out: how the final model is made."""
    rng, optimiser = np.random.default_rng(seed), _optimiser(problem.network, learning_rate)
    for _ in range(epochs):
        one_epoch(problem, optimiser, rng)


def one_epoch(problem: Problem, optimiser: torch.optim.Optimizer, rng: np.random.Generator) -> tuple[float, int]:
    """All updates of one pass. Returns the mean loss, NaN as soon as one was not finite, and their number."""
    parameters = list(problem.network.parameters())
    total, count = 0.0, 0
    for loss in problem.losses(rng):
        value = float(loss.detach())
        if not math.isfinite(value):
            return math.nan, count
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(parameters, CLIP)
        optimiser.step()
        total, count = total + value, count + 1
    return total / max(count, 1), count


def _optimiser(network: nn.Module, learning_rate: float) -> torch.optim.Optimizer:
    # The fused form costs a fifth of the plain one on a network of a few small tensors.
    return torch.optim.AdamW(network.parameters(), lr=learning_rate, weight_decay=WEIGHT_DECAY, fused=True)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
