"""Tensors as they were at a call, for who looks at it afterwards: copies, or references that show whether they hold."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor

from selfloop.kernels.pool import POOL

LARGE = 1 << 20  # bytes


class Copies(NamedTuple):
    """A layer's weights as they were at a call, and what tells whether they still are so at the next."""

    given: Sequence[Tensor]
    writes: list[int] | None  # None in inference mode, which does not count what is written
    copies: list[Tensor]

    @classmethod
    def of(cls, weights: Sequence[Tensor]) -> Copies:
        """Copy them: large ones into the pool's memory, because fresh pages take longer than the copy does."""
        copies = [weight.detach().clone() if weight.nbytes < LARGE else _pooled(weight) for weight in weights]
        return cls(weights, _writes_to_all(weights), copies)

    def hold(self, weights: Sequence[Tensor]) -> bool:
        """Whether these are the same, not written to since. What writes through `.data` goes unseen, as in autograd."""
        same = all(map(operator.is_, self.given, weights))
        return same and self.writes is not None and self.writes == _writes_to_all(weights)


def held(tensor: Tensor) -> Tensor:
    """The tensor without its graph; a copy in inference mode, which does not count what is written."""
    return tensor.clone() if tensor.is_inference() else tensor.detach()


def writes_to(tensor: Tensor) -> int:
    """How often the tensor, or a view of it, has been written to."""
    return 0 if tensor.is_inference() else tensor._version


def _pooled(weight: Tensor) -> Tensor:
    return POOL.take(weight.numel(), weight.dtype).view(weight.shape).copy_(weight.detach())


def _writes_to_all(weights: Sequence[Tensor]) -> list[int] | None:
    try:
        return [weight._version for weight in weights]
    except RuntimeError:
        return None
