"""The simple recurrent network (Elman 1990): one layer that sees its own last output beside the input."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from selfloop.cells.base import Cell, Step
from selfloop.kinds import Kind
from selfloop.kinds import rnn as kinds
from selfloop.kinds.rnn import HIDDEN, RECTIFIED


class RNN(Cell):
    """h = tanh(W_ih x + b_ih + W_hh h₋₁ + b_hh)."""

    kind: ClassVar[Kind] = kinds.RNN

    def step(
        self,
        x: Tensor,  # (B, I)
        *,
        h: Tensor,  # (B, H), of the step before
    ) -> Step:
        """One step; the only gate is the new h itself."""
        h = torch.tanh(self.from_input(x)[HIDDEN] + self.from_hidden(h)[HIDDEN])
        return Step({"h": h}, {HIDDEN: h})


class ReluRNN(RNN):
    """h = max(0, W_ih x + b_ih + W_hh h₋₁ + b_hh): torch's `nonlinearity="relu"`."""

    kind: ClassVar[Kind] = kinds.RNN_RELU

    def step(
        self,
        x: Tensor,  # (B, I)
        *,
        h: Tensor,  # (B, H), of the step before
    ) -> Step:
        """One step."""
        h = torch.relu(self.from_input(x)[RECTIFIED] + self.from_hidden(h)[RECTIFIED])
        return Step({"h": h}, {RECTIFIED: h})
