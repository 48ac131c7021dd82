"""Tensors as they were at a call, for who looks at it afterwards: copies, or references that show whether they hold."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from selfloop.kernels.pool import POOL

LARGE = 1 << 20  # bytes
INTEGERS = {2: torch.int16, 4: torch.int32, 8: torch.int64}  # by their bytes


def copied(weights: Sequence[Tensor]) -> list[Tensor]:
    """Copies, large ones in the pool's memory: fresh pages take longer than the copy does."""
    return [weight.detach().clone() if weight.nbytes < LARGE else _pooled(weight) for weight in weights]


def same(copies: Sequence[Tensor], weights: Sequence[Tensor]) -> bool:
    """Whether they hold the same bits: of a model that diverged, too, where NaN is not equal to itself.

    Counts of writes (`_version`) would say it sooner, but fused optimisers and `.data` write without being counted.
    """
    pairs = zip(copies, weights, strict=True)
    return all(copy.dtype is weight.dtype and torch.equal(_bits(copy), _bits(weight)) for copy, weight in pairs)


def _bits(weight: Tensor) -> Tensor:
    return weight.detach().view(INTEGERS[weight.itemsize])


def held(tensor: Tensor) -> Tensor:
    """The tensor without its graph; a copy in inference mode, which does not count what is written."""
    return tensor.clone() if tensor.is_inference() else tensor.detach()


def writes_to(tensor: Tensor) -> int:
    """How often the tensor, or a view of it, has been written to."""
    return 0 if tensor.is_inference() else tensor._version


def _pooled(weight: Tensor) -> Tensor:
    return POOL.take(weight.numel(), weight.dtype).view(weight.shape).copy_(weight.detach())
