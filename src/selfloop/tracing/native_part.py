"""A part of a call that the kernels ran: gates and states are what they kept."""

from __future__ import annotations

from functools import cached_property

from torch import Tensor

from selfloop.cells import equations_of
from selfloop.kernels.record import Record
from selfloop.kernels.rerun import Pull
from selfloop.tracing.backward import BackwardPass
from selfloop.tracing.layout import before_backward, before_forward, in_order, laid_out, lengths_of
from selfloop.tracing.part import Direction, Part

StateGradients = tuple[Tensor, Tensor | None]  # dL/dh and dL/dc of a call, as `Record.state_gradients` gives them


class NativePart(Part):
    """Of a `Record`."""

    def __init__(self, record: Record, backward: BackwardPass[StateGradients], direction: Direction) -> None:
        super().__init__(record.call.kind, record.depth, direction)
        self._record, self._backward = record, backward
        self._found: tuple[StateGradients, Pull] | None = None

    @cached_property
    def _vectors(self) -> dict[str, Tensor]:
        return {symbol: laid_out(self._record, each) for symbol, each in self._record.vectors(self._way).items()}

    def _state(self, name: str) -> Tensor:
        if name == "h":
            return laid_out(self._record, self._half(self._record.y))
        cells = self._record.cells(self._way)
        assert cells is not None, "asked only of a cell that has a c"
        return laid_out(self._record, cells)

    def _start(self, name: str) -> Tensor:
        call = self._record.call
        state = call.h0 if name == "h" else call.c0
        if state is None:
            return call.x.new_zeros(call.batch, call.hidden)
        return in_order(self._record, state[self._way])

    def _read(self) -> Tensor:
        return laid_out(self._record, self._record.x)

    def _lengths(self) -> Tensor | None:
        return lengths_of(self._record)

    def _sizes(self) -> tuple[int, int, int]:
        call = self._record.call
        return call.steps, call.batch, call.hidden

    def _pull(self) -> Pull:
        found = self._backward.get()
        if self._found is None or self._found[0] is not found:
            states = zip(("h", "c"), found, strict=True)
            laid = {name: laid_out(self._record, self._half(each)) for name, each in states if each is not None}
            self._found = found, Pull(laid, self._gate_gradients(laid))
        return self._found[1]

    def _gate_gradients(self, grads: dict[str, Tensor]) -> dict[str, Tensor]:
        """By symbol."""
        call, gates, carried = self._record.call, self._vectors, self._kind.carried
        if not gates:
            return {}
        after, start = (self.hidden, self.h0) if carried == "h" else (self.cell, self.c0)
        assert after is not None, "it is carried"
        assert start is not None, "it is carried"
        W_hh = call.weights[self._way * len(call.weights) // call.directions + 1]
        return equations_of(self._kind).gate_gradients(
            gates, grads=grads, before=self._before(after, start), after=after, W_hh=W_hh
        )

    def _before(self, states: Tensor, start: Tensor) -> Tensor:
        if self.direction == "forward":
            return before_forward(states, start)
        return before_backward(states, start, self.lengths)

    def _half(self, numbers: Tensor) -> Tensor:
        """This direction's of (..., D*H)."""
        H = self._record.call.hidden
        return numbers[..., self._way * H : (self._way + 1) * H]
