"""The process in which all sides of a pair run: it answers one request a line, in JSON.

    python -m selfloop.bench.worker THREADS DTYPE [PEER ...]

The number of threads stays the same for its life, because JAX takes it when it starts; so does the allocator's setting.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from statistics import median
from typing import cast

import msgspec
import torch

from selfloop.bench import agree, peak, sides
from selfloop.bench.inputs import make
from selfloop.bench.messages import Hello, Reply, Request, SideTimes
from selfloop.bench.plan import Work
from selfloop.bench.statistics import median_interval
from selfloop.bench.timing import interleave, ratios
from selfloop.errors import SelfloopError
from selfloop.machine import cores
from selfloop.results.bench import Dtype


class Worker:
    """Times works with one number of threads."""

    def __init__(self, threads: int, dtype: Dtype, peers: tuple[str, ...]) -> None:
        self._threads, self._dtype, self._peers = threads, dtype, peers
        self._reference: agree.Reference | None = None
        torch.set_num_threads(threads)
        if "jax" in peers:
            from selfloop.bench import jax_side

            jax_side.start(threads)

    def answer(self, request: Request) -> Reply:
        """Time the work, or the peak."""
        try:
            return self._peak() if request.work is None else self._time(request.work, request.seconds)
        except SelfloopError as error:
            return Reply(error=str(error))

    def _peak(self) -> Reply:
        native = peak.native_peak(self._dtype, self._threads)
        return Reply(torch_peak=peak.torch_peak(self._dtype), native_peak=native)

    def _time(self, work: Work, seconds: float) -> Reply:
        """Check all sides, then let them take turns."""
        inputs = make(work, self._dtype)
        expected = self._expected(work)
        own = sides.ours(work, inputs)
        entrants = [own, *sides.peers(work, inputs, self._threads, self._peers)]
        deviations = [agree.check(side, side.read(side.call()), expected) for side in entrants]
        times = interleave({side.name: side.call for side in entrants}, seconds)
        found = []
        for side, deviation in zip(entrants, deviations, strict=True):
            ratio, low, high = median_interval(ratios(times, own.name, side.name))
            took = median(times[side.name]) * 1e3
            found.append(SideTimes(side.name, side.backend, took, ratio, low, high, deviation))
        return Reply(tuple(found), pairs=len(times[own.name]))

    def _expected(self, work: Work) -> agree.Reference:
        """The right results; kept from a training step for the forward pass of the same shape."""
        kept = self._reference
        if kept is not None and (kept.work == work or (kept.work == replace(work, mode="training"))):
            return kept.of(work)
        torch.set_num_threads(cores())  # nothing is timed here
        self._reference = agree.reference(work, make(work, self._dtype))
        torch.set_num_threads(self._threads)
        return self._reference


def main() -> None:
    """Answer until there are no more requests."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all of a terminal's processes; the asking one decides
    replies = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what libraries print must not get between the replies
    threads, dtype, *peers = sys.argv[1:]
    replies.write(msgspec.json.encode(Hello(torch.get_num_threads())) + b"\n")
    worker = Worker(int(threads), cast(Dtype, dtype), tuple(peers))
    for line in sys.stdin.buffer:
        reply = worker.answer(msgspec.json.decode(line, type=Request))
        replies.write(msgspec.json.encode(reply) + b"\n")


if __name__ == "__main__":
    main()
