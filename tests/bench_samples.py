"""A run of `selfloop bench` as it might have been: fixed numbers, every field filled."""

from __future__ import annotations

from selfloop.bench import Bench, Peak, Point, Ratio, Work, combinations, standard_grid
from selfloop.bench.plan import ALLOCATORS, CELLS, MODES, flops
from selfloop.bench.statistics import means
from selfloop.results.bench import SCHEMA, Allocator, Machine

PEAK = {1: 80.0, 2: 160.0}


def ratio(peer: str, ours: float, times: float, threads: int, work: Work) -> Ratio:
    share = flops(work) / (ours * times * 1e6) / PEAK[threads]
    return Ratio(peer, ours * times, times, times * 0.98, times * 1.03, share, 0.125)


def point(work: Work, threads: int, allocator: Allocator, peers: dict[str, float], place: int) -> Point:
    ours = flops(work) / (PEAK[threads] * 0.5 * 1e6)  # half the peak
    times = {"torch": 0.8 + place % 7 / 4, **({"torch cell": 3.0} if work.mode == "step" else peers)}
    return Point(
        cell=work.cell,
        shape=work.shape,
        mode=work.mode,
        dtype="float32",
        threads=threads,
        allocator=allocator,
        backend="native",
        pairs=31,
        milliseconds=ours,
        flops=flops(work),
        share=0.5,
        deviation=0.0625,
        ratios=tuple(ratio(name, ours, factor, threads, work) for name, factor in times.items()),
    )


def bench(*, whole_grid: bool, peers: dict[str, float] | None = None) -> Bench:
    if whole_grid:
        works = standard_grid(CELLS, MODES)
    else:
        works = combinations(["lstm"], MODES, batch=[3], steps=[5], inputs=[7], hidden=[17])
    each = [(w, n, a) for w in works for a in ALLOCATORS for n in PEAK if w.mode != "step" or n == 1]
    points = tuple(point(*one, peers or {}, place) for place, one in enumerate(each))
    return Bench(
        schema=SCHEMA,
        command="selfloop bench",
        machine=Machine("A processor", 2, "Linux", "avx2", {"selfloop": "1.2.3", "torch": "2.13.0"}),
        seconds_each=1.0,
        peaks=(Peak(1, 75.0, 80.0), Peak(2, 160.0, 155.0)),
        points=points,
        means=means(points),
        notes=("jax is not installed: not timed.",),
        seconds=12.5,
    )
