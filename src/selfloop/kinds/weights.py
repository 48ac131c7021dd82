"""What weights a layer of a cell has, as data: names, shapes by its sizes, how they start. No torch, no NumPy."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Literal

Start = Literal["uniform", "recurrent", "ones", "zeros"]


@dataclass(frozen=True)
class Size:
    """One side of a weight: so many times the hidden size, so many times the input size, and so many more."""

    hidden: int = 0
    inputs: int = 0
    more: int = 0

    def of(self, input_size: int, hidden_size: int) -> int:
        """The number that it is in a layer of these sizes."""
        return self.hidden * hidden_size + self.inputs * input_size + self.more

    def __str__(self) -> str:
        """As people write it: "4*H", "I"."""
        named = [(self.hidden, "H"), (self.inputs, "I")]
        parts = [letter if times == 1 else f"{times}*{letter}" for times, letter in named if times]
        return " + ".join([*parts, str(self.more)] if self.more or not parts else parts)


@dataclass(frozen=True)
class Weight:
    """One weight of a layer, for each direction.

    Attributes:
        name: in the equations: "W_ih".
        parameter: of a layer, before the layer's number: "weight_ih".
        shape: one or two sides. A matrix is multiplied by a vector once a step.
        bias: left out where a layer is asked to have none.
        start: "uniform" between −1/√H and 1/√H, as torch's; "recurrent", what a unit keeps of its own h, uniform
            between 0 and 1; "ones"; "zeros".
    """

    name: str
    parameter: str
    shape: tuple[Size, ...]
    bias: bool = False
    start: Start = "uniform"

    def sizes(self, input_size: int, hidden_size: int) -> tuple[int, ...]:
        """Its shape in a layer of these sizes."""
        return tuple(side.of(input_size, hidden_size) for side in self.shape)

    def count(self, input_size: int, hidden_size: int) -> int:
        """How many numbers it has there."""
        return prod(self.sizes(input_size, hidden_size))

    def __str__(self) -> str:
        """As people write it: "W_ih (4*H, I)"."""
        return f"{self.name} ({', '.join(map(str, self.shape))}{',' if len(self.shape) == 1 else ''})"


H, I = Size(hidden=1), Size(inputs=1)  # noqa: E741 (the input size's letter)


def from_input(gates: int) -> Weight:
    """A matrix for the input, a block of H rows for each gate."""
    return Weight("W_ih", "weight_ih", (Size(hidden=gates), I))


def from_hidden(gates: int) -> Weight:
    """The same for the hidden state of the step before."""
    return Weight("W_hh", "weight_hh", (Size(hidden=gates), H))


def bias_ih(gates: int) -> Weight:
    """What is added to the input's product."""
    return Weight("b_ih", "bias_ih", (Size(hidden=gates),), bias=True)


def bias_hh(gates: int) -> Weight:
    """What is added to the hidden state's product: torch's second bias."""
    return Weight("b_hh", "bias_hh", (Size(hidden=gates),), bias=True)


def torchs(gates: int) -> tuple[Weight, ...]:
    """The four that torch's layers have."""
    return from_input(gates), from_hidden(gates), bias_ih(gates), bias_hh(gates)
