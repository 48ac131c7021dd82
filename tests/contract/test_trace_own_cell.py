"""What a trace shows of layers without kernels, a user's own among them, against autograd on a loop of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

import selfloop
from selfloop.cells import cells_of, equations_of
from selfloop.errors import ShapeError, TraceError
from selfloop.kinds import Kind, kind_of, kinds
from selfloop.nn import EquationLayer
from selfloop.nn.layers import layer_of
from selfloop.train.encoder import RecurrentEncoder
from torch_cells import OWN, CoupledLSTM, registered
from toy_cell import MGU

T, B, I, H = 6, 3, 4, 5  # noqa: E741 (the input size's letter)
LENGTHS = [6, 0, 4]
EXACT = 1e-12
NAMES = ("mgu", "coupled", "lstm", "gru", "gru_reset_before", "rnn", "rnn_relu")
PLAIN = tuple(kind.name for kind in kinds() if kind.native is None)  # without kernels: one case each, the widest
CASES = [(name, both, lengths) for name in NAMES for both in (False, True) for lengths in (None, LENGTHS)]
CASES += [(name, True, LENGTHS) for name in PLAIN if name not in NAMES]


@pytest.fixture(autouse=True)
def own() -> Iterator[None]:
    with registered(*OWN):
        yield


def inputs(kind: Kind, D: int) -> tuple[Tensor, tuple[Tensor, ...]]:
    made = torch.Generator().manual_seed(2)
    x = torch.randn(T, B, I, generator=made, dtype=torch.float64)
    return x, tuple(torch.randn(D, B, H, generator=made, dtype=torch.float64) for _ in kind.states)


def loss_of(y: Tensor, last: Any) -> Tensor:
    """Of outputs, those beyond a sequence's end too, and of last states."""
    ends = last if isinstance(last, tuple) else (last,)
    ways = torch.linspace(0.5, 1.5, y.numel(), dtype=y.dtype).view(y.shape)
    return (y.sin() * ways).sum() + sum((k + 1) * (end**2).sum() for k, end in enumerate(ends))


class Walked:
    """One sequence after the other, one step after the other, every tensor kept."""

    def __init__(self, layer: EquationLayer, x: Tensor, states: tuple[Tensor, ...], lengths: list[int]) -> None:
        self.kind = layer.cell_kind
        weights = {name: weight.detach().clone().requires_grad_() for name, weight in layer.named_parameters()}
        D = 2 if layer.bidirectional else 1
        cells = cells_of(equations_of(self.kind), weights)[0]
        self.steps: dict[tuple[int, int, int], Any] = {}
        rows: list[Tensor] = []
        ends: list[list[Tensor]] = [[] for _ in self.kind.states]
        for d in range(D):
            for b, length in enumerate(lengths):
                state = {name: each[d, b][None] for name, each in zip(self.kind.states, states, strict=True)}
                made = {}
                for t in range(length) if d == 0 else reversed(range(length)):
                    made[t] = cells[d].step(x[t, b][None], **state)
                    state = made[t].states
                    self.steps[d, t, b] = made[t]
                    for tensor in (*state.values(), *made[t].gates.values()):
                        tensor.retain_grad()
                blank = x.new_zeros(1, H)
                rows.append(torch.cat([made[t].states["h"] if t in made else blank for t in range(len(x))]))
                for end, name in zip(ends, self.kind.states, strict=True):
                    end.append(state[name][0])
        y = torch.cat([torch.stack(rows[d * B : (d + 1) * B], dim=1) for d in range(D)], dim=-1)
        last = tuple(torch.stack(end).view(D, B, H) for end in ends)
        loss_of(y, last if len(last) > 1 else last[0]).backward()

    def grid(self, d: int, of: Any) -> Tensor:
        """(T, B, H), zeros where there was no step."""
        found = torch.zeros(T, B, H, dtype=torch.float64)
        for (way, t, b), step in self.steps.items():
            if way == d:
                value = of(step)
                found[t, b] = 0 if value is None else value.detach()[0]
        return found


@pytest.mark.parametrize(("name", "both", "lengths"), CASES)
def test_every_number_of_a_part(name: str, both: bool, lengths: list[int] | None) -> None:
    kind, D = kind_of(name), 2 if both else 1
    layer = EquationLayer(kind, I, H, bidirectional=both, dtype=torch.float64)
    x, states = inputs(kind, D)
    with selfloop.trace(layer) as traced:
        y, last = layer(x, states if len(states) > 1 else states[0], lengths=lengths)
        loss_of(y, last).backward()
    oracle = Walked(layer, x, states, lengths or [T] * B)
    for d, direction in enumerate(("forward", "backward")[:D]):
        part = traced[""].at(direction=direction)
        shown = {gate.name: gate for gate in kind.gates if gate in kind.shown}
        assert tuple(part.gates) == tuple(part.grad_gates) == tuple(shown)
        pairs = [
            (part.hidden, oracle.grid(d, lambda step: step.states["h"])),
            (part.grad_hidden, oracle.grid(d, lambda step: step.states["h"].grad)),
            (part.h0, states[0][d]),
            *((part.gates[n], oracle.grid(d, lambda step, g=g: step.gates[g])) for n, g in shown.items()),
            *((part.grad_gates[n], oracle.grid(d, lambda step, g=g: step.gates[g].grad)) for n, g in shown.items()),
        ]
        if "c" in kind.states:
            pairs += [
                (part.cell, oracle.grid(d, lambda step: step.states["c"])),
                (part.grad_cell, oracle.grid(d, lambda step: step.states["c"].grad)),
                (part.c0, states[1][d]),
            ]
        else:
            assert part.cell is part.c0 is part.grad_cell is None
        for mine, expected in pairs:
            assert mine.shape == expected.shape
            assert not mine.requires_grad
            assert (mine - expected).abs().max() <= EXACT
        assert part.hidden.any()
        assert part.grad_hidden.any()
        own = y.detach()[..., d * H : (d + 1) * H]
        assert torch.equal(part.hidden, own)  # the forward's own bits
        assert part.lengths is None if lengths is None else part.lengths.tolist() == lengths
        valid = torch.arange(T)[:, None] < torch.tensor(lengths or [T] * B)
        assert torch.equal(part.x, x * valid[..., None])


@pytest.mark.parametrize("name", ["lstm", "gru", "gru_reset_before", "rnn", "rnn_relu"])
def test_a_layer_with_kernels_shows_the_same(name: str) -> None:
    native = layer_of(kind_of(name), I, H, bidirectional=True).double()
    layer = EquationLayer(name, I, H, bidirectional=True, dtype=torch.float64)
    layer.load_state_dict(native.state_dict())
    x, states = inputs(kind_of(name), 2)
    found = []
    for each in (native, layer):
        with selfloop.trace(each) as traced:
            loss_of(*each(x, states if len(states) > 1 else states[0], lengths=LENGTHS)).backward()
        found.append([traced[""].at(direction=way) for way in ("forward", "backward")])
        assert traced[""].calls[0].backend == each.backend == ("native" if each is native else "cells")
    for theirs, mine in zip(*found, strict=True):
        for what in ("hidden", "cell", "h0", "c0", "x", "lengths", "grad_hidden", "grad_cell"):
            one, other = getattr(theirs, what), getattr(mine, what)
            assert (one is None) == (other is None)
            assert one is None or (one - other).abs().max() <= EXACT
        assert tuple(theirs.gates) == tuple(mine.gates)
        for gate in mine.gates:
            assert (theirs.gates[gate] - mine.gates[gate]).abs().max() <= EXACT
            assert (theirs.grad_gates[gate] - mine.grad_gates[gate]).abs().max() <= EXACT


def test_of_several_backwards_the_last() -> None:
    layer = EquationLayer("coupled", I, H)
    with selfloop.trace(layer) as traced:
        y, (_, c) = layer(torch.randn(T, B, I))
        with pytest.raises(TraceError, match="no backward has reached it"):
            traced[""].grad_hidden  # noqa: B018
        y.sum().backward(retain_graph=True)
        first = traced[""].grad_cell
        c.sum().backward(retain_graph=True)
    only_c = traced[""].grad_cell
    assert torch.equal(only_c[-1], torch.ones(B, H))
    assert not torch.equal(first, only_c)
    assert not traced[""].grad_hidden[-1].any()
    assert traced[""].grad_hidden is traced[""].grad_hidden  # computed once


def test_recording_changes_nothing() -> None:
    layer, x = EquationLayer("mgu", I, H, bidirectional=True), torch.randn(T, B, I)
    results = []
    for traced in (False, True):
        layer.zero_grad()
        with selfloop.trace(layer) if traced else torch.enable_grad():
            y, h = layer(x, lengths=LENGTHS)
            y.add_(1)  # as torch lets one
            (y.square().sum() + h.sum()).backward()
        results.append([y.detach(), h.detach(), *(weight.grad.clone() for weight in layer.parameters())])
    for plain, recorded in zip(*results, strict=True):
        assert torch.equal(plain, recorded)


def test_what_was_recorded_stays_as_it_was() -> None:
    layer, x, h = EquationLayer("mgu", I, H), torch.randn(T, B, I), torch.randn(1, B, H)
    with selfloop.trace(layer) as asked:
        layer(x, h)[0].sum().backward()
    before = asked[""].grad_hidden, asked[""].h0
    with selfloop.trace(layer) as later:
        layer(x, h)[0].sum().backward()
    with torch.no_grad():  # what a step of training does, and then the next sequence
        for weight in layer.parameters():
            weight.add_(1)
        h.add_(1)
    assert torch.equal(later[""].grad_hidden, before[0])
    assert torch.equal(later[""].h0, before[1])
    x.add_(1)
    with pytest.raises(ShapeError, match="was written to after the call"):
        later[""].x  # noqa: B018


def test_without_gradients_there_are_values() -> None:
    layer = EquationLayer("mgu", I, H)
    with selfloop.trace(layer) as traced, torch.no_grad():
        layer(torch.randn(T, B, I))
    assert traced[""].gates["forget"].shape == (T, B, H)
    with pytest.raises(TraceError, match="no backward has reached it"):
        traced[""].grad_gates  # noqa: B018


def test_a_transform_keeps_nothing_and_says_so() -> None:
    layer = EquationLayer("mgu", I, H)
    with selfloop.trace(layer) as traced:
        torch.func.vmap(lambda x: layer(x)[0])(torch.randn(2, T, B, I))
    with pytest.raises(TraceError, match=r"ran on the cells' equations, so no gates were kept: a torch.func transform"):
        traced[""].gates  # noqa: B018


@pytest.mark.parametrize("cell", [MGU, CoupledLSTM])
def test_stacked_in_an_encoder(cell: Any) -> None:
    encoder = RecurrentEncoder(cell.kind.name, I, H, layers=2, both=True)
    encoder.initialise(50, "chrono")
    with selfloop.trace(encoder) as traced:
        features, after = encoder(torch.randn(T, B, I), lengths=torch.tensor([6, 1, 4]))
        features.sum().backward()
        again, _ = encoder(torch.randn(T, B, I), after)
    assert list(traced) == ["layers.0", "layers.1"]
    assert again.shape == features.shape == (T, B, 2 * H)
    assert traced["layers.1"].at(call=0, direction="backward").grad_gates["forget"].any()
    assert len(traced["layers.0"].calls) == 2
