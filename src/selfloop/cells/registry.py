"""The equations of every kind, and the door for a cell of one's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import torch
from torch import Tensor

from selfloop import kinds
from selfloop.cells.base import Cell, Step
from selfloop.cells.coupled import CoupledLSTM
from selfloop.cells.gru import GRU, ChoGRU
from selfloop.cells.indrnn import IndRNN
from selfloop.cells.layernorm import LayerNormLSTM
from selfloop.cells.lstm import LSTM
from selfloop.cells.mingru import MinGRU
from selfloop.cells.peephole import PeepholeLSTM
from selfloop.cells.rnn import RNN, ReluRNN
from selfloop.cells.steps import StepCell, cell_of, is_source
from selfloop.errors import SettingsError
from selfloop.kinds import Gate, Kind
from selfloop.kinds.kind import Activation

C = TypeVar("C", bound=Cell | torch.nn.Module)
CELLS = (
    RNN, ReluRNN, LSTM, GRU, ChoGRU,
    LayerNormLSTM, PeepholeLSTM, CoupledLSTM, MinGRU, IndRNN,
)  # fmt: skip
OURS: dict[str, type[Cell]] = {cell.kind.name: cell for cell in CELLS}
_EQUATIONS = dict(OURS)
ACTIVATIONS: dict[Activation, Callable[[Tensor], Tensor]] = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "linear": torch.clone,
}
BATCH, INPUTS, HIDDEN = 5, 3, 4  # of the step that a new cell is tried on
ROUNDING = 1e-9  # float64's errors in sums of a dozen terms are a million times smaller


def equations_of(kind: Kind) -> type[Cell]:
    """The class that holds a kind's equations.

    Raises:
        SettingsError: nobody registered any.
    """
    found = _EQUATIONS.get(kind.name)
    if found is None:
        raise SettingsError(
            f"The cell {kind.name!r} has no equations; expected a subclass of selfloop.cells.Cell for it: register it "
            "with selfloop.cells.register."
        )
    return found


def own_cells() -> tuple[type[Cell], ...]:
    """Those that a user registered."""
    return tuple(cell for name, cell in _EQUATIONS.items() if name not in OURS)


def register(cell: type[C]) -> type[C]:
    """Add a cell of one's own and its kind: from then on it can be trained, compared, traced and explained by name.

    One step is taken to see whether the equations do what the kind says. A cell that was registered before under the
    same name is replaced. Works as a decorator.

    Args:
        cell: a subclass of `Cell` with a `kind` and a `step`; or a class of `torch.nn.Module`s that are made with
            (input_size, hidden_size) and called as `selfloop.nn.from_cell` says: its name is the class's in small
            letters, "leaky_unit" of LeakyUnit.

    Returns:
        The same class.

    Raises:
        SettingsError: it is no such class, its equations do not do what its kind says, or the name is selfloop's own.

    Example:
        >>> @selfloop.cells.register
        ... class MGU(Cell):
        ...     kind = Kind(name="mgu", label="MGU", gates=(FORGET, CANDIDATE))
        ...     def step(self, x, *, h): ...
    """
    equations: Any = cell_of(cell) if is_source(cell) else cell
    if (
        not isinstance(equations, type)
        or not issubclass(equations, Cell)
        or not isinstance(getattr(equations, "kind", None), Kind)
    ):
        raise SettingsError(
            f"{cell!r} is no cell; expected a subclass of selfloop.cells.Cell with a Kind as `kind`, or a class of "
            "torch.nn.Module whose call is a step."
        )
    if not issubclass(equations, StepCell):  # whose step was tried when it was made
        check(equations)
    kinds.register(equations.kind)
    _EQUATIONS[equations.kind.name] = equations
    return cell


def check(equations: type[Cell]) -> None:
    """Raise unless a step of a cell does what its kind says.

    Raises:
        SettingsError: it does something else.
    """
    kind, made = equations.kind, torch.Generator().manual_seed(0)
    shapes = (weight.sizes(INPUTS, HIDDEN) for weight in kind.weights)
    cell = equations(*(torch.randn(shape, generator=made, dtype=torch.float64) for shape in shapes))
    x = torch.randn(BATCH, INPUTS, generator=made, dtype=torch.float64)
    before = {name: torch.randn(BATCH, HIDDEN, generator=made, dtype=torch.float64) for name in kind.states}
    try:
        step = cell.step(x, **before)
    except TypeError as error:
        raise SettingsError(
            f"A step of {kind.label} cannot be taken: {error}; expected step(self, x, *, {', '.join(kind.states)})."
        ) from error
    _check_made(kind, step)
    _check_belt(kind, step, before[kind.carried])
    if kind.plain:
        _check_plain(cell, step, x, before["h"])


def _check_made(kind: Kind, step: Step) -> None:
    """States and gates are those of the kind, and shares are shares."""
    shapes = {tuple(made.shape) for made in (*step.states.values(), *step.gates.values())}
    if set(step.states) != set(kind.states) or set(step.gates) != set(kind.gates) or shapes != {(BATCH, HIDDEN)}:
        raise SettingsError(
            f"A step of {kind.label} made states {', '.join(step.states)}, gates "
            f"{', '.join(gate.symbol for gate in step.gates)} and shapes {sorted(shapes)}; expected what its kind "
            f"says: {', '.join(kind.states)}, {', '.join(gate.symbol for gate in kind.gates)}, (B, H) each."
        )
    for gate, value in step.gates.items():
        if gate.share and not bool(((value >= 0) & (value <= 1)).all()):
            raise SettingsError(
                f"Gate {gate.symbol} of {kind.label} is a share, but not between 0 and 1; expected a sigmoid. Give the "
                'gate another activation: Gate(..., activation="tanh").'
            )


def _check_belt(kind: Kind, step: Step, before: Tensor) -> None:
    """What is carried is what was kept and what was written."""
    if kind.belt is None:
        return
    keep, write, candidate = kind.belt
    values = {gate.symbol: value for gate, value in step.gates.items()}
    expected = keep.of(values) * before + write.of(values) * values[candidate.symbol]
    off = float((step.states[kind.carried] - expected).abs().max())
    if not off <= ROUNDING:
        raise SettingsError(
            f"{kind.carried} of {kind.label} is off by {off:.2g} from ({keep.symbol}) ⊙ {kind.carried}₋₁ + "
            f"({write.symbol}) ⊙ {candidate.symbol}; expected what its kind says that it keeps and writes. Leave "
            "keep, write or candidate out of the kind where there is no such gate."
        )


def _check_plain(cell: Cell, step: Step, x: Tensor, h: Tensor) -> None:
    """Each gate is its activation of the usual sum."""
    for gate, value in step.gates.items():
        off = float((value - ACTIVATIONS[gate.activation](_sum(cell, gate, step, x, h))).abs().max())
        if not off <= ROUNDING:
            raise SettingsError(
                f"Gate {gate.symbol} of {cell.kind.label} is off by {off:.2g} from the {gate.activation} of W x + b + "
                "U h₋₁ + b'; expected that, with what `reset` says in its kind. Say plain=False there if it is another "
                "sum: then no gradient paths are shown."
            )


def _sum(cell: Cell, gate: Gate, step: Step, x: Tensor, h: Tensor) -> Tensor:
    """W x + b + U h₋₁ + b', reset as the kind says."""
    W, reset = cell.from_input(x)[gate], cell.kind.reset
    if reset is None or gate != cell.kind.candidate:
        return W + cell.from_hidden(h, gate)[gate]
    r = step.gates[reset.gate]
    return W + (r * cell.from_hidden(h, gate)[gate] if reset.after else cell.from_hidden(r * h, gate)[gate])
