"""Numbers at the edges: saturation, zeros, denormals, large inputs, infinities, NaN."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from native_cases import Buffers, Case, buffers, forward, tolerance
from native_reference import GATES, LSTM, RNN_RELU, run

CELLS = range(len(GATES))
DTYPES = ["float32", "float64"]


def case_of(cell: int, dtype: str, **options: Any) -> Case:
    return Case(cell, dtype, T=7, B=5, I=6, H=19, lengths=(7,) * 5, mode="dense", seed=3, **options)


def scaled(given: Buffers, scale: float) -> Buffers:
    """The same with inputs of another size, in the buffers and in what NumPy reads."""
    values = given.x.values * scale
    exact = values.astype(given.case.dtype).astype(float)
    return Buffers(
        given.case,
        replace(given.inputs, x=exact),
        type(given.x)(given.case, given.case.I, exact),
        given.arrays,
        given.sizes,
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("scale", [0.0, 1e-30, 1e4])
@pytest.mark.parametrize("cell", CELLS)
def test_inputs_of_any_size(cell: int, scale: float, dtype: str) -> None:
    given = scaled(buffers(case_of(cell, dtype)), scale)
    done, expected = forward(given), run(given.inputs)
    bound = tolerance(given)
    assert np.abs(done.y.values - expected.y).max() <= bound
    assert np.isfinite(done.y.values).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("cell", CELLS)
def test_saturated_gates(cell: int, dtype: str) -> None:
    given = buffers(case_of(cell, dtype))
    for size in (1e3, -1e3):
        bias = np.full(GATES[cell] * given.case.H, size, dtype)
        inputs = replace(given.inputs, b_ih=bias.astype(float))
        done = forward(Buffers(given.case, inputs, given.x, given.arrays | {"b_ih": bias}, given.sizes))
        large = abs(size) * 10 if cell == RNN_RELU else 1  # its states grow from the bias, all others are held
        bound = tolerance(given) + 10 * np.finfo(dtype).eps * large * given.case.H
        assert np.abs(done.y.values - run(inputs).y).max() <= bound
        if cell == LSTM and size > 0:  # all gates are 1, so the cell counts
            steps = np.arange(1, 8)[:, None, None] + given.inputs.c0
            assert np.allclose(done.y.values, np.tanh(steps), atol=1e-6)
        if cell == RNN_RELU and size < 0:
            assert not done.y.values.any()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("cell", CELLS)
def test_denormal_numbers_count_as_zero(cell: int, dtype: str) -> None:
    """They slow arithmetic 10 to 200 times; nothing comes of them, so that they cost nothing."""
    given = buffers(case_of(cell, dtype, biases=(False, False)))
    zeros = buffers(case_of(cell, dtype, biases=(False, False), starts=False))
    tiny = np.finfo(dtype).tiny / 4
    given.x.memory[:], zeros.x.memory[:] = tiny, 0
    for name in ("h0", "c0") if cell == LSTM else ("h0",):
        state = given.arrays[name]
        assert state is not None
        state[:] = tiny
    assert (given.x.memory > 0).all()
    assert np.array_equal(forward(given).y.memory, forward(zeros).y.memory)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_nan_at_the_rows_it_touched_and_from_that_step_on(cell: int, reverse: bool, dtype: str, value: float) -> None:
    given = buffers(case_of(cell, dtype, reverse=reverse))
    clean = forward(given).y.values
    values = given.x.values
    values[3, 2, 1] = value
    touched = Buffers(
        given.case, given.inputs, type(given.x)(given.case, given.case.I, values), given.arrays, given.sizes
    )
    found = forward(touched).y.values
    after = np.arange(7) <= 3 if reverse else np.arange(7) >= 3
    rows = np.arange(5) == 2
    hit = after[:, None] & rows
    assert np.array_equal(found[~hit], clean[~hit])
    if np.isnan(value):
        assert np.isnan(found[hit]).all()


@pytest.mark.parametrize("cell", CELLS)
def test_nan_in_one_unit_reaches_all_of_its_row(cell: int) -> None:
    given = buffers(case_of(cell, "float32"))
    h0 = given.arrays["h0"]
    assert h0 is not None
    h0[1, 4] = np.nan
    y = forward(given).y.values
    assert np.isnan(y[1:, 1]).all()
    assert np.isfinite(y[:, [0, 2, 3, 4]]).all()
