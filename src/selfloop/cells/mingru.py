"""The minimal GRU (Feng et al. 2024, "Were RNNs all we needed?", section 3.1): gate and candidate see x alone."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor

from selfloop.cells.base import Cell, Step
from selfloop.kinds import Kind
from selfloop.kinds.mingru import CANDIDATE, MINGRU, UPDATE


class MinGRU(Cell):
    """h = z ⊙ h₋₁ + (1 − z) ⊙ n, z a sigmoid of W_z x + b_z and n = W_n x + b_n, with nothing in the place of a tanh.

    z keeps, as in the GRU; the paper's z writes. They are the same with the signs of W_z and b_z turned round. The
    paper's other form, which is computed in logarithms and keeps n positive, is another function.
    """

    kind: ClassVar[Kind] = MINGRU
    ahead: ClassVar[bool] = True

    def step(
        self,
        x: Any,  # (B, I), or what from_input made of it
        *,
        h: Tensor,  # (B, H), of the step before
    ) -> Step:
        """One step."""
        W = self.from_input(x)
        z = torch.sigmoid(W[UPDATE])
        n = W[CANDIDATE]
        h = z * h + (1 - z) * n
        return Step({"h": h}, {UPDATE: z, CANDIDATE: n})
