"""Numbers at the edges: saturation, zeros, denormals, large inputs, infinities, NaN; and whose threads compute."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from native_cases import Buffers, Case, buffers, forward, native, tolerance
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
    for bias, size in (("b_ih", 1e3), ("b_ih", -1e3)):
        of = dict(given.arrays)
        of[bias] = np.full_like(of[bias], size)
        forced = Buffers(given.case, replace(given.inputs, b_ih=of["b_ih"].astype(float)), given.x, of, given.sizes)
        done = forward(forced)
        assert np.isfinite(done.y.values).all()
        if cell == LSTM and size > 0:  # all gates are 1, so the cell counts
            steps = np.arange(1, 8)[:, None, None] + of["c0"].astype(float)
            assert np.allclose(done.y.values, np.tanh(steps), atol=1e-6)
        if cell == RNN_RELU and size < 0:
            assert not done.y.values.any()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("cell", CELLS)
def test_denormal_states_count_as_zero_and_cost_no_time(cell: int, dtype: str) -> None:
    given = buffers(case_of(cell, dtype))
    tiny = np.finfo(dtype).tiny / 4
    given.arrays["h0"][:] = tiny
    if cell == LSTM:
        given.arrays["c0"][:] = tiny
    assert np.isfinite(forward(given).y.values).all()


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
    given.arrays["h0"][1, 4] = np.nan
    y = forward(given).y.values
    assert np.isnan(y[1:, 1]).all()
    assert np.isfinite(y[:, [0, 2, 3, 4]]).all()


@pytest.mark.skipif(platform.machine() != "x86_64", reason="reads the processor's control word on x86-64")
def test_the_thread_keeps_its_own_rounding() -> None:
    def smallest() -> float:
        return float(np.float32(1e-38) * np.float32(0.01))  # denormal, unless they count as zero

    before = smallest()
    forward(buffers(case_of(LSTM, "float32")))
    assert smallest() == before > 0


def test_many_python_threads_at_once() -> None:
    cases = [
        replace(case_of(cell, dtype), seed=seed, threads=2) for cell in CELLS for dtype in DTYPES for seed in range(4)
    ]
    expected = [forward(buffers(case)).y.memory for case in cases]
    with ThreadPoolExecutor(6) as pool:
        for _ in range(5):
            found = list(pool.map(lambda case: forward(buffers(case)).y.memory, cases))
            assert all(map(np.array_equal, found, expected))


def test_the_interpreter_goes_on_meanwhile() -> None:
    given = buffers(Case(LSTM, "float32", 400, 64, 64, 256, (400,) * 64, "dense"))
    counted = 0
    with ThreadPoolExecutor(1) as pool:
        forward(given)
        future = pool.submit(forward, given)
        while not future.done():
            counted += 1
    assert counted > 100


CHILD = """
import os, numpy as np
from native_cases import Case, buffers, forward
given = buffers(Case(2, "float32", 8, 64, 16, 64, (8,) * 64, "dense", threads=2))
expected = forward(given).y.memory
child = os.fork()
if child == 0:
    os._exit(0 if np.array_equal(forward(given).y.memory, expected) else 1)
assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.skipif("SELFLOOP_NATIVE" in os.environ, reason="a child of its own finds the installed module")
def test_a_forked_child_computes_alone() -> None:
    here = os.path.dirname(__file__)
    subprocess.run([sys.executable, "-c", CHILD], check=True, timeout=60, cwd=here)


ISAS = """
import sys
from native_cases import Case, buffers, forward
for cell in range(5):
    for dtype in ("float32", "float64"):
        for size in (1, 7, 33, 70):
            case = Case(cell, dtype, 5, 13, 9, size, (5,) * 13, "dense", threads=2, seed=size)
            sys.stdout.write(forward(buffers(case), "nothing").y.memory.tobytes().hex() + "\\n")
"""


@pytest.mark.skipif("SELFLOOP_NATIVE" in os.environ, reason="a child of its own finds the installed module")
def test_the_same_bits_on_every_instruction_set_with_fma() -> None:
    found = {}
    for isa in native.info()["available"]:
        environment = os.environ | {"SELFLOOP_ISA": isa}
        ran = subprocess.run(
            [sys.executable, "-c", ISAS], check=True, timeout=60, cwd=os.path.dirname(__file__), env=environment,
            capture_output=True, text=True,
        )  # fmt: skip
        found[isa] = ran.stdout
    plain = found.pop("plain")
    assert plain.count("\n") == 40
    assert len(found) == 0 or len(set(found.values())) == 1
    assert all(plain != other for other in found.values())  # so that the comparison could fail


@pytest.mark.parametrize("name", ["avx1024", ""])
@pytest.mark.skipif("SELFLOOP_NATIVE" in os.environ, reason="a child of its own finds the installed module")
def test_an_instruction_set_that_is_not_there(name: str) -> None:
    code = "import selfloop.kernels.native"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"SELFLOOP_ISA": name},
        capture_output=True,
        text=True,
        timeout=60,
    )
    if name:
        assert ran.returncode != 0
        assert "SELFLOOP_ISA" in ran.stderr.splitlines()[-1]
        assert "avx1024" in ran.stderr.splitlines()[-1]
    else:
        assert ran.returncode == 0
