"""AdamW (Loshchilov & Hutter 2019) in torch's fused form, without torch's class around it.

The numbers are those of `torch.optim.AdamW(weights, learning_rate, weight_decay=WEIGHT_DECAY, fused=True)` to the last
bit. The first optimiser of torch that a process makes imports torch's compiler, which takes longer than a small network
trains; the fused form costs a fifth of the plain one on a network of a few small tensors.
"""

from __future__ import annotations

import torch
from torch import Tensor

WEIGHT_DECAY = 1e-4
_BETAS = (0.9, 0.999)
_EPSILON = 1e-8


class AdamW:
    """Steps along gradients, each weight's own divided by how large it usually is."""

    def __init__(self, weights: list[Tensor], learning_rate: float) -> None:
        self.learning_rate = learning_rate  # of the next step
        self._weights = weights
        self._means = [torch.zeros_like(w, requires_grad=False) for w in weights]
        self._squares = [torch.zeros_like(w, requires_grad=False) for w in weights]
        self._steps = [torch.zeros(()) for _ in weights]

    @torch.no_grad()
    def step(self) -> None:
        """One update of all weights that have a gradient."""
        known = {k: weight.grad for k, weight in enumerate(self._weights) if weight.grad is not None}
        weights, means, squares, steps = (
            [these[k] for k in known] for these in (self._weights, self._means, self._squares, self._steps)
        )
        torch._foreach_add_(steps, 1)
        torch._fused_adamw_(
            weights, list(known.values()), means, squares, [], steps, lr=self.learning_rate,
            beta1=_BETAS[0], beta2=_BETAS[1], weight_decay=WEIGHT_DECAY, eps=_EPSILON, amsgrad=False, maximize=False,
        )  # fmt: skip
