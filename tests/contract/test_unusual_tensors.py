"""Tensors that are not what they look like, outputs that users write to, and tools that read models."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.utils import prune
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence
from torch.utils.checkpoint import checkpoint

from selfloop import nn
from selfloop.errors import ShapeError
from selfloop.kernels.call import GATES
from selfloop.kernels.record import Record, recording

T, B, I, H = 5, 3, 7, 9  # noqa: E741 (the input size's letter)
DOUBLE: Any = {"dtype": torch.float64}
EXACT = 1e-12  # float64, sizes and weights as for the cells
PAIRS: list[tuple[Any, Any]] = [(nn.RNN, torch.nn.RNN), (nn.LSTM, torch.nn.LSTM), (nn.GRU, torch.nn.GRU)]
both = pytest.mark.parametrize(("ours", "theirs"), PAIRS, ids=["rnn", "lstm", "gru"])


def pair(ours: Any, theirs: Any, inputs: int = I, **options: Any) -> tuple[Any, Any]:
    torch.manual_seed(0)
    a, b = ours(inputs, H, **DOUBLE, **options), theirs(inputs, H, **DOUBLE, **options)
    b.load_state_dict(a.state_dict())
    return a, b


def flat(returned: Any) -> list[Tensor]:
    outputs, last = returned
    return [outputs, *(last if isinstance(last, tuple) else (last,))]


def near(a: Any, b: Any) -> bool:
    pairs = list(zip(a, b, strict=True))
    assert all(x.shape == y.shape for x, y in pairs)
    return all(float((x - y).detach().abs().max()) <= EXACT * max(1.0, float(y.detach().abs().max())) for x, y in pairs)


def turned(*shape: int) -> Tensor:
    """Numbers that lie in memory with the other sign."""
    found = torch._neg_view(torch.randn(shape, **DOUBLE))
    assert found.is_neg()
    return found


@both
def test_the_imaginary_part_of_a_conjugate(ours: Any, theirs: Any) -> None:
    mine, reference = pair(ours, theirs, inputs=1)
    x = torch.randn(T, B, 1, dtype=torch.complex128).conj().imag
    assert x.is_neg()
    assert near(flat(mine(x)), flat(reference(x)))


@both
def test_signs_turned_in_memory(ours: Any, theirs: Any) -> None:
    """In inputs, states, weights, packed data, and in what backward brings."""
    found = []
    for layer in pair(ours, theirs, bidirectional=True):
        torch.manual_seed(1)
        x, states = turned(T, B, I), [turned(2, B, H) for _ in range(1 + isinstance(layer, torch.nn.LSTM))]
        hx = tuple(states) if len(states) > 1 else states[0]
        weights = {name: turned(*weight.shape).requires_grad_() for name, weight in layer.named_parameters()}
        returned = flat(torch.func.functional_call(layer, weights, (x, hx)))
        upstream = [turned(*part.shape) for part in returned]
        packed = pack_padded_sequence(x, [2, 5, 3], enforce_sorted=False)
        again = PackedSequence(torch._neg_view(packed.data.neg()), *packed[1:])
        gradients = torch.autograd.grad(returned, list(weights.values()), upstream)
        found.append([*returned, *gradients, layer(again)[0].data])
    assert near(*found)


STRIDES: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "windows that overlap, of steps": ((T, B, I), (1, 5, 1)),
    "of steps and sequences": ((T, B, I), (1, 1, 1)),
    "the same sequence again": ((T, B, I), (7, 0, 1)),
    "the same step again": ((T, B, I), (0, 7, 1)),
    "all one number": ((T, B, I), (0, 0, 0)),
    "one channel, again": ((T, B, I), (3, 1, 0)),
    "every other number": ((T, B, I), (42, 14, 2)),
    "sequences innermost": ((T, B, I), (21, 1, 3)),
    "steps innermost": ((T, B, I), (1, 35, 5)),
    "one wide": ((T, B, 1), (2, 1, 3)),
}


@both
@pytest.mark.parametrize("options", [{}, {"bidirectional": True, "num_layers": 2}, {"batch_first": True}])
@pytest.mark.parametrize("strides", STRIDES)
def test_gradients_of_inputs_of_any_strides(ours: Any, theirs: Any, options: dict[str, Any], strides: str) -> None:
    """Numbers that stand at several places get the sum of what comes back from all of them."""
    (shape, strides_of), found = STRIDES[strides], []
    for layer in pair(ours, theirs, inputs=shape[-1], **options):
        numbers = torch.randn(300, **DOUBLE, generator=torch.Generator().manual_seed(1)).requires_grad_()
        returned = layer(numbers.as_strided(shape, strides_of))
        total = torch.stack([(k + 1) * part.square().sum() for k, part in enumerate(flat(returned))]).sum()
        found.append([*flat(returned), *torch.autograd.grad(total, [numbers, *layer.parameters()])])
    assert found[0][-1 - len(list(layer.parameters()))].abs().max() > 1e-3
    assert near(*found)


@both
def test_gradients_of_unfolded_windows(ours: Any, theirs: Any) -> None:
    found = []
    for layer in pair(ours, theirs):
        series = torch.randn(B, T + I - 1, **DOUBLE, generator=torch.Generator().manual_seed(1)).requires_grad_()
        windows = series.unfold(1, I, 1).transpose(0, 1)  # (T, B, I), a step further each
        found.append(torch.autograd.grad(layer(windows)[0].square().sum(), [series, *layer.parameters()]))
    assert near(*found)


@both
def test_gradients_of_overlapping_windows_in_a_graph(ours: Any, theirs: Any) -> None:
    torch.compiler.reset()
    mine, reference = pair(ours, theirs)
    numbers = torch.randn(60, **DOUBLE, requires_grad=True)

    def call(layer: Any, numbers: Tensor) -> Tensor:
        y: Tensor = layer(numbers.as_strided((T, B, I), (1, 5, 1)))[0]
        return y

    compiled, found = torch.compile(lambda numbers: call(mine, numbers), fullgraph=True, backend="aot_eager"), []
    for y, layer in ((compiled(numbers), mine), (call(reference, numbers), reference)):
        found.append(torch.autograd.grad(y.square().sum(), [numbers, *layer.parameters()]))
    torch.compiler.reset()
    assert near(*found)


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors:UserWarning", "ignore:Sparse:UserWarning")
@both
@pytest.mark.parametrize(
    "change",
    [
        lambda x: x.to_sparse(),
        lambda x: x[0].to_sparse_csr(),
        lambda x: x.to_mkldnn(),
        lambda x: torch.nested.nested_tensor([x[:3, 0], x[:, 1]]),
        lambda x: torch.nested.nested_tensor([x[:3, 0], x[:, 1]], layout=torch.jagged),
    ],
)
def test_other_layouts_are_refused_in_torchs_words(ours: Any, theirs: Any, change: Callable[[Tensor], Tensor]) -> None:
    x, said = change(torch.randn(T, B, I)), []
    for layer in (ours(I, H), theirs(I, H)):
        with pytest.raises((RuntimeError, NotImplementedError)) as refused:
            layer(x)
        said.append((refused.type, str(refused.value)))
    assert said[0] == said[1]


def write_to_all(returned: Any) -> Tensor:
    """A loss of outputs and states after all were written to."""
    for part in flat(returned):
        part.mul_(2).relu_()
    total = sum((k + 1) * part.square().sum() for k, part in enumerate(flat(returned)))
    assert isinstance(total, Tensor)
    return total


def from_copies(returned: Any) -> Tensor:
    """The same, with nothing written to."""
    outputs, last = returned
    return write_to_all((outputs.clone(), tuple(h.clone() for h in last) if isinstance(last, tuple) else last.clone()))


@both
@pytest.mark.parametrize("recompute", [False, True])
@pytest.mark.parametrize("options", [{}, {"num_layers": 2, "bidirectional": True, "batch_first": True}])
def test_outputs_may_be_written_to(ours: Any, theirs: Any, options: dict[str, Any], recompute: bool) -> None:
    mine, _ = pair(ours, theirs, **options)
    mine.recompute = recompute
    x = torch.randn(T, B, I, **DOUBLE, requires_grad=True)
    sources, found = [x, *mine.parameters()], []
    for loss in (write_to_all, from_copies):
        total = loss(mine(x))
        first = torch.autograd.grad(total, sources, retain_graph=True)
        assert all(map(torch.equal, first, torch.autograd.grad(total, sources)))
        found.append(first)
    assert all(map(torch.equal, *found))


@both
@pytest.mark.parametrize("reentrant", [False, True])
def test_outputs_may_be_written_to_within_checkpoints(ours: Any, theirs: Any, reentrant: bool) -> None:
    mine, _ = pair(ours, theirs)

    def call(x: Tensor) -> Tensor:
        return write_to_all(mine(x))

    found = []
    for kept in (True, False):
        mine.zero_grad()
        x = torch.randn(T, B, I, **DOUBLE, generator=torch.Generator().manual_seed(1)).requires_grad_()
        (call(x) if kept else checkpoint(call, x, use_reentrant=reentrant)).backward()
        found.append([x.grad, *(weight.grad for weight in mine.parameters())])
    assert all(map(torch.equal, *found))


@both
def test_second_derivatives_of_outputs_that_were_written_to(ours: Any, theirs: Any) -> None:
    mine, _ = pair(ours, theirs)
    x, found = torch.randn(T, B, I, **DOUBLE, requires_grad=True), []
    for loss in (write_to_all, from_copies):
        (first,) = torch.autograd.grad(loss(mine(x)), x, create_graph=True)
        found.append(torch.autograd.grad(first.square().sum(), [x, *mine.parameters()]))
    assert near(*found)


@both
def test_a_record_does_not_see_what_is_written_later(ours: Any, theirs: Any) -> None:
    mine, _ = pair(ours, theirs)
    x = torch.randn(T, B, I, **DOUBLE)
    expected = [part.detach().clone() for part in flat(mine(x))]
    with recording(mine) as records:
        write_to_all(mine(x)).backward()
    (record,) = records
    assert isinstance(record, Record)
    assert torch.equal(record.y, expected[0])
    last = [state for state in (record.hn, record.cn) if state is not None]
    assert all(torch.equal(state, exact) for state, exact in zip(last, expected[1:], strict=True))
    with recording(mine) as untouched:
        from_copies(mine(x)).backward()
    assert isinstance(untouched[0], Record)
    for found, same in zip(record.state_gradients(), untouched[0].state_gradients(), strict=True):
        assert (found is None and same is None) or torch.equal(found, same)
    x.add_(1)
    with pytest.raises(ShapeError, match=r"input was written to after the call; expected the numbers that the layer"):
        record.state_gradients()


@pytest.mark.filterwarnings("ignore:`torch.jit.:DeprecationWarning")
@both
def test_several_backwards_as_one(ours: Any, theirs: Any) -> None:
    found = []
    for layer in pair(ours, theirs):
        torch.manual_seed(1)
        x = torch.randn(3, 2, I, **DOUBLE, requires_grad=True)
        outputs = flat(layer(x))
        upstream = [torch.randn(4, *part.shape, **DOUBLE) for part in outputs]
        sources = [x, *layer.parameters()]
        found.append(torch.autograd.grad(outputs, sources, upstream, is_grads_batched=True))
    assert near(*found)


@pytest.mark.filterwarnings("ignore:`torch.jit.:DeprecationWarning")
@both
def test_vectorised_jacobians(ours: Any, theirs: Any) -> None:
    mine, reference = pair(ours, theirs)
    x = torch.randn(3, 2, I, **DOUBLE)
    exact = torch.autograd.functional.jacobian(lambda x: reference(x)[0], x)
    ways: list[dict[str, Any]] = [{}, {"vectorize": True}, {"vectorize": True, "strategy": "forward-mode"}]
    for options in ways:
        found = torch.autograd.functional.jacobian(lambda x: mine(x)[0], x, **options)
        assert near([found], [exact])


class Model(torch.nn.Module):
    def __init__(self, layer: torch.nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        y: Tensor = self.layer(x, None, lengths)[0].mul(2)
        return y


@both
def test_symbolic_tracing_sees_one_call(ours: Any, theirs: Any) -> None:
    mine, _ = pair(ours, theirs)
    model, x, lengths = Model(mine), torch.randn(T, B, I, **DOUBLE), torch.tensor([5, 0, 2])
    traced = torch.fx.symbolic_trace(model)
    assert [node.target for node in traced.graph.nodes] == ["x", "lengths", "layer", operator.getitem, "mul", "output"]
    assert torch.equal(traced(x, lengths), model(x, lengths))


@both
def test_a_graph_of_strange_strides(ours: Any, theirs: Any) -> None:
    """What the fakes say of the gradients' strides is what the kernels give: inductor counts on it."""
    cell = {nn.RNN: 0, nn.LSTM: 2, nn.GRU: 3}[ours]
    rows = {0: 1, 2: 4, 3: 3}[cell] * H
    weights = [torch.randn(I, rows).t(), torch.randn(H, rows).t(), torch.randn(2 * rows)[::2], torch.randn(rows)]
    inputs = [
        torch.randn(I, T, B).permute(1, 2, 0),
        torch.randn(B, T, I).transpose(0, 1),
        torch.randn(T, 1, I).expand(T, B, I),
        torch.randn(T, B, 2 * I)[..., ::2],
        torch.randn(60).as_strided((T, B, I), (1, 5, 1)),
    ]
    for x in inputs:
        arguments = (cell, 1, GATES, B, x, torch.randn(H, B, 1).permute(2, 1, 0), None, None, None, weights)
        y, _, _, kept = torch.ops.selfloop.forward(*arguments)
        rest = (y, kept, torch.randn(H, T, B).permute(1, 2, 0), None, None, [True, True, False, True])
        torch.library.opcheck(torch.ops.selfloop.backward, (*arguments, *rest), test_utils="test_faketensor")


@both
def test_outputs_written_to_in_a_graph(ours: Any, theirs: Any) -> None:
    torch.compiler.reset()
    mine, _ = pair(ours, theirs)
    x, sources = torch.randn(T, B, I, **DOUBLE), list(mine.parameters())
    compiled = torch.compile(lambda x: write_to_all(mine(x)), fullgraph=True, backend="aot_eager")
    found = torch.autograd.grad(compiled(x), sources)
    torch.compiler.reset()
    assert near(found, torch.autograd.grad(from_copies(mine(x)), sources))


@both
def test_backward_hooks_of_modules(ours: Any, theirs: Any) -> None:
    found: list[list[Tensor]] = []
    for layer in pair(ours, theirs):
        seen: list[Tensor] = []
        layer.register_full_backward_hook(
            lambda _, of_inputs, of_outputs, seen=seen: seen.extend([of_inputs[0], of_outputs[0]])
        )
        x = torch.randn(T, B, I, **DOUBLE, generator=torch.Generator().manual_seed(1)).requires_grad_()
        layer(x)[0].square().sum().backward()
        found.append(seen)
    assert near(*found)


@both
def test_pruned_layers(ours: Any, theirs: Any) -> None:
    found = []
    for layer in pair(ours, theirs):
        prune.l1_unstructured(layer, "weight_hh_l0", 0.5)
        x = torch.randn(T, B, I, **DOUBLE, generator=torch.Generator().manual_seed(1))
        y = layer(x)[0]
        y.square().sum().backward()
        found.append([y, layer.weight_hh_l0_orig.grad])
    assert near(*found)
