"""Learning from whole sequences, in batches of like lengths."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from selfloop.data.sequences import Ints
from selfloop.tasks.material import Material
from selfloop.tasks.output import Output
from selfloop.train.known import Answers, valid_loss
from selfloop.train.network import Network
from selfloop.train.read import Batches, linked, read_cases, read_each_step

BATCH = 32
SORTED = 8  # batches whose sequences are sorted by length together, so that little is padded


class WholeProblem:
    """Training of a network that reads sequences to their ends and gives one answer each."""

    def __init__(self, network: Network, output: Output, material: Material) -> None:
        self.network, self.output, self.material = network, output, material
        self.batches = Batches(material.inputs, material.offsets)
        self.wanted = torch.from_numpy(np.asarray(material.wanted))
        if output.wanted == "values":
            self.wanted = self.wanted.float()
        self.lengths = np.diff(material.offsets)

    def losses(self, rng: np.random.Generator) -> Iterator[Tensor]:
        """One pass over the training cases, batch by batch."""
        order = rng.permutation(self.material.fit)
        pools = [order[k : k + BATCH * SORTED] for k in range(0, len(order), BATCH * SORTED)]
        pools = [pool[np.argsort(self.lengths[pool], kind="stable")] for pool in pools]
        batches = [pool[k : k + BATCH] for pool in pools for k in range(0, len(pool), BATCH)]
        for k in rng.permutation(len(batches)):
            cases = torch.from_numpy(batches[k])
            x, lengths = self.batches.batch(cases, self.network.encoder.reach)
            scores, _ = self.network(x, None, lengths)
            loss = self._loss(scores, cases)
            if loss is not None:
                yield loss

    def _loss(self, scores: Tensor, cases: Tensor) -> Tensor | None:
        """Of a batch; None where nothing is asked."""
        return self.output.loss(scores, self.wanted[cases])

    @torch.no_grad()
    def fitted(self) -> float:
        """The mean loss over one pass."""
        losses = [float(loss) for loss in self.losses(np.random.default_rng(0))]
        return sum(losses) / len(losses)

    def validate(self) -> float:
        """The loss on the validation cases, or what the task judges by: accuracy is too coarse to stop by."""
        valid = self.material.valid
        scores = read_cases(self.network, self.batches, valid)
        if self.material.judge is not None:
            return self.material.judge(linked(self.output, scores.numpy()))
        return float(self.output.loss(scores, self.wanted[torch.from_numpy(valid)]))


class EachStepProblem(WholeProblem):
    """Training of a network that reads sequences to their ends and answers at each step of them."""

    def __init__(self, network: Network, output: Output, material: Material) -> None:
        super().__init__(network, output, material)
        self.answers = Answers.of(material.wanted)

    def validate(self) -> float:
        """The loss over the known steps of the validation cases, or what the task judges by."""
        scores = read_each_step(self.network, self.batches, self.material.valid)
        if not np.isfinite(scores).all():
            return float("inf")
        if self.material.judge is not None:
            return self.material.judge(linked(self.output, scores))
        return valid_loss(self.output, scores, self.answers, self._valid_steps)

    @cached_property
    def _valid_steps(self) -> Ints:
        starts, stops = self.material.offsets[:-1], self.material.offsets[1:]
        return np.concatenate([np.arange(starts[k], stops[k]) for k in self.material.valid])

    def _loss(self, scores: Tensor, cases: Tensor) -> Tensor | None:
        index, lengths = self.batches.places(cases, None)
        answers = self.answers.at(index, torch.arange(len(index))[:, None] < lengths)
        return answers.loss(self.output, scores) if bool(answers.count > 0) else None


def updates_per_epoch(examples: int) -> int:
    """Gradient steps that one pass over so many training cases takes."""
    return -(-examples // BATCH)
