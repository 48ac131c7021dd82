"""What `selfloop.trace` costs on top of a training step while nothing is asked of it.

A training step is the layer and a linear head forward, a loss, backward, and Adam's step. Steps with and without a
trace take turns in one process, one thread; the ratio is the median over pairs. The second ratio is of the layer alone:
forward, sum, backward, with nothing else to hide behind.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

import torch

import selfloop
from selfloop import nn
from selfloop.bench.plan import GRID, Shape

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


def rows(shapes: Iterable[Shape], seconds: float) -> list[tuple[str, float, float]]:
    found = []
    for shape in shapes:
        for kind in KINDS:
            torch.manual_seed(0)
            step, alone = (ratio(*make(kind, shape), seconds) for make in (whole_step, layer_alone))
            found.append((f"{kind.__name__:4} {shape!s:>16}", step, alone))
            print(f"{found[-1][0]}  step {step:.3f}  layer alone {alone:.3f}", flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=0.5, help="for each ratio, about")
    given = parser.parse_args()
    torch.set_num_threads(1)
    dear = [name for name, step, _ in rows(SHAPES, given.seconds) if step > MOST]
    if dear:
        sys.exit(f"A trace costs more than {MOST - 1:.0%} of a training step at: {'; '.join(dear)}.")


if __name__ == "__main__":
    main()
