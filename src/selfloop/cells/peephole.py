"""The LSTM with peepholes (Gers & Schmidhuber 2000): its gates see the belt itself, not only what is shown of it."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor

from selfloop.cells.base import Cell, Step
from selfloop.kinds import Kind
from selfloop.kinds.lstm import CELL_CANDIDATE, FORGET, INPUT, OUTPUT
from selfloop.kinds.peephole import PEEPHOLE_LSTM


class PeepholeLSTM(Cell):
    """The LSTM with p_i ⊙ c₋₁ in the sum of i, p_f ⊙ c₋₁ in that of f, and p_o ⊙ c in that of o.

    The weights p are diagonal: a gate of a unit sees the cell state of its own unit alone.
    """

    kind: ClassVar[Kind] = PEEPHOLE_LSTM
    ahead: ClassVar[bool] = True
    p: Tensor  # (3H,), of i, f and o

    def step(
        self,
        x: Any,  # (B, I), or what from_input made of it
        *,
        h: Tensor,  # (B, H), of the step before
        c: Tensor,  # (B, H), of the step before
    ) -> Step:
        """One step; o comes last, because it sees the new c."""
        W, U = self.from_input(x), self.from_hidden(h)
        p_i, p_f, p_o = self.p.chunk(3)
        i = torch.sigmoid(W[INPUT] + U[INPUT] + p_i * c)
        f = torch.sigmoid(W[FORGET] + U[FORGET] + p_f * c)
        g = torch.tanh(W[CELL_CANDIDATE] + U[CELL_CANDIDATE])
        c = f * c + i * g
        o = torch.sigmoid(W[OUTPUT] + U[OUTPUT] + p_o * c)
        h = o * torch.tanh(c)
        return Step({"h": h, "c": c}, {INPUT: i, FORGET: f, CELL_CANDIDATE: g, OUTPUT: o})
