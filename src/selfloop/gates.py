"""Gate names, order, symbols and colours: the one place. Nobody slices gates or picks colours elsewhere."""

from __future__ import annotations

from dataclasses import dataclass


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
