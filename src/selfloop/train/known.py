"""Answers that are asked for at every step, and which of them are known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from selfloop.data.sequences import Floats, Ints
from selfloop.tasks.output import Output


@dataclass(frozen=True, eq=False)
class Answers:
    """What is wanted at some steps.

    Attributes:
        wanted: (..., K) values or (...) classes, zero where it is not known.
        known: as `wanted`: one or zero.
    """

    wanted: Tensor
    known: Tensor

    @classmethod
    def of(cls, wanted: NDArray[Any]) -> Answers:
        """Of (steps, K) values, NaN where they are not known, or (steps,) classes, −1 there."""
        if np.issubdtype(wanted.dtype, np.integer):
            found = torch.from_numpy(np.asarray(wanted, dtype=np.int64))
            return cls(found.clamp(min=0), (found >= 0).float())
        known = torch.from_numpy(np.isfinite(wanted).astype(np.float32))
        return cls(torch.from_numpy(np.nan_to_num(wanted).astype(np.float32)), known)

    def at(self, index: Tensor, inside: Tensor) -> Answers:
        """Those at flat steps (T, B), of which those that are not `inside` are not asked for."""
        known = self.known[index]
        known = known * (inside if known.dim() == inside.dim() else inside[..., None])
        return Answers(self.wanted[index] * known.to(self.wanted.dtype), known)

    @cached_property
    def count(self) -> Tensor:
        """Scalar: how many are known."""
        return self.known.sum()

    @cached_property
    def complete(self) -> bool:
        """Whether all are known, as they mostly are."""
        return bool(self.known.all())

    def loss(self, output: Output, scores: Tensor) -> Tensor:
        """Of (T, B, K) scores, over what is known; zero where nothing is."""
        if self.complete:
            return output.loss(scores.flatten(0, 1), self.wanted.flatten(0, 1))
        return output.known_loss(scores, self.wanted, self.known, self.count.clamp(min=1.0))


def valid_loss(output: Output, scores: Floats, answers: Answers, steps: Ints) -> float:
    """The output's own loss of scores at some steps, over what is known there.

    Args:
        output: what scores say.
        scores: (places, K).
        answers: of all steps.
        steps: (places,) flat.
    """
    index = torch.from_numpy(steps)[:, None]
    there = answers.at(index, torch.ones_like(index, dtype=torch.bool))
    return float(there.loss(output, torch.from_numpy(scores.astype(np.float32))[:, None]))
