"""The newer cells against what their papers write, number by number; and what a step of them costs, counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from paper_cells import Counted, cifg, ind_rnn, ln_lstm, min_gru, peephole
from torch import Tensor

from selfloop.cells import Cell, CoupledLSTM, IndRNN, LayerNormLSTM, MinGRU, PeepholeLSTM
from selfloop.cells.registry import check

T, B, I, H = 4, 2, 3, 5  # noqa: E741 (the input size's letter)
EXACT = 1e-13  # float64: some dozens of roundings of numbers below 4


@dataclass(frozen=True)
class Paper:
    """A cell, its paper's step, and how the paper's weights are had from ours."""

    cell: type[Cell]
    step: Callable[..., tuple[list[Any], ...]]
    weights: Callable[[Any], dict[str, Tensor]]


def _blocks(cell: Any, *names: str, signs: tuple[int, ...] = (1, 1, 1, 1)) -> dict[str, Tensor]:
    """Ours by block: NAME_x, NAME_y, NAME_b."""
    found: dict[str, Tensor] = {}
    for k, (name, sign) in enumerate(zip(names, signs, strict=False)):
        rows = slice(k * H, (k + 1) * H)
        found |= {f"{name}_x": sign * cell.W_ih[rows], f"{name}_y": sign * cell.W_hh[rows]}
        found[f"{name}_b"] = sign * (cell.b_ih + cell.b_hh)[rows]
    return found


def _peephole(cell: Any) -> dict[str, Tensor]:
    p = dict(zip(("in_c", "phi_c", "out_c"), cell.p.view(3, H), strict=True))
    return _blocks(cell, "in", "phi", "c", "out") | p


def _ln_lstm(cell: Any) -> dict[str, Tensor]:
    order = torch.cat([torch.arange(H) + k * H for k in (1, 0, 3, 2)])  # the paper's f, i, o, g of our i, f, g, o
    return {
        "W_h": cell.W_hh[order], "alpha_1": cell.gain_hh[order], "beta_1": cell.b_hh[order], "W_x": cell.W_ih[order],
        "alpha_2": cell.gain_ih[order], "beta_2": cell.b_ih[order], "alpha_3": cell.gain_c, "beta_3": cell.b_c,
    }  # fmt: skip


def _min_gru(cell: Any) -> dict[str, Tensor]:
    """The paper's z writes, ours keeps."""
    return {"z": -cell.W_ih[:H], "z_b": -cell.b_ih[:H], "h": cell.W_ih[H:], "h_b": cell.b_ih[H:]}


PAPERS = (
    Paper(PeepholeLSTM, peephole, _peephole),
    Paper(CoupledLSTM, cifg, lambda cell: _blocks(cell, "i", "z", "o", signs=(-1, 1, 1))),
    Paper(LayerNormLSTM, ln_lstm, _ln_lstm),
    Paper(MinGRU, min_gru, _min_gru),
    Paper(IndRNN, ind_rnn, lambda cell: {"W": cell.W_ih, "u": cell.u, "b": cell.b_ih}),
)
ALL = pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.cell.__name__)


def made(cell: type[Cell]) -> tuple[Any, Tensor, dict[str, Tensor]]:
    """Random weights, inputs (T, B, I) and states (B, H) that are not zero."""
    from_ = torch.Generator().manual_seed(7)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=from_, dtype=torch.float64)

    of = cell(*(normal(*weight.sizes(I, H)) for weight in cell.kind.weights))
    return of, normal(T, B, I), {f"{name}0": normal(B, H) for name in cell.kind.states}


@ALL
def test_it_computes_what_the_paper_writes(paper: Paper) -> None:
    cell, x, starts = made(paper.cell)
    run = cell.run(x, **starts)
    w = {name: weight.tolist() for name, weight in paper.weights(cell).items()}
    for b in range(B):
        states = tuple(start[b].tolist() for start in starts.values())
        for t in range(T):
            states = paper.step(w, x[t, b].tolist(), *states)
            for name, expected in zip(cell.kind.states, states, strict=True):
                assert (run.states[name][t, b] - torch.tensor(expected, dtype=torch.float64)).abs().max() <= EXACT


@ALL
def test_a_step_costs_what_its_kind_says(paper: Paper) -> None:
    cell, x, starts = made(paper.cell)
    w, step, *states = (
        [Counted(each) for each in part] if not isinstance(part, dict) else part
        for part in (
            {name: _counted(weight.tolist()) for name, weight in paper.weights(cell).items()},
            x[0, 0].tolist(),
            *(start[0].tolist() for start in starts.values()),
        )
    )
    Counted.products = 0
    paper.step(w, step, *states)
    assert cell.kind.operations(I, H) == Counted.products
    given = [getattr(cell, weight.name) for weight in cell.kind.weights]
    assert cell.kind.parameters(I, H) == sum(weight.numel() for weight in given)


def _counted(numbers: Any) -> Any:
    return [_counted(each) for each in numbers] if isinstance(numbers, list) else Counted(numbers)


@ALL
def test_a_step_at_a_time_is_the_whole(paper: Paper) -> None:
    cell, x, starts = made(paper.cell)
    whole = cell.run(x, **starts)
    states = {name.removesuffix("0"): start for name, start in starts.items()}
    for t in range(T):
        step = cell.step(x[t], **states)
        states = step.states
        for name, state in states.items():
            assert (state - whole.states[name][t]).abs().max() <= EXACT
        for gate, value in step.gates.items():
            assert (value - whole.gates[gate][t]).abs().max() <= EXACT


@ALL
def test_derivatives_by_finite_differences(paper: Paper) -> None:
    cell, x, starts = made(paper.cell)
    given = [getattr(cell, weight.name) for weight in cell.kind.weights]

    def run(x: Tensor, *rest: Tensor) -> tuple[Tensor, ...]:
        again = paper.cell(*rest[len(starts) :])
        ran = again.run(x, **dict(zip(starts, rest, strict=False)), lengths=torch.tensor([3, 2]))
        return tuple(ran.last.values())

    leaves = [each.clone().requires_grad_() for each in (x[:3], *starts.values(), *given)]
    assert torch.autograd.gradcheck(run, leaves)


@ALL
def test_its_kind_says_what_it_does(paper: Paper) -> None:
    check(paper.cell)


def test_what_the_page_calls_keeping_keeps() -> None:
    """With the keeping gate held open nothing else reaches the belt."""
    for cell_type in (PeepholeLSTM, CoupledLSTM, MinGRU):
        cell, x, starts = made(cell_type)
        kind = cell.kind
        cell.b_ih[kind.rows(kind.keep.gate, H)] += 1e3
        if not kind.coupled:
            cell.b_ih[kind.rows(kind.write.gate, H)] -= 1e3
        run = cell.run(x, **starts)
        assert torch.equal(run.states[kind.carried][-1], starts[f"{kind.carried}0"])
