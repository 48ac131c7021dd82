"""Learning from every step of long series: rows side by side, the state carried on, gradients cut off behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from selfloop.data.sequences import Floats, Ints
from selfloop.tasks.material import Material
from selfloop.tasks.output import Output
from selfloop.tasks.places import Block
from selfloop.train.known import Answers, valid_loss
from selfloop.train.network import Network
from selfloop.train.read import read_steps_near
from selfloop.train.truncated_bptt import Carry, Rows, batches, chunks, detached, stretch

ROWS, MOST_ROWS = 16, 64  # stretches of a long series that are trained side by side, and of a very long one
ROW = 1 << 14  # steps that a row has before there are more of them
BATCH = 32  # rows at once where there are many series
WARM = 4  # truncation lengths that validation lets a state settle


@dataclass(frozen=True, eq=False)
class Chunk:
    """Steps of a batch of rows that one update learns from, gathered once for all epochs."""

    inputs: Tensor  # (T, B, I)
    answers: Answers  # (T, B)
    asks: bool  # whether any answer is known


class CarriedProblem:
    """Training of a network that answers at every step: each step is an example."""

    def __init__(self, network: Network, output: Output, material: Material, truncation: int) -> None:
        self.network, self.output, self.material, self.truncation = network, output, material, truncation
        self.answers = Answers.of(material.wanted)
        self.inputs = torch.from_numpy(material.inputs.astype(np.float32))
        self.rows = training_rows(material.offsets, material.fit, truncation)
        self.batch = max(BATCH, side_by_side(int(material.fit.sum())))
        self.carry = Carry(self.rows)

    def losses(self, rng: np.random.Generator) -> Iterator[Tensor]:
        """One pass over the training part: the loss over every step and every known part of its answer."""
        for k in rng.permutation(len(self._walks)):
            batch, walk = self._walks[k]
            state, steps = self.carry.start(batch), 0
            for chunk in walk:
                scores, state = self.network(chunk.inputs, state)
                if chunk.asks:
                    yield chunk.answers.loss(self.output, scores)
                state, steps = detached(state), steps + len(chunk.inputs)
                self.carry.end(batch, steps, state)

    def validate(self) -> float:
        """The loss on the validation part, or what the task judges by: each stretch of it read after a warm-up."""
        scores = self._valid_scores()
        if not np.isfinite(scores).all():
            return float("inf")
        if self.material.judge is not None:
            return self.material.judge(scores)
        return valid_loss(self.output, scores, self.answers, self._valid_steps)

    @cached_property
    def _valid_steps(self) -> Ints:
        block: Block = self.material.valid
        return np.concatenate([a + steps for a, steps in zip(self.material.offsets, block.steps(), strict=False)])

    @torch.no_grad()
    def fitted(self) -> float:
        """The mean loss over one pass that begins with no state."""
        carried, self.carry = self.carry, Carry(self.rows)
        losses = [float(loss) for loss in self.losses(np.random.default_rng(0))]
        self.carry = carried
        return sum(losses) / len(losses)

    def _valid_scores(self) -> Floats:
        material = self.material
        warm = WARM * self.truncation
        return read_steps_near(self.network, self.inputs, material.offsets, material.valid, warm)

    @cached_property
    def _walks(self) -> list[tuple[Ints, list[Chunk]]]:
        """Batches of rows and their chunks: each step once, so it is the training part in another order."""
        return [
            (batch, [self._chunk(index, inside) for index, inside in chunks(self.rows, batch, self.truncation)])
            for batch in batches(self.rows, self.batch)
        ]

    def _chunk(self, index: Tensor, inside: Tensor) -> Chunk:
        answers = self.answers.at(index, inside)
        return Chunk(self.inputs[index], answers, bool(answers.count > 0))


def updates_per_epoch(offsets: Ints, fit: Ints, truncation: int) -> int:
    """Gradient steps that one pass over the training part takes.

    Args:
        offsets: (series + 1,) where each begins.
        fit: (series,) steps that may be learnt from.
        truncation: steps a gradient travels back.
    """
    rows = training_rows(offsets, fit, truncation)
    side = max(BATCH, side_by_side(int(fit.sum())))
    longest = [int((rows.stop - rows.start)[batch].max()) for batch in batches(rows, side)]
    return sum(-(-steps // truncation) for steps in longest)


def training_rows(offsets: Ints, fit: Ints, truncation: int) -> Rows:
    """The training part as rows of at least two truncation lengths, the last of each series apart."""
    starts = offsets[:-1]
    rows = max(side_by_side(int(fit.sum())), len(starts))
    return stretch(starts, starts + fit, rows, 2 * truncation, truncation)


def side_by_side(steps: int) -> int:
    """Rows that so many steps are cut into: more where there are very many, so that an update costs less a step."""
    return int(np.clip(steps // ROW, ROWS, MOST_ROWS))
