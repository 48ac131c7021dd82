"""The one training loop: for every cell, every baseline network and every task."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from selfloop.errors import StudyError
from selfloop.results.study import Curve
from selfloop.train.adamw import AdamW

CLIP = 1.0  # gradient norm above which a step is shortened
AVERAGE = 0.98  # of the running average of weights: about the last fifty updates


@dataclass(frozen=True)
class Schedule:
    """How long and how fast; the same for all candidates but for the learning rate, which validation chooses."""

    limit: int  # passes over the training part at most: patience should end a training, not this
    patience: int  # epochs without a better validation loss before stopping
    learning_rate: float
    decay: bool = False  # whether the rate falls to nothing over the passes there are, as a cosine does


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

    def fitted(self) -> float:
        """The mean loss over what is learnt from, always in the same order; leaves no trace on the next epoch."""
        ...


@dataclass(frozen=True)
class TrainingRun:
    """What a training run came to. The network holds its best weights, unless it diverged."""

    curve: Curve
    valid: float  # validation loss of the kept weights; infinite when diverged
    updates: int
    seconds: float  # of processor time
    capped: bool = False  # whether the limit ended it, not patience

    @property
    def diverged(self) -> bool:
        """Whether a loss was not finite."""
        return not math.isfinite(self.valid)


def train(problem: Problem, schedule: Schedule, seed: int) -> TrainingRun:
    """Train with AdamW, clipped gradients, averaged weights and early stopping; keep the weights that validated best.

    The untrained network counts as epoch 0: one that only gets worse by training keeps its start.

    Args:
        problem: the network and its losses.
        schedule: limit, patience, learning rate.
        seed: of the order of batches; the network's start is the caller's.
    """
    start, rng = time.process_time(), np.random.default_rng(seed)
    learner = Learner(problem, schedule.learning_rate, schedule.limit if schedule.decay else None)
    valid, losses = [problem.validate()], [math.nan]
    best, kept = 0, copy.deepcopy(problem.network.state_dict())
    while len(valid) <= schedule.limit and len(valid) - 1 - best < schedule.patience and math.isfinite(valid[-1]):
        losses.append(learner.epoch(rng))
        with learner.averaged():
            valid.append(problem.validate() if math.isfinite(losses[-1]) else math.inf)
            if valid[-1] < valid[best]:
                best, kept = len(valid) - 1, copy.deepcopy(problem.network.state_dict())
    diverged = not math.isfinite(valid[-1])
    capped = not diverged and len(valid) - 1 - best < schedule.patience
    problem.network.load_state_dict(kept)
    curve = Curve(tuple(map(_finite, losses)), tuple(map(_finite, valid)), best)
    seconds = time.process_time() - start
    return TrainingRun(curve, math.inf if diverged else valid[best], learner.updates, seconds, capped)


def train_exactly(problem: Problem, learning_rate: float, epochs: int, seed: int, *, decay: bool = False) -> bool:
    """Train with nothing held out: how the final model is made. The network ends no worse on its data than it started.

    Nothing says when to stop but the number of epochs, and the last of them may land on a bad moment. So of the last
    half of them the averaged weights with the lowest loss on the data are kept; and where even they are no better than
    the untrained network, that is.

    Args:
        problem: the network and its losses.
        learning_rate: as chosen.
        epochs: how many.
        seed: of the order.
        decay: whether the learning rate falls to nothing over them.

    Returns:
        Whether training helped; False: the network is as it started.
    """
    rng, learner = np.random.default_rng(seed), Learner(problem, learning_rate, epochs if decay else None)
    best, kept = problem.fitted(), copy.deepcopy(problem.network.state_dict())
    helped = False
    for epoch in range(1, epochs + 1):
        loss = learner.epoch(rng)
        if not math.isfinite(loss):
            raise StudyError(
                f"training on all data diverged in epoch {epoch} of {epochs} at learning rate {learning_rate:g}; "
                "smaller --learning-rates would do."
            )
        if 2 * epoch > epochs:
            with learner.averaged():
                loss = problem.fitted()
                if loss < best:
                    best, kept, helped = loss, copy.deepcopy(problem.network.state_dict()), True
    problem.network.load_state_dict(kept)
    return helped


def train_until(problem: Problem, learning_rate: float, updates: int, seed: int, enough: Callable[[], bool]) -> int:
    """Train epoch by epoch until it is enough, or so many updates were taken; keep the averaged weights.

    Args:
        problem: the network and its losses.
        learning_rate: of every update.
        updates: at most; the epoch that reaches them is the last.
        seed: of the order of batches.
        enough: asked before each epoch, of the averaged weights.

    Returns:
        The updates that were taken.
    """
    rng, learner = np.random.default_rng(seed), Learner(problem, learning_rate)
    done = enough()
    while not done and learner.updates < updates:
        learner.epoch(rng)
        with learner.averaged():
            done = enough()
    learner.adopt()
    return learner.updates


class Learner:
    """A network, its optimiser, and the running average of its weights (Polyak & Juditsky 1992).

    The average is what is validated and kept: it forecasts better than the weights of any one update, and a model
    that is refitted with nothing held out does not depend on where its last update happened to land.
    """

    def __init__(self, problem: Problem, learning_rate: float, over: int | None = None) -> None:
        self.updates = 0
        self._problem, self._rate, self._over, self._epochs = problem, learning_rate, over, 0
        problem.network.eval()  # but for an epoch's length, in which something may be left out at random
        self._weights: list[torch.Tensor] = list(problem.network.parameters())
        self._average = [w.detach().clone() for w in self._weights]
        self._optimiser = AdamW(self._weights, learning_rate)

    def epoch(self, rng: np.random.Generator) -> float:
        """All updates of one pass. Returns the mean loss, or NaN as soon as one is not finite."""
        total, count = 0.0, 0
        self._problem.network.train()
        self._pace()
        for loss in self._problem.losses(rng):
            value = float(loss.detach())
            if not math.isfinite(value):
                return math.nan
            for weight in self._weights:
                weight.grad = None
            loss.backward()
            nn.utils.clip_grad_norm_(self._weights, CLIP)
            self._optimiser.step()
            self._follow()
            total, count = total + value, count + 1
        self._problem.network.eval()
        return total / max(count, 1)

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """The network with its averaged weights, for the length of the block."""
        self._swap()
        yield
        self._swap()

    def adopt(self) -> None:
        """Leave the averaged weights in the network."""
        with self.averaged():
            kept = copy.deepcopy(self._problem.network.state_dict())
        self._problem.network.load_state_dict(kept)

    def _pace(self) -> None:
        """The learning rate of an epoch: half a cosine over all of them (Loshchilov & Hutter 2017), if they are known.

        Each has the rate of its middle, so that the last one still learns.
        """
        if self._over is not None:
            past = (min(self._epochs, self._over - 1) + 0.5) / self._over
            self._optimiser.learning_rate = self._rate * (1 + math.cos(math.pi * past)) / 2
        self._epochs += 1

    @torch.no_grad()
    def _follow(self) -> None:
        # A short average at first, or the start would weigh on it for long.
        self.updates += 1
        share = 1 - min(AVERAGE, (1 + self.updates) / (10 + self.updates))
        torch._foreach_lerp_(self._average, self._weights, share)

    @torch.no_grad()
    def _swap(self) -> None:
        for weight, average in zip(self._weights, self._average, strict=True):
            weight.data, average.data = average.data, weight.data


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
