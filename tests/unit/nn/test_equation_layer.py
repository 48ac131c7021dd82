"""A layer that runs by a cell's equations: torch's names and shapes, the cells' numbers, the right derivatives."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence

from selfloop.cells import equations_of, run_layers
from selfloop.errors import SettingsError, ShapeError
from selfloop.kinds import Kind
from selfloop.kinds.gru import GRU, GRU_RESET_BEFORE
from selfloop.kinds.lstm import LSTM
from selfloop.kinds.rnn import RNN, RNN_RELU
from selfloop.nn import EquationLayer
from selfloop.nn.layers import layer_of
from torch_cells import OWN, registered

T, B, I, H = 5, 3, 7, 17  # noqa: E741 (the input size's letter)
LENGTHS = [2, 5, 0]
OURS = (RNN, RNN_RELU, LSTM, GRU, GRU_RESET_BEFORE)
EXACT = 1e-12  # float64, a few hundred roundings


@pytest.fixture(autouse=True)
def own() -> Iterator[None]:
    with registered(*OWN):
        yield


def given(kind: Kind, D: int, *, sizes: tuple[int, int, int, int] = (T, B, I, H)) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Inputs and states that are not zero."""
    steps, batch, inputs, hidden = sizes
    made = torch.Generator().manual_seed(1)
    x = torch.randn(steps, batch, inputs, generator=made, dtype=torch.float64)
    return x, tuple(torch.randn(D, batch, hidden, generator=made, dtype=torch.float64) for _ in kind.states)


def hx(states: tuple[Tensor, ...]) -> Any:
    return states[0] if len(states) == 1 else states


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("both", [True, False])
@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.name)
def test_it_is_the_layer_with_kernels_without_them(kind: Kind, both: bool, bias: bool) -> None:
    theirs = layer_of(kind, I, H, bidirectional=both).double()
    layer = EquationLayer(kind, I, H, bias=bias, bidirectional=both, dtype=torch.float64)
    own = {name: weight for name, weight in theirs.state_dict().items() if bias or "bias" not in name}
    assert {n: w.shape for n, w in layer.state_dict().items()} == {n: w.shape for n, w in own.items()}
    assert list(layer.state_dict()) == list(own)
    layer.load_state_dict(own)
    if not bias:
        for name, weight in theirs.named_parameters():
            if "bias" in name:
                torch.nn.init.zeros_(weight)
    x, states = given(kind, 2 if both else 1)
    for lengths in (None, LENGTHS):
        mine, expected = (each(x, hx(states), lengths=lengths) for each in (layer, theirs))
        last, wanted = (each[1] if isinstance(each[1], tuple) else (each[1],) for each in (mine, expected))
        assert len(last) == len(wanted) == len(kind.states)
        for one, other in zip((mine[0], *last), (expected[0], *wanted), strict=True):
            assert one.shape == other.shape
            assert (one - other).abs().max() <= EXACT


@pytest.mark.parametrize("cell", OWN)
def test_ones_own_cell_in_numpy(cell: Any) -> None:
    """Written once more, one sequence at a time."""
    layer = EquationLayer(cell.kind.name, I, H, bidirectional=True, dtype=torch.float64)
    x, states = given(cell.kind, 2)
    y, last = layer(x, hx(states), lengths=LENGTHS)
    last = last if isinstance(last, tuple) else (last,)
    for b, length in enumerate(LENGTHS):
        for d, order in enumerate((range(length), reversed(range(length)))):
            weights = [w.detach().numpy() for n, w in layer.named_parameters() if n.endswith("_reverse") == bool(d)]
            state = [each[d, b].numpy() for each in states]
            for t in order:
                state = in_numpy(cell.kind.name, weights, x[t, b].numpy(), *state)
                assert np.abs(y[t, b, d * H : (d + 1) * H].detach().numpy() - state[0]).max() <= EXACT
            for mine, expected in zip(last, state, strict=True):
                assert np.abs(mine[d, b].detach().numpy() - expected).max(initial=0) <= EXACT
    assert not y[LENGTHS[0] :, 0].any()


def in_numpy(name: str, weights: list[Any], x: Any, h: Any, c: Any = None) -> list[Any]:
    W, U, b, d = weights
    if name == "coupled":
        o, n, f = np.split(W @ x + b + U @ h + d, 3)
        o, n, f = 1 / (1 + np.exp(-o)), np.tanh(n), 1 / (1 + np.exp(-f))
        c = f * c + (1 - f) * n
        return [o * np.tanh(c), c]
    f = 1 / (1 + np.exp(-(W[:H] @ x + b[:H] + U[:H] @ h + d[:H])))
    n = np.tanh(W[H:] @ x + b[H:] + U[H:] @ (f * h) + d[H:])
    return [(1 - f) * h + f * n]


@pytest.mark.parametrize("cell", OWN)
def test_derivatives_by_finite_differences(cell: Any) -> None:
    layer = EquationLayer(cell.kind, 2, 3, bidirectional=True, dtype=torch.float64)
    x, states = given(cell.kind, 2, sizes=(4, 3, 2, 3))
    names = list(dict(layer.named_parameters()))

    def run(x: Tensor, *rest: Tensor) -> tuple[Tensor, ...]:
        states, weights = rest[: len(cell.kind.states)], rest[len(cell.kind.states) :]
        y, last = torch.func.functional_call(
            layer, dict(zip(names, weights, strict=True)), (x, hx(states)), {"lengths": [3, 4, 1]}
        )
        return (y, *(last if isinstance(last, tuple) else (last,)))

    leaves = [each.detach().clone().requires_grad_() for each in (x, *states, *layer.parameters())]
    assert torch.autograd.gradcheck(run, leaves)


@pytest.mark.parametrize("cell", OWN)
def test_it_is_what_the_cells_run(cell: Any) -> None:
    layer = EquationLayer(cell.kind, I, H, bidirectional=True)
    x = torch.randn(T, B, I)
    ran = run_layers(equations_of(cell.kind), layer.state_dict(), x)
    y, last = layer(x)
    assert torch.equal(y, ran.outputs)
    assert torch.equal(last[0] if isinstance(last, tuple) else last, ran.last["h"])
    assert layer.backend == "cells"


def test_copies_are_the_same_layer() -> None:
    layer = EquationLayer("coupled", I, H, bidirectional=True)
    x = torch.randn(T, B, I)
    for again in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert again.cell_kind == layer.cell_kind
        assert torch.equal(again(x)[0], layer(x)[0])
    assert repr(layer) == "EquationLayer('coupled', 7, 17, bidirectional=True)"


def test_it_starts_as_torchs_layers_do() -> None:
    torch.manual_seed(0)
    layer = EquationLayer("lstm", I, H, bidirectional=True)
    torch.manual_seed(0)
    theirs = torch.nn.LSTM(I, H, bidirectional=True)
    for name, weight in theirs.state_dict().items():
        assert torch.equal(layer.state_dict()[name], weight)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda layer, x, h: layer(x, h), r"hx is Tensor of 1; expected h and c of coupled LSTM"),
        (lambda layer, x, h: layer(x, (h,)), r"hx is tuple of 1; expected h and c"),
        (lambda layer, x, h: layer(x, (h, h[:, :1])), r"c0 has shape \(1, 17\)"),
        (lambda layer, x, h: layer(x[0]), r"x has shape \(3, 7\); expected \(T, B, 7\)"),
        (lambda layer, x, h: layer(x, lengths=[1, 2]), "expected integers of shape"),
        (lambda layer, x, h: layer(x, lengths=[1, 2, 6]), "expected 0 to 5"),
        (lambda layer, x, h: layer(pack_padded_sequence(x, [5, 5, 5])), "is a PackedSequence; expected a tensor"),
    ],
)
def test_what_does_not_fit(call: Any, said: str) -> None:
    with pytest.raises(ShapeError, match=said):
        call(EquationLayer("coupled", I, H), torch.randn(T, B, I), torch.randn(1, B, H))


def test_one_state_is_no_pair() -> None:
    h = torch.randn(1, B, H)
    with pytest.raises(ShapeError, match="hx is tuple of 1; expected h of MGU"):
        EquationLayer("mgu", I, H)(torch.randn(T, B, I), (h,))


def test_unknown_cells() -> None:
    with pytest.raises(SettingsError, match=r"There is no cell 'mgv'. Did you mean 'mgu'\?"):
        EquationLayer("mgv", I, H)
