"""`torch.compile` and `torch.export` read the layers as one operator; the operator keeps torch's rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.fx.experimental.symbolic_shapes import ShapeEnv
from torch.nn.utils.rnn import pack_padded_sequence

import selfloop
from selfloop import nn
from selfloop.kernels.call import CHECKPOINTS, GATES, HAS_C, NOTHING, checkpoint_steps
from selfloop.kernels.native import native
from selfloop.kinds import NATIVE
from selfloop.kinds.lstm import LSTM

T, B, I, H = 5, 3, 7, 9  # noqa: E741 (the input size's letter)
KINDS_OF_LAYER: list[Any] = [nn.RNN, nn.LSTM, nn.GRU]
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of torch's own compiler


@pytest.fixture(autouse=True)
def _afresh() -> Iterator[None]:
    torch.compiler.reset()
    yield
    torch.compiler.reset()


class Model(torch.nn.Module):
    def __init__(self, kind: Any, **options: Any) -> None:
        super().__init__()
        self.layer = kind(I, H, **options)
        self.head = torch.nn.Linear(H * (1 + self.layer.bidirectional), 2)

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        y: Tensor = self.head(self.layer(x, lengths=lengths)[0])
        return y


def gradients(model: Any, call: Any, *given: Any) -> list[Tensor]:
    for weight in model.parameters():
        weight.grad = None
    total = call(*given).square().sum()
    total.backward()
    return [total.detach(), *(weight.grad.clone() for weight in model.parameters())]


@pytest.mark.parametrize("kind", KINDS_OF_LAYER)
def test_a_whole_graph_forward_and_backward(kind: Any) -> None:
    torch.manual_seed(0)
    model = Model(kind, num_layers=2, bidirectional=True)
    compiled = torch.compile(model, fullgraph=True, backend="aot_eager")
    for batch in (3, 3, 4):
        x = torch.randn(T, batch, I)
        for a, b in zip(gradients(model, compiled, x), gradients(model, model, x), strict=True):
            assert torch.allclose(a, b, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS_OF_LAYER)
def test_sizes_may_change(kind: Any) -> None:
    torch.manual_seed(0)
    model = Model(kind)
    frames = torch._dynamo.testing.CompileCounter()
    compiled = torch.compile(model, fullgraph=True, dynamic=True, backend=frames)
    for steps, batch in ((5, 3), (7, 3), (6, 11)):
        x = torch.randn(steps, batch, I)
        assert torch.equal(compiled(x), model(x))
    assert frames.frame_count == 1


@pytest.mark.parametrize("kind", KINDS_OF_LAYER)
def test_sizes_may_change_on_the_way_back(kind: Any) -> None:
    """Also where the number of checkpoints hangs on the batch."""
    torch.manual_seed(0)
    model = Model(kind, recompute=True)
    frames = torch._dynamo.testing.CompileCounterWithBackend("aot_eager")
    compiled = torch.compile(model, fullgraph=True, dynamic=True, backend=frames)
    for steps, batch in ((5, 3), (40, 100), (90, 130), (200, 11)):
        x, lengths = torch.randn(steps, batch, I), torch.randint(0, steps + 1, (batch,))
        for a, b in zip(gradients(model, compiled, x, lengths), gradients(model, model, x, lengths), strict=True):
            assert torch.allclose(a, b, rtol=1e-5, atol=1e-5)
    assert frames.frame_count == 1


@pytest.mark.parametrize("real", [0, 1])
def test_checkpoints_of_symbols_are_as_many(real: int) -> None:
    environment = ShapeEnv()
    for batch in (2, 3, 17, 64, 383, 384, 385, 1000):
        mode = FakeTensorMode(shape_env=environment)
        (symbol,) = mode.from_tensor(torch.empty(batch)).shape
        for H in (1, 9, 64, 150, 1000):
            steps = checkpoint_steps(LSTM.native, real, symbol, H)
            assert not isinstance(steps, int)
            assert int(steps) == native.chunk_steps(LSTM.native, real, batch, H)


def test_lengths_in_a_graph() -> None:
    torch.manual_seed(0)
    model = Model(nn.GRU)
    compiled = torch.compile(model, fullgraph=True, backend="aot_eager")
    x = torch.randn(T, B, I)
    for lengths in (torch.tensor([5, 0, 2]), torch.tensor([1, 2, 3])):
        assert torch.equal(compiled(x, lengths), model(x, lengths))


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("kind", KINDS_OF_LAYER)
def test_packed_sequences_in_a_graph(kind: Any, half: bool) -> None:
    torch.manual_seed(0)
    layer = kind(I, H, bidirectional=True)
    compiled: Any = torch.compile(layer, fullgraph=True, backend="aot_eager")
    for lengths in ([2, 5, 3], [4, 1, 5]):
        packed = pack_padded_sequence(torch.randn(T, B, I), lengths, enforce_sorted=False)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
            (y, _), (expected, _) = compiled(packed), layer(packed)
        assert all(map(torch.equal, y, expected))
        y.data.sum().backward()


def test_an_accelerated_model_compiles_whole() -> None:
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(I, I), torch.nn.LSTM(I, H))
    selfloop.accelerate(model)
    x = torch.randn(T, B, I)
    compiled = torch.compile(model, fullgraph=True, backend="aot_eager")
    assert torch.allclose(compiled(x)[0], model(x)[0], atol=1e-6)


def test_torchs_own_layers_are_read_as_before() -> None:
    nn.LSTM(I, H)
    assert torch._dynamo.config.allow_rnn is False
    with pytest.raises(Exception, match=r"RNN|LSTM"):
        torch.compile(torch.nn.LSTM(I, H), fullgraph=True, backend="eager")(torch.randn(T, B, I))


@pytest.mark.parametrize("kind", KINDS_OF_LAYER)
def test_exported(kind: Any) -> None:
    torch.manual_seed(0)
    model = Model(kind, num_layers=2).eval()
    x = torch.randn(T, B, I)
    batch = torch.export.Dim("batch", min=2, max=64)
    program = torch.export.export(model, (x,), dynamic_shapes={"x": {1: batch}})
    for given in (x, torch.randn(T, 5, I)):
        assert torch.equal(program.module()(given), model(given))
    assert "selfloop.forward" in str(program.graph)


@pytest.mark.filterwarnings("ignore:The tensor attributes:UserWarning")  # torch's, of its own layers
@pytest.mark.parametrize("kind", KINDS_OF_LAYER)
def test_export_to_onnx_sees_torchs_operators(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """onnx itself is not needed here: torch's exporter reads the same graph, and by place hands over all arguments."""
    torch.manual_seed(0)
    layer, x = kind(I, H, num_layers=2, bidirectional=True).eval(), torch.randn(T, B, I)
    monkeypatch.setattr(torch.onnx, "is_in_onnx_export", lambda: True)
    program = torch.export.export(layer, (x, None, None))
    assert "selfloop" not in str(program.graph)
    assert torch.allclose(program.module()(x, None, None)[0], layer(x, None, None)[0], atol=1e-6)


def operator_arguments(cell: int, directions: int, keep: int, lengths: bool) -> tuple[Any, ...]:
    torch.manual_seed(1)
    rows = len(NATIVE[cell].gates) * 4
    weights = [
        torch.randn(shape, requires_grad=True) for shape in ((rows, 3), (rows, 4), (rows,), (rows,)) * directions
    ]
    state = torch.randn(directions, 2, 4, requires_grad=True)
    c0 = torch.randn(directions, 2, 4, requires_grad=True) if HAS_C[cell] else None
    ends = torch.tensor([3, 5]) if lengths else None
    return cell, directions, keep, 2, torch.randn(5, 2, 3, requires_grad=True), state, c0, ends, None, weights


@pytest.mark.parametrize("directions", [1, 2])
@pytest.mark.parametrize("cell", range(len(NATIVE)))
def test_the_operator_keeps_torchs_rules(cell: int, directions: int) -> None:
    for keep, lengths in ((GATES, False), (CHECKPOINTS, True)):
        torch.library.opcheck(torch.ops.selfloop.forward, operator_arguments(cell, directions, keep, lengths))
    plain = [
        value.detach() if isinstance(value, Tensor) else value
        for value in operator_arguments(cell, directions, NOTHING, True)
    ]
    plain[-1] = [weight.detach() for weight in plain[-1]]
    torch.library.opcheck(torch.ops.selfloop.forward, tuple(plain))
