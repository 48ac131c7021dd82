"""From a kind of cell to the layer that runs it, and back."""

from __future__ import annotations

import torch

from selfloop.kinds import Kind, kind_of_mode
from selfloop.nn.base import Recurrent
from selfloop.nn.equation_layer import EquationLayer
from selfloop.nn.gru import GRU
from selfloop.nn.lstm import LSTM
from selfloop.nn.rnn import RNN

Layer = Recurrent | EquationLayer
CLASSES: dict[str, type[Recurrent]] = {layer.__name__: layer for layer in (RNN, LSTM, GRU)}


def layer_of(kind: Kind, input_size: int, hidden_size: int, *, bidirectional: bool = False) -> Layer:
    """A layer of the kernels where the kind has one, else one that runs its equations.

    Args:
        kind: of the cell.
        input_size: I.
        hidden_size: H.
        bidirectional: read backwards, too.

    Raises:
        SettingsError: the kind has neither kernels nor equations.
    """
    if not kind.layer:
        return EquationLayer(kind, input_size, hidden_size, bidirectional=bidirectional)
    return CLASSES[kind.layer](input_size, hidden_size, bidirectional=bidirectional, **dict(kind.settings))


def kind_of_layer(layer: torch.nn.RNNBase | Layer) -> Kind:
    """What the cell of a layer is, also of torch's own."""
    return layer.cell_kind if isinstance(layer, Layer) else kind_of_mode(layer.mode)
