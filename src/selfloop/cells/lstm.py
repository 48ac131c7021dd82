"""Long short-term memory (Hochreiter & Schmidhuber 1997) with the forget gate of Gers et al. 2000."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor

from selfloop.cells.base import Cell, Step
from selfloop.kinds import Kind
from selfloop.kinds import lstm as kinds
from selfloop.kinds.lstm import CELL_CANDIDATE, FORGET, INPUT, OUTPUT


class LSTM(Cell):
    """c = f ⊙ c₋₁ + i ⊙ g and h = o ⊙ tanh(c); i, f, o are sigmoids and g a tanh of W_ih x + b_ih + W_hh h₋₁ + b_hh.

    f = 0 forgets everything, f = 1 keeps everything.
    """

    kind: ClassVar[Kind] = kinds.LSTM

    def step(
        self,
        x: Tensor,  # (B, I)
        *,
        h: Tensor,  # (B, H), of the step before
        c: Tensor,  # (B, H), of the step before
    ) -> Step:
        """One step."""
        W, U = self.from_input(x), self.from_hidden(h)
        i = torch.sigmoid(W[INPUT] + U[INPUT])
        f = torch.sigmoid(W[FORGET] + U[FORGET])
        g = torch.tanh(W[CELL_CANDIDATE] + U[CELL_CANDIDATE])
        o = torch.sigmoid(W[OUTPUT] + U[OUTPUT])
        c = f * c + i * g
        h = o * torch.tanh(c)
        return Step({"h": h, "c": c}, {INPUT: i, FORGET: f, CELL_CANDIDATE: g, OUTPUT: o})

    @classmethod
    def gate_gradients(
        cls,
        gates: Mapping[str, Tensor],
        *,
        grads: Mapping[str, Tensor],
        before: Tensor,  # c of the step before
        after: Tensor,
        W_hh: Tensor,
    ) -> dict[str, Tensor]:
        """Of c = f ⊙ c₋₁ + i ⊙ g and h = o ⊙ tanh(c)."""
        dh, dc = grads["h"], grads["c"]
        return {
            "i": dc * gates["g"],  # dL/di
            "f": dc * before,  # dL/df
            "g": dc * gates["i"],  # dL/dg
            "o": dh * torch.tanh(after),  # dL/do
        }
