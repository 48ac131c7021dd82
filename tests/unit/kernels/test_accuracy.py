"""A whole sequence in float32: within what rounding can do, and never more than twice as far off as torch's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from native_bounds import step_bound
from native_cases import Buffers, Case, buffers, forward, in_grid, tolerance
from native_reference import GATES, LSTM, run, step

from selfloop import nn

CELLS = range(len(GATES))
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


def shares_of_the_bound(given: Buffers) -> tuple[float, float]:
    """The largest error of h and of c in one step, from the states that the kernels were in, over its bound."""
    case, of = given.case, given.inputs
    done = forward(given)
    h, y = of.h0, done.y.values
    lstm = case.cell == LSTM
    kept = in_grid(case, done.cells.reshape(case.T * case.B, -1)[:, : case.H]) if done.cells is not None else None
    c, share_h, share_c = of.c0 if lstm else np.zeros_like(h), 0.0, 0.0
    for t in range(case.T):
        exact_h, exact_c, gates = step(of, of.x[t], h, c)
        bound_h, bound_c = step_bound(of, float(np.finfo(case.dtype).eps), of.x[t], h, c, gates)
        share_h = max(share_h, float((np.abs(y[t] - exact_h) / bound_h).max()))
        h = y[t]
        if kept is not None:
            share_c = max(share_c, float((np.abs(kept[t] - exact_c) / bound_c).max()))
            c = kept[t]
    return share_h, share_c


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("size", [*SIZES, (3, 2, 200, 150)])
@pytest.mark.parametrize("cell", CELLS)
def test_each_step_within_its_a_priori_bound(cell: int, size: tuple[int, int, int, int], seed: int) -> None:
    """Step by step from the kernels' own states: a bound of whole sequences would grow as no error does."""
    T, B, I, H = size  # noqa: E741
    share_h, share_c = shares_of_the_bound(buffers(Case(cell, "float32", T, B, I, H, (T,) * B, "dense", seed=seed)))
    assert share_h <= 1
    assert share_c <= 1


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("cell", CELLS)
def test_a_sequence_whose_errors_add_up(cell: int, size: tuple[int, int, int, int]) -> None:
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
