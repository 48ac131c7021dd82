"""One layer of one call, in one direction: what it kept, and what came back to it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple, get_args

from torch import Tensor

from selfloop.cells import ChoGRU
from selfloop.errors import SettingsError, TraceError
from selfloop.gates import CANDIDATE, Gate, rows
from selfloop.kernels.call import KINDS, LSTM_CELL
from selfloop.kernels.record import Record
from selfloop.tracing import gradients
from selfloop.tracing.layout import before_backward, before_forward, in_order, laid_out, lengths_of

Direction = Literal["forward", "backward"]
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)


class UnknownNameError(SettingsError, KeyError):
    """A trace has nothing of this name."""

    __str__ = Exception.__str__  # KeyError's shows quotes around the sentence


class Gates(dict[str, Tensor]):
    """(T, B, H) of each gate by its name, in torch's order; a plain RNN has none."""

    def __missing__(self, name: object) -> Tensor:
        """Say what there is."""
        what = f"There is: {', '.join(self)}."
        remedy = what if self else "A plain RNN has no gates: its hidden state is all there is."
        raise UnknownNameError(f"There is no gate {name!r} here. {remedy}")


class StateGradients(NamedTuple):
    """dL/dh and dL/dc of a call, all directions, as `Record.state_gradients` gives them, and of which backward."""

    hidden: Tensor
    cell: Tensor | None
    began: tuple[Tensor | None, ...]


class BackwardPass:
    """The backward pass of a recorded call, run when it is first asked for, and again after another backward."""

    def __init__(self, record: Record, label: str) -> None:
        self._record, self._label = record, label
        self._found: StateGradients | None = None

    def get(self) -> StateGradients:
        """The same object, until another backward comes.

        Raises:
            TraceError: no backward has reached the call.
            ShapeError: the call's input was written to.
        """
        came = self._record.gradients
        if not came.came:
            raise TraceError(
                f"{self._label} has no gradients: no backward has reached it; expected loss.backward() on what came of "
                "it: call outside torch.no_grad(), and ask after backward."
            )
        began = (came.dy, came.dhn, came.dcn)
        known = self._found
        if known is None or any(now is not then for now, then in zip(began, known.began, strict=True)):
            known = self._found = StateGradients(*self._record.state_gradients(), began)
        return known


@dataclass(frozen=True, eq=False)
class PartGradients:
    """A part's gradients, laid out."""

    of: StateGradients
    hidden: Tensor
    cell: Tensor | None
    gates: Gates


class Part:
    """What happened in one layer of a call, in one direction.

    Every tensor is new, has no graph, and is laid out in one way, whatever the layer was given: time first, (T, B, H),
    in the user's batch order, with zeros beyond a sequence's end; B is 1 for one unbatched sequence. Entry t belongs to
    input step t, in the backward direction, too.

    Attributes:
        layer: which one of the module's stack, from 0.
        direction: "forward" or "backward".
    """

    def __init__(self, record: Record, backward: BackwardPass, direction: Direction) -> None:
        self.layer, self.direction = record.depth, direction
        self._record, self._backward = record, backward
        self._way = DIRECTIONS.index(direction)
        self._found: PartGradients | None = None

    @cached_property
    def gates(self) -> Gates:
        """(T, B, H) by name, after the activation: the forward's own bits.

        LSTM: input, forget, candidate, output. GRU: reset, update (z, which keeps), candidate. RNN: none.
        """
        return Gates({gate.name: self._vectors[gate.symbol] for gate in self._gates})

    @cached_property
    def hidden(self) -> Tensor:
        """(T, B, H), h after each step: the forward's own bits."""
        return laid_out(self._record, self._half(self._record.y))

    @cached_property
    def cell(self) -> Tensor | None:
        """(T, B, H), the LSTM's c after each step: the forward's own bits. None for the others."""
        cells = self._record.cells(self._way)
        return None if cells is None else laid_out(self._record, cells)

    @cached_property
    def h0(self) -> Tensor:
        """(B, H), the state that it started from, zeros where none was given."""
        return self._start(self._record.call.h0)

    @cached_property
    def c0(self) -> Tensor | None:
        """(B, H), the LSTM's cell state that it started from. None for the others."""
        return self._start(self._record.call.c0) if self._record.call.cell == LSTM_CELL else None

    @cached_property
    def x(self) -> Tensor:
        """(T, B, I), what this layer of the stack read.

        Raises:
            ShapeError: it was written to after the call.
        """
        return laid_out(self._record, self._record.x)

    @cached_property
    def lengths(self) -> Tensor | None:
        """(B,) valid steps of each sequence; None where all have all steps."""
        return lengths_of(self._record)

    @property
    def grad_hidden(self) -> Tensor:
        """(T, B, H), dL/dh of each step over all paths: its output's and the next step's.

        This, `grad_cell` and `grad_gates` are of the last backward that came through the call, with the weights of the
        call, and are computed when one of them is first asked for.

        Raises:
            TraceError: no backward has reached the call.
            ShapeError: the call's input was written to.
        """
        return self._gradients.hidden

    @property
    def grad_cell(self) -> Tensor | None:
        """(T, B, H), the LSTM's dL/dc of each step over all paths, also the one through h. None for the others."""
        return self._gradients.cell

    @property
    def grad_gates(self) -> Gates:
        """(T, B, H) by name: dL/d(gate), after its activation."""
        return self._gradients.gates

    def __repr__(self) -> str:
        """Which, and its sizes."""
        steps, batch, hidden = self._record.call.steps, self._record.call.batch, self._record.call.hidden
        return f"Part(layer={self.layer}, direction={self.direction!r}, T={steps}, B={batch}, H={hidden})"

    @property
    def _gates(self) -> tuple[Gate, ...]:
        kind = KINDS[self._record.call.cell]
        return kind.gates if self._vectors else ()

    @cached_property
    def _vectors(self) -> dict[str, Tensor]:
        return {symbol: laid_out(self._record, each) for symbol, each in self._record.vectors(self._way).items()}

    @property
    def _gradients(self) -> PartGradients:
        found = self._backward.get()
        if self._found is None or self._found.of is not found:
            dh = laid_out(self._record, self._half(found.hidden))
            dc = None if found.cell is None else laid_out(self._record, self._half(found.cell))
            by_symbol = self._gate_gradients(dh, dc)
            self._found = PartGradients(
                found, dh, dc, Gates({gate.name: by_symbol[gate.symbol] for gate in self._gates})
            )
        return self._found

    def _gate_gradients(self, dh: Tensor, dc: Tensor | None) -> dict[str, Tensor]:
        """By symbol."""
        call, gates = self._record.call, self._vectors
        if not gates:
            return {}
        if dc is not None and self.cell is not None and self.c0 is not None:
            return gradients.lstm(gates, dh=dh, dc=dc, cell=self.cell, before=self._before(self.cell, self.c0))
        before = self._before(self.hidden, self.h0)
        if call.kind is not ChoGRU:
            return gradients.gru(gates, dh=dh, before=before)
        W_hh = call.weights[self._way * len(call.weights) // call.directions + 1]
        U_n = W_hh[rows(ChoGRU.gates, CANDIDATE, call.hidden)]
        return gradients.gru_reset_before(gates, dh=dh, before=before, U_n=U_n)

    def _before(self, states: Tensor, start: Tensor) -> Tensor:
        if self.direction == "forward":
            return before_forward(states, start)
        return before_backward(states, start, self.lengths)

    def _half(self, numbers: Tensor) -> Tensor:
        """This direction's of (..., D*H)."""
        H = self._record.call.hidden
        return numbers[..., self._way * H : (self._way + 1) * H]

    def _start(self, state: Tensor | None) -> Tensor:
        call = self._record.call
        if state is None:
            return call.x.new_zeros(call.batch, call.hidden)
        return in_order(self._record, state[self._way])
