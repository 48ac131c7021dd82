"""The layers are citizens of PyTorch: copies, weights for one call, derivatives of all kinds, autocast, other devices.

The oracle is torch's own layer with the same weights, in float64 where derivatives are compared.
"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence
from torch.utils.checkpoint import checkpoint

from selfloop import nn

T, B, I, H = 5, 3, 7, 9  # noqa: E741 (the input size's letter)
EXACT = 1e-11
PAIRS: list[tuple[Any, Any]] = [(nn.RNN, torch.nn.RNN), (nn.LSTM, torch.nn.LSTM), (nn.GRU, torch.nn.GRU)]
OPTIONS: dict[str, Any] = {"num_layers": 2, "bidirectional": True, "dtype": torch.float64}
both = pytest.mark.parametrize(("ours", "theirs"), PAIRS, ids=["rnn", "lstm", "gru"])


def pair(ours: Any, theirs: Any, **options: Any) -> tuple[Any, Any]:
    torch.manual_seed(0)
    options = {**OPTIONS, **options}
    a, b = ours(I, H, **options), theirs(I, H, **options)
    b.load_state_dict(a.state_dict())
    return a, b


def states(layer: Any) -> Any:
    shape = (layer.num_layers * (1 + layer.bidirectional), B, H)
    torch.manual_seed(2)
    first, second = (torch.randn(shape, dtype=torch.float64, requires_grad=True) for _ in range(2))
    return (first, second) if isinstance(layer, torch.nn.LSTM) else first


def flat(returned: Any) -> list[Tensor]:
    outputs, last = returned
    outputs = outputs.data if hasattr(outputs, "batch_sizes") else outputs
    return [outputs, *(last if isinstance(last, tuple) else (last,))]


def loss(returned: Any) -> Tensor:
    return torch.stack([(k + 1) * (part * part + part).sum() for k, part in enumerate(flat(returned))]).sum()


def near(a: Any, b: Any, *, bound: float = EXACT) -> bool:
    pairs = list(zip(a, b, strict=True))
    assert all(x.shape == y.shape and x.dtype == y.dtype for x, y in pairs)
    return all(float((x - y).detach().abs().max()) <= bound * max(1.0, float(y.detach().abs().max())) for x, y in pairs)


def inputs(**options: Any) -> Tensor:
    torch.manual_seed(1)
    return torch.randn(T, B, I, dtype=torch.float64, **options)


@both
def test_every_gradient_is_torchs(ours: Any, theirs: Any) -> None:
    found = []
    for layer in pair(ours, theirs):
        x, hx = inputs(requires_grad=True), states(layer)
        sources = [x, *(hx if isinstance(hx, tuple) else (hx,)), *layer.parameters()]
        found.append(torch.autograd.grad(loss(layer(x, hx)), sources))
    assert near(*found)


@both
def test_gradients_of_what_is_packed(ours: Any, theirs: Any) -> None:
    found = []
    for layer in pair(ours, theirs):
        x = inputs(requires_grad=True)
        packed = pack_padded_sequence(x, [2, 5, 3], enforce_sorted=False)
        found.append(torch.autograd.grad(loss(layer(packed, states(layer))), [x, *layer.parameters()]))
    assert near(*found)


@both
def test_lengths_are_packing_without_packing(ours: Any, theirs: Any) -> None:
    lengths = [2, 5, 3]
    mine, reference = pair(ours, theirs)
    a, b = inputs(requires_grad=True), inputs(requires_grad=True)
    y, last = mine(a, states(mine), lengths=lengths)
    packed, expected = reference(pack_padded_sequence(b, lengths, enforce_sorted=False), states(reference))
    padded, _ = torch.nn.utils.rnn.pad_packed_sequence(packed, total_length=T)
    assert near(flat((y, last)), flat((padded, expected)))
    sources = [a, *mine.parameters()], [b, *reference.parameters()]
    gradients = [
        torch.autograd.grad(loss(returned), source)
        for returned, source in zip(((y, last), (padded, expected)), sources, strict=True)
    ]
    assert near(*gradients)


@both
def test_a_sequence_of_no_steps_ends_where_it_started(ours: Any, theirs: Any) -> None:
    mine, _ = pair(ours, theirs)
    hx = states(mine)
    y, last = mine(inputs(), hx, lengths=torch.tensor([0, T, 1]))
    assert not y[:, 0].any()
    assert not y[1:, 2].any()
    for state, start in zip(flat((y, last))[1:], hx if isinstance(hx, tuple) else (hx,), strict=True):
        assert torch.equal(state[:, 0], start[:, 0])


@both
def test_unbatched_and_batch_first_with_lengths(ours: Any, theirs: Any) -> None:
    mine, _ = pair(ours, theirs, batch_first=True)
    turned, _ = pair(ours, theirs)
    x, lengths = inputs(), torch.tensor([4, 0, 5])
    y, _ = mine(x.transpose(0, 1), lengths=lengths)
    assert torch.equal(y.transpose(0, 1), turned(x, lengths=lengths)[0])


@both
def test_inputs_of_any_strides(ours: Any, theirs: Any) -> None:
    mine, reference = pair(ours, theirs)
    wide = torch.randn(B, 2 * I, T, dtype=torch.float64)
    for x in (wide[:, ::2].permute(2, 0, 1), inputs()[:, :1].expand(T, B, I), inputs().flip(0)):
        assert near(flat(mine(x)), flat(reference(x)))


@both
def test_two_backwards_give_the_same(ours: Any, theirs: Any) -> None:
    for recompute in (False, True):
        mine, _ = pair(ours, theirs)
        mine.recompute = recompute
        total = loss(mine(inputs(), states(mine)))
        first = torch.autograd.grad(total, list(mine.parameters()), retain_graph=True)
        second = torch.autograd.grad(total, list(mine.parameters()))
        assert all(map(torch.equal, first, second))


@both
def test_only_what_is_asked_for(ours: Any, theirs: Any) -> None:
    mine, reference = pair(ours, theirs)
    found = []
    for layer in (mine, reference):
        layer.weight_hh_l1.requires_grad_(False)
        x = inputs(requires_grad=True)
        (dx,) = torch.autograd.grad(layer(x)[0].sum(), x)
        layer.requires_grad_(False)
        (alone,) = torch.autograd.grad(loss(layer(x)), x)
        found.append([dx, alone])
    assert near(*found)


@both
def test_second_derivatives(ours: Any, theirs: Any) -> None:
    found = []
    for layer in pair(ours, theirs, num_layers=1):
        x = inputs(requires_grad=True)
        sources = [x, *layer.parameters()]
        first = torch.autograd.grad(loss(layer(x, states(layer))), sources, create_graph=True)
        penalty = torch.stack([(part * part).sum() for part in first]).sum()
        found.append([*first, *torch.autograd.grad(penalty, sources)])
    assert near(*found)


@pytest.mark.parametrize("reset_after", [True, False])
@pytest.mark.parametrize("both_ways", [False, True])
@pytest.mark.parametrize("kind", ["tanh", "relu", "lstm", "gru"])
def test_gradcheck(kind: str, both_ways: bool, reset_after: bool) -> None:
    if not reset_after and kind != "gru":
        return
    torch.manual_seed(3)
    options: dict[str, Any] = {"bidirectional": both_ways, "dtype": torch.float64}
    layers: dict[str, Callable[[], Any]] = {
        "tanh": lambda: nn.RNN(3, 5, **options),
        "relu": lambda: nn.RNN(3, 5, nonlinearity="relu", **options),
        "lstm": lambda: nn.LSTM(3, 5, **options),
        "gru": lambda: nn.GRU(3, 5, reset_after=reset_after, **options),
    }
    layer = layers[kind]()
    x = torch.randn(4, 3, 3, dtype=torch.float64, requires_grad=True)
    hx = [
        torch.randn(1 + both_ways, 3, 5, dtype=torch.float64, requires_grad=True) for _ in range(1 + (kind == "lstm"))
    ]
    names = [name for name, _ in layer.named_parameters()]

    def call(x: Tensor, *rest: Tensor) -> tuple[Tensor, ...]:
        start, weights = rest[: len(hx)], dict(zip(names, rest[len(hx) :], strict=True))
        given = (x, start if kind == "lstm" else start[0])
        returned = torch.func.functional_call(layer, weights, given, {"lengths": [4, 2, 3]})
        return tuple(flat(returned))

    assert torch.autograd.gradcheck(call, (x, *hx, *layer.parameters()))


TORCHS_OWN = pytest.mark.filterwarnings("ignore:`torch.jit.:DeprecationWarning", "ignore::torch.jit.TracerWarning")


@TORCHS_OWN
@both
def test_func_transforms(ours: Any, theirs: Any) -> None:
    results = []
    for layer in pair(ours, theirs, num_layers=1):
        weights = dict(layer.named_parameters())
        x, tangent = inputs(), torch.ones(T, B, I, dtype=torch.float64)

        def call(weights: Any, x: Tensor, layer: Any = layer) -> Tensor:
            outputs: Tensor = torch.func.functional_call(layer, weights, (x,))[0]
            return outputs

        gradients = torch.func.grad(lambda weights, x=x, call=call: call(weights, x).square().sum())(weights)
        value, pushed = torch.func.jvp(lambda x, call=call, weights=weights: call(weights, x), (x,), (tangent,))[:2]
        jacobian = torch.func.jacrev(lambda x, call=call, weights=weights: call(weights, x).sum((0, 1)))(x)
        results.append([*gradients.values(), value, pushed, jacobian])
    assert results[0][-2].abs().max() > 0.1
    assert near(*results)


@TORCHS_OWN
@both
def test_vmap_over_sequences(ours: Any, theirs: Any) -> None:  # torch's own layers have no such rule
    mine, reference = pair(ours, theirs)
    each = torch.func.vmap(lambda x: mine(x[:, None])[0][:, 0], 1, 1)(inputs())
    assert near([each], [reference(inputs())[0]])


@TORCHS_OWN
@both
def test_forward_mode(ours: Any, theirs: Any) -> None:
    tangents = []
    for layer in pair(ours, theirs, num_layers=1):
        with torch.autograd.forward_ad.dual_level():
            dual = torch.autograd.forward_ad.make_dual(inputs(), torch.ones(T, B, I, dtype=torch.float64))
            tangents.append([torch.autograd.forward_ad.unpack_dual(layer(dual)[0]).tangent])
    assert near(*tangents)


@both
def test_backend_says_what_ran(ours: Any, theirs: Any) -> None:
    mine, _ = pair(ours, theirs)
    assert mine.backend == "native"
    torch.func.vmap(lambda x: mine(x[:, None])[0], 1, 1)(inputs())
    assert mine.backend == "cells"
    mine(inputs())
    assert mine.backend == "native"
    assert copy.deepcopy(mine).backend == "native"
    mine.to(torch.bfloat16)(inputs().to(torch.bfloat16))
    assert mine.backend == "torch"
    assert mine.to("meta")(inputs().to("meta", torch.bfloat16))[0].device.type == "meta"
    assert mine.backend == "torch"


@both
@pytest.mark.parametrize("reentrant", [False, True])
def test_activation_checkpointing(ours: Any, theirs: Any, reentrant: bool) -> None:
    mine, _ = pair(ours, theirs)
    found = []
    for kept in (True, False):
        x = inputs(requires_grad=True)
        y = mine(x)[0] if kept else checkpoint(lambda x: mine(x)[0], x, use_reentrant=reentrant)
        found.append(
            torch.autograd.grad(y.square().sum(), [x, *mine.parameters()], allow_unused=reentrant)
            if not reentrant
            else _accumulated(y.square().sum(), [x, *mine.parameters()])
        )
    assert all(map(torch.equal, *found))


def _accumulated(total: Tensor, sources: list[Tensor]) -> list[Tensor]:
    """Re-entrant checkpoints know `backward` alone."""
    for source in sources:
        source.grad = None
    total.backward()
    return [source.grad.clone() for source in sources if source.grad is not None]


@both
def test_copies_and_sharing(ours: Any, theirs: Any) -> None:
    mine, _ = pair(ours, theirs)
    expected = mine(inputs())[0]
    for twin in (copy.deepcopy(mine), pickle.loads(pickle.dumps(mine)), mine.share_memory()):
        assert torch.equal(twin(inputs())[0], expected)
    assert mine.weight_hh_l0.is_shared()


@both
def test_other_weights_for_a_call(ours: Any, theirs: Any) -> None:
    mine, reference = pair(ours, theirs)
    weights = {name: (0.5 * weight).detach().requires_grad_() for name, weight in mine.named_parameters()}
    found = []
    for layer in (mine, reference):
        returned = torch.func.functional_call(layer, weights, (inputs(),))
        found.append([*flat(returned), *torch.autograd.grad(loss(returned), list(weights.values()))])
    assert near(*found)


@both
def test_weights_of_the_wrong_shape_are_refused(ours: Any, theirs: Any) -> None:
    mine, _ = pair(ours, theirs)
    weights = dict(mine.named_parameters())
    weights["weight_hh_l0"] = torch.zeros(3, 4, dtype=torch.float64)
    with pytest.raises((RuntimeError, ValueError), match=r"W_hh is torch\.float64 of shape \(3, 4\)"):
        torch.func.functional_call(mine, weights, (inputs(),))


@TORCHS_OWN
@both
def test_traced_into_torchscript_as_torchs(ours: Any, theirs: Any) -> None:
    mine, reference = pair(ours, theirs)
    traced = torch.jit.trace(mine, (inputs(),), check_trace=False)
    assert near(flat(traced(inputs())), flat(reference(inputs())))
