"""The LSTM with layer normalisation (Ba, Kiros & Hinton 2016, equations 20 to 22 of their supplement)."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn.functional import layer_norm, linear

from selfloop.cells.base import Cell, Step, split
from selfloop.kinds import Gate, Kind
from selfloop.kinds.layernorm import LAYERNORM_LSTM
from selfloop.kinds.lstm import CELL_CANDIDATE, FORGET, INPUT, OUTPUT

EPSILON = 1e-5  # added to the variance, as torch.nn.LayerNorm does; the paper has none


class LayerNormLSTM(Cell):
    """The LSTM with LN(W x) + LN(U h₋₁) + b as the gates' sums and o ⊙ tanh(LN(c)) as h.

    LN takes the mean from a vector, divides by the standard deviation, and multiplies by gains; as in the paper, it is
    taken over all 4H numbers of a product, not over each gate's H. c itself rides on as it is.
    The paper has three biases where two do: b_ih and b_hh stand for them.
    """

    kind: ClassVar[Kind] = LAYERNORM_LSTM
    ahead: ClassVar[bool] = True
    gain_ih: Tensor  # (4H,)
    gain_hh: Tensor  # (4H,)
    gain_c: Tensor  # (H,)
    b_c: Tensor | None  # (H,)

    def step(
        self,
        x: Any,  # (B, I), or what from_input made of it
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
        h = o * torch.tanh(normed(c, self.gain_c, self.b_c))
        return Step({"h": h, "c": c}, {INPUT: i, FORGET: f, CELL_CANDIDATE: g, OUTPUT: o})

    def of_input(self, x: Tensor) -> Tensor:
        """LN(W_ih x) + b_ih."""
        return normed(linear(x, self.W_ih), self.gain_ih, self.b_ih)

    def from_hidden(self, v: Tensor, *gates: Gate) -> dict[Gate, Tensor]:
        """LN(W_hh v) + b_hh, of all gates: they are normalised together."""
        return split(normed(linear(v, self.W_hh), self.gain_hh, self.b_hh), self.kind.gates)


def normed(a: Tensor, gain: Tensor, bias: Tensor | None) -> Tensor:
    """LN over the last axis."""
    return layer_norm(a, a.shape[-1:], gain, bias, EPSILON)
