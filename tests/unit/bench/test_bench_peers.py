"""The optional peers: which are timed, and that they compute the same; what is not installed is skipped."""

from __future__ import annotations

from dataclasses import replace

import onnx
import pytest
import torch
from onnx.reference import ReferenceEvaluator

from selfloop.bench import onnx_side as module
from selfloop.bench.agree import check, reference
from selfloop.bench.inputs import Inputs, make
from selfloop.bench.onnx_model import model
from selfloop.bench.onnx_side import onnx_side
from selfloop.bench.peers import available
from selfloop.bench.plan import CELLS, Peer, Work
from selfloop.errors import SettingsError
from selfloop.kinds import kind_of
from selfloop.results.bench import Mode, Shape

SHAPE = Shape(batch=3, steps=5, inputs=7, hidden=17)
ONE_STEP = Shape(batch=3, steps=1, inputs=7, hidden=17)


def made(cell: str, mode: Mode) -> tuple[Work, Inputs]:
    work = Work(cell, ONE_STEP if mode == "step" else SHAPE, mode)
    return work, make(work, "float32")


@pytest.mark.parametrize(
    ("installed", "timed", "notes"),
    [
        ({"jax", "onnxruntime", "onnx"}, ("jax", "onnxruntime"), ()),
        ({"onnxruntime", "onnx"}, ("onnxruntime",), ("jax is not installed: not timed.",)),
        ({"jax", "onnxruntime"}, ("jax",), ("onnx is not installed: onnxruntime is not timed.",)),
        ({"jax", "onnx"}, ("jax",), ("onnxruntime is not installed: not timed.",)),
    ],
)
def test_unless_named_those_are_timed_that_can_be(
    installed: set[str], timed: tuple[Peer, ...], notes: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("selfloop.bench.peers.find_spec", lambda package: package if package in installed else None)
    assert available(None) == (timed, notes)
    assert available(timed) == (timed, ())
    assert available(()) == ((), ())


@pytest.mark.parametrize(
    ("installed", "sentence"),
    [
        (
            {"onnx"},
            "onnxruntime is not installed; expected it because peers= names it. "
            "Leave it out, or `pip install onnxruntime`.",
        ),
        (
            {"onnxruntime"},
            "onnx is not installed; expected it because peers= names onnxruntime, whose model it writes. "
            "Leave onnxruntime out, or `pip install onnx`.",
        ),
    ],
)
def test_a_named_one_that_cannot_be_timed_is_refused(
    installed: set[str], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("selfloop.bench.peers.find_spec", lambda package: package if package in installed else None)
    with pytest.raises(SettingsError) as refused:
        available(("onnxruntime",))
    assert str(refused.value) == sentence


@pytest.fixture
def evaluated(monkeypatch: pytest.MonkeyPatch) -> None:
    """onnx's own evaluator, which is NumPy, in the runtime's place."""
    monkeypatch.setattr(module, "session", lambda file, threads: ReferenceEvaluator(file))


@pytest.mark.parametrize("cell", CELLS)
def test_the_onnx_model_is_valid(cell: str) -> None:
    _, inputs = made(cell, "forward")
    weights = {name: weight.numpy() for name, weight in inputs.weights.items()}
    found = model(kind_of(cell), weights, steps=SHAPE.steps, batch=SHAPE.batch)
    onnx.checker.check_model(found, full_check=True)  # and the shapes that it names are those that follow
    assert [node.op_type for node in found.graph.node] == [kind_of(cell).layer]


@pytest.mark.usefixtures("evaluated")
@pytest.mark.parametrize("mode", ["forward", "step"])
@pytest.mark.parametrize("cell", CELLS)
def test_the_onnx_model_computes_what_torchs_layer_does(cell: str, mode: Mode) -> None:
    work, inputs = made(cell, mode)
    side = onnx_side(work, inputs, threads=1)
    check(side, side.read(side.call()), reference(work, inputs))


@pytest.mark.usefixtures("evaluated")
@pytest.mark.parametrize("cell", CELLS)
def test_onnx_steps_carry_the_state(cell: str) -> None:
    the_next_step_agrees(*made(cell, "step"))


@pytest.mark.parametrize("mode", ["forward", "step"])
@pytest.mark.parametrize("cell", CELLS)
def test_onnx_runtime_agrees(cell: str, mode: Mode) -> None:
    pytest.importorskip("onnxruntime")
    work, inputs = made(cell, mode)
    side = onnx_side(work, inputs, threads=1)
    check(side, side.read(side.call()), reference(work, inputs))
    if mode == "step":
        the_next_step_agrees(work, inputs)


@pytest.mark.parametrize("mode", ["training", "forward"])
@pytest.mark.parametrize("cell", CELLS)
def test_jax_agrees(cell: str, mode: Mode) -> None:
    pytest.importorskip("jax")
    from selfloop.bench.jax_side import jax_side, start

    start(1)
    work, inputs = made(cell, mode)
    side = jax_side(work, inputs)
    check(side, side.read(side.call()), reference(work, inputs))


def the_next_step_agrees(work: Work, inputs: Inputs) -> None:
    """Called again, it starts from the state that it came to."""
    side = onnx_side(work, inputs, threads=1)
    states = {name: torch.from_numpy(state).float() for name, state in side.read(side.call()).items()}
    after = replace(inputs, h=states["h_n"], c=states.get("c_n", inputs.c))
    check(side, side.read(side.call()), reference(work, after))
