"""What bounds a forward pass from below here: products, weights that do not fit in the second cache, activations."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from selfloop.kernels.native import native
from selfloop.kinds import kind_of
from selfloop.results.bench import Shape

NUMBERS = 4096  # in the first cache
FAR = 4 * 1024 * 1024  # float32: 16 MB, in the outer cache or in memory
SECONDS = 0.2
FLOAT = 4


@dataclass(frozen=True)
class Rates:
    """Of one thread."""

    far: float  # bytes a second from beyond the second cache
    sigmoid: float  # values a second
    tanh: float


def best(work: Callable[[], object]) -> float:
    """The shortest time of many, in seconds: what the machine can."""
    work()
    times, end = [], time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def rates() -> Rates:
    """Measured now, on one thread."""
    torch.set_num_threads(1)
    far = torch.randn(FAR)
    x = np.random.default_rng(0).normal(size=NUMBERS).astype(np.float32)
    y = np.empty_like(x)
    each = [NUMBERS / best(partial(function, x, y)) for function in (native.sigmoid, native.tanh)]
    return Rates(FAR * FLOAT / best(far.sum), *each)


@dataclass(frozen=True)
class Bound:
    """Milliseconds that no forward pass can beat."""

    products: float
    weights: float
    activations: float

    @property
    def total(self) -> float:
        """Products and weights overlap; activations come on top."""
        return max(self.products, self.weights) + self.activations


def bound(cell: str, shape: Shape, peak: float, found: Rates) -> Bound:
    """Of one thread.

    Args:
        cell: its name.
        shape: B, T, I, H.
        peak: GFLOP/s of the matrix product.
        found: what `rates` measured.
    """
    B, T, I, H = shape.batch, shape.steps, shape.inputs, shape.hidden  # noqa: E741
    kind = kind_of(cell)
    sigmoids = sum(gate.share for gate in kind.gates)
    tanhs = len(kind.gates) - sigmoids + ("c" in kind.states)  # of a unit and step; c is squashed, too
    weights = len(kind.gates) * H * (I + H) * FLOAT
    second = int(subprocess.check_output(["getconf", "LEVEL2_CACHE_SIZE"], text=True) or 0)
    units = B * T * H
    return Bound(
        products=2 * B * T * weights / FLOAT / peak / 1e6,
        weights=max(0, weights - second) * T / found.far * 1e3,  # what the second cache holds is not fetched again
        activations=units * (sigmoids / found.sigmoid + tanhs / found.tanh) * 1e3,
    )
