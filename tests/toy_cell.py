"""A cell from outside, in plain torch: the minimal gated unit (Zhou et al. 2016). One file, and it registers itself."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from selfloop import cells
from selfloop.cells import Cell, Step
from selfloop.kinds import Gate, Kind, Reset, Share

FORGET = Gate("forget", "f", "#D55E00")
CANDIDATE = Gate("candidate", "n", "#CC79A7", "tanh")


@cells.register
class MGU(Cell):
    """h = (1 − f) ⊙ h₋₁ + f ⊙ n, with n of f ⊙ h₋₁."""

    kind: ClassVar[Kind] = Kind(
        name="mgu",
        label="MGU",
        gates=(FORGET, CANDIDATE),
        keep=Share(FORGET, rest=True),
        write=Share(FORGET),
        candidate=CANDIDATE,
        reset=Reset(FORGET, after=False),
        products=3,
        formula="h<sub>t</sub> = (1 − f) ⊙ h<sub>t−1</sub> + f ⊙ n",
        source="Zhou et al. 2016",
        file=__file__,
        equations="MGU",
    )

    def step(
        self,
        x: Tensor,  # (B, I)
        *,
        h: Tensor,  # (B, H)
    ) -> Step:
        W = self.from_input(x)
        f = torch.sigmoid(W[FORGET] + self.from_hidden(h, FORGET)[FORGET])
        n = torch.tanh(W[CANDIDATE] + self.from_hidden(f * h, CANDIDATE)[CANDIDATE])
        h = (1 - f) * h + f * n
        return Step({"h": h}, {FORGET: f, CANDIDATE: n})
