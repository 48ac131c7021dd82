"""The LSTM with coupled input and forget gate (Greff et al. 2017, "CIFG"): i = 1 − f."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor

from selfloop.cells.base import Cell, Step
from selfloop.kinds import Kind
from selfloop.kinds.coupled import COUPLED_LSTM, FORGET
from selfloop.kinds.lstm import CELL_CANDIDATE, OUTPUT


class CoupledLSTM(Cell):
    """c = f ⊙ c₋₁ + (1 − f) ⊙ g and h = o ⊙ tanh(c).

    The paper has f = 1 − i, with i of the sum; that is the same with the signs of the gate's weights turned round.
    """

    kind: ClassVar[Kind] = COUPLED_LSTM
    ahead: ClassVar[bool] = True

    def step(
        self,
        x: Any,  # (B, I), or what from_input made of it
        *,
        h: Tensor,  # (B, H), of the step before
        c: Tensor,  # (B, H), of the step before
    ) -> Step:
        """One step."""
        W, U = self.from_input(x), self.from_hidden(h)
        f = torch.sigmoid(W[FORGET] + U[FORGET])
        g = torch.tanh(W[CELL_CANDIDATE] + U[CELL_CANDIDATE])
        o = torch.sigmoid(W[OUTPUT] + U[OUTPUT])
        c = f * c + (1 - f) * g
        h = o * torch.tanh(c)
        return Step({"h": h, "c": c}, {FORGET: f, CELL_CANDIDATE: g, OUTPUT: o})
