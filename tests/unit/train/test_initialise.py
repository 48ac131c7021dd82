"""How recurrent layers start."""

import math
from typing import Any

import pytest
import torch

from selfloop import nn as recurrent
from selfloop.cells import Cell
from selfloop.kinds import cell_name, kind_of
from selfloop.nn.layers import layer_of
from selfloop.train.budget import Scheme
from selfloop.train.encoder import RecurrentEncoder
from selfloop.train.initialise import initialise
from torch_cells import CoupledLSTM, registered
from toy_cell import MGU
from train_samples import RECURRENT

I, H, LONGEST = 3, 64, 40  # noqa: E741
BLOCKS = {"rnn": 1, "lstm": 4, "gru": 3}


def start(kind: str, longest: int = LONGEST, scheme: Scheme = "chrono") -> Any:
    torch.manual_seed(0)
    layer = layer_of(kind_of(kind), I, H)
    initialise(layer, longest, scheme)
    return layer


@pytest.mark.parametrize("kind", RECURRENT)
def test_every_recurrent_block_is_orthogonal(kind: str) -> None:
    blocks = start(kind).weight_hh_l0.detach().double().split(H)
    assert len(blocks) == BLOCKS[kind]
    for block in blocks:
        # Householder products in float32: within a few √H units in the last place of one.
        torch.testing.assert_close(block @ block.T, torch.eye(H, dtype=torch.double), rtol=0, atol=1e-5)
    assert not any(torch.equal(a, b) for k, a in enumerate(blocks) for b in blocks[:k])


@pytest.mark.parametrize("kind", RECURRENT)
def test_input_blocks_are_uniform_within_glorots_bound_for_one_gate(kind: str) -> None:
    bound = math.sqrt(6 / (I + H))
    for block in start(kind).weight_ih_l0.split(H):
        assert 0.9 * bound < block.abs().max() <= bound


@pytest.mark.parametrize("longest", [1, 2, 3, 40, 1000])
def test_chrono_biases_span_the_sequence_and_all_others_are_zero(longest: int) -> None:
    most = math.log(max(longest - 1, 1.1))
    lstm, gru, rnn = (start(kind, longest) for kind in ("lstm", "gru", "rnn"))
    i, f, g, o = lstm.bias_ih_l0.detach().split(H)
    r, z, n = gru.bias_ih_l0.detach().split(H)
    for keeping in (f, z):
        assert keeping.min() >= 0
        assert keeping.max() <= most + 1e-6
        if longest >= 40:  # of 64 draws of U(1, T − 1) one is beyond 0.8 T but for a chance of 1e-6
            assert keeping.max() > math.log(0.8 * longest)
            assert 0.3 * longest < keeping.exp().mean() < 0.7 * longest
    assert torch.equal(i, -f)
    for others in (g, o, r, n, rnn.bias_ih_l0, rnn.bias_hh_l0, lstm.bias_hh_l0, gru.bias_hh_l0):
        assert not others.any()


@pytest.mark.parametrize(("cell", "sign"), [(MGU, -1), (CoupledLSTM, 1)])
def test_ones_own_cell_keeps_from_the_start(cell: type[Cell], sign: int) -> None:
    with registered(cell):
        torch.manual_seed(0)
        layer: Any = layer_of(cell.kind, I, H, bidirectional=True)
        initialise(layer, LONGEST, "chrono")
    for bias in (layer.bias_ih_l0, layer.bias_ih_l0_reverse):
        for gate in cell.kind.gates:
            own = sign * bias[cell.kind.rows(gate, H)]
            if gate.name == "forget":  # the MGU keeps 1 − f
                assert own.min() >= 0
                assert math.log(0.8 * LONGEST) < own.max() <= math.log(LONGEST - 1) + 1e-6
            else:
                assert not own.any()


@pytest.mark.parametrize("name", ["layernorm-lstm", "peephole-lstm", "coupled-lstm", "mingru"])
def test_what_keeps_by_its_kind_keeps_from_the_start(name: str) -> None:
    kind = kind_of(cell_name(name))
    layer = start(kind.name)
    assert kind.keep is not None
    assert kind.write is not None
    keeping = layer.bias_ih_l0[kind.rows(kind.keep.gate, H)].detach()
    assert keeping.min() >= 0
    assert math.log(0.8 * LONGEST) < keeping.max() <= math.log(LONGEST - 1) + 1e-6
    for gate in kind.gates:
        own = layer.bias_ih_l0[kind.rows(gate, H)]
        if gate == kind.write.gate and not kind.coupled:
            assert torch.equal(own, -keeping)
        elif gate != kind.keep.gate:
            assert not own.any()
    for weight_name, weight in layer.named_parameters():
        if weight_name.startswith("gain"):
            assert torch.equal(weight, torch.ones_like(weight))


@pytest.mark.parametrize("longest", [1, 40, 1000])
def test_units_that_keep_their_own_h_start_below_the_papers_bound(longest: int) -> None:
    u = start("indrnn", longest).weight_hh_l0.detach()
    most = 2 ** (1 / longest)
    assert u.min() >= 0
    assert 0.9 * most < u.max() <= most
    assert start("indrnn", longest, "torch").weight_hh_l0.max() <= 1


@pytest.mark.parametrize("kind", RECURRENT)
def test_torchs_own_start_is_left_alone(kind: str) -> None:
    torch.manual_seed(0)
    untouched = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[kind](I, H)
    for name, weight in start(kind, scheme="torch").state_dict().items():
        assert torch.equal(weight, untouched.state_dict()[name])


def test_an_encoder_starts_all_its_layers() -> None:
    torch.manual_seed(0)
    encoder = RecurrentEncoder("gru", I, 5, 2, both=True)
    encoder.initialise(LONGEST, "chrono")
    assert len(encoder.layers) == 2
    for layer in encoder.layers:
        assert isinstance(layer, recurrent.GRU)
        for direction in ("", "_reverse"):
            keeping = getattr(layer, f"bias_ih_l0{direction}")[5:10]
            assert keeping.min() >= 0
            assert keeping.max() > 0
            assert not getattr(layer, f"bias_hh_l0{direction}").any()
        assert not torch.equal(layer.get_parameter("bias_ih_l0"), layer.get_parameter("bias_ih_l0_reverse"))
