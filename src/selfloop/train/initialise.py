"""Initialisation that lets gradients and memories last: orthogonal recurrent weights, chrono biases.

In the trainer alone: `selfloop.nn` starts as torch does.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from selfloop.gates import FORGET, GRU_GATES, INPUT, LSTM_GATES, UPDATE, Gate

Scheme = Literal["chrono", "torch"]


@torch.no_grad()
def initialise(layer: nn.RNNBase, longest: int, scheme: Scheme) -> None:
    """Start a one-layer, one-direction recurrent layer.

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
    gates = {"LSTM": LSTM_GATES, "GRU": GRU_GATES}.get(layer.mode, ())
    for block in _tensor(layer.weight_hh_l0).chunk(max(len(gates), 1)):
        nn.init.orthogonal_(block)
    for block in _tensor(layer.weight_ih_l0).chunk(max(len(gates), 1)):
        nn.init.xavier_uniform_(block)
    _tensor(layer.bias_ih_l0).zero_()
    _tensor(layer.bias_hh_l0).zero_()
    if not gates:
        return
    keeping = torch.log(torch.empty(layer.hidden_size).uniform_(1.0, max(longest - 1.0, 1.1)))
    if layer.mode == "LSTM":
        _bias(layer, gates, FORGET).copy_(keeping)
        _bias(layer, gates, INPUT).copy_(-keeping)
    else:
        _bias(layer, gates, UPDATE).copy_(keeping)  # z keeps in PyTorch's GRU


def _bias(layer: nn.RNNBase, gates: tuple[Gate, ...], gate: Gate) -> Tensor:
    """The rows of b_ih that belong to a gate; b_hh stays zero, only the sum counts."""
    return _tensor(layer.bias_ih_l0).chunk(len(gates))[gates.index(gate)]


def _tensor(parameter: Tensor | nn.Module) -> Tensor:
    assert isinstance(parameter, Tensor), "a layer's weights and biases are tensors"
    return parameter
