"""dL/d(gate) after the gate's activation, from the gradients of the states: the cells' equations, differentiated.

All tensors are (T, B, H); `before` is the state that a step began with; dh and dc are of all paths together.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

Values = Mapping[str, Tensor]  # a gate's values by its symbol


def lstm(
    gates: Values,
    *,
    dh: Tensor,
    dc: Tensor,
    cell: Tensor,
    before: Tensor,  # c of the step before
) -> dict[str, Tensor]:
    """Of c = f ⊙ c₋₁ + i ⊙ g and h = o ⊙ tanh(c)."""
    return {
        "i": dc * gates["g"],  # dL/di
        "f": dc * before,  # dL/df
        "g": dc * gates["i"],  # dL/dg
        "o": dh * torch.tanh(cell),  # dL/do
    }


def gru(gates: Values, *, dh: Tensor, before: Tensor) -> dict[str, Tensor]:
    """Of h = (1 − z) ⊙ n + z ⊙ h₋₁ and n = tanh(W x + b + r ⊙ u), with u = U h₋₁ + b': reset after the product."""
    dn = dh * (1 - gates["z"])
    return {
        "r": dn * (1 - gates["n"] ** 2) * gates["u"],  # dL/dr
        "z": dh * (before - gates["n"]),  # dL/dz
        "n": dn,  # dL/dn
    }


def gru_reset_before(
    gates: Values,
    *,
    dh: Tensor,
    before: Tensor,
    U_n: Tensor,  # (H, H), the candidate's rows of W_hh
) -> dict[str, Tensor]:
    """Of h = (1 − z) ⊙ n + z ⊙ h₋₁ and n = tanh(W x + b + U (r ⊙ h₋₁) + b')."""
    dn = dh * (1 - gates["z"])
    return {
        "r": (dn * (1 - gates["n"] ** 2)) @ U_n * before,  # dL/dr
        "z": dh * (before - gates["n"]),  # dL/dz
        "n": dn,  # dL/dn
    }
