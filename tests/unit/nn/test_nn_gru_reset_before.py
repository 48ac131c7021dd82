"""`GRU(reset_after=False)` does all that torch's GRU does.

With the reset gate held open, r = 1 to the last bit, the two variants are one function, so torch's own GRU says what
every layout, dropout mask and state must be. That the reset itself is right is tested with the cells.
"""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence

from selfloop import nn
from selfloop.cells import ChoGRU, run_layers
from selfloop.kinds.gru import GRU_RESET_BEFORE, RESET

T, B, I, H, L, D = 5, 3, 7, 17, 2, 2  # noqa: E741 (the input size's letter)
EXACT = 1e-12  # float64, as for the cells
OPEN = 1e3  # the sigmoid is 1 there
DOUBLE: dict[str, Any] = {"dtype": torch.float64}


def pair(**options: Any) -> tuple[Any, Any]:
    """Ours with reset before and torch's, with the same weights and the reset gate open."""
    torch.manual_seed(0)
    options = {"num_layers": L, "bidirectional": True, **DOUBLE, **options}
    ours, theirs = nn.GRU(I, H, reset_after=False, **options), torch.nn.GRU(I, H, **options)
    with torch.no_grad():
        for name, weight in ours.named_parameters():
            weight.mul_(0.5)
            if name.startswith("bias_ih"):
                weight[GRU_RESET_BEFORE.rows(RESET, H)] = OPEN
    theirs.load_state_dict(ours.state_dict())
    return ours, theirs


def same(ours: Any, theirs: Any) -> bool:
    """Equal shapes, and values within rounding."""
    for a, b in zip(ours, theirs, strict=True):
        if isinstance(b, PackedSequence):
            assert torch.equal(a.batch_sizes, b.batch_sizes)
            for x, y in ((a.sorted_indices, b.sorted_indices), (a.unsorted_indices, b.unsorted_indices)):
                assert (x is None and y is None) or torch.equal(x, y)
        a, b = (v.data if isinstance(v, PackedSequence) else v for v in (a, b))
        assert a.shape == b.shape
        assert (a - b).abs().max() <= EXACT
    return True


@pytest.mark.parametrize("given", [True, False])
@pytest.mark.parametrize("batch_first", [False, True])
def test_batched(batch_first: bool, given: bool) -> None:
    ours, theirs = pair(batch_first=batch_first)
    x = torch.randn(*((B, T) if batch_first else (T, B)), I, **DOUBLE)
    hx = torch.randn(L * D, B, H, **DOUBLE) if given else None
    assert same(ours(x, hx), theirs(x, hx))


@pytest.mark.parametrize("given", [True, False])
@pytest.mark.parametrize("batch_first", [False, True])
def test_unbatched(batch_first: bool, given: bool) -> None:
    ours, theirs = pair(batch_first=batch_first)
    x = torch.randn(T, I, **DOUBLE)
    hx = torch.randn(L * D, H, **DOUBLE) if given else None
    assert same(ours(x, hx), theirs(x, hx))


@pytest.mark.parametrize("given", [True, False])
@pytest.mark.parametrize("enforce_sorted", [False, True])
@pytest.mark.parametrize("batch_first", [False, True])
def test_packed(batch_first: bool, enforce_sorted: bool, given: bool) -> None:
    ours, theirs = pair(batch_first=batch_first)
    lengths = [5, 3, 2] if enforce_sorted else [2, 5, 3]
    x = pack_padded_sequence(torch.randn(T, B, I, **DOUBLE), lengths, enforce_sorted=enforce_sorted)
    hx = torch.randn(L * D, B, H, **DOUBLE) if given else None
    assert same(ours(x, hx), theirs(x, hx))


def test_a_single_packed_step() -> None:
    ours, theirs = pair()
    x = pack_sequence([torch.randn(1, I, **DOUBLE)])
    assert same(ours(x), theirs(x))


def test_an_empty_batch() -> None:
    ours, theirs = pair()
    for a, b in zip(ours(torch.zeros(T, 0, I, **DOUBLE)), theirs(torch.zeros(T, 0, I, **DOUBLE)), strict=True):
        assert a.shape == b.shape


def test_without_bias() -> None:
    # No bias can hold the gate open here; a constant channel can, in the one layer that reads it.
    ours, theirs = pair(bias=False, num_layers=1)
    with torch.no_grad():
        for weight in (ours.weight_ih_l0, ours.weight_ih_l0_reverse):
            weight[GRU_RESET_BEFORE.rows(RESET, H)] = 0
            weight[GRU_RESET_BEFORE.rows(RESET, H), 0] = OPEN
    theirs.load_state_dict(ours.state_dict())
    x = torch.randn(T, B, I, **DOUBLE)
    x[..., 0] = 1
    hx = torch.randn(D, B, H, **DOUBLE)
    assert same(ours(x, hx), theirs(x, hx))


@pytest.mark.parametrize("training", [True, False])
def test_dropout_falls_as_torchs(training: bool) -> None:
    ours, theirs = pair(dropout=0.4, num_layers=3)
    ours.train(training)
    theirs.train(training)
    x = torch.randn(T, B, I, **DOUBLE)
    torch.manual_seed(1)
    returned = ours(x)
    torch.manual_seed(1)
    assert same(returned, theirs(x))
    torch.manual_seed(2)
    assert torch.equal(ours(x)[0], returned[0]) is not training


def test_dropout_of_all_that_is_packed() -> None:
    ours, theirs = pair(dropout=1.0)
    x = pack_padded_sequence(torch.randn(T, B, I, **DOUBLE), [2, 5, 3], enforce_sorted=False)
    assert same(ours(x), theirs(x))


def test_gradients_are_torchs() -> None:
    ours, theirs = pair()
    x = torch.randn(T, B, I, **DOUBLE)
    for layer in (ours, theirs):
        outputs, last = layer(x)
        (outputs.square().sum() + last.sum()).backward()
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert a.grad is not None
        assert b.grad is not None
        assert (a.grad - b.grad).abs().max() <= EXACT * max(1, float(b.grad.abs().max()))


def test_weights_of_the_call_count_not_those_of_the_layer() -> None:
    layer = nn.GRU(I, H, reset_after=False, **DOUBLE)
    weights = {name: weight.detach() * 0.5 for name, weight in layer.named_parameters()}
    x = torch.randn(T, B, I, **DOUBLE)
    outputs, _ = torch.func.functional_call(layer, weights, (x,))
    assert (outputs - run_layers(ChoGRU, weights, x).outputs).abs().max() <= EXACT
    assert (outputs - layer(x)[0]).abs().max() > 1e-3


def test_weights_set_anew_count() -> None:
    layer = nn.GRU(I, H, reset_after=False)
    x = torch.randn(T, B, I)
    before = layer(x)[0]
    layer.weight_hh_l0 = torch.nn.Parameter(torch.zeros(3 * H, H))
    assert not torch.equal(layer(x)[0], before)
    assert layer.double()(x.double())[0].dtype == torch.float64


def test_second_derivatives() -> None:
    layer = nn.GRU(I, H, reset_after=False, **DOUBLE)
    x = torch.randn(T, B, I, **DOUBLE, requires_grad=True)
    (first,) = torch.autograd.grad(layer(x)[0].square().sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.square().sum(), x)
    assert second.abs().max() > 0


@pytest.mark.parametrize("x_dtype", [torch.float32, torch.bfloat16])
def test_autocast_keeps_the_variant(x_dtype: torch.dtype) -> None:
    # torch accepts mixed dtypes here, so its checks pass; the answer must still be the cells'.
    torch.manual_seed(0)
    layer = nn.GRU(I, H, reset_after=False)
    x, h0 = torch.randn(T, B, I), torch.randn(1, B, H)
    expected = layer(x, h0)[0]
    after = torch.nn.GRU(I, H)
    after.load_state_dict(layer.state_dict())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        outputs = layer(x.to(x_dtype), h0)[0].float()
    assert (outputs - expected).abs().max() < 0.1 * (after(x, h0)[0] - expected).abs().max()


def test_both_resets_are_two_functions() -> None:
    torch.manual_seed(0)
    before, after = nn.GRU(I, H, reset_after=False), nn.GRU(I, H)
    after.load_state_dict(before.state_dict())
    x, h0 = torch.randn(T, B, I), torch.randn(1, B, H)
    assert (before(x, h0)[0] - after(x, h0)[0]).abs().max() > 0.01


def test_torch_compile_runs_it() -> None:
    layer = nn.GRU(I, H, reset_after=False)
    x: Tensor = torch.randn(T, B, I)
    compiled = torch.compile(layer, backend="eager")
    assert torch.equal(compiled(x)[0], layer(x)[0])
