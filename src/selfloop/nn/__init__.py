"""RNN, LSTM and GRU that take the place of `torch.nn`'s: same constructor, `state_dict`, shapes and errors.

`GRU` can also reset before the recurrent product, as Cho et al. 2014 do: `GRU(7, 17, reset_after=False)`.
"""

from selfloop.nn.elman import RNN
from selfloop.nn.gru import GRU
from selfloop.nn.lstm import LSTM

__all__ = ["GRU", "LSTM", "RNN"]
