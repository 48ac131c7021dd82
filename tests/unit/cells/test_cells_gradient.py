"""The derivatives, first and second, against finite differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from cell_cases import ALL, make
from torch import Tensor

from selfloop.cells import Cell, cells_of, run_layers

SMALL = (3, 2, 4, 5)  # T, B, I, H


def outputs_of(kind: type[Cell], names: list[str], state_names: list[str]) -> Callable[..., tuple[Tensor, ...]]:
    def run(x: Tensor, *rest: Tensor) -> tuple[Tensor, ...]:
        starts: dict[str, Any] = dict(zip(state_names, rest, strict=False))
        weights = dict(zip(names, rest[len(state_names) :], strict=True))
        ran = run_layers(kind, weights, x, lengths=torch.tensor([2, 3]), **starts)
        return ran.outputs, *ran.last.values()

    return run


@pytest.mark.parametrize("kind", ALL)
def test_gradients_with_unequal_lengths_in_both_directions(kind: type[Cell]) -> None:
    case = make(kind, both=True, sizes=SMALL)
    everything = [case.x, *case.starts.values(), *case.weights.values()]
    run = outputs_of(kind, list(case.weights), list(case.starts))
    assert torch.autograd.gradcheck(run, [value.clone().requires_grad_() for value in everything])


@pytest.mark.parametrize("kind", ALL)
def test_second_derivatives(kind: type[Cell]) -> None:
    case = make(kind, sizes=(2, 1, 2, 3))
    ((cell,),) = cells_of(kind, case.weights)

    def run(x: Tensor, W_ih: Tensor, W_hh: Tensor, *starts: Tensor) -> Tensor:
        states = {name: start[0] for name, start in zip(case.starts, starts, strict=True)}
        return kind(W_ih, W_hh, cell.b_ih, cell.b_hh).run(x, **states).outputs

    everything = [case.x, cell.W_ih, cell.W_hh, *case.starts.values()]
    assert torch.autograd.gradgradcheck(run, [value.clone().requires_grad_() for value in everything])
