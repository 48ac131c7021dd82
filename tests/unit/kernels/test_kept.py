"""What training keeps: no more than docs/kernels.md says, and the gates and gradients that it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence

from selfloop import nn
from selfloop.cells import GRU, LSTM, RNN, ChoGRU, run_layers
from selfloop.kernels.native import native
from selfloop.kernels.record import Missed, Record, recording

T, B, I, H = 5, 3, 7, 9  # noqa: E741 (the input size's letter)
LAYERS: dict[str, tuple[Any, Any]] = {
    "RNN": (nn.RNN, RNN),
    "LSTM": (nn.LSTM, LSTM),
    "GRU": (nn.GRU, GRU),
    "GRU, reset before": (lambda *sizes, **options: nn.GRU(*sizes, reset_after=False, **options), ChoGRU),
}
VECTORS = {"RNN": 0, "LSTM": 5, "GRU": 4, "GRU, reset before": 3}
each = pytest.mark.parametrize("kind", LAYERS)


def saved_by(call: Callable[[], Any]) -> tuple[list[Tensor], Any]:
    """What autograd was asked to keep, and what the call returned."""
    saved: list[Tensor] = []

    def pack(tensor: Tensor) -> Tensor:
        saved.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        return saved, call()


def saved_bytes(layer: Any, x: Tensor) -> int:
    """Of all storages that autograd keeps beside inputs, weights and outputs."""
    saved, (y, last) = saved_by(lambda: layer(x))
    known = [x, y, *layer.parameters(), *(last if isinstance(last, tuple) else (last,))]
    mine = {tensor.untyped_storage().data_ptr() for tensor in known}
    kept = {tensor.untyped_storage().data_ptr(): tensor for tensor in saved}
    return sum(tensor.numel() * tensor.element_size() for where, tensor in kept.items() if where not in mine)


@each
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("both", [False, True])
def test_gates_and_cell_states_and_nothing_else(kind: str, both: bool, dtype: torch.dtype) -> None:
    layer = LAYERS[kind][0](I, 64, bidirectional=both, dtype=dtype)
    vectors = T * B * 64 * dtype.itemsize * (1 + both)
    assert saved_bytes(layer, torch.randn(T, B, I, dtype=dtype)) == VECTORS[kind] * vectors


@each
def test_the_page_says_so(kind: str) -> None:
    page = (Path(__file__).parents[3] / "docs" / "kernels.md").read_text(encoding="utf-8")
    table = page.split("Kept for the way back", 1)[1].split("<!-- memory -->", 1)[0]  # measured bytes follow
    (row,) = re.findall(rf"^\| {kind} \| ([^|]*) \|", table, re.MULTILINE)
    symbols = re.findall(r"\b[ifgocrznu]\b", row.split(" of the ")[0].replace("the output", ""))
    assert len(symbols) == VECTORS[kind], row


@each
def test_recomputing_keeps_no_gates(kind: str) -> None:
    layer = LAYERS[kind][0](I, 64, recompute=True)
    steps = 1000
    apart = native.chunk_steps(2, 0, B, 64)
    expected = -(-steps // apart) * B * 64 * 4 if kind == "LSTM" else 0
    assert saved_bytes(layer, torch.randn(steps, B, I)) == expected
    assert expected < 0.05 * steps * B * 64 * 4


def test_hidden_units_fill_whole_vectors() -> None:
    lanes = native.info()["lanes_f32"]
    width = -(-17 // lanes) * lanes
    assert saved_bytes(nn.GRU(I, 17), torch.randn(T, B, I)) == 4 * T * B * width * 4


def test_packed_sequences_keep_their_steps_only() -> None:
    layer = nn.LSTM(I, 64)
    packed = pack_padded_sequence(torch.randn(T, B, I), [5, 2, 1])
    saved, _ = saved_by(lambda: layer(packed))
    assert 5 * 8 * 64 in {tensor.numel() for tensor in saved if tensor.dim() == 1}


@each
def test_nothing_is_kept_that_nobody_asks_for(kind: str) -> None:
    layer = LAYERS[kind][0](I, 64)
    with torch.no_grad():
        assert saved_bytes(layer, torch.randn(T, B, I)) == 0
    assert saved_bytes(layer.requires_grad_(False), torch.randn(T, B, I)) == 0


@each
def test_backward_changes_nothing_that_forward_kept(kind: str) -> None:
    layer, x = LAYERS[kind][0](I, H, bidirectional=True), torch.randn(T, B, I)
    y, _ = layer(x)
    before = [None if tensor is None else tensor.clone() for tensor in y.grad_fn.saved_tensors]
    y.sum().backward(retain_graph=True)
    for was, now in zip(before, y.grad_fn.saved_tensors, strict=True):
        assert (was is None) == (now is None)
        assert was is None or torch.equal(was, now)


# The letters of docs and kernels: what the cells call these gates.
SYMBOLS = {"LSTM": "ifgo", "GRU": "rzn", "GRU, reset before": "rzn", "RNN": ""}


@each
@pytest.mark.parametrize("lengths", [None, [5, 0, 2]])
def test_records_hold_the_gates_of_the_equations(kind: str, lengths: list[int] | None) -> None:
    torch.manual_seed(0)
    make, cell = LAYERS[kind]
    layer, x = make(I, H, num_layers=2, bidirectional=True, dtype=torch.float64), torch.randn(T, B, I).double()
    with recording(layer) as records:
        layer(x, lengths=lengths)
    ends = None if lengths is None else torch.tensor(lengths)
    runs = run_layers(cell, layer.state_dict(), x, lengths=ends).runs
    valid = torch.arange(T)[:, None] < (torch.full((B,), T) if ends is None else ends)
    for depth, record in enumerate(records):
        assert isinstance(record, Record)
        assert (record.module, record.depth) == (layer, depth)
        for direction in range(2):
            run = runs[2 * depth + direction]
            found = {gate.symbol: value for gate, value in run.gates.items()}
            vectors = record.vectors(direction)
            assert set(vectors) - {"u"} == set(SYMBOLS[kind])
            for symbol in SYMBOLS[kind]:
                assert torch.allclose(vectors[symbol][valid], found[symbol][valid], rtol=0, atol=1e-13)
            cells = record.cells(direction)
            assert (cells is None) == (kind != "LSTM")
            if cells is not None:
                assert torch.allclose(cells[valid], run.states["c"][valid], rtol=0, atol=1e-13)


@each
def test_records_give_the_gradient_of_each_step(kind: str) -> None:
    torch.manual_seed(0)
    make, cell = LAYERS[kind]
    layer, x = make(I, H, dtype=torch.float64), torch.randn(T, B, I, dtype=torch.float64)
    with recording(layer) as records:
        layer(x)[0].square().sum().backward()
    weights = {name: weight.detach() for name, weight in layer.named_parameters()}
    states = {"h0": torch.zeros(1, B, H, dtype=torch.float64)}
    if kind == "LSTM":
        states["c0"] = torch.zeros(1, B, H, dtype=torch.float64)
    grads: dict[str, list[Tensor]] = {name: [] for name in states}
    trace = run_layers(cell, weights, x, h0=states["h0"], c0=states.get("c0"))
    for t in range(T):  # dL/dh of step t: restart after it, from the states that were there
        after = {
            f"{name}0": trace.runs[0].states[name][t][None].clone().requires_grad_()
            for name in ("h", "c")[: len(states)]
        }
        total = after["h0"].square().sum()
        if t + 1 < T:
            total = (
                total + run_layers(cell, weights, x[t + 1 :], h0=after["h0"], c0=after.get("c0")).outputs.square().sum()
            )
        for name, gradient in zip(
            after, torch.autograd.grad(total, list(after.values()), materialize_grads=True), strict=True
        ):
            grads[name].append(gradient[0])
    (record,) = records
    assert isinstance(record, Record)
    grad_h, grad_c = record.state_gradients()
    assert torch.allclose(grad_h, torch.stack(grads["h0"]), rtol=0, atol=1e-12)
    assert (grad_c is None) == (kind != "LSTM")
    if grad_c is not None:  # all paths: also the one through this step's own output
        gate_o = record.vectors(0)["o"]
        own = grad_h * gate_o * (1 - trace.runs[0].states["c"].tanh() ** 2)
        assert torch.allclose(grad_c, torch.stack(grads["c0"]) + own, rtol=0, atol=1e-12)


@each
def test_a_record_has_the_forwards_own_bits_and_outlives_an_optimiser(kind: str) -> None:
    layer, x = LAYERS[kind][0](I, H, recompute=True), torch.randn(T, B, I)
    expected, _ = layer(x)
    with recording(layer) as records:
        y, _ = layer(x)
        y.sum().backward()
    with torch.no_grad():
        for weight in layer.parameters():
            weight.zero_()
    (record,) = records
    assert isinstance(record, Record)
    assert torch.equal(record.y, expected)
    assert record.gradients.dy is not None
    assert bool(record.call.weights[1].any())


def test_who_records_what() -> None:
    first, second = nn.LSTM(I, H), nn.LSTM(I, H)
    x = torch.randn(T, B, I)
    with recording(first) as outer:
        first(x)
        second(x)
        with recording(second) as inner:
            first(x)
            second(x)
        with torch.no_grad():
            first(x)
    first(x)
    assert [record.module for record in outer] == [first, first]
    assert [record.module for record in inner] == [second]


def test_calls_that_the_kernels_do_not_run_are_missed() -> None:
    layer, before = nn.GRU(I, H), nn.GRU(I, H, reset_after=False)
    x = torch.randn(T, B, I)
    with recording(layer, before) as records:
        torch.func.vmap(lambda x: layer(x)[0])(x[None])
        layer(x[:, :0])
        before(x[:, :0])
        layer(x)
    missed, last = records[:-1], records[-1]
    assert [(record.module, record.backend) for record in missed if isinstance(record, Missed)] == [
        (layer, "cells"),
        (layer, "torch"),
        (before, "cells"),
    ]
    assert isinstance(last, Record)
