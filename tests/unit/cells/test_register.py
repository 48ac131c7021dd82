"""A cell of one's own: what it needs, what it is tried on, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from selfloop import cells
from selfloop.cells import Cell, Step
from selfloop.errors import SettingsError
from selfloop.kinds import Gate, Kind, Reset, Share, default_kinds, kind_of, kinds
from selfloop.kinds.lstm import INPUT, LSTM
from torch_cells import OWN, CoupledLSTM, registered
from toy_cell import CANDIDATE, FORGET, MGU


def changed(cell: type[Cell], **kind: Any) -> type[Cell]:
    """The same equations under another kind."""
    return type(cell.__name__, (cell,), {"kind": replace(cell.kind, **kind)})


@pytest.mark.parametrize("cell", OWN)
def test_from_then_on_it_is_known_by_its_name(cell: type[Cell]) -> None:
    with registered():
        assert cells.register(cell) is cell
        assert kind_of(cell.kind.name) is cell.kind
        assert cell.kind in kinds()
        assert cells.equations_of(cell.kind) is cell
        assert cell.kind not in default_kinds()


def test_a_notebook_may_register_again() -> None:
    again = changed(MGU, label="better MGU")
    with registered(MGU, again):
        assert kind_of("mgu").label == "better MGU"
        assert cells.equations_of(kind_of("mgu")) is again


def test_trying_it_draws_no_random_numbers() -> None:
    torch.manual_seed(3)
    before = torch.random.get_rng_state()
    with registered(*OWN):
        assert torch.equal(torch.random.get_rng_state(), before)


def test_a_kind_without_equations_says_so() -> None:
    with pytest.raises(
        SettingsError, match=r"'coupled' has no equations; .* register it with selfloop\.cells\.register"
    ):
        cells.equations_of(CoupledLSTM.kind)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (changed(MGU, keep=Share(FORGET), write=Share(FORGET, rest=True)), r"h of MGU is off by .* from \(f\) ⊙ h₋₁"),
        (changed(CoupledLSTM, write=Share(FORGET)), r"c of coupled LSTM is off by .* \(f\) ⊙ n"),
        (changed(MGU, reset=None), "Gate n of MGU is off by .* from the tanh of W x"),
        (changed(MGU, reset=Reset(FORGET, after=True)), "Gate n of MGU"),
        (
            changed(CoupledLSTM, states=("h",)),
            r"missing .* 'c'; expected step\(self, x, \*, h\)",
        ),
        (changed(MGU, name="lstm"), "'lstm' is one of selfloop's own"),
        (MGU.kind, "is no cell; expected a subclass"),
        (Cell, "is no cell"),
    ],
)
def test_equations_that_do_something_else_than_the_kind_says(cell: Any, said: str) -> None:
    before = kinds()
    with pytest.raises(SettingsError, match=said):
        cells.register(cell)
    assert kinds() == before


def test_other_sums_are_had_by_saying_so() -> None:
    with registered(changed(MGU, reset=None, plain=False)):
        assert kind_of("mgu").belt is not None


def test_gates_and_states_are_those_of_the_kind() -> None:
    class Shy(Cell):
        kind = Kind(name="shy", label="shy", gates=(FORGET, CANDIDATE))

        def step(self, x: Tensor, *, h: Tensor) -> Step:
            f, n = self.from_input(x).values()
            return Step({"h": torch.tanh(n)}, {FORGET: torch.sigmoid(f)})

    class Loud(Cell):
        kind = Kind(name="loud", label="loud", gates=(INPUT,), plain=False)

        def step(self, x: Tensor, *, h: Tensor) -> Step:
            (i,) = self.from_input(x).values()
            return Step({"h": torch.tanh(i)}, {INPUT: i})

    with pytest.raises(SettingsError, match=r"made states h, gates f .*; expected what its kind says: h, f, n"):
        cells.register(Shy)
    with pytest.raises(SettingsError, match="Gate i of loud is a share, but not between 0 and 1"):
        cells.register(Loud)


def test_a_symbol_in_two_cells_is_two_gates() -> None:
    mine = Gate("input", "i", "#123456")
    assert LSTM.rows(mine, 3) == LSTM.rows(INPUT, 3)  # rows go by symbol
    assert mine != INPUT
