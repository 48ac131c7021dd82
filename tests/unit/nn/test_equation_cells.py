"""The layers of the cells without kernels: their weights, their lengths and directions, and their gradients."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
import torch

from selfloop import nn
from selfloop.cells import equations_of, run_layers
from selfloop.errors import SettingsError, ShapeError
from selfloop.kinds import kind_of
from selfloop.kinds.registry import OURS
from selfloop.nn.layers import layer_of

T, B, I, H = 5, 3, 4, 3  # noqa: E741 (the input size's letter)
LENGTHS = [2, 5, 0]
LAYERS = (nn.LayerNormLSTM, nn.PeepholeLSTM, nn.CoupledLSTM, nn.MinGRU, nn.IndRNN)
ALL = pytest.mark.parametrize("layer_class", LAYERS)
NAMES = {
    "layernorm_lstm": "weight_ih weight_hh bias_ih bias_hh gain_ih gain_hh gain_c bias_c",
    "peephole_lstm": "weight_ih weight_hh bias_ih bias_hh weight_peephole",
    "coupled_lstm": "weight_ih weight_hh bias_ih bias_hh",
    "mingru": "weight_ih bias_ih",
    "indrnn": "weight_ih weight_hh bias_ih",
}


def test_every_cell_without_kernels_has_one() -> None:
    assert [layer.kind for layer in LAYERS] == [kind for kind in OURS if kind.native is None]


@ALL
def test_it_is_the_layer_of_its_kind(layer_class: Any) -> None:
    layer = layer_class(I, H, bidirectional=True)
    again = layer_of(layer.kind, I, H, bidirectional=True)
    again.load_state_dict(layer.state_dict())
    x = torch.randn(T, B, I)
    assert torch.equal(layer(x)[0], again(x)[0])
    names = [f"{name}_l0" for name in NAMES[layer.kind.name].split()]
    assert list(layer.state_dict()) == [*names, *(f"{name}_reverse" for name in names)]
    assert repr(layer) == f"{layer_class.__name__}({I}, {H}, bidirectional=True)"
    assert torch.equal(pickle.loads(pickle.dumps(layer))(x)[0], copy.deepcopy(layer)(x)[0])


@ALL
def test_a_sequence_is_read_to_its_own_end_in_both_directions(layer_class: Any) -> None:
    layer = layer_class(I, H, bidirectional=True, dtype=torch.float64)
    x = torch.randn(T, B, I, dtype=torch.float64)
    y, last = layer(x, lengths=LENGTHS)
    ends = last if isinstance(last, tuple) else (last,)
    for b, length in enumerate(LENGTHS):
        if length:
            alone, alone_last = layer(x[:length, b : b + 1])
            assert (y[:length, b] - alone[:, 0]).abs().max() <= 1e-12
            alone_ends = alone_last if isinstance(alone_last, tuple) else (alone_last,)
            for mine, expected in zip(ends, alone_ends, strict=True):
                assert (mine[:, b] - expected[:, 0]).abs().max() <= 1e-12
        assert not y[length:, b].any()
    assert not any(end[:, LENGTHS.index(0)].any() for end in ends)


@ALL
def test_what_lies_beyond_an_end_is_read_by_nobody(layer_class: Any) -> None:
    layer = layer_class(I, H, bidirectional=True)
    x = torch.randn(T, B, I)
    strange = x.clone()
    strange[2:, 0] = float("nan")
    strange.requires_grad_()
    y = layer(strange, lengths=LENGTHS)[0]
    assert torch.equal(y, layer(x, lengths=LENGTHS)[0])
    y.sum().backward()
    assert all(bool(weight.grad.isfinite().all()) for weight in layer.parameters())


@ALL
def test_without_biases_it_is_the_layer_with_biases_of_zero(layer_class: Any) -> None:
    bare, full = layer_class(I, H, bias=False), layer_class(I, H)
    full.load_state_dict(bare.state_dict(), strict=False)
    with torch.no_grad():
        for name, weight in full.named_parameters():
            if "bias" in name:
                weight.zero_()
    x = torch.randn(T, B, I)
    torch.testing.assert_close(bare(x)[0], full(x)[0])
    assert not any("bias" in name for name in bare.state_dict())


@ALL
def test_the_whole_is_its_parts_with_the_state_carried(layer_class: Any) -> None:
    layer = layer_class(I, H, dtype=torch.float64)
    x = torch.randn(T, B, I, dtype=torch.float64)
    whole, _ = layer(x)
    first, state = layer(x[:2])
    second, _ = layer(x[2:], state)
    assert (torch.cat([first, second]) - whole).abs().max() <= 1e-12


def test_how_they_start() -> None:
    norm, ind = (dict(layer.named_parameters()) for layer in (nn.LayerNormLSTM(I, H), nn.IndRNN(I, 64)))
    assert torch.equal(norm["gain_ih_l0"], torch.ones(4 * H))
    assert not norm["bias_c_l0"].any()
    assert 0 <= ind["weight_hh_l0"].min() <= 0.2
    assert 0.8 <= ind["weight_hh_l0"].max() <= 1
    assert ind["weight_ih_l0"].abs().max() <= 1 / 8


@pytest.mark.parametrize(
    ("state_dict", "kind"), [(nn.LSTM(I, H).state_dict(), "peephole_lstm"), (nn.GRU(I, H).state_dict(), "mingru")]
)
def test_weights_of_another_cell_are_refused(state_dict: dict[str, torch.Tensor], kind: str) -> None:
    with pytest.raises(SettingsError, match=r"expected weight_ih_l0, .* of one layer of"):
        run_layers(equations_of(kind_of(kind)), state_dict, torch.randn(T, B, I))


def test_shapes_that_do_not_fit() -> None:
    with pytest.raises(ShapeError, match=r"expected \(T, B, 4\)"):
        nn.MinGRU(I, H)(torch.randn(T, B, I + 1))
    with pytest.raises(ShapeError, match="hx is Tensor of 1; expected h and c of peephole LSTM"):
        nn.PeepholeLSTM(I, H)(torch.randn(T, B, I), torch.zeros(1, B, H))
