"""The simple recurrent network (Elman 1990): one layer that sees its own last output beside the input."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from selfloop.cells.base import Cell, Step
from selfloop.gates import HIDDEN, RNN_GATES, Gate


class RNN(Cell):
    """h = tanh(W_ih x + b_ih + W_hh h₋₁ + b_hh)."""

    gates: ClassVar[tuple[Gate, ...]] = RNN_GATES
    elementwise: ClassVar[int] = 0

    def step(
        self,
        x: Tensor,  # (B, I)
        *,
        h: Tensor,  # (B, H), of the step before
    ) -> Step:
        """One step; the only gate is the new h itself."""
        h = self.activation(self.from_input(x)[HIDDEN] + self.from_hidden(h)[HIDDEN])
        return Step({"h": h}, {HIDDEN: h})

    @staticmethod
    def activation(a: Tensor) -> Tensor:
        """What makes the pre-activation a state: tanh."""
        return torch.tanh(a)


class ReluRNN(RNN):
    """h = max(0, W_ih x + b_ih + W_hh h₋₁ + b_hh): torch's `nonlinearity="relu"`."""

    @staticmethod
    def activation(a: Tensor) -> Tensor:
        """What makes the pre-activation a state: max(0, a)."""
        return torch.relu(a)
