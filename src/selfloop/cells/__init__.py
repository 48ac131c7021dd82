"""The equations of the cells in plain torch: the definition that everything faster is tested against.

    >>> cell = cells.LSTM(W_ih, W_hh, b_ih, b_hh)
    >>> run = cell.run(x, h0=h0, c0=c0)         # x: (T, B, I)
    >>> run.outputs, run.gates[FORGET]          # (T, B, H) each; FORGET is in selfloop.kinds.lstm

`run_layers` does the same for stacked and bidirectional layers from a torch layer's `state_dict`.
"""

from selfloop.cells.base import Cell, Step, Unrolled, split
from selfloop.cells.coupled import CoupledLSTM
from selfloop.cells.gru import GRU, ChoGRU
from selfloop.cells.indrnn import IndRNN
from selfloop.cells.layernorm import LayerNormLSTM
from selfloop.cells.layers import Layers, cells_of, run_layers
from selfloop.cells.lstm import LSTM
from selfloop.cells.mingru import MinGRU
from selfloop.cells.peephole import PeepholeLSTM
from selfloop.cells.registry import equations_of, register
from selfloop.cells.rnn import RNN, ReluRNN

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "Cell",
    "ChoGRU",
    "CoupledLSTM",
    "IndRNN",
    "LayerNormLSTM",
    "Layers",
    "MinGRU",
    "PeepholeLSTM",
    "ReluRNN",
    "Step",
    "Unrolled",
    "cells_of",
    "equations_of",
    "register",
    "run_layers",
    "split",
]
