"""A whole sequence in float32: within what rounding can do, and never more than twice as far off as torch's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from native_cases import Case, buffers, forward, tolerance
from native_reference import GATES, run

from selfloop import nn

SIZES = [(7, 3, 5, 17), (40, 8, 16, 33), (100, 4, 32, 64)]  # T, B, I, H
TWICE = 2.0
PAIRS: dict[str, tuple[Any, Any]] = {
    "tanh": (nn.RNN, torch.nn.RNN),
    "relu": (
        lambda *sizes, **o: nn.RNN(*sizes, nonlinearity="relu", **o),
        lambda *s: torch.nn.RNN(*s, nonlinearity="relu"),
    ),
    "lstm": (nn.LSTM, torch.nn.LSTM),
    "gru": (nn.GRU, torch.nn.GRU),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("cell", range(len(GATES)))
def test_within_the_a_priori_bound(cell: int, size: tuple[int, int, int, int]) -> None:
    T, B, I, H = size  # noqa: E741
    given = buffers(Case(cell, "float32", T, B, I, H, (T,) * B, "dense", seed=T))
    assert np.abs(forward(given).y.values - run(given.inputs).y).max() <= tolerance(given)


def errors(layer: Any, exact: Any, x: torch.Tensor) -> list[torch.Tensor]:
    """Of the outputs, and of each weight's gradient in units of its largest number."""
    y, _ = layer(x)
    true, _ = exact(x.double())
    dy = torch.randn(y.shape, generator=torch.Generator().manual_seed(1))
    found = torch.autograd.grad(y, list(layer.parameters()), dy)
    expected = torch.autograd.grad(true, list(exact.parameters()), dy.double())
    gradients = [(a - b) / b.abs().max() for a, b in zip(found, expected, strict=True)]
    return [(y - true).detach(), *gradients]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", PAIRS)
def test_never_twice_as_far_off_as_torch(kind: str, size: tuple[int, int, int, int]) -> None:
    """Root mean squares over eight draws: the largest of a few hundred errors is a lottery on both sides."""
    T, B, I, H = size  # noqa: E741
    ours, theirs = PAIRS[kind]
    squares = torch.zeros(2, 5, dtype=torch.float64)
    for seed in range(8):
        torch.manual_seed(seed)
        reference, x = theirs(I, H), torch.randn(T, B, I)
        layer, exact = ours(I, H), theirs(I, H).double()
        layer.load_state_dict(reference.state_dict())
        exact.load_state_dict(reference.state_dict())
        for side, tested in enumerate((layer, reference)):
            squares[side] += torch.stack([error.square().mean() for error in errors(tested, exact, x)])
    assert (squares[0].sqrt() <= TWICE * squares[1].sqrt()).all(), squares.sqrt()
