"""Initialisation that lets gradients and memories last: orthogonal recurrent weights, chrono biases.

In the trainer alone: `selfloop.nn` starts as torch does.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from selfloop.kinds import Kind, Share
from selfloop.nn.layers import Layer, kind_of_layer
from selfloop.train.budget import Scheme


@torch.no_grad()
def initialise(layer: nn.RNNBase | Layer, longest: int, scheme: Scheme) -> None:
    """Start a recurrent layer that is not stacked, in each direction it reads.

    "chrono" (Tallec & Ollivier 2018) draws the keeping gate's bias as log U(1, longest − 1), so that the units'
    time constants cover the sequence, gives a separate gate that writes the opposite, and makes recurrent weights
    orthogonal (Saxe et al. 2014). "torch" leaves torch's own start as it is.

    Args:
        layer: RNN, LSTM or GRU, or one of another kind that runs by its equations.
        longest: steps over which something may have to be remembered.
        scheme: "chrono" or "torch".
    """
    if scheme == "torch":
        return
    for direction in ("", "_reverse") if layer.bidirectional else ("",):
        _chrono(layer, kind_of_layer(layer), longest, direction)


def _chrono(layer: nn.RNNBase | Layer, kind: Kind, longest: int, direction: str) -> None:
    W_ih, W_hh, b_ih, b_hh = (
        _tensor(getattr(layer, f"{name}_l0{direction}")) for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    for gate in kind.gates:
        nn.init.orthogonal_(W_hh[kind.rows(gate, layer.hidden_size)])
        nn.init.xavier_uniform_(W_ih[kind.rows(gate, layer.hidden_size)])
    b_ih.zero_()
    b_hh.zero_()  # only the sum of the two counts
    keeping = torch.log(torch.empty(layer.hidden_size).uniform_(1.0, max(longest - 1.0, 1.1)))
    if kind.keep is not None:
        b_ih[kind.rows(kind.keep.gate, layer.hidden_size)] = _towards(kind.keep, keeping)
    if kind.keep is not None and kind.write is not None and not kind.coupled:
        b_ih[kind.rows(kind.write.gate, layer.hidden_size)] = _towards(kind.write, -keeping)


def _towards(share: Share, bias: Tensor) -> Tensor:
    """The bias of a share's gate that makes the share what this bias would make a gate."""
    return -bias if share.rest else bias


def _tensor(parameter: Tensor | nn.Module) -> Tensor:
    assert isinstance(parameter, Tensor), "a layer's weights and biases are tensors"
    return parameter
