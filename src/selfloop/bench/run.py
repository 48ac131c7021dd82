"""A run: all works, with each number of threads, under each setting of the allocator."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import replace

from selfloop.bench import allocator, peers
from selfloop.bench.machine import machine
from selfloop.bench.messages import Reply, Request
from selfloop.bench.plan import MODE_LABELS, Peer, Plan, Work, flops
from selfloop.bench.process import Process
from selfloop.bench.progress import Progress
from selfloop.bench.statistics import means
from selfloop.errors import SettingsError
from selfloop.machine import cores
from selfloop.results.bench import SCHEMA, Allocator, Bench, Peak, Point, Ratio


def run(plan: Plan, *, command: str = "", progress: Progress | None = None) -> Bench:
    """Time everything that the plan names.

    The processes stand side by side and take turns, work by work: the machine's other load hits all settings alike.

    Args:
        plan: what to time.
        command: how the user asked for it, for the record.
        progress: hears of every point.

    Raises:
        SettingsError: a peer is not installed, or there are more threads than cores.
        AgreementError: the sides do not compute the same.
    """
    start, told = time.perf_counter(), progress or Progress()
    timed, notes = peers.available(plan.peers)
    settings, more = allocator.available(plan.allocators)
    notes += more
    for note in notes:
        told.say(note)
    with ExitStack() as stack:
        stack.callback(told.stop)
        processes = _start(plan, settings, timed, stack)
        peaks = [_peak(process) for process in processes]
        points = _points(plan, processes, told)
        peaks += [_peak(process) for process in processes]  # as the machine was at the other end of the run
    best = _best(peaks)
    points = [_shared(point, best) for point in points]
    if any(point.backend == "torch" for point in points):
        notes += ("Some of selfloop's layers ran torch's own kernels: there are none of ours for them here.",)
    took = time.perf_counter() - start
    return Bench(
        SCHEMA, command, machine(), plan.seconds, tuple(best), tuple(points), means(points), notes, round(took, 1)
    )


def _start(plan: Plan, settings: tuple[Allocator, ...], timed: tuple[Peer, ...], stack: ExitStack) -> list[Process]:
    """A process for each setting of the allocator and number of threads."""
    most = max(plan.threads, default=1)
    if most > cores():
        raise SettingsError(
            f"threads is {most}; this process may use {cores()} cores. Give --threads {cores()}, or fewer."
        )
    first = stack.enter_context(Process(settings[0], min(plan.threads, default=1), plan.dtype, timed))
    threads = plan.threads or tuple(dict.fromkeys((1, first.torch_threads)))
    wanted = [(setting, number) for setting in settings for number in threads]
    others = [pair for pair in wanted if pair != (first.allocator, first.threads)]
    processes = [first, *(stack.enter_context(Process(*pair, plan.dtype, timed)) for pair in others)]
    return sorted(processes, key=lambda process: wanted.index((process.allocator, process.threads)))


def _points(plan: Plan, processes: list[Process], told: Progress) -> list[Point]:
    """All works by all processes; one step at a time runs on one thread alone."""
    fewest = min(process.threads for process in processes)
    turns = [
        (work, process)
        for work in plan.works
        for process in processes
        if work.mode != "step" or process.threads == fewest
    ]
    told.begin(len(turns))
    points = []
    for work, process in turns:
        told.next(f"{work.kind.label} {MODE_LABELS[work.mode]} {work.shape}")
        reply = process.ask(Request(work, plan.seconds))
        points.append(_point(plan, work, process, reply))
        told.finished(points[-1])
    return points


def _point(plan: Plan, work: Work, process: Process, reply: Reply) -> Point:
    own, *others = reply.sides
    ratios = tuple(Ratio(p.name, p.milliseconds, p.ratio, p.low, p.high, 0.0, p.deviation) for p in others)
    return Point(
        cell=work.cell,
        shape=work.shape,
        mode=work.mode,
        dtype=plan.dtype,
        threads=process.threads,
        allocator=process.allocator,
        backend=own.backend,
        pairs=reply.pairs,
        milliseconds=own.milliseconds,
        flops=flops(work),
        share=0.0,
        deviation=own.deviation,
        ratios=ratios,
    )


def _peak(process: Process) -> Peak:
    reply = process.ask(Request())
    return Peak(process.threads, reply.torch_peak, reply.native_peak)


def _best(peaks: list[Peak]) -> list[Peak]:
    """The best that was seen with each number of threads, whenever it was and whatever the allocator."""
    found: dict[int, Peak] = {}
    for peak in peaks:
        known = found.setdefault(peak.threads, peak)
        found[peak.threads] = Peak(peak.threads, max(peak.torch, known.torch), max(peak.native, known.native))
    return list(found.values())


def _shared(point: Point, peaks: list[Peak]) -> Point:
    """The point with its shares of the peak."""
    peak = next(peak.best for peak in peaks if peak.threads == point.threads)

    def share(milliseconds: float) -> float:
        return point.flops / (milliseconds * 1e6) / peak

    ratios = tuple(replace(ratio, share=share(ratio.milliseconds)) for ratio in point.ratios)
    return replace(point, share=share(point.milliseconds), ratios=ratios)
