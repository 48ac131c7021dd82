"""The gated recurrent unit in both variants: reset after the recurrent product (PyTorch) and before it (Cho et al.).

In both, z keeps: h = (1 − z) ⊙ n + z ⊙ h₋₁. Many diagrams show z and 1 − z the other way round.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor

from selfloop.cells.base import Cell, Step
from selfloop.kinds import Kind
from selfloop.kinds import gru as kinds
from selfloop.kinds.gru import CANDIDATE, RESET, UPDATE


class GRU(Cell):
    """Reset after the product, n = tanh(W x + b + r ⊙ (U h₋₁ + b')): PyTorch's and cuDNN's, `reset_after=True`."""

    kind: ClassVar[Kind] = kinds.GRU

    def step(
        self,
        x: Tensor,  # (B, I)
        *,
        h: Tensor,  # (B, H), of the step before
    ) -> Step:
        """One step."""
        W, U = self.from_input(x), self.from_hidden(h)
        r = torch.sigmoid(W[RESET] + U[RESET])
        z = torch.sigmoid(W[UPDATE] + U[UPDATE])
        n = torch.tanh(W[CANDIDATE] + r * U[CANDIDATE])
        h = (1 - z) * n + z * h
        return Step({"h": h}, {RESET: r, UPDATE: z, CANDIDATE: n})

    @classmethod
    def gate_gradients(
        cls,
        gates: Mapping[str, Tensor],
        *,
        grads: Mapping[str, Tensor],
        before: Tensor,  # h of the step before
        after: Tensor,
        W_hh: Tensor,
    ) -> dict[str, Tensor]:
        """Of h = (1 − z) ⊙ n + z ⊙ h₋₁ and n = tanh(W x + b + r ⊙ u), with u = U h₋₁ + b'."""
        dh = grads["h"]
        dn = dh * (1 - gates["z"])
        return {
            "r": dn * (1 - gates["n"] ** 2) * gates["u"],  # dL/dr
            "z": dh * (before - gates["n"]),  # dL/dz
            "n": dn,  # dL/dn
        }


class ChoGRU(GRU):
    """Reset before the product, n = tanh(W x + b + U (r ⊙ h₋₁) + b'): Cho et al. 2014, `reset_after=False`.

    The paper has no biases; b' is added outside the product, so that only b + b' counts.
    """

    kind: ClassVar[Kind] = kinds.GRU_RESET_BEFORE

    def step(
        self,
        x: Tensor,  # (B, I)
        *,
        h: Tensor,  # (B, H), of the step before
    ) -> Step:
        """One step, in two phases: the candidate's product needs r of all units."""
        W, U = self.from_input(x), self.from_hidden(h, RESET, UPDATE)
        r = torch.sigmoid(W[RESET] + U[RESET])
        z = torch.sigmoid(W[UPDATE] + U[UPDATE])
        n = torch.tanh(W[CANDIDATE] + self.from_hidden(r * h, CANDIDATE)[CANDIDATE])
        h = (1 - z) * n + z * h
        return Step({"h": h}, {RESET: r, UPDATE: z, CANDIDATE: n})

    @classmethod
    def gate_gradients(
        cls,
        gates: Mapping[str, Tensor],
        *,
        grads: Mapping[str, Tensor],
        before: Tensor,  # h of the step before
        after: Tensor,
        W_hh: Tensor,
    ) -> dict[str, Tensor]:
        """Of h = (1 − z) ⊙ n + z ⊙ h₋₁ and n = tanh(W x + b + U (r ⊙ h₋₁) + b')."""
        dh = grads["h"]
        dn = dh * (1 - gates["z"])
        U_n = W_hh[cls.kind.rows(CANDIDATE, W_hh.shape[-1])]
        return {
            "r": (dn * (1 - gates["n"] ** 2)) @ U_n * before,  # dL/dr
            "z": dh * (before - gates["n"]),  # dL/dz
            "n": dn,  # dL/dn
        }
