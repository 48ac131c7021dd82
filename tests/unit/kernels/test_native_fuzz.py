"""Forward and backward on shapes, strides, lengths and choices of buffers drawn at random, against NumPy.

Buffers end where they must, so that under AddressSanitizer (`make sanitize`) an element too far is an error. Each
number is a case of its own; SELFLOOP_FUZZ_CASES sets how many there are.
"""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest
from native_backward import Gradients, backward
from native_cases import Array, Buffers, Case, Forward, Rows, buffers, forward, in_grid, kept_gates, tolerance
from native_reference import run, slope

from selfloop.kernels.native import native

CASES = int(os.environ.get("SELFLOOP_FUZZ_CASES", "60"))
ALL = frozenset(("dx", "dW_ih", "dW_hh", "db_ih", "db_hh", "dh0", "dc0", "grad_h", "grad_c"))
INCOMING = frozenset(("dy", "dhn", "dcn"))
INPUT_OF = {"grad_h": "bump_h", "grad_c": "bump_c"}  # else without its d

# Where backward walks in more than one chunk of steps, and where each thread has rows enough of its own.
ENDS = (71, 1, 20, 0, 70, 71, 48, 61)
LARGE = [
    Case(0, "float64", 71, 8, 5, 131, ENDS, "lengths", True, gap=3, threads=2, seed=0),
    Case(1, "float64", 71, 8, 5, 131, ENDS, "lengths", gap=3, threads=2, seed=1),
    Case(2, "float64", 71, 8, 5, 131, ENDS, "lengths", True, gap=3, threads=2, seed=2),
    Case(3, "float64", 37, 11, 3, 131, (37,) * 11, "dense", True, threads=3, seed=3),
    Case(4, "float64", 41, 11, 3, 131, (41, 41, 20, 16, 16, 16, 9, 3, 2, 1, 1), "packed", threads=3, seed=4),
    Case(2, "float32", 3, 61, 7, 17, tuple(range(1, 4)) * 20 + (0,), "lengths", batch_first=True, threads=3, seed=5),
]


def drawn(seed: int) -> Case:
    """A case: small sizes, sometimes whole vectors, a third each dense, with lengths, packed."""
    random = np.random.default_rng(seed)

    def size(most: int) -> int:
        return int(random.choice([random.integers(1, most + 1), random.choice([8, 16, 32])], p=[0.8, 0.2]))

    T, B, mode = int(random.integers(1, 9)), size(7), str(random.choice(["dense", "lengths", "packed"]))
    lengths = {
        "dense": (T,) * B,
        "lengths": tuple(int(n) for n in random.integers(0, T + 1, B)),
        "packed": tuple(sorted((T, *(int(n) for n in random.integers(1, T + 1, B - 1))), reverse=True)),
    }[mode]
    choose = [bool(bit) for bit in random.integers(0, 2, 6)]
    return Case(
        cell=seed % 5, dtype=("float32", "float64")[choose[0]], T=T, B=B, I=size(40), H=size(40), lengths=lengths,
        mode=mode, reverse=choose[1], biases=(choose[2], choose[3]), starts=choose[4], batch_first=choose[5],
        gap=int(random.choice([0, 0, 1, 5])), threads=int(random.integers(1, 4)), seed=seed,
    )  # fmt: skip


def check_forward(given: Buffers, done: Forward) -> None:
    case, bound = given.case, tolerance(given)
    expected = run(given.inputs)
    y = done.y.values
    if case.mode != "packed":
        assert (y[~case.valid] == 0).all()
    assert np.abs(y - expected.y)[case.valid].max(initial=0) <= bound
    assert done.y.gaps_are_untouched()
    assert np.abs(done.hn - expected.hn).max() <= bound
    if done.cn is not None:
        assert np.abs(done.cn - expected.cn).max() <= bound
    if done.gates is not None:
        for name, gate in kept_gates(case, done.gates).items():
            assert np.abs(gate - expected.gates.get(name, gate))[case.valid].max(initial=0) <= bound, name
    if done.cells is not None:
        rows = done.cells.reshape(-1, native.kept_row(case.cell, case.real, case.H)[1])
        cells = in_grid(case, rows[:, : case.H])
        assert np.abs(cells - expected.cells)[case.valid].max(initial=0) <= bound


def check_backward(given: Buffers, got: Gradients, dy: Array) -> None:
    """Each gradient along a random direction, against the complex step."""
    case = given.case
    random = np.random.default_rng(case.seed + 2)
    relative = tolerance(given) * 8  # a gradient is a product of factors that err as the states do
    dy = dy.astype(case.dtype).astype(float)
    for name, written in got.written.items():
        values = written.values if isinstance(written, Rows) else written.astype(float)
        if isinstance(written, Rows):
            assert written.gaps_are_untouched(), name
            if case.mode != "packed":
                assert (values[~case.valid] == 0).all(), name
            values = np.where(case.valid[..., None], values, 0)
        assert np.isfinite(values).all(), name
        direction = random.standard_normal(values.shape)
        truth = slope(given.inputs, got.loss(dy), INPUT_OF.get(name, name[1:]), direction)
        scale = np.abs(values * direction).sum() + np.sqrt(values.size)
        assert abs((values * direction).sum() - truth) <= relative * scale, name


def wanted_at_random(seed: int) -> frozenset[str]:
    random = np.random.default_rng(seed)
    kept = {name for name in sorted(ALL) if random.random() < 0.7}
    weights = {"dW_ih", "dW_hh"}
    return frozenset(kept | weights) if kept & {*weights, "db_ih", "db_hh"} else frozenset(kept)


def check(case: Case, wanted: frozenset[str], incoming: frozenset[str]) -> None:
    given = buffers(case)
    dy = np.random.default_rng(case.seed + 3).standard_normal((case.T, case.B, case.H))
    done = forward(given)
    check_forward(given, done)
    got = backward(given, done, dy, wanted, incoming)
    check_backward(given, got, dy)
    again = forward(given, "checkpoints")
    assert_same_bits(outputs(done), outputs(again))
    assert_same_bits(outputs(done), outputs(forward(given, "nothing")))
    assert_same_bits(got.written, backward(given, again, dy, wanted, incoming).written)
    if native.info()["fused"]:
        alone = buffers(replace(case, threads=1))
        done_alone = forward(alone)
        assert_same_bits(outputs(done), outputs(done_alone))
        assert_same_bits(got.written, backward(alone, done_alone, dy, wanted, incoming).written)


def outputs(done: Forward) -> dict[str, Rows | Array]:
    states = {"hn": done.hn} if done.cn is None else {"hn": done.hn, "cn": done.cn}
    return {"y": done.y, **states}


def assert_same_bits(these: dict[str, Rows | Array], those: dict[str, Rows | Array]) -> None:
    for name, this in these.items():
        that = those[name]
        a, b = (v.memory if isinstance(v, Rows) else v for v in (this, that))
        assert a.tobytes() == b.tobytes(), name


@pytest.mark.parametrize("seed", range(CASES))
def test_drawn(seed: int) -> None:
    random = np.random.default_rng(seed + 4)
    incoming = frozenset(name for name in sorted(INCOMING) if random.random() < 0.8)
    check(drawn(seed), wanted_at_random(seed + 5), incoming)


@pytest.mark.parametrize("case", LARGE, ids=lambda case: f"{case.cell}-{case.mode}-{case.B}")
def test_many_steps_and_rows(case: Case) -> None:
    if case.dtype == "float64":
        assert native.chunk_steps(case.cell, case.real, case.B, case.H) < case.T
    check(case, ALL, INCOMING)


def test_rows_of_no_steps_alone() -> None:
    case = Case(2, "float32", 5, 3, 7, 17, (0, 0, 0), "lengths", seed=9)
    check(case, ALL, INCOMING)
