"""The optional peers compute the same; skipped where they are not installed."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from selfloop.bench.agree import check, reference
from selfloop.bench.inputs import make
from selfloop.bench.onnx_model import model
from selfloop.bench.plan import CELLS, GATES, Work
from selfloop.results.bench import Cell, Mode, Shape

SHAPE = Shape(batch=3, steps=5, inputs=7, hidden=17)
ONE_STEP = Shape(batch=3, steps=1, inputs=7, hidden=17)
# Of models that ONNX Runtime 1.32 read, and whose results agreed.
DIGESTS = {
    "rnn": "5f970ff6a6bfb22362c8907c87aae32dd85d0bd52817c14031acb1fa032f15e6",
    "gru": "ad494c8f8de2f26f66a02f734ecac4119f142a442e08cf825635cf8e81993f92",
    "lstm": "a5b0c53b7d5db14627e381ba6fc0d6d91db1ba8364850a071858e95ee4462df6",
}


@pytest.mark.parametrize("cell", CELLS)
def test_the_onnx_file_is_the_one_that_was_checked(cell: Cell) -> None:
    G, I, H = GATES[cell], SHAPE.inputs, SHAPE.hidden  # noqa: E741
    shapes = {"weight_ih_l0": (G * H, I), "weight_hh_l0": (G * H, H), "bias_ih_l0": (G * H,), "bias_hh_l0": (G * H,)}
    weights = {n: np.arange(np.prod(s), dtype=np.float32).reshape(s) for n, s in shapes.items()}
    file = model(cell, weights, steps=SHAPE.steps, batch=SHAPE.batch)
    assert hashlib.sha256(file).hexdigest() == DIGESTS[cell]


@pytest.mark.parametrize("mode", ["forward", "step"])
@pytest.mark.parametrize("cell", CELLS)
def test_onnx_runtime_agrees(cell: Cell, mode: Mode) -> None:
    pytest.importorskip("onnxruntime")
    from selfloop.bench.onnx_side import onnx_side

    work = Work(cell, ONE_STEP if mode == "step" else SHAPE, mode)
    inputs = make(work, "float32")
    side = onnx_side(work, inputs, threads=1)
    check(side, side.read(side.call()), reference(work, inputs))


@pytest.mark.parametrize("mode", ["training", "forward"])
@pytest.mark.parametrize("cell", CELLS)
def test_jax_agrees(cell: Cell, mode: Mode) -> None:
    pytest.importorskip("jax")
    from selfloop.bench.jax_side import jax_side, start

    start(1)
    work = Work(cell, SHAPE, mode)
    inputs = make(work, "float32")
    side = jax_side(work, inputs)
    check(side, side.read(side.call()), reference(work, inputs))
