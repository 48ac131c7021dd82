"""What is no ratio to torch: time against length, a call right after torch's own product, what recomputing costs."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from statistics import median

import torch
from tables import table

from selfloop import bench
from selfloop.bench.plan import CELLS
from selfloop.bench.statistics import median_interval
from selfloop.bench.timing import interleave, order, ratios
from selfloop.cli.bench_table import figures
from selfloop.kinds import kind_of
from selfloop.nn.layers import CLASSES

ROUNDS = 15  # of what is timed here
OURS = {cell: partial(CLASSES[kind_of(cell).layer], **dict(kind_of(cell).settings)) for cell in CELLS}
THEIRS = {cell: getattr(torch.nn, kind_of(cell).layer) for cell in CELLS}


def linear() -> str:
    """Microseconds a step at 100 and at 10,000 steps."""
    torch.set_num_threads(1)
    rows = []
    for cell, make in OURS.items():
        layer = make(16, 32)
        for mode in ("training", "forward"):
            few, many = (call(layer, torch.randn(steps, 32, 16), mode) for steps in (100, 10_000))
            times = interleave({"few": partial(hundred, few), "many": many}, seconds=20.0)
            each = [median(times[side]) / 10_000 * 1e6 for side in ("few", "many")]
            ratio, low, high = median_interval(ratios(times, "few", "many"))
            rows.append(
                [f"{kind_of(cell).label} {mode}", *(f"{t:.2f}" for t in each), f"{ratio:.2f} ({low:.2f}–{high:.2f})"]
            )
    return table(["B = 32, I = 16, H = 32, one thread", "µs a step, T = 100", "T = 10,000", "ratio"], rows)


def hundred(work: Callable[[], object]) -> None:
    """As many steps as one call of `many`."""
    for _ in range(100):
        work()


def call(layer: torch.nn.RNNBase, x: torch.Tensor, mode: str) -> Callable[[], object]:
    """A training step, or a pass without gradient."""
    weights, dy = list(layer.parameters()), torch.randn(*x.shape[:2], layer.hidden_size)

    def training() -> None:
        for weight in weights:
            weight.grad = None
        layer(x)[0].backward(dy)

    def forward() -> object:
        with torch.no_grad():
            return layer(x)

    return training if mode == "training" else forward


def after_product() -> str:
    """A layer's own time right after torch's threads have worked, beside its time alone: do two pools fight?"""
    torch.set_num_threads(2)
    a = torch.randn(512, 512)
    rows = []
    for cell in CELLS:
        row = [kind_of(cell).label]
        for make in (OURS[cell], THEIRS[cell]):
            forward = call(make(16, 64), torch.randn(100, 32, 16), "forward")
            alone: list[float] = []
            after: list[float] = []
            for number in range(20 * ROUNDS):
                for which in order(["alone", "after"], number):
                    if which == "after":
                        torch.mm(a, a)
                    (after if which == "after" else alone).append(seconds(forward))
            row += [figures(median(times) * 1e3) for times in (alone, after)]
        rows.append(row)
    headings = ["forward, 32,100,16,64, 2 threads", "alone, ms", "after a product", "torch alone", "torch after"]
    return table(headings, rows)


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def recompute() -> str:
    """What keeping no gates costs in time."""
    torch.set_num_threads(1)
    rows = []
    for cell, make in OURS.items():
        for shape in (bench.Shape(32, 100, 16, 64), bench.Shape(32, 100, 64, 128)):
            x = torch.randn(shape.steps, shape.batch, shape.inputs)
            kept, again = (
                call(make(shape.inputs, shape.hidden, recompute=flag), x, "training") for flag in (False, True)
            )
            times = interleave({"kept": kept, "again": again}, seconds=2.0)
            ratio, low, high = median_interval(ratios(times, "kept", "again"))
            each = [figures(median(times[side]) * 1e3) for side in ("kept", "again")]
            rows.append([f"{kind_of(cell).label} {shape}", *each, f"{ratio:.2f} ({low:.2f}–{high:.2f})"])
    return table(["training step, one thread", "ms", "recompute, ms", "times as long"], rows)
