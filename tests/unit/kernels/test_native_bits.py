"""The same bits on every instruction set with fma, for any number of threads, and for any split of a batch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from native_backward import backward
from native_cases import Array, Buffers, Case, Rows, buffers, forward
from native_fresh import fresh
from native_reference import GATES, LSTM

from selfloop.kernels.native import native

CELLS = range(len(GATES))
DTYPES = ["float32", "float64"]

ALL_CELLS = """
import sys
from native_cases import Case, buffers, forward
for cell in range(5):
    for dtype in ("float32", "float64"):
        for size in (1, 7, 33, 70):
            case = Case(cell, dtype, 5, 13, 9, size, (5,) * 13, "dense", threads=2, seed=size)
            sys.stdout.write(forward(buffers(case), "nothing").y.memory.tobytes().hex() + "\\n")
"""


def test_on_every_instruction_set_with_fma() -> None:
    found = {isa: fresh(ALL_CELLS, SELFLOOP_ISA=isa) for isa in native.info()["available"]}
    plain = found.pop("plain")
    assert plain.count("\n") == 40
    assert len(found) == 0 or len(set(found.values())) == 1
    assert all(plain != other for other in found.values())  # so that the comparison could fail


def large(cell: int, dtype: str) -> Case:
    """Enough work for several threads to share, and rows that no count of threads divides."""
    return Case(cell, dtype, 6, 61, 33, 90, (6,) * 61, "dense", seed=cell)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("cell", CELLS)
def test_for_any_number_of_threads(cell: int, dtype: str) -> None:
    case = large(cell, dtype)
    dy = np.random.default_rng(0).standard_normal((case.T, case.B, case.H))
    wanted = frozenset(("dx", "dW_ih", "dW_hh", "db_ih", "db_hh", "dh0", "dc0"))
    found = []
    for threads in (1, 2, 3, 4):
        given = buffers(replace(case, threads=threads))
        done = forward(given)
        got = backward(given, done, dy, wanted, frozenset(("dy", "dhn", "dcn"))).written
        parts: dict[str, Rows | Array] = {"y": done.y, "hn": done.hn, **got}
        found.append({name: v.memory if isinstance(v, Rows) else v for name, v in parts.items()})
    for other in found[1:]:
        for name, values in found[0].items():
            assert np.array_equal(values, other[name]), name


def rows_of(given: Buffers, chosen: Array) -> Buffers:
    """The same layer on some of the rows, in another order."""
    case = replace(given.case, B=len(chosen), lengths=tuple(np.array(given.case.lengths)[chosen]))
    arrays = {
        name: v[chosen].copy() if name in ("h0", "c0") and v is not None else v for name, v in given.arrays.items()
    }
    x = given.inputs.x[:, chosen]
    return Buffers(case, replace(given.inputs, x=x, lengths=case.lengths), Rows(case, case.I, x), arrays, None)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("cell", CELLS)
def test_for_any_split_of_the_batch(cell: int, dtype: str) -> None:
    if not native.info()["fused"]:
        return  # nothing is promised for the plain kernels
    given = buffers(large(cell, dtype))
    whole = forward(given)
    order = np.random.default_rng(1).permutation(given.case.B)
    for chosen in (order[:1], order[1:8], order[8:21], order[21:]):
        part = forward(rows_of(given, chosen))
        assert np.array_equal(part.y.values, whole.y.values[:, chosen])
        assert np.array_equal(part.hn, whole.hn[chosen])
        if cell == LSTM:
            assert part.cn is not None
            assert whole.cn is not None
            assert np.array_equal(part.cn, whole.cn[chosen])
