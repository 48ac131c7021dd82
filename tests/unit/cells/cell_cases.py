"""Layers, inputs and states of unequal odd sizes, for the tests of the cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from selfloop.cells import GRU, LSTM, RNN, Cell, ChoGRU, ReluRNN

T, B, I, H = 5, 3, 7, 17  # noqa: E741 (the input size's letter)
LENGTHS = (2, 5, 3)  # of B sequences; neither sorted nor equal
ALL = (RNN, ReluRNN, LSTM, GRU, ChoGRU)
IN_TORCH = (RNN, ReluRNN, LSTM, GRU)  # ChoGRU is not


@dataclass(frozen=True, eq=False)
class Case:
    """A torch layer, and inputs and states that are not zero."""

    layer: torch.nn.RNNBase  # for ChoGRU torch's GRU: it has the same weights
    x: Tensor  # (T, B, I)
    h0: Tensor  # (L*D, B, H)
    c0: Tensor | None  # the LSTM's

    @property
    def weights(self) -> dict[str, Tensor]:
        return {name: weight.detach() for name, weight in self.layer.named_parameters()}

    @property
    def starts(self) -> dict[str, Any]:
        return {"h0": self.h0} if self.c0 is None else {"h0": self.h0, "c0": self.c0}

    @property
    def hx(self) -> Tensor | tuple[Tensor, Tensor]:
        return self.h0 if self.c0 is None else (self.h0, self.c0)


def make(
    kind: type[Cell],
    layers: int = 1,
    both: bool = False,
    bias: bool = True,
    sizes: tuple[int, int, int, int] = (T, B, I, H),
    dtype: torch.dtype = torch.float64,
    seed: int = 0,
) -> Case:
    steps, batch, inputs, hidden = sizes
    torch.manual_seed(seed)
    options = {"num_layers": layers, "bidirectional": both, "bias": bias, "dtype": dtype}
    if issubclass(kind, RNN):
        options["nonlinearity"] = "relu" if kind is ReluRNN else "tanh"
    torch_kind = {LSTM: torch.nn.LSTM, GRU: torch.nn.GRU, ChoGRU: torch.nn.GRU}.get(kind, torch.nn.RNN)
    layer = torch_kind(inputs, hidden, **options)
    with torch.no_grad():
        for weight in layer.parameters():
            weight *= (
                0.5  # rows of |W_hh| sum to about 1, so that rounding errors add up over steps and do not multiply
            )
    state = (layers * (2 if both else 1), batch, hidden)
    x = torch.empty(steps, batch, inputs, dtype=dtype).uniform_(-2, 2)
    h0 = torch.empty(state, dtype=dtype).uniform_(-1, 1)
    c0 = torch.empty(state, dtype=dtype).uniform_(-1, 1)
    return Case(layer, x, h0, c0 if kind is LSTM else None)
