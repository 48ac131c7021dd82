"""One layer of one call, in one direction: what it kept, and what came back to it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import Literal, get_args

from torch import Tensor

from selfloop.errors import SettingsError
from selfloop.kernels.rerun import Pull
from selfloop.kinds import Kind

Direction = Literal["forward", "backward"]
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)


class UnknownNameError(SettingsError, KeyError):
    """A trace has nothing of this name."""

    __str__ = Exception.__str__  # KeyError's shows quotes around the sentence


class Gates(dict[str, Tensor]):
    """(T, B, H) of each gate by its name, in the order of the weights; a plain RNN has none."""

    def __missing__(self, name: object) -> Tensor:
        """Say what there is."""
        what = f"There is: {', '.join(self)}."
        remedy = what if self else "A plain RNN has no gates: its hidden state is all there is."
        raise UnknownNameError(f"There is no gate {name!r} here. {remedy}")


class Part(ABC):
    """What happened in one layer of a call, in one direction.

    Every tensor is new, has no graph, and is laid out in one way, whatever the layer was given: time first, (T, B, H),
    in the user's batch order, with zeros beyond a sequence's end; B is 1 for one unbatched sequence. Entry t belongs to
    input step t, in the backward direction, too.

    Attributes:
        layer: which one of the module's stack, from 0.
        direction: "forward" or "backward".
    """

    def __init__(self, kind: Kind, layer: int, direction: Direction) -> None:
        self.layer, self.direction = layer, direction
        self._kind, self._way = kind, DIRECTIONS.index(direction)

    @cached_property
    def gates(self) -> Gates:
        """(T, B, H) by name, after the activation: the forward's own bits.

        LSTM: input, forget, candidate, output. GRU: reset, update (z, which keeps), candidate. RNN: none.
        """
        return self._named(self._vectors)

    @cached_property
    def hidden(self) -> Tensor:
        """(T, B, H), h after each step: the forward's own bits."""
        return self._state("h")

    @cached_property
    def cell(self) -> Tensor | None:
        """(T, B, H), the LSTM's c after each step: the forward's own bits. None for cells without one."""
        return self._state("c") if "c" in self._kind.states else None

    @cached_property
    def h0(self) -> Tensor:
        """(B, H), the state that it started from, zeros where none was given."""
        return self._start("h")

    @cached_property
    def c0(self) -> Tensor | None:
        """(B, H), the LSTM's cell state that it started from. None for cells without one."""
        return self._start("c") if "c" in self._kind.states else None

    @cached_property
    def x(self) -> Tensor:
        """(T, B, I), what this layer of the stack read.

        Raises:
            ShapeError: it was written to after the call.
        """
        return self._read()

    @cached_property
    def lengths(self) -> Tensor | None:
        """(B,) valid steps of each sequence; None where all have all steps."""
        return self._lengths()

    @property
    def grad_hidden(self) -> Tensor:
        """(T, B, H), dL/dh of each step over all paths: its output's and the next step's.

        This, `grad_cell` and `grad_gates` are of the last backward that came through the call, with the weights of the
        call, and are computed when one of them is first asked for.

        Raises:
            TraceError: no backward has reached the call.
            ShapeError: the call's input was written to.
        """
        return self._pull().states["h"]

    @property
    def grad_cell(self) -> Tensor | None:
        """(T, B, H), the LSTM's dL/dc of each step over all paths, also the one through h. None without a c."""
        return self._pull().states.get("c")

    @property
    def grad_gates(self) -> Gates:
        """(T, B, H) by name: dL/d(gate), after its activation."""
        return self._named(self._pull().gates)

    def __repr__(self) -> str:
        """Which, and its sizes."""
        steps, batch, hidden = self._sizes()
        return f"Part(layer={self.layer}, direction={self.direction!r}, T={steps}, B={batch}, H={hidden})"

    def _named(self, by_symbol: dict[str, Tensor]) -> Gates:
        """In the order of the weights."""
        shown = [gate for gate in self._kind.gates if gate in self._kind.shown]
        return Gates({gate.name: by_symbol[gate.symbol] for gate in shown})

    @property
    @abstractmethod
    def _vectors(self) -> dict[str, Tensor]:
        """The gates by symbol."""

    @abstractmethod
    def _state(self, name: str) -> Tensor: ...

    @abstractmethod
    def _start(self, name: str) -> Tensor: ...

    @abstractmethod
    def _read(self) -> Tensor: ...

    @abstractmethod
    def _lengths(self) -> Tensor | None: ...

    @abstractmethod
    def _pull(self) -> Pull:
        """The gradients, the same object until another backward comes."""

    @abstractmethod
    def _sizes(self) -> tuple[int, int, int]:
        """T, B and H."""
