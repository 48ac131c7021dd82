"""The check that comes before the clock: right layers pass, and every kind of wrong one is found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from selfloop.bench.agree import Reference, check, reference
from selfloop.bench.inputs import Inputs, make, torch_layer
from selfloop.bench.plan import CELLS, Work
from selfloop.bench.side import Arrays, Side
from selfloop.bench.sides import ours, peers
from selfloop.bench.torch_side import of_layer
from selfloop.errors import AgreementError
from selfloop.kinds import kind_of
from selfloop.kinds.gru import GRU
from selfloop.kinds.lstm import LSTM
from selfloop.results.bench import Dtype, Mode, Shape

SHAPE = Shape(batch=3, steps=5, inputs=7, hidden=17)


def known(cell: str, mode: Mode = "training", dtype: Dtype = "float32") -> tuple[Work, Inputs, Reference]:
    work = Work(cell, SHAPE if mode != "step" else Shape(3, 1, 7, 17), mode)
    inputs = make(work, dtype)
    return work, inputs, reference(work, inputs)


def results(side: Side) -> Arrays:
    return side.read(side.call())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("mode", ["training", "forward", "step"])
@pytest.mark.parametrize("cell", CELLS)
def test_right_layers_agree(cell: str, mode: Mode, dtype: Dtype) -> None:
    work, inputs, expected = known(cell, mode, dtype)
    for side in (ours(work, inputs), *peers(work, inputs, 1, ())):
        assert check(side, results(side), expected) <= 1


@pytest.mark.parametrize("cell", CELLS)
def test_what_is_allowed_is_near_to_what_rounding_does(cell: str) -> None:
    work, inputs, expected = known(cell)
    side = of_layer("torch", torch_layer(kind_of(cell)), inputs, work.mode)
    assert check(side, results(side), expected) > 0.01  # within two orders of magnitude of a real float32 error
    unit = torch.finfo(torch.float32).eps / 2
    for name, allowed in expected.allowed.items():
        assert allowed < 200 * unit * max(1.0, float(np.abs(expected.exact[name]).max()))


class LeaksGate(torch.nn.LSTM):
    """The forget gate's sum a thousandth too large."""

    def load_state_dict(self, state_dict: Any, strict: bool = True, assign: bool = False) -> Any:
        bias = state_dict["bias_ih_l0"].clone()
        bias[self.hidden_size : 2 * self.hidden_size] += 1e-3
        return super().load_state_dict({**state_dict, "bias_ih_l0": bias}, strict, assign)


class HalfPrecise(torch.nn.LSTM):
    """Weights as bfloat16 holds them."""

    def load_state_dict(self, state_dict: Any, strict: bool = True, assign: bool = False) -> Any:
        rounded = {name: weight.bfloat16().float() for name, weight in state_dict.items()}
        return super().load_state_dict(rounded, strict, assign)


class ForgetsStep(torch.nn.LSTM):
    """The last output a copy of the one before."""

    def forward(self, *args: Any) -> Any:
        y, state = super().forward(*args)
        return torch.cat([y[:-1], y[-2:-1]]), state


class SwapsStates(torch.nn.LSTM):
    """c_n and h_n exchanged."""

    def forward(self, *args: Any) -> Any:
        y, (h, c) = super().forward(*args)
        return y, (c, h)


@pytest.mark.parametrize("mode", ["training", "forward"])
@pytest.mark.parametrize("wrong", [LeaksGate, HalfPrecise, ForgetsStep, SwapsStates])
def test_wrong_layers_are_found(wrong: type[torch.nn.LSTM], mode: Mode) -> None:
    _, inputs, expected = known("lstm", mode)
    side = of_layer("selfloop", wrong, inputs, mode)
    found = results(side)
    with pytest.raises(AgreementError, match=r"is wrong: (output|h_n) is off by"):
        check(side, found, expected)


def spoil(name: str, change: Callable[[Any], Any]) -> Callable[[Arrays], Arrays]:
    return lambda found: {**found, name: change(found[name].copy())}


def one_off(array: Any) -> Any:
    array.flat[5] += 1e-4 * np.abs(array).max()
    return array


def not_a_number(array: Any) -> Any:
    array.flat[-1] = np.nan
    return array


@pytest.mark.parametrize("change", [one_off, not_a_number, lambda a: 2 * a, lambda a: -a, lambda a: 0 * a])
@pytest.mark.parametrize("name", ["output", "h_n", "weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"])
@pytest.mark.parametrize("cell", CELLS)
def test_one_wrong_number_is_found_wherever_it_is(cell: str, name: str, change: Callable[[Any], Any]) -> None:
    work, inputs, expected = known(cell)
    side = of_layer("selfloop", torch_layer(kind_of(cell)), inputs, work.mode)
    with pytest.raises(AgreementError, match=f"is wrong: {name} is off by"):
        check(side, spoil(name, change)(results(side)), expected)


def test_a_result_that_is_missing_or_has_another_shape_is_found() -> None:
    work, inputs, expected = known("gru")
    side = of_layer("selfloop", torch_layer(GRU), inputs, work.mode)
    found = results(side)
    with pytest.raises(AgreementError, match="returned nothing for bias_hh_l0"):
        check(side, {k: v for k, v in found.items() if k != "bias_hh_l0"}, expected)
    with pytest.raises(AgreementError, match=r"returned shape \(3, 5, 17\) for output; expected \(5, 3, 17\)"):
        check(side, spoil("output", lambda a: a.swapaxes(0, 1))(found), expected)


def test_the_sentence_says_who_where_and_how_far() -> None:
    work, inputs, expected = known("gru")
    side = of_layer("selfloop", torch_layer(GRU), inputs, work.mode)
    with pytest.raises(AgreementError) as caught:
        check(side, spoil("weight_hh_l0", lambda a: 2 * a)(results(side)), expected)
    assert str(caught.value).startswith(
        "selfloop's GRU at B,T,I,H = 3,5,7,17 (training) is wrong: weight_hh_l0 is off by "
    )


def test_a_training_steps_reference_serves_the_forward_pass() -> None:
    work, inputs, expected = known("lstm")
    forward = Work("lstm", SHAPE, "forward")
    assert set(expected.of(forward).exact) == {"output", "h_n", "c_n"}
    side = of_layer("torch", torch_layer(LSTM), inputs, "forward")
    check(side, results(side), expected.of(forward))
    assert expected.of(work) is expected


def test_inputs_are_the_same_in_every_process_and_leave_the_users_generator_alone() -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first, second = (make(Work("lstm", SHAPE, "forward"), "float32") for _ in range(2))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first.x, second.x)
    assert all(torch.equal(first.weights[name], second.weights[name]) for name in first.weights)
    assert first.h.abs().max() < 1
    assert bool(first.h.abs().min() > 0)


def test_off_by_moves_every_number_by_so_much_up_or_down() -> None:
    inputs = make(Work("rnn", SHAPE, "forward"), "float64")
    moved = inputs.off_by(0.25)
    relative = moved.x / inputs.x - 1
    assert set(relative.round(decimals=9).unique().tolist()) == {-0.25, 0.25}
