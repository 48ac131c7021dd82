"""Initialisation that lets gradients and memories last: orthogonal recurrent weights, chrono biases.

In the trainer alone: `selfloop.nn` starts as torch does.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from selfloop.kinds import Kind, Share
from selfloop.nn.layers import Layer, kind_of_layer
from selfloop.train.budget import Scheme

MOST = 2.0  # what a gradient may grow by over the longest sequence where a unit keeps u of its own h: Li et al.'s γ


@torch.no_grad()
def initialise(layer: nn.RNNBase | Layer, longest: int, scheme: Scheme) -> None:
    """Start a recurrent layer that is not stacked, in each direction it reads.

    "chrono" (Tallec & Ollivier 2018) draws the keeping gate's bias as log U(1, longest − 1), so that the units'
    time constants cover the sequence, gives a separate gate that writes the opposite, and makes recurrent weights
    orthogonal (Saxe et al. 2014). What a unit of an IndRNN keeps of its own h is drawn between 0 and 2^(1/longest), so
    that nothing grows more than twofold over the sequence (Li et al. 2018). "torch" leaves torch's own start as it is.

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
    H = layer.hidden_size
    weights = {w.name: _tensor(getattr(layer, f"{w.parameter}_l0{direction}")) for w in kind.weights}
    for gate in kind.gates:
        if "W_hh" in weights:
            nn.init.orthogonal_(weights["W_hh"][kind.rows(gate, H)])
        if "W_ih" in weights:
            nn.init.xavier_uniform_(weights["W_ih"][kind.rows(gate, H)])
    for weight in kind.weights:
        if weight.bias:
            weights[weight.name].zero_()  # of two biases only the sum counts
        if weight.start == "recurrent":
            weights[weight.name].uniform_(0, MOST ** (1 / max(longest, 1)))
    keeping = torch.log(torch.empty(H).uniform_(1.0, max(longest - 1.0, 1.1)))
    if kind.keep is not None and "b_ih" in weights:
        weights["b_ih"][kind.rows(kind.keep.gate, H)] = _towards(kind.keep, keeping)
    if kind.keep is not None and kind.write is not None and not kind.coupled and "b_ih" in weights:
        weights["b_ih"][kind.rows(kind.write.gate, H)] = _towards(kind.write, -keeping)


def _towards(share: Share, bias: Tensor) -> Tensor:
    """The bias of a share's gate that makes the share what this bias would make a gate."""
    return -bias if share.rest else bias


def _tensor(parameter: Tensor | nn.Module) -> Tensor:
    assert isinstance(parameter, Tensor), "a layer's weights and biases are tensors"
    return parameter
