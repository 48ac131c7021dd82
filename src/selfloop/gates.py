"""Gate names, order, symbols and colours: the one place. Nobody slices gates or picks colours elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Gate:
    """One row block of a layer's weights, in PyTorch's order."""

    name: str
    symbol: str
    colour: str


INPUT = Gate("input", "i", "#0072B2")
FORGET = Gate("forget", "f", "#D55E00")
CELL_CANDIDATE = Gate("candidate", "g", "#CC79A7")
OUTPUT = Gate("output", "o", "#009E73")
RESET = Gate("reset", "r", "#44AA99")
UPDATE = Gate("update", "z", "#D55E00")  # z keeps, hence the forget gate's colour; 1 − z writes: INPUT's
CANDIDATE = Gate("candidate", "n", "#CC79A7")
HIDDEN = Gate("hidden", "h", "#56B4E9")

RNN_GATES = (HIDDEN,)
LSTM_GATES = (INPUT, FORGET, CELL_CANDIDATE, OUTPUT)
GRU_GATES = (RESET, UPDATE, CANDIDATE)

CELL_STATE_COLOUR = "#E69F00"
HIDDEN_STATE_COLOUR = HIDDEN.colour
BASELINE_COLOUR = "#888888"
CANDIDATE_COLOURS = {"rnn": "#888888", "lstm": "#332288", "gru": "#882255"}
# On a dark page the same hues, light enough to read there.
BASELINE_COLOUR_DARK = "#A3A3A3"
CANDIDATE_COLOURS_DARK = {"rnn": "#A3A3A3", "lstm": "#A99CF0", "gru": "#EC93B8"}


def by_symbol(gates: tuple[Gate, ...], values: Mapping[str, T]) -> dict[str, T]:
    """Values by the gates' names as values by their symbols; gates without one are left out."""
    return {gate.symbol: values[gate.name] for gate in gates if gate.name in values}


def rows(gates: tuple[Gate, ...], gate: Gate, hidden_size: int) -> slice:
    """The rows of a layer's weights, or the columns of a (B, G*H) block, that belong to a gate.

    Args:
        gates: the cell's gates in order: `RNN_GATES`, `LSTM_GATES` or `GRU_GATES`.
        gate: one of them.
        hidden_size: H, rows of each gate.

    Raises:
        ValueError: the cell has no such gate.
    """
    start = [known.symbol for known in gates].index(gate.symbol) * hidden_size  # torch.compile can read strings
    return slice(start, start + hidden_size)
