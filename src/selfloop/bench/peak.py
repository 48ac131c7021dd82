"""The machine's own matrix peak, measured in the same run: what shares are shares of."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from math import ceil
from threading import Barrier

import torch

from selfloop.bench.inputs import DTYPES
from selfloop.bench.native import microkernel
from selfloop.results.bench import Dtype

SIZES = (512, 1024, 2048)  # of square matrices
REPEATS = 3
SECONDS = 0.05  # that the microkernel runs for
FEW_ROUNDS = 20_000


def torch_peak(dtype: Dtype) -> float:
    """GFLOP/s of torch's best product of square matrices, with the threads that torch is set to."""
    best = 0.0
    for size in SIZES:
        a, b = (torch.randn(size, size, dtype=DTYPES[dtype]) for _ in range(2))
        out = a @ b
        for _ in range(REPEATS):
            start = time.perf_counter()
            torch.mm(a, b, out=out)
            best = max(best, 2 * size**3 / (time.perf_counter() - start) / 1e9)
    return best


def native_peak(dtype: Dtype, threads: int) -> float:
    """GFLOP/s of our microkernel alone, all its numbers in the first cache, on each of so many threads at once."""
    start = time.perf_counter()
    microkernel(dtype, FEW_ROUNDS)
    rounds = ceil(FEW_ROUNDS * SECONDS / (time.perf_counter() - start))
    barrier = Barrier(threads)

    def timed(_: int) -> tuple[float, float, float]:
        barrier.wait()
        start = time.perf_counter()
        done = microkernel(dtype, rounds)
        return done, start, time.perf_counter()

    best = 0.0
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(REPEATS):
            ran = list(pool.map(timed, range(threads)))
            span = max(end for _, _, end in ran) - min(start for _, start, _ in ran)
            best = max(best, sum(done for done, _, _ in ran) / span / 1e9)
    return best
