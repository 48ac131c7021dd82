"""What the asking process and the measuring ones say to each other, a line of JSON each. No torch here."""

from __future__ import annotations

from dataclasses import dataclass

from selfloop.bench.plan import Work


@dataclass(frozen=True)
class Request:
    """What is asked: a work to time, or, without one, the machine's peak."""

    work: Work | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class SideTimes:
    """What one side took; the ratio is its time over ours, with its interval."""

    name: str
    backend: str
    milliseconds: float
    ratio: float
    low: float
    high: float
    deviation: float


@dataclass(frozen=True)
class Reply:
    """The answer: of a work ours first, then the peers."""

    sides: tuple[SideTimes, ...] = ()
    pairs: int = 0
    torch_peak: float = 0.0  # GFLOP/s
    native_peak: float = 0.0
    error: str | None = None  # of the user's or of a side: one sentence


@dataclass(frozen=True)
class Hello:
    """The first line, unasked."""

    torch_threads: int  # that torch takes by itself
