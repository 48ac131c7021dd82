"""Gate names and their order, seen in what torch's own layers do when one gate is held open or shut."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from selfloop.kinds import Gate, Kind
from selfloop.kinds.gru import CANDIDATE, GRU, RESET, UPDATE
from selfloop.kinds.lstm import CELL_CANDIDATE, FORGET, INPUT, LSTM, OUTPUT
from selfloop.kinds.rnn import HIDDEN, RNN

B, I, H = 3, 7, 17  # noqa: E741 (the input size's letter)
OPEN, SHUT = 1e3, -1e3  # a sigmoid is 1 and 0 there, a tanh 1 and −1, to the last bit


def held(layer: Any, kind: Kind, **at: tuple[Gate, float]) -> Any:
    """The layer with some gates' weights zeroed and their biases set."""
    with torch.no_grad():
        for gate, value in at.values():
            part = kind.rows(gate, H)
            for weight in (layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_hh_l0):
                weight[part] = 0
            layer.bias_ih_l0[part] = value
    return layer


def lstm(*at: tuple[Gate, float]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """h0, c0, and h and c after one step of torch's LSTM."""
    torch.manual_seed(0)
    layer = held(nn.LSTM(I, H), LSTM, **{gate.symbol: (gate, value) for gate, value in at})
    h0, c0 = torch.rand(1, B, H) + 0.5, torch.rand(1, B, H) + 0.5
    _, (h, c) = layer(torch.randn(1, B, I), (h0, c0))
    return h0, c0, h, c


def gru(*at: tuple[Gate, float], h0: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """h0, and h after one step of torch's GRU."""
    torch.manual_seed(0)
    layer = held(nn.GRU(I, H), GRU, **{gate.symbol: (gate, value) for gate, value in at})
    x = torch.randn(1, B, I)
    h0 = torch.rand(1, B, H) + 0.5 if h0 is None else h0
    return h0, layer(x, h0)[1]


def test_the_lstm_keeps_its_cell_state_with_input_shut_and_forget_open() -> None:
    _, c0, _, c = lstm((INPUT, SHUT), (FORGET, OPEN))
    assert torch.equal(c, c0)


def test_the_lstm_forgets_its_cell_state_with_forget_and_input_shut() -> None:
    _, _, h, c = lstm((INPUT, SHUT), (FORGET, SHUT))
    assert torch.equal(c, torch.zeros_like(c))
    assert torch.equal(h, torch.zeros_like(h))


def test_the_lstm_is_silent_with_output_shut() -> None:
    _, _, h, c = lstm((OUTPUT, SHUT))
    assert torch.equal(h, torch.zeros_like(h))
    assert c.abs().min() > 0


def test_the_lstm_writes_its_candidate() -> None:
    _, _, _, c = lstm((CELL_CANDIDATE, SHUT), (INPUT, OPEN), (FORGET, SHUT))
    assert torch.equal(c, -torch.ones_like(c))


def test_the_grus_update_gate_keeps() -> None:
    h0, h = gru((UPDATE, OPEN))
    assert (h - h0).abs().max() <= 8 * torch.finfo(torch.float32).eps  # torch computes n + z (h₋₁ − n), both below 2


def test_the_gru_writes_its_candidate_with_update_shut() -> None:
    _, h = gru((UPDATE, SHUT), (CANDIDATE, SHUT))
    assert torch.equal(h, -torch.ones_like(h))


def test_the_gru_does_not_look_back_with_reset_and_update_shut() -> None:
    _, after = gru((UPDATE, SHUT), (RESET, SHUT))
    _, from_zeros = gru((UPDATE, SHUT), (RESET, SHUT), h0=torch.zeros(1, B, H))
    assert torch.equal(after, from_zeros)
    _, open_reset = gru((UPDATE, SHUT), (RESET, OPEN))
    assert not torch.equal(open_reset, from_zeros)


@pytest.mark.parametrize(("kind", "layer"), [(RNN, nn.RNN), (LSTM, nn.LSTM), (GRU, nn.GRU)])
def test_rows_cover_torchs_weights_once_and_in_order(kind: Kind, layer: Any) -> None:
    found = torch.cat([torch.arange(len(kind.gates) * H)[kind.rows(gate, H)] for gate in kind.gates])
    assert torch.equal(found, torch.arange(len(layer(I, H).weight_ih_l0)))


def test_a_gate_of_another_cell_has_no_rows() -> None:
    with pytest.raises(ValueError, match="not in list"):
        GRU.rows(CELL_CANDIDATE, H)  # it shares its name with the GRU's candidate
    with pytest.raises(ValueError, match="not in list"):
        LSTM.rows(HIDDEN, H)
