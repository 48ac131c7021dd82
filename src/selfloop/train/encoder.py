"""Encoders: inputs (T, B, I) to features (T, B, D). The recurrent ones loop; the feed-forward one sees a window."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from selfloop import nn as recurrent
from selfloop.cells import CELLS
from selfloop.train.initialise import Scheme, initialise

State = list[tuple[Tensor, ...]]  # a layer's (h,) or (h, c), each (1, B, H); a window's past, (window − 1, B, I)
LAYERS: dict[str, type[recurrent.RNN] | type[recurrent.LSTM] | type[recurrent.GRU]] = {
    "rnn": recurrent.RNN,
    "lstm": recurrent.LSTM,
    "gru": recurrent.GRU,
}


class RecurrentEncoder(nn.Module):
    """Stacked RNN, LSTM or GRU layers that read forwards, or forwards and backwards.

    The backward reading starts at each sequence's own last step, so padding is never read.
    """

    def __init__(self, kind: str, input_size: int, hidden_size: int, layers: int, both: bool) -> None:
        super().__init__()
        self.kind, self.input_size, self.hidden_size, self.both = kind, input_size, hidden_size, both
        self.output_size = hidden_size * (2 if both else 1)
        sizes = [input_size] + [self.output_size] * (layers - 1)
        self.forwards = nn.ModuleList(LAYERS[kind](size, hidden_size) for size in sizes)
        self.backwards = nn.ModuleList(LAYERS[kind](size, hidden_size) for size in sizes if both)

    def initialise(self, longest: int, scheme: Scheme) -> None:
        """Start all layers; see `selfloop.train.initialise`."""
        for layer in [*self.forwards, *self.backwards]:
            assert isinstance(layer, nn.RNNBase)
            initialise(layer, longest, scheme)

    @property
    def operations(self) -> int:
        """Multiply-adds for one new step."""
        layers = [*self.forwards, *self.backwards]
        return sum(CELLS[self.kind].operations(layer.input_size, self.hidden_size) for layer in layers)

    def forward(
        self,
        x: Tensor,  # (T, B, I)
        state: State | None = None,
        lengths: Tensor | None = None,  # (B,) valid steps; None: all
    ) -> tuple[Tensor, State]:
        """Features (T, B, D) at every step and the state after the last one (forward layers only)."""
        after: State = []
        for k, layer in enumerate(self.forwards):
            y, last = layer(x, None if state is None else self._given(state[k]))
            after.append(last if isinstance(last, tuple) else (last,))
            if self.both:
                turned, _ = self.backwards[k](reverse(x, lengths))
                y = torch.cat([y, reverse(turned, lengths)], dim=-1)
            x = y
        return x, after

    def last(
        self,
        features: Tensor,  # (T, B, D)
        lengths: Tensor,  # (B,) valid steps
    ) -> Tensor:
        """(B, D) what each direction knows when it has read all: forwards at the last step, backwards at the first."""
        forwards = features[lengths - 1, torch.arange(features.shape[1])]
        if not self.both:
            return forwards
        return torch.cat([forwards[:, : self.hidden_size], features[0, :, self.hidden_size :]], dim=-1)

    def _given(self, state: tuple[Tensor, ...]) -> Tensor | tuple[Tensor, ...]:
        """A layer's state as torch's layers take it: (h, c) for the LSTM, h alone for the others."""
        return state if self.kind == "lstm" else state[0]


class WindowEncoder(nn.Module):
    """The traditional network without a self loop: two layers on a window of the last steps, the same at every step."""

    def __init__(self, input_size: int, hidden_size: int, window: int) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.window = input_size, hidden_size, window
        self.output_size = hidden_size
        self.first = nn.Conv1d(input_size, hidden_size, window)
        self.second = nn.Linear(hidden_size, hidden_size)

    @property
    def operations(self) -> int:
        """Multiply-adds for one new step."""
        return self.hidden_size * (self.input_size * self.window + self.hidden_size)

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Features (T, B, H) at every step; the state is the window's past, (window − 1, B, I), zeros at the start."""
        past = x.new_zeros(self.window - 1, *x.shape[1:]) if state is None else state[0][0]
        seen = torch.cat([past, x])
        hidden = functional.relu(self.first(seen.permute(1, 2, 0))).permute(2, 0, 1)
        return functional.relu(self.second(hidden)), [(seen[len(seen) - self.window + 1 :],)]


def reverse(x: Tensor, lengths: Tensor | None) -> Tensor:
    """(T, B, D) with each sequence's valid steps turned round in their place."""
    if lengths is None:
        return x.flip(0)
    steps = torch.arange(len(x))[:, None]
    index = torch.where(steps < lengths, lengths - 1 - steps, steps)
    return x[index, torch.arange(x.shape[1])]
