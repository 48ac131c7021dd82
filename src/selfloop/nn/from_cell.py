"""`selfloop.nn.from_cell`: a layer of somebody's own few lines of torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from selfloop import kinds
from selfloop.cells import Cell
from selfloop.cells.steps import cell_of, is_source, made_of
from selfloop.errors import SettingsError
from selfloop.nn.equation_layer import EquationLayer


class StepLayer(EquationLayer):
    """A layer that reads forwards with somebody's step; made by `from_cell`.

    Attributes:
        cell: the module, if it is one: its parameters are the layer's.
    """

    def __init__(self, equations: type[Cell], cell: Any, input_size: int, hidden_size: int) -> None:
        torch.nn.Module.__init__(self)
        self._equations, self.cell_kind = equations, equations.kind
        self.input_size, self.hidden_size, self.bias, self.bidirectional = input_size, hidden_size, True, False
        self.cell = cell

    @property
    def equations(self) -> type[Cell]:
        """What it runs by."""
        return self._equations

    def reset_parameters(self) -> None:
        """The module's own, if it has one."""
        if hasattr(self.cell, "reset_parameters"):
            self.cell.reset_parameters()

    def extra_repr(self) -> str:
        """Sizes, as torch's layers show them."""
        return f"{self.input_size}, {self.hidden_size}"

    def weights(self, direction: str = "") -> dict[str, Tensor]:
        """The module's parameters, by their names in the cell."""
        own = dict(self.cell.named_parameters()) if isinstance(self.cell, torch.nn.Module) else {}
        return {weight.name: own[weight.name.removeprefix("cell.")] for weight in self.cell_kind.weights}

    def _named_weights(self) -> dict[str, Tensor]:
        own = self.weights()
        return {f"{weight.parameter}_l0": own[weight.name] for weight in self.cell_kind.weights}


def from_cell(cell: Callable[..., Any], input_size: int, hidden_size: int) -> StepLayer:
    """A layer that runs a cell of your own: inputs (T, B, I) to outputs (T, B, H) and the last state.

    The cell is called once for each step as `step(x, state)` with x (B, I). `state` is a tensor (B, H), or a pair of
    them where the cell has two; it starts from zeros unless the layer is given one. It returns the new state, or
    `(state, gates)` with a dict of tensors (B, H) by their names, which `selfloop.trace` and `selfloop.explore` show.
    The output of a step is the state, the first of two.

    One step is tried at once. The layer takes `lengths=` and states as `EquationLayer` does; it reads forwards, and is
    not stacked: put two after each other.

    Args:
        cell: a function, a `torch.nn.Module`, or a class of modules that is made with (input_size, hidden_size).
        input_size: I.
        hidden_size: H.

    Returns:
        The layer. A module's parameters are its own: train the layer, and you train the module.

    Raises:
        SettingsError: no step can be taken, it makes something else than states and gates, gives NaN, another answer
            each time, or mixes the sequences of a batch.

    Example:
        >>> def leaky(x, h):
        ...     return 0.9 * h + 0.1 * torch.tanh(x)
        >>> y, h = selfloop.nn.from_cell(leaky, 3, 3)(torch.randn(20, 5, 3))
    """
    for name, size in (("input_size", input_size), ("hidden_size", hidden_size)):
        if not isinstance(size, int) or size < 1:
            raise SettingsError(f"{name} is {size!r}; expected a whole number, 1 or more.")
    own = made_of(cell, input_size, hidden_size) if is_source(cell) else cell
    equations = cell_of(own, (input_size, hidden_size))
    kinds.register(equations.kind)
    return StepLayer(equations, own, input_size, hidden_size)
