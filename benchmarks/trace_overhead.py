"""What `selfloop.trace` costs on top of a training step while nothing is asked of it.

A training step is the layer and a linear head forward, a loss, backward, and Adam's step. Steps with and without a
trace take turns in one process, one thread; the ratio is the median over pairs. The second ratio is of the layer alone:
forward, sum, backward, with nothing else to hide behind.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch
from tables import put, table

import selfloop
from selfloop import nn
from selfloop.bench.plan import GRID
from selfloop.results.bench import Shape

PAGE = Path(__file__).resolve().parent.parent / "docs" / "see.md"
KINDS: tuple[Any, ...] = (nn.RNN, nn.GRU, nn.LSTM)
MOST = 1.10
FEWEST, MANY = 12, 400  # pairs
SHAPES = tuple(GRID[k] for k in (0, 1, 2, 11, 4, 5, 9))  # small ones, then large ones


class Model(torch.nn.Module):
    def __init__(self, kind: Any, shape: Shape) -> None:
        super().__init__()
        self.encoder = kind(shape.inputs, shape.hidden)
        self.head = torch.nn.Linear(shape.hidden, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.head(self.encoder(x)[0])
        return y


def whole_step(kind: Any, shape: Shape) -> tuple[torch.nn.Module, Callable[[], None], Callable[[], None]]:
    """The model, what belongs inside a trace, and the rest of the step."""
    model = Model(kind, shape)
    optimiser = torch.optim.Adam(model.parameters())
    x = torch.randn(shape.steps, shape.batch, shape.inputs)
    target = torch.randn(shape.steps, shape.batch, 1)

    def inside() -> None:
        torch.nn.functional.mse_loss(model(x), target).backward()

    def rest() -> None:
        optimiser.step()
        optimiser.zero_grad()

    return model, inside, rest


def layer_alone(kind: Any, shape: Shape) -> tuple[torch.nn.Module, Callable[[], None], Callable[[], None]]:
    layer = kind(shape.inputs, shape.hidden)
    x = torch.randn(shape.steps, shape.batch, shape.inputs)

    def rest() -> None:
        for weight in layer.parameters():
            weight.grad = None

    return layer, lambda: layer(x)[0].sum().backward(), rest


def ratio(model: torch.nn.Module, inside: Callable[[], None], rest: Callable[[], None], seconds: float) -> float:
    """Of medians of pairs, traced to not traced."""

    def plain() -> float:
        start = time.perf_counter()
        inside()
        rest()
        return time.perf_counter() - start

    def traced() -> float:
        start = time.perf_counter()
        with selfloop.trace(model):
            inside()
        rest()
        return time.perf_counter() - start

    one = max(plain() for _ in range(3)) + max(traced() for _ in range(3))
    count = min(MANY, max(FEWEST, round(seconds / one)))
    pairs = [(traced(), plain()) if k % 2 else (plain(), traced())[::-1] for k in range(count)]
    return statistics.median(with_trace / without for with_trace, without in pairs)


Row = tuple[Shape, list[tuple[float, float]]]  # of each kind: the whole step's ratio, and the layer's alone


def rows(shapes: Iterable[Shape], seconds: float) -> list[Row]:
    found: list[Row] = []
    for shape in shapes:
        ratios = []
        for kind in KINDS:
            torch.manual_seed(0)
            step, alone = (ratio(*make(kind, shape), seconds) for make in (whole_step, layer_alone))
            ratios.append((step, alone))
            print(f"{kind.__name__:4} {shape!s:>16}  step {step:.3f}  layer alone {alone:.3f}", flush=True)
        found.append((shape, ratios))
    return found


def text(found: list[Row], seconds: float) -> str:
    """The table, and how it was made."""
    cells = [[str(shape), *(f"{step:.2f} ({alone:.2f})" for step, alone in ratios)] for shape, ratios in found]
    about = f"{platform.machine()}, one thread, torch {torch.__version__}, medians of pairs over {seconds:g} s each."
    return f"{table(['B,T,I,H', 'RNN', 'GRU', 'LSTM'], cells)}\n\n{about}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=0.5, help="for each ratio, about")
    parser.add_argument("--write", action="store_true", help="put the table into docs/see.md")
    given = parser.parse_args()
    torch.set_num_threads(1)
    found = rows(SHAPES, given.seconds)
    if given.write:
        put(PAGE, "trace-overhead", text(found, given.seconds))
    most = max(step for _, ratios in found for step, _ in ratios)
    if most > MOST:
        sys.exit(f"A trace costs up to {most - 1:.1%} of a training step; expected at most {MOST - 1:.0%}.")


if __name__ == "__main__":
    main()
