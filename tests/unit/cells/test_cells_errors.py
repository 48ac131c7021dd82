"""What does not fit is refused in one sentence that says what was expected."""

from __future__ import annotations

import pytest
import torch
from cell_cases import ALL, IN_TORCH, make

from selfloop.cells import GRU, LSTM, RNN, Cell, cells_of, run_layers
from selfloop.errors import SettingsError, ShapeError


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("shape", [(5, 7), (5, 3, 6), (0, 3, 7), (2, 5, 3, 7)])
def test_inputs_of_another_shape(kind: type[Cell], shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match=r"x has shape .*; expected \(T, B, 7\)"):
        run_layers(kind, make(kind).weights, torch.zeros(shape, dtype=torch.float64))


def test_a_state_of_another_shape() -> None:
    case = make(LSTM)
    ((cell,),) = cells_of(LSTM, case.weights)
    with pytest.raises(ShapeError, match=r"c0 has shape \(3, 16\); expected \(3, 17\) for a batch of 3. Leave c0 out"):
        cell.run(case.x, h0=torch.zeros(3, 17), c0=torch.zeros(3, 16))
    with pytest.raises(ShapeError, match=r"h0 has shape \(1, 17\)"):  # would broadcast
        cell.run(case.x, h0=torch.zeros(1, 17))
    with pytest.raises(ShapeError, match=r"h0 has shape \(2, 3, 17\); expected \(1, B, H\)"):
        run_layers(LSTM, case.weights, case.x, h0=torch.zeros(2, 3, 17))


@pytest.mark.parametrize("kind", [RNN, GRU])
def test_a_cell_state_where_there_is_none(kind: type[Cell]) -> None:
    case = make(kind)
    with pytest.raises(ShapeError, match=f"c0 was given; {kind.__name__} has no such state"):
        run_layers(kind, case.weights, case.x, c0=case.h0)


@pytest.mark.parametrize("lengths", [(-1, 5, 3), (6, 5, 3), (5, 3)])
def test_lengths_outside_the_steps(lengths: tuple[int, ...]) -> None:
    case = make(GRU)
    with pytest.raises(ShapeError, match="expected one for each of 3 sequences, from 0 to 5 steps"):
        run_layers(GRU, case.weights, case.x, lengths=torch.tensor(lengths))


@pytest.mark.parametrize("kind", IN_TORCH)
def test_weights_that_do_not_fit(kind: type[Cell]) -> None:
    case = make(kind)
    ((cell,),) = cells_of(kind, case.weights)
    with pytest.raises(ShapeError, match="W_ih has shape"):
        kind(cell.W_ih[1:], cell.W_hh, cell.b_ih, cell.b_hh)
    assert cell.b_ih is not None
    with pytest.raises(ShapeError, match="b_hh has shape"):
        kind(cell.W_ih, cell.W_hh, cell.b_ih, cell.b_ih[:-1])
    with pytest.raises(ShapeError, match="one bias; expected b_ih and b_hh, or neither"):
        kind(cell.W_ih, cell.W_hh, cell.b_ih)


def test_weights_of_another_cell() -> None:
    with pytest.raises(ShapeError, match=r"W_ih has shape \(51, 7\); expected \(68, 7\) for LSTM"):
        cells_of(LSTM, make(GRU).weights)


def test_a_state_dict_of_something_else() -> None:
    with pytest.raises(SettingsError, match="weight_hr_l0; expected"):
        cells_of(LSTM, torch.nn.LSTM(7, 17, proj_size=5).state_dict())
    with pytest.raises(SettingsError, match="has no entries"):
        cells_of(LSTM, {})
    with pytest.raises(SettingsError, match="the state_dict has bias, weight; expected"):
        cells_of(LSTM, torch.nn.Linear(7, 17).state_dict())
    missing = make(GRU, layers=2, both=True).weights
    with pytest.raises(SettingsError, match="expected weight_ih_l0"):
        cells_of(GRU, {name: weight for name, weight in missing.items() if "l1_reverse" not in name})
    gap = {name: weight for name, weight in make(GRU, layers=3).weights.items() if "l1" not in name}
    with pytest.raises(SettingsError, match="weight_hh_l2"):
        cells_of(GRU, gap)
    alone = {name: weight for name, weight in make(GRU, both=True).weights.items() if "reverse" in name}
    with pytest.raises(SettingsError, match="weight_hh_l0_reverse"):
        cells_of(GRU, alone)
