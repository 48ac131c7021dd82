"""Memory for what training keeps and for large outputs, used again as soon as nobody holds it.

Fresh pages cost more than a small layer does, and as much as the arithmetic of a long sequence.

No finalisers: the pool holds each storage itself, and one that nobody else holds is free.
"""

from __future__ import annotations

import os
import threading
from math import prod

import torch
from torch import Tensor

SMALLEST = 1 << 16  # bytes; below, the allocator has warm memory of its own
SMALLEST_OUTPUT = 1 << 20  # the same for outputs, which users hold for longer, and which are freed in another order
MOST = 1 << 29  # bytes that the pool may hold on to
COUNT = 128  # storages that it may hold on to: all are looked at when one is taken, 0.2 µs each
SLACK = 1.25  # how much larger than asked for a storage may be


class Pool:
    """Storages that were handed out, the one used last at the end. Any number of threads may take."""

    def __init__(self, most: int = MOST, count: int = COUNT) -> None:
        self.most, self.count = most, count
        self._storages: list[torch.UntypedStorage] = []
        self._lock = threading.Lock()
        if hasattr(os, "register_at_fork"):  # a thread that holds the lock is not there to open it in a forked child
            os.register_at_fork(after_in_child=self._unlock)

    @property
    def nbytes(self) -> int:
        """What the pool holds on to, free or in use."""
        return sum(storage.nbytes() for storage in tuple(self._storages))

    def take(self, elements: int, dtype: torch.dtype) -> Tensor:
        """(elements,) with any content; its memory is used again when it and all its views are gone."""
        size = elements * dtype.itemsize
        return self._take(size, (elements,), dtype) if SMALLEST <= size <= self.most else _new((elements,), dtype)

    def output(self, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        """Contiguous, no view of anything, with any content: from the pool where it is large."""
        size = prod(shape) * dtype.itemsize
        if not SMALLEST_OUTPUT <= size <= self.most:
            return _new(shape, dtype)
        return self._take(size, shape, dtype).data  # with a count of writes of its own, still at 0

    def _take(self, size: int, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        with self._lock:
            storage = self._free(size)
            if storage is None:
                storage = torch.empty(size, dtype=torch.uint8, device="cpu").untyped_storage()
            self._storages.append(storage)
            self._drop()
            found: Tensor = _new((0,), dtype).set_(storage, 0, shape, _contiguous(shape))
            return found

    def _free(self, size: int) -> torch.UntypedStorage | None:
        """The smallest free storage that is large enough, out of the list."""
        fitting = [
            (storage.nbytes(), k)
            for k, storage in enumerate(self._storages)
            if size <= storage.nbytes() <= SLACK * size and _is_free(storage)
        ]
        return self._storages.pop(min(fitting)[1]) if fitting else None

    def _drop(self) -> None:
        """Forget the storages that were used longest ago, until the pool holds no more than it may."""
        excess = self.nbytes - self.most
        while excess > 0 or len(self._storages) > self.count:
            excess -= self._storages.pop(0).nbytes()

    def _unlock(self) -> None:
        self._lock = threading.Lock()


def _new(shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    return torch.empty(shape, dtype=dtype, device="cpu")


def _contiguous(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The strides of a tensor without gaps, row by row."""
    return tuple(prod(shape[k + 1 :]) for k in range(len(shape)))


def _is_free(storage: torch.UntypedStorage) -> bool:
    """Whether only the pool holds it: no tensor, no NumPy view, and no other process that it was shared with."""
    return torch._C._storage_Use_Count(storage._cdata) == 1 and not storage.is_shared()


POOL = Pool()
