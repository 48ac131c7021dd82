"""What a run found: frozen dataclasses, JSON by `selfloop.results.study.to_json`. No torch here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Mode = Literal["training", "forward", "step"]
Dtype = Literal["float32", "float64"]
Allocator = Literal["default", "tuned"]

SCHEMA = 1  # of the JSON; grows when a field changes its meaning or goes
SLOWER = 0.97  # a ratio whose interval ends below: identical code was seen to span 0.957 to 1.035


@dataclass(frozen=True)
class Shape:
    """Sizes of one call of a layer."""

    batch: int  # B
    steps: int  # T
    inputs: int  # I
    hidden: int  # H

    def __str__(self) -> str:
        """B,T,I,H."""
        return f"{self.batch},{self.steps},{self.inputs},{self.hidden}"


@dataclass(frozen=True)
class Ratio:
    """How many times as long a peer took: the median over pairs of calls made one after the other."""

    peer: str
    milliseconds: float  # of the peer, a call, median
    ratio: float  # the peer's time over ours
    low: float  # 95 % interval of that median
    high: float
    share: float  # of the machine's matrix peak, the peer's
    deviation: float  # largest error of its results, in units of what rounding allows: at most 1

    @property
    def slower(self) -> bool:
        """Whether ours is slower than the peer, beyond the noise of a pair."""
        return self.high < SLOWER


@dataclass(frozen=True)
class Point:
    """One work, timed with one number of threads under one setting of the allocator."""

    cell: str
    shape: Shape
    mode: Mode
    dtype: Dtype
    threads: int
    allocator: Allocator
    backend: str  # what ran: the layer's `backend`; "native" for one step at a time
    pairs: int
    milliseconds: float  # ours, a call, median
    flops: int
    share: float  # of the machine's matrix peak, ours
    deviation: float  # ours: see Ratio
    ratios: tuple[Ratio, ...]  # torch's first

    def against(self, peer: str) -> Ratio | None:
        """The ratio to that peer, where it was timed."""
        return next((ratio for ratio in self.ratios if ratio.peer == peer), None)


@dataclass(frozen=True)
class Peak:
    """The most that the machine did in matrix products during the run, in GFLOP/s."""

    threads: int
    torch: float  # torch's best product of large square matrices
    native: float  # our microkernel alone, all its numbers in the first cache

    @property
    def best(self) -> float:
        """What shares are shares of."""
        return max(self.torch, self.native)


@dataclass(frozen=True)
class Mean:
    """Geometric mean of the ratios to torch over the shapes of a cell, mode and allocator."""

    cell: str
    mode: Mode
    allocator: Allocator
    threads: int | None  # None: over all numbers of threads
    ratio: float
    points: int
    slower: int


@dataclass(frozen=True)
class Machine:
    """Where the run took place."""

    processor: str
    cores: int  # that this process may use
    system: str
    instructions: str  # that our kernels use: "avx2"
    versions: dict[str, str]  # selfloop, Python, torch, ...


@dataclass(frozen=True)
class Bench:
    """Everything that a run found."""

    schema: int
    command: str
    machine: Machine
    seconds_each: float
    peaks: tuple[Peak, ...]
    points: tuple[Point, ...]
    means: tuple[Mean, ...]
    notes: tuple[str, ...]  # peers that are absent, settings that do nothing here
    seconds: float  # the whole run
