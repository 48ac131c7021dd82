"""RNN, LSTM and GRU that take the place of `torch.nn`'s: same constructor, `state_dict`, shapes and errors.

`selfloop.accelerate(model)` turns torch's layers inside any module into these, `selfloop.decelerate` turns them back.

`EquationLayer` runs a cell without kernels, such as one of one's own, by its equations in plain torch.
`LayerNormLSTM`, `PeepholeLSTM`, `CoupledLSTM`, `MinGRU` and `IndRNN` are such layers.
`from_cell` makes one of a function or module of a few lines, `step(x, state)`.

`GRU` can also reset before the recurrent product, as Cho et al. 2014 do: `GRU(7, 17, reset_after=False)`.
"""

from selfloop.nn.equation_cells import CoupledLSTM, IndRNN, LayerNormLSTM, MinGRU, PeepholeLSTM
from selfloop.nn.equation_layer import EquationLayer
from selfloop.nn.from_cell import from_cell
from selfloop.nn.gru import GRU
from selfloop.nn.lstm import LSTM
from selfloop.nn.rnn import RNN

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "CoupledLSTM",
    "EquationLayer",
    "IndRNN",
    "LayerNormLSTM",
    "MinGRU",
    "PeepholeLSTM",
    "from_cell",
]
