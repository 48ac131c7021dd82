"""One step at a time: the bits of all at once, in place, and clear refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from native_cases import Array, Case, buffers, forward
from native_reference import GATES, LSTM

from selfloop.kernels.native import native

CELLS = range(len(GATES))


def step_of(given: Any) -> Any:
    of = given.arrays
    return native.Step(given.case.cell, of["W_ih"], of["W_hh"], of["b_ih"], of["b_hh"])


@pytest.mark.parametrize("biases", [(True, True), (False, True), (True, False), (False, False)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("B", [1, 2, 13])
@pytest.mark.parametrize("H", [1, 8, 37])
@pytest.mark.parametrize("cell", CELLS)
def test_the_bits_of_all_at_once(cell: int, H: int, B: int, dtype: str, biases: tuple[bool, bool]) -> None:
    case = Case(cell, dtype, 6, B, 5, H, (6,) * B, "dense", biases=biases, seed=H + B)
    given = buffers(case)
    done = forward(given, "nothing")
    step, y = step_of(given), done.y.values.astype(dtype)
    h, c = (None if start is None else start.copy() for start in (given.arrays["h0"], given.arrays["c0"]))
    assert h is not None
    for t in range(case.T):
        step.step(given.x.values[t].astype(dtype), h, c)
        assert np.array_equal(h, y[t])
    assert (c is None) == (done.cn is None) == (cell != LSTM)
    if c is not None and done.cn is not None:
        assert np.array_equal(c, done.cn)


def test_weights_are_packed_once() -> None:
    given = buffers(Case(3, "float32", 1, 1, 5, 6, (1,), "dense"))
    step, x, h = step_of(given), np.ones((1, 5), np.float32), np.zeros((1, 6), np.float32)
    step.step(x, h, None)
    W_hh = given.arrays["W_hh"]
    assert W_hh is not None
    W_hh[:] = np.nan
    again = np.zeros_like(h)
    step.step(x, again, None)
    assert np.array_equal(h, again)


def zeros(*shape: int, dtype: Any = np.float32) -> Array:
    return np.zeros(shape, dtype)


def frozen(array: Array) -> Array:
    array.setflags(write=False)
    return array


WRONG: list[tuple[tuple[Any, Any, Any], str]] = [
    ((zeros(1, 4), zeros(1, 6), zeros(1, 6)), r"x"),
    ((zeros(1, 5), zeros(1, 7), zeros(1, 6)), r"h"),
    ((zeros(1, 5), zeros(2, 6), zeros(1, 6)), r"h"),
    ((zeros(1, 5), zeros(1, 6), zeros(1, 5)), r"c"),
    ((zeros(1, 5), zeros(1, 6), None), r"c is None; an LSTM has a cell state\."),
    ((zeros(1, 5, dtype=np.float64), zeros(1, 6), zeros(1, 6)), r"x"),
    ((zeros(1, 5), zeros(1, 6, dtype=np.float64), zeros(1, 6)), r"h"),
    ((zeros(1, 5), zeros(1, 6, dtype=np.int32), zeros(1, 6)), r"h"),
    ((zeros(5), zeros(1, 6), zeros(1, 6)), r"x"),
    ((zeros(1, 5), frozen(zeros(1, 6)), zeros(1, 6)), r"h"),
    ((zeros(1, 10)[:, ::2], zeros(1, 6), zeros(1, 6)), r"x"),
    (([1.0] * 5, zeros(1, 6), zeros(1, 6)), r"x"),
]


@pytest.mark.parametrize(("arguments", "sentence"), WRONG)
def test_wrong_arrays(arguments: tuple[Any, Any, Any], sentence: str) -> None:
    step = native.Step(LSTM, zeros(24, 5), zeros(24, 6), None, None)
    with pytest.raises((ValueError, TypeError), match=sentence) as refused:
        step.step(*arguments)
    assert str(refused.value).endswith(".")


def test_states_that_share_memory() -> None:
    step, both = native.Step(LSTM, zeros(24, 5), zeros(24, 6), None, None), zeros(1, 6)
    with pytest.raises(ValueError, match="is written and lies where"):
        step.step(zeros(1, 5), both, both)


def test_a_cell_state_that_nobody_has() -> None:
    step = native.Step(3, zeros(18, 5), zeros(18, 6), None, None)
    with pytest.raises(ValueError, match=r"c is given; expected None\."):
        step.step(zeros(1, 5), zeros(1, 6), zeros(1, 6))


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        ((zeros(24, 5), zeros(24, 7), None, None), "W_"),
        ((zeros(23, 5), zeros(24, 6), None, None), "W_ih"),
        ((zeros(24, 5), zeros(24, 6), zeros(23), None), "b_ih"),
        ((zeros(24, 5), zeros(24, 6, dtype=np.float64), None, None), "W_hh"),
        ((zeros(24), zeros(24, 6), None, None), "two dimensions"),
        ((zeros(24, 0), zeros(24, 6), None, None), "at least 1"),
        ((None, zeros(24, 6), None, None), "incompatible"),
    ],
)
def test_wrong_weights(weights: Any, sentence: str) -> None:
    with pytest.raises((ValueError, TypeError), match=sentence):
        native.Step(LSTM, *weights)


def test_no_rows_are_no_work() -> None:
    native.Step(LSTM, zeros(24, 5), zeros(24, 6), None, None).step(zeros(0, 5), zeros(0, 6), zeros(0, 6))
