"""Initialisation that lets gradients and memories last: orthogonal recurrent weights, chrono biases.

In the trainer alone: `selfloop.nn` starts as torch does.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from selfloop.gates import FORGET, GRU_GATES, INPUT, LSTM_GATES, RNN_GATES, UPDATE, rows
from selfloop.train.budget import Scheme


@torch.no_grad()
def initialise(layer: nn.RNNBase, longest: int, scheme: Scheme) -> None:
    """Start a recurrent layer that is not stacked, in each direction it reads.

    "chrono" (Tallec & Ollivier 2018) draws the keeping gate's bias as log U(1, longest − 1), so that the units'
    time constants cover the sequence, and makes recurrent weights orthogonal (Saxe et al. 2014). "torch" leaves
    torch's own start as it is.

    Args:
        layer: RNN, LSTM or GRU.
        longest: steps over which something may have to be remembered.
        scheme: "chrono" or "torch".
    """
    if scheme == "torch":
        return
    for direction in ("", "_reverse") if layer.bidirectional else ("",):
        _chrono(layer, longest, direction)


def _chrono(layer: nn.RNNBase, longest: int, direction: str) -> None:
    gates = {"LSTM": LSTM_GATES, "GRU": GRU_GATES}.get(layer.mode, RNN_GATES)
    W_ih, W_hh, b_ih, b_hh = (
        _tensor(getattr(layer, f"{name}_l0{direction}")) for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    for gate in gates:
        nn.init.orthogonal_(W_hh[rows(gates, gate, layer.hidden_size)])
        nn.init.xavier_uniform_(W_ih[rows(gates, gate, layer.hidden_size)])
    b_ih.zero_()
    b_hh.zero_()  # only the sum of the two counts
    keeping = torch.log(torch.empty(layer.hidden_size).uniform_(1.0, max(longest - 1.0, 1.1)))
    if layer.mode == "LSTM":
        b_ih[rows(gates, FORGET, layer.hidden_size)] = keeping
        b_ih[rows(gates, INPUT, layer.hidden_size)] = -keeping
    elif layer.mode == "GRU":
        b_ih[rows(gates, UPDATE, layer.hidden_size)] = keeping  # z keeps in PyTorch's GRU


def _tensor(parameter: Tensor | nn.Module) -> Tensor:
    assert isinstance(parameter, Tensor), "a layer's weights and biases are tensors"
    return parameter
