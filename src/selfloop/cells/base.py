"""What all cells share: their weights, the walk over time, and their counts."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn.functional import linear

from selfloop.errors import ShapeError
from selfloop.kinds import Gate, Kind
from selfloop.kinds.weights import H as H_SIDE
from selfloop.kinds.weights import I as I_SIDE
from selfloop.kinds.weights import Size, Weight


@dataclass(frozen=True, eq=False)
class Step:
    """One step of a cell.

    Attributes:
        states: "h", and for the LSTM "c", each (B, H), after the step.
        gates: each gate's value, (B, H), after its activation.
    """

    states: dict[str, Tensor]
    gates: dict[Gate, Tensor]


@dataclass(frozen=True, eq=False)
class Unrolled:
    """All steps of a cell: the trace.

    Attributes:
        states: "h", and for the LSTM "c", each (T, B, H), after each step.
        gates: each gate's value, (T, B, H); what it holds beyond a sequence's end means nothing.
        last: "h", and for the LSTM "c", each (B, H), after the last step that was read.
    """

    states: dict[str, Tensor]
    gates: dict[Gate, Tensor]
    last: dict[str, Tensor]

    @property
    def outputs(self) -> Tensor:
        """(T, B, H): h after each step."""
        return self.states["h"]


class Cell(ABC):
    """One unit with a loop to itself: one layer, read in one direction.

    The weights are those of the cell's kind, each an attribute by its name: torch's four, where the kind says nothing
    else, in torch's layout, a block of H rows for each gate. They keep their gradients. Any float dtype.

    Args:
        *weights: in the order of the kind: W_ih (G*H, I), W_hh (G*H, H), b_ih (G*H,), b_hh (G*H,).
        **named: the same by name. Biases may be left out, all of them together.

    Raises:
        ShapeError: the shapes do not fit together.
    """

    W_ih: Tensor
    W_hh: Tensor
    b_ih: Tensor | None
    b_hh: Tensor | None

    kind: ClassVar[Kind]
    ahead: ClassVar[bool] = False  # a step asks `from_input` alone of x: that is done for all steps at once

    def __init__(self, *weights: Tensor | None, **named: Tensor | None) -> None:
        known = self.kind.weights
        given = {weight.name: tensor for weight, tensor in zip(known, weights, strict=False)} | named
        if len(weights) > len(known) or not set(named) <= {weight.name for weight in known[len(weights) :]}:
            raise ShapeError(
                f"{type(self).__name__} was given {len(weights)} weights and {', '.join(named) or 'none'} by name; "
                f"expected {', '.join(map(str, known))}, each once."
            )
        for weight in known:
            setattr(self, weight.name, given.get(weight.name))
        self._check({weight: given.get(weight.name) for weight in known})

    def _check(self, given: Mapping[Weight, Tensor | None]) -> None:
        """Check the shapes once, so that no step broadcasts by accident."""
        I, H = self.input_size, self.hidden_size  # noqa: E741
        for weight, tensor in given.items():
            expected = weight.sizes(I, H)
            if (tensor is None and not weight.bias) or (tensor is not None and tensor.shape != expected):
                raise ShapeError(
                    f"{weight.name} {'is missing' if tensor is None else f'has shape {tuple(tensor.shape)}'}; expected "
                    f"{expected} for {type(self).__name__} with {I} inputs, {H} hidden units and "
                    f"{len(self.kind.gates)} gates. Give {_listed(self.kind)}."
                )
        biases = {weight.name: tensor is None for weight, tensor in given.items() if weight.bias}
        if len(set(biases.values())) > 1:
            raise ShapeError(f"{type(self).__name__} was given one bias; expected {' and '.join(biases)}, or neither.")

    def __repr__(self) -> str:
        """Sizes, as torch's layers show them, and no weights."""
        return f"{type(self).__name__}({self.input_size}, {self.hidden_size})"

    @property
    def input_size(self) -> int:
        """I."""
        for side, length in self._sides(I_SIDE):
            if side.inputs:
                return (length - side.more - side.hidden * self.hidden_size) // side.inputs
        return 0

    @property
    def hidden_size(self) -> int:
        """H."""
        for side, length in self._sides(H_SIDE):
            if side.hidden and not side.inputs:
                return (length - side.more) // side.hidden
        return 0

    def _sides(self, plain: Size) -> list[tuple[Size, int]]:
        """What the weights' sides are, and how long; first those that are nothing but this, columns before rows."""
        given = [(weight, getattr(self, weight.name)) for weight in self.kind.weights]
        found = [
            (side != plain, -k, side, tensor.shape[k])
            for weight, tensor in given
            for k, side in enumerate(weight.shape)
            if tensor is not None and tensor.dim() > k
        ]
        return [each[2:] for each in sorted(found, key=lambda each: each[:2])]

    @abstractmethod
    def step(self, *args: Any, **states: Any) -> Step:
        """One step: `step(x, *, h)`, for the LSTM `step(x, *, h, c)`; x is (B, I), states are (B, H)."""

    @classmethod
    @torch.no_grad()
    def start(cls, weights: Mapping[str, Tensor], input_size: int, hidden_size: int) -> None:
        """Fill a new layer's weights, by their names, as its kind says that they start: torch's uniformly."""
        bound = 1 / math.sqrt(hidden_size) if hidden_size > 0 else 0
        for weight in cls.kind.weights:
            if weight.name in weights:
                low, high = {"uniform": (-bound, bound), "recurrent": (0, 1), "ones": (1, 1), "zeros": (0, 0)}[
                    weight.start
                ]
                torch.nn.init.uniform_(weights[weight.name], low, high)

    @classmethod
    def gate_gradients(
        cls,
        gates: Mapping[str, Tensor],
        *,
        grads: Mapping[str, Tensor],
        before: Tensor,
        after: Tensor,
        W_hh: Tensor,
    ) -> dict[str, Tensor]:
        """dL/d of each gate after its activation, by symbol: the equations, differentiated by hand.

        Only a cell with kernels has them, because those hand on gradients of states alone. All are (T, B, H).

        Args:
            gates: by symbol, as the kernels kept them, with "u" for a candidate's U h₋₁ + b'.
            grads: dL/d of each state by its name, all paths together.
            before: the carried state that each step began with.
            after: the same after each step.
            W_hh: (G*H, H).
        """
        raise NotImplementedError(f"{cls.__name__} has no kernels that would need them.")

    def run(
        self,
        x: Tensor,  # (T, B, I)
        *,
        h0: Tensor | None = None,  # (B, H)
        c0: Tensor | None = None,  # (B, H), the LSTM's
        lengths: Tensor | None = None,  # (B,) steps to read of each sequence, 0 to T
    ) -> Unrolled:
        """Read x step by step, from the first to the last; beyond a sequence's end its states stay as they are.

        Args:
            x: inputs.
            h0: hidden states before the first step; zeros if left out.
            c0: the same for the LSTM's cell states.
            lengths: read only so many steps of each sequence.

        Returns:
            The trace.

        Raises:
            ShapeError: x or a state does not fit, or there are no steps.
        """
        steps, states = self.walk(x, h0=h0, c0=c0, lengths=lengths)
        return Unrolled(
            states={name: torch.stack([each[name] for each in states]) for name in self.kind.states},
            gates={gate: torch.stack([step.gates[gate] for step in steps]) for gate in self.kind.gates},
            last=states[-1],
        )

    def walk(
        self,
        x: Tensor,  # (T, B, I)
        *,
        h0: Tensor | None = None,  # (B, H)
        c0: Tensor | None = None,  # (B, H), the LSTM's
        lengths: Tensor | None = None,  # (B,)
    ) -> tuple[list[Step], list[dict[str, Tensor]]]:
        """The same, a step each: the very tensors that all else is made of, to ask for gradients of.

        Args:
            x: inputs.
            h0: hidden states before the first step; zeros if left out.
            c0: the same for the LSTM's cell states.
            lengths: read only so many steps of each sequence.

        Returns:
            What each step made, and the states after it, which beyond a sequence's end are those of its end.

        Raises:
            ShapeError: x or a state does not fit, or there are no steps.
        """
        if x.dim() != 3 or x.shape[-1] != self.input_size or len(x) == 0:
            raise ShapeError(
                f"x has shape {tuple(x.shape)}; expected (T, B, {self.input_size}) with T of 1 or more. "
                "Put time first, then the batch."
            )
        states = self._start(x, {"h": h0, "c": c0})
        if lengths is not None:
            valid = torch.arange(len(x), device=x.device)[:, None] < lengths.to(x.device)  # (T, B)
            x = x.masked_fill(~valid[..., None], 0)  # NaN there would reach the gradient through `where`
        read = self._all_inputs(x) if self.ahead else x
        steps: list[Step] = []
        held: list[dict[str, Tensor]] = []
        for t in range(len(x)):
            step = self.step(read[t], **states)
            if lengths is None:
                states = step.states
            else:
                states = {k: torch.where(valid[t, :, None], after, states[k]) for k, after in step.states.items()}
            steps.append(step)
            held.append(states)
        return steps, held

    def _start(self, x: Tensor, given: dict[str, Tensor | None]) -> dict[str, Tensor]:
        """The states before the first step."""
        shape = (x.shape[1], self.hidden_size)
        states = {}
        for name, state in given.items():
            if name not in self.kind.states:
                if state is not None:
                    raise ShapeError(f"{name}0 was given; {type(self).__name__} has no such state. Leave {name}0 out.")
                continue
            if state is not None and state.shape != shape:
                raise ShapeError(
                    f"{name}0 has shape {tuple(state.shape)}; expected {shape} for a batch of {shape[0]}. "
                    f"Leave {name}0 out to start from zeros."
                )
            states[name] = x.new_zeros(shape) if state is None else state
        return states

    def _all_inputs(self, x: Tensor) -> list[dict[Gate, Tensor]]:
        """What `from_input` makes of each of the steps (T, B, I), all at once."""
        made = self.from_input(x)
        return [
            dict(zip(made, each, strict=True))
            for each in zip(*(block.unbind() for block in made.values()), strict=True)
        ]

    def from_input(self, x: Tensor | dict[Gate, Tensor]) -> dict[Gate, Tensor]:
        """W_ih x + b_ih, (B, H) for each gate; what was made of x before is that."""
        if isinstance(x, dict):
            return x
        return split(self.of_input(x), self.kind.gates)

    def of_input(self, x: Tensor) -> Tensor:
        """The same as one block, (..., G*H)."""
        return linear(x, self.W_ih, self.b_ih)

    def from_hidden(self, v: Tensor, *gates: Gate) -> dict[Gate, Tensor]:
        """W_hh v + b_hh, (B, H) for each of the gates named, which must be neighbours in order; all when none is."""
        if not gates:
            return split(linear(v, self.W_hh, self.b_hh), self.kind.gates)
        H = self.hidden_size
        part = slice(self.kind.rows(gates[0], H).start, self.kind.rows(gates[-1], H).stop)
        return split(linear(v, self.W_hh[part], None if self.b_hh is None else self.b_hh[part]), gates)


def _listed(kind: Kind) -> str:
    """The weights that a cell takes, in words."""
    if kind.other_weights is None:
        return "W_ih (G*H, I), W_hh (G*H, H), biases (G*H,)"
    return ", ".join(map(str, kind.weights))


def split(block: Tensor, gates: tuple[Gate, ...]) -> dict[Gate, Tensor]:
    """A block (..., G*H) of these gates as (..., H) for each, views."""
    return dict(zip(gates, block.chunk(len(gates), dim=-1), strict=True))
