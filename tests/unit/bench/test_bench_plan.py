from __future__ import annotations

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from selfloop.bench import Shape, Work, combinations, standard_grid
from selfloop.bench.plan import CELLS, GATES, GRID, MODES, flops, one_of, positive
from selfloop.cells import CELLS as EQUATIONS
from selfloop.errors import SettingsError
from selfloop.results.bench import Cell

SHAPE = Shape(batch=3, steps=5, inputs=7, hidden=17)


def counted(cell: Cell, *, training: bool) -> int:
    """What torch counts while the equations run."""
    G, H = GATES[cell], SHAPE.hidden
    weights = [torch.randn(G * H, n).requires_grad_() for n in (SHAPE.inputs, H)]
    biases = [torch.randn(G * H).requires_grad_() for _ in range(2)]
    x = torch.randn(SHAPE.steps, SHAPE.batch, SHAPE.inputs)
    h0 = torch.zeros(SHAPE.batch, H).requires_grad_()  # or the first step's part would be left out
    with FlopCounterMode(display=False) as counter, torch.set_grad_enabled(training):
        outputs = EQUATIONS[cell](*weights, *biases).run(x, h0=h0).outputs
        if training:
            outputs.sum().backward()
    return counter.get_total_flops()


@pytest.mark.parametrize("cell", CELLS)
def test_flops_are_what_torch_counts_for_the_equations(cell: Cell) -> None:
    assert flops(Work(cell, SHAPE, "training")) == counted(cell, training=True)
    assert flops(Work(cell, SHAPE, "forward")) == counted(cell, training=False)


def test_flops_of_one_step() -> None:
    assert flops(Work("lstm", Shape(2, 1, 32, 128), "step")) == 2 * 2 * 4 * 128 * (32 + 128)


def test_the_grid_is_what_the_page_says() -> None:
    works = standard_grid(CELLS, MODES)
    assert len(GRID) == 12
    assert len(works) == 12 * 3 * 2 + 3
    assert len(set(works)) == len(works)
    assert {work.shape for work in works if work.mode != "step"} == set(GRID)
    assert {work.shape for work in works if work.mode == "step"} == {Shape(1, 1, 32, 128)}


def test_combinations_are_each_there_once_and_one_step_has_one() -> None:
    works = combinations(["gru"], ["forward", "step"], batch=[1, 3], steps=[5, 9], inputs=[7], hidden=[17])
    assert len(set(works)) == len(works) == 4 + 2
    assert all(work.shape.steps == 1 for work in works if work.mode == "step")


def test_names() -> None:
    assert one_of("cell", ["lstm", "rnn", "lstm"], CELLS) == ("lstm", "rnn")
    with pytest.raises(SettingsError, match=r"cell 'lsmt' is unknown. Did you mean 'lstm'\?"):
        one_of("cell", ["lsmt"], CELLS)
    with pytest.raises(SettingsError, match="no cell was given; expected one or more of rnn, gru, lstm"):
        one_of("cell", [], CELLS)


def test_numbers() -> None:
    assert positive("batch", [3, 1, 3]) == (3, 1)
    for values in ([], [0], [4, -1]):
        with pytest.raises(SettingsError, match="batch is"):
            positive("batch", values)
