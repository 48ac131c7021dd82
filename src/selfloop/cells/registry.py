"""The equations of every kind, and the door for a cell of one's own."""

from __future__ import annotations

from typing import TypeVar

from selfloop import kinds
from selfloop.cells.base import Cell
from selfloop.cells.gru import GRU, ChoGRU
from selfloop.cells.lstm import LSTM
from selfloop.cells.rnn import RNN, ReluRNN
from selfloop.errors import SettingsError
from selfloop.kinds import Kind

C = TypeVar("C", bound=type[Cell])
_EQUATIONS: dict[str, type[Cell]] = {cell.kind.name: cell for cell in (RNN, ReluRNN, LSTM, GRU, ChoGRU)}


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


def register(cell: C) -> C:
    """Add a cell of one's own and its kind."""
    kinds.register(cell.kind)
    _EQUATIONS[cell.kind.name] = cell
    return cell
