"""Recurrent encoders: inputs (T, B, I) to features (T, B, D)."""

from __future__ import annotations

from torch import Tensor, nn

from selfloop.kinds import kind_of
from selfloop.nn.layers import Layer, layer_of
from selfloop.train.budget import Scheme
from selfloop.train.initialise import initialise

State = list[tuple[Tensor, ...]]  # a layer's (h,) or (h, c), each (1 or 2, B, H); a window's past, (window − 1, B, I)


class RecurrentEncoder(nn.Module):
    """Stacked layers of one kind of cell that read forwards, or forwards and backwards.

    The backward reading starts at each sequence's own last step, so padding is never read.
    """

    def __init__(self, kind: str, input_size: int, hidden_size: int, layers: int, both: bool) -> None:
        super().__init__()
        self.kind, self.input_size, self.hidden_size, self.both = kind, input_size, hidden_size, both
        self.output_size = hidden_size * (2 if both else 1)
        sizes = [input_size] + [self.output_size] * (layers - 1)
        self.layers = nn.ModuleList(layer_of(kind_of(kind), size, hidden_size, bidirectional=both) for size in sizes)

    def initialise(self, longest: int, scheme: Scheme) -> None:
        """Start all layers; see `selfloop.train.initialise`."""
        for layer in self.layers:
            assert isinstance(layer, Layer)
            initialise(layer, longest, scheme)

    @property
    def operations(self) -> int:
        """Multiply-adds for one new step."""
        sizes = [self.input_size] + [self.output_size] * (len(self.layers) - 1)
        each = sum(kind_of(self.kind).operations(size, self.hidden_size) for size in sizes)
        return each * (2 if self.both else 1)

    @property
    def reach(self) -> int | None:
        """Steps before the end that have to be read for its last answer; None: all."""
        return None

    def forward(
        self,
        x: Tensor,  # (T, B, I)
        state: State | None = None,
        lengths: Tensor | None = None,  # (B,) valid steps; None: all
    ) -> tuple[Tensor, State]:
        """Features (T, B, D) of every step, zeros beyond a sequence's end, and each layer's state after the last."""
        after: State = []
        for k, layer in enumerate(self.layers):
            x, last = layer(x, None if state is None else self._given(state[k]), lengths=lengths)
            after.append(last if isinstance(last, tuple) else (last,))
        return x, after

    def last(self, after: State) -> Tensor:
        """(B, D) what each direction knows when it has read all: forwards at the last step, backwards at the first."""
        h = after[-1][0]
        return h.transpose(0, 1).flatten(1)

    def _given(self, state: tuple[Tensor, ...]) -> Tensor | tuple[Tensor, ...]:
        """A layer's state as torch's layers take it: (h, c) for the LSTM, h alone for the others."""
        return state if len(state) > 1 else state[0]
