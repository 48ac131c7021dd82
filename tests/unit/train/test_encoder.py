"""Encoders against torch's own layers and against loops; their counts against what is there."""

from itertools import product
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from selfloop.train.encoder import RecurrentEncoder
from selfloop.train.sizes import parameters
from train_samples import RECURRENT

T, B, I, H = 11, 5, 3, 7  # noqa: E741
LENGTHS = torch.tensor([4, 11, 1, 9, 6])
# A step adds I + H products and a few activations of float32; errors that a step adds shrink on their way or stay.
CLOSE: dict[str, Any] = {"rtol": 1e-5, "atol": 2e-6}
TORCH = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


def encoder(kind: str, layers: int = 2, both: bool = True, seed: int = 0) -> RecurrentEncoder:
    torch.manual_seed(seed)
    return RecurrentEncoder(kind, I, H, layers, both)


def sequences(seed: int = 1) -> Tensor:
    return torch.randn(T, B, I, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(("kind", "layers"), list(product(RECURRENT, (1, 2))))
@torch.no_grad()
def test_both_directions_are_torchs_bidirectional_layer_on_packed_sequences(kind: str, layers: int) -> None:
    ours, theirs = encoder(kind, layers), TORCH[kind](I, H, layers, bidirectional=True)
    for k in range(layers):
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            for direction in ("", "_reverse"):
                getattr(theirs, f"{name}_l{k}{direction}").copy_(getattr(ours.layers[k], f"{name}_l0{direction}"))
    x = sequences()
    packed, _ = theirs(pack_padded_sequence(x, LENGTHS, enforce_sorted=False))
    expected, _ = pad_packed_sequence(packed, total_length=T)
    got, _ = ours(x, None, LENGTHS)
    valid = torch.arange(T)[:, None] < LENGTHS
    torch.testing.assert_close(got[valid], expected[valid], **CLOSE)


@pytest.mark.parametrize(("kind", "both"), list(product(RECURRENT, (False, True))))
@torch.no_grad()
def test_padding_never_reaches_a_valid_step(kind: str, both: bool) -> None:
    """To the bit: no valid step reads a padded one, and what comes out there is zero."""
    network, x = encoder(kind, both=both), sequences()
    padding = torch.arange(T)[:, None] >= LENGTHS
    other = torch.where(padding[..., None], torch.full_like(x, 1e4), x)
    a, _ = network(x, None, LENGTHS)
    b, _ = network(other, None, LENGTHS)
    assert torch.equal(a[~padding], b[~padding])
    assert not a[padding].any()
    assert not b[padding].any()


@pytest.mark.parametrize(("kind", "both"), list(product(RECURRENT, (False, True))))
@torch.no_grad()
def test_a_sequence_alone_is_read_as_in_a_batch(kind: str, both: bool) -> None:
    """To the bit, as the kernels promise."""
    network, x = encoder(kind, both=both), sequences()
    together, _ = network(x, None, LENGTHS)
    for b, n in enumerate(LENGTHS.tolist()):
        alone, _ = network(x[:n, b : b + 1])
        assert torch.equal(alone[:, 0], together[:n, b])


@pytest.mark.parametrize("kind", RECURRENT)
@torch.no_grad()
def test_chunks_with_the_state_carried_are_one_pass(kind: str) -> None:
    network, x = encoder(kind, layers=2, both=False), sequences()
    whole, end = network(x)
    state, parts = None, []
    for chunk in x.split([1, 4, 6]):
        part, state = network(chunk, state)
        parts.append(part)
    assert torch.equal(torch.cat(parts), whole)
    assert len(state) == len(end) == 2
    for got, expected in zip(state, end, strict=True):
        assert len(got) == (2 if kind == "lstm" else 1)
        assert all(map(torch.equal, got, expected))
    fresh, _ = network(x[5:])
    assert not torch.allclose(fresh, whole[5:], **CLOSE), "the state must matter"


@pytest.mark.parametrize(("kind", "layers", "both"), list(product(RECURRENT, (1, 3), (False, True))))
def test_counts_are_what_is_there(kind: str, layers: int, both: bool) -> None:
    network, outputs = encoder(kind, layers, both), 4
    head = nn.Linear(network.output_size, outputs)
    there = sum(p.numel() for p in [*network.parameters(), *head.parameters()])
    assert parameters(kind, (I, outputs, layers, both), H) == there
    matrices = sum(p.numel() for name, p in network.named_parameters() if "weight" in name)
    gating = {"rnn": 0, "lstm": 3, "gru": 3}[kind]  # f c, i g, o tanh(c); r (U h + b'), (1 − z) n, z h
    assert network.operations == matrices + gating * H * layers * (2 if both else 1)
