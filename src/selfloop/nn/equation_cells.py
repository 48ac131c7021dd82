"""The layers of selfloop's cells without kernels, each an `EquationLayer` of its kind: `PeepholeLSTM(7, 17)`."""

from __future__ import annotations

from typing import Any, ClassVar

import torch

from selfloop.kinds import Kind
from selfloop.kinds.coupled import COUPLED_LSTM
from selfloop.kinds.indrnn import INDRNN
from selfloop.kinds.layernorm import LAYERNORM_LSTM
from selfloop.kinds.mingru import MINGRU
from selfloop.kinds.peephole import PEEPHOLE_LSTM
from selfloop.nn.equation_layer import EquationLayer


class _OneKind(EquationLayer):
    """An equation layer of one kind of cell; calls, states and errors are `EquationLayer`'s.

    Args:
        input_size: I.
        hidden_size: H.
        bias: with the biases.
        bidirectional: read backwards, too; outputs are (T, B, 2*H) then.
        device: as for torch's layers.
        dtype: as for torch's layers.
    """

    kind: ClassVar[Kind]

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        bias: bool = True,
        bidirectional: bool = False,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(
            self.kind, input_size, hidden_size, bias=bias, bidirectional=bidirectional, device=device, dtype=dtype
        )

    def extra_repr(self) -> str:
        """Sizes, as torch's layers show them."""
        return super().extra_repr().removeprefix(f"{self.kind.name!r}, ")


class LayerNormLSTM(_OneKind):
    """The LSTM with layer normalisation (Ba et al. 2016); its gains start at 1. See `_OneKind` for its arguments."""

    kind = LAYERNORM_LSTM


class PeepholeLSTM(_OneKind):
    """The LSTM whose gates see the cell state (Gers & Schmidhuber 2000)."""

    kind = PEEPHOLE_LSTM


class CoupledLSTM(_OneKind):
    """The LSTM that writes where it forgets (Greff et al. 2017)."""

    kind = COUPLED_LSTM


class MinGRU(_OneKind):
    """The GRU whose gate and candidate see the input alone (Feng et al. 2024); z keeps."""

    kind = MINGRU


class IndRNN(_OneKind):
    """The network of units that see their own last output alone (Li et al. 2018), with max(0, ·).

    Recurrent weights start uniform between 0 and 1: with u above 1 a unit may grow without end.
    """

    kind = INDRNN
