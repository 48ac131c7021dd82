"""The independently recurrent network (Li et al. 2018): a recurrent weight for each unit, in the place of a matrix."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor

from selfloop.cells.base import Cell, Step
from selfloop.kinds import Kind
from selfloop.kinds.indrnn import INDRNN
from selfloop.kinds.rnn import RECTIFIED


class IndRNN(Cell):
    """h = max(0, W_ih x + b_ih + u ⊙ h₋₁): a unit sees its own last h alone; the layer above sees all of them.

    A gradient is multiplied by u at every step that a unit stays above 0, and by nothing else.
    """

    kind: ClassVar[Kind] = INDRNN
    ahead: ClassVar[bool] = True
    u: Tensor  # (H,)

    def step(
        self,
        x: Any,  # (B, I), or what from_input made of it
        *,
        h: Tensor,  # (B, H), of the step before
    ) -> Step:
        """One step; the only gate is the new h itself."""
        h = torch.relu(self.from_input(x)[RECTIFIED] + self.u * h)
        return Step({"h": h}, {RECTIFIED: h})
