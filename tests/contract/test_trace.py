"""What a trace holds: every gate, state and gradient of every cell, direction and layout, against an oracle."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import selfloop
from selfloop.tracing.part import Part
from trace_oracle import GATES, LAYERS, Reading, read

T, B, I, H = 5, 3, 7, 9  # noqa: E741 (the input size's letter)
LENGTHS = [2, 5, 3]  # not sorted
DOUBLE: dict[str, Any] = {"dtype": torch.float64}
each = pytest.mark.parametrize("kind", LAYERS)
both = pytest.mark.parametrize("bidirectional", [False, True])
FORMS = ("padded", "lengths", "an empty one", "packed", "batch_first", "unbatched")


def given(form: str) -> tuple[int, list[int]]:
    """The batch, and the steps of each sequence."""
    if form == "unbatched":
        return 1, [T]
    return B, {"lengths": LENGTHS, "packed": LENGTHS, "an empty one": [4, 0, 5]}.get(form, [T] * B)


def call(form: str, layer: Any, x: Tensor, states: Any, lengths: list[int]) -> tuple[Tensor, Any]:
    """x as the form has it; outputs (T, B, D*H) and last states (L*D, B, H)."""
    if form == "packed":
        packed, last = layer(pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=False), states)
        return pad_packed_sequence(packed)[0], last
    if form == "batch_first":
        y, last = layer(x.transpose(0, 1), states)
        return y.transpose(0, 1), last
    if form == "unbatched":
        one = tuple(state[:, 0] for state in states) if isinstance(states, tuple) else states[:, 0]
        y, last = layer(x[:, 0], one)
        return y[:, None], tuple(s[:, None] for s in last) if isinstance(last, tuple) else last[:, None]
    return layer(x, states, lengths=None if form == "padded" else lengths)


def loss_of(y: Tensor, h: Tensor, c: Tensor | None) -> Tensor:
    """Not symmetric in units, steps or sequences."""
    torch.manual_seed(7)
    total = (y * torch.randn(y.shape, **DOUBLE)).sum() + (h * torch.randn(h.shape, **DOUBLE)).square().sum()
    return total if c is None else total + (c * torch.randn(h.shape, **DOUBLE)).square().sum()


def near(found: Tensor, exact: Tensor) -> bool:
    """A few roundings for each product that a number went through: H terms, 2 layers, T steps, both directions."""
    exact = exact.detach()
    bound = torch.finfo(torch.float64).eps * 8 * H**0.5 * 2 * 2 * T * max(1.0, float(exact.abs().max()))
    return found.shape == exact.shape and bool((found - exact).abs().max() <= bound)


def check(part: Part, reading: Reading, kind: str) -> None:
    assert tuple(part.gates) == GATES[kind] == tuple(part.grad_gates)
    for gate in GATES[kind]:
        assert near(part.gates[gate], reading.values(gate)), gate
        assert near(part.grad_gates[gate], reading.gradients(gate)), gate
    assert near(part.hidden, reading.values("h"))
    assert near(part.grad_hidden, reading.gradients("h"))
    assert (part.cell is None) == (part.grad_cell is None) == (part.c0 is None) == (kind != "LSTM")
    if part.cell is not None and part.grad_cell is not None:
        assert near(part.cell, reading.values("c"))
        assert near(part.grad_cell, reading.gradients("c"))


@each
@both
@pytest.mark.parametrize("form", FORMS)
def test_every_number_against_the_formulas(kind: str, bidirectional: bool, form: str) -> None:
    torch.manual_seed(0)
    layer = LAYERS[kind](I, H, 2, bidirectional=bidirectional, batch_first=form == "batch_first", **DOUBLE)
    batch, lengths = given(form)
    D = 1 + bidirectional
    x = torch.randn(T, batch, I, **DOUBLE)
    h0, c0 = torch.randn(2 * D, batch, H, **DOUBLE), torch.randn(2 * D, batch, H, **DOUBLE)
    lstm = kind == "LSTM"
    with selfloop.trace(layer) as t:
        y, last = call(form, layer, x, (h0, c0) if lstm else h0, lengths)
        hn, cn = last if lstm else (last, None)
        loss_of(y, hn, cn).backward()
    exact_y, exact_h, exact_c, readings = read(kind, layer, x, lengths, h0, c0)
    loss_of(exact_y, exact_h, exact_c if lstm else None).backward()
    assert near(y, exact_y)
    assert len(t[""].calls[0].parts) == 2 * D
    for k, reading in enumerate(readings):
        depth, direction = k // D, ("forward", "backward")[k % D]
        part = t[""].at(layer=depth, direction=direction)
        assert (part.layer, part.direction) == (depth, direction)
        check(part, reading, kind)
        assert torch.equal(part.h0, h0[k])
        assert part.c0 is None or torch.equal(part.c0, c0[k])
        assert (part.lengths is None) == (lengths == [T] * batch)
        assert part.lengths is None or part.lengths.tolist() == lengths
        if depth == 0:
            valid = torch.arange(T)[:, None] < torch.tensor(lengths)
            assert torch.equal(part.x, x * valid[..., None])


@each
@pytest.mark.parametrize("form", FORMS)
def test_the_forward_s_own_bits(kind: str, form: str) -> None:
    torch.manual_seed(0)
    layer = LAYERS[kind](I, H, bidirectional=True, batch_first=form == "batch_first")
    batch, lengths = given(form)
    x, h0 = torch.randn(T, batch, I), torch.randn(2, batch, H)
    states = (h0, torch.randn(2, batch, H)) if kind == "LSTM" else h0
    before, _ = call(form, layer, x, states, lengths)
    with selfloop.trace(layer) as t:
        y, last = call(form, layer, x, states, lengths)
    assert torch.equal(y, before)
    found = [t[""].at(direction=direction) for direction in ("forward", "backward")]
    assert torch.equal(torch.cat([part.hidden for part in found], dim=-1), y)
    if kind == "LSTM":
        ends = [max(length - 1, 0) for length in lengths]
        read_some = torch.tensor([length > 0 for length in lengths])
        for k, part in enumerate(found):
            rows = torch.tensor(ends) if part.direction == "forward" else torch.zeros(batch, dtype=torch.int64)
            assert part.cell is not None
            final = part.cell[rows, torch.arange(batch)]
            assert torch.equal(final[read_some], last[1][k][read_some])


@each
def test_gates_of_single_steps_are_those_of_the_sequence_to_the_bit(kind: str) -> None:
    torch.manual_seed(0)
    layer, x, state = LAYERS[kind](I, H), torch.randn(T, B, I), None
    with selfloop.trace(layer) as t, torch.no_grad():
        layer(x)
        for k in range(T):
            _, state = layer(x[k : k + 1], state)
    whole, steps = t[""].at(call=0), [t[""].at(call=1 + k) for k in range(T)]
    assert len(t[""].calls) == 1 + T
    for gate, value in whole.gates.items():
        assert torch.equal(torch.cat([part.gates[gate] for part in steps]), value)
    assert torch.equal(torch.cat([part.hidden for part in steps]), whole.hidden)
    if kind == "LSTM":
        assert torch.equal(torch.cat([part.cell for part in steps]), whole.cell)


@each
def test_recompute_gives_the_same_bits(kind: str) -> None:
    torch.manual_seed(0)
    layer, x = LAYERS[kind](I, H, recompute=True), torch.randn(T, B, I)
    found = []
    for recompute in (True, False):
        layer.recompute = recompute
        with selfloop.trace(layer) as t:
            layer(x)[0].square().sum().backward()
        part = t[""].at()
        found.append([part.hidden, part.grad_hidden, *part.gates.values(), *part.grad_gates.values()])
    assert all(map(torch.equal, *found))


@each
@pytest.mark.parametrize("fused", [False, True])  # fused ones write without being counted
def test_an_optimiser_s_steps_change_nothing_in_a_trace(kind: str, fused: bool) -> None:
    """Calls share copies of weights only while these are the same."""
    torch.manual_seed(0)
    layer, x = LAYERS[kind](I, H), torch.randn(T, B, I)
    optimiser = torch.optim.Adam(layer.parameters(), lr=0.1, fused=fused)
    exact = []

    def numbers(part: Part) -> list[Tensor]:
        return [part.hidden, part.grad_hidden, *part.gates.values(), *part.grad_gates.values()]

    def step() -> None:
        optimiser.zero_grad()
        layer(x)[0].square().sum().backward()

    start = copy.deepcopy(layer.state_dict())
    for _ in range(3):  # each in a trace of its own, asked before the weights change
        with selfloop.trace(layer) as alone:
            step()
            exact.append(numbers(alone[""].at()))
        optimiser.step()
    layer.load_state_dict(start)
    optimiser = torch.optim.Adam(layer.parameters(), lr=0.1, fused=fused)
    with selfloop.trace(layer) as t:
        for _ in range(3):
            step()
            optimiser.step()
    for k, expected in enumerate(exact):
        assert all(map(torch.equal, numbers(t[""].at(call=k)), expected))
    assert not torch.equal(exact[0][1], exact[1][1])


def test_gradients_with_the_call_s_weights_after_they_were_overwritten() -> None:
    torch.manual_seed(0)
    layer, x = LAYERS["GRU, reset before"](I, H), torch.randn(T, B, I)
    found = []
    for spoil in (False, True):
        with selfloop.trace(layer) as t:
            y, _ = layer(x)
            y.square().sum().backward()
        if spoil:
            with torch.no_grad():
                y.zero_()
                for weight in layer.parameters():
                    weight.fill_(float("nan"))
        part = t[""].at()
        found.append([part.hidden, part.grad_hidden, *part.gates.values(), *part.grad_gates.values()])
    assert all(map(torch.equal, *found))


def test_what_is_handed_out_is_the_user_s_own() -> None:
    """Writing into it changes neither the model's outputs nor what is asked later."""
    torch.manual_seed(0)
    layer, x = LAYERS["LSTM"](I, H), torch.randn(T, B, I)
    with selfloop.trace(layer) as t:
        y, _ = layer(x, lengths=LENGTHS)
        expected, part = y.detach().clone(), t[""].at()
        for tensor in (part.hidden, part.cell, part.x, part.h0, part.lengths, *part.gates.values()):
            assert tensor is not None
            assert not tensor.requires_grad
            tensor.fill_(0)
        y.square().sum().backward()
    assert torch.equal(y, expected)
    assert x.abs().sum() > 0
    assert t[""].grad_hidden.abs().sum() > 0
