"""Networks without a self loop: against loops, in chunks, and their counts."""

from itertools import product
from typing import Any

import numpy as np
import pytest
import torch

from selfloop.data import load
from selfloop.tasks.output import Classes
from selfloop.train.network import Network
from selfloop.train.read import Batches
from selfloop.train.windows import LastWindowEncoder, WindowEncoder
from train_samples import cases

T, B, I, H = 11, 5, 3, 7  # noqa: E741
# A sum of a window's products and two activations in float32.
CLOSE: dict[str, Any] = {"rtol": 1e-5, "atol": 2e-6}


@pytest.mark.parametrize("window", [1, 2, 5, 20])
@torch.no_grad()
def test_the_window_network_against_a_loop_and_in_chunks(window: int) -> None:
    torch.manual_seed(0)
    network = WindowEncoder(I, H, window)
    x = torch.randn(T, B, I, generator=torch.Generator().manual_seed(1))
    whole, _ = network(x)
    for t, b in product(range(T), range(B)):
        hidden = network.first.bias.clone()
        for back in range(window):
            if t - back >= 0:
                hidden += network.first.weight[:, :, window - 1 - back] @ x[t - back, b]
        hidden = hidden.clamp(min=0)
        expected = (network.second.weight @ hidden + network.second.bias).clamp(min=0)
        torch.testing.assert_close(whole[t, b], expected, **CLOSE)
    state, parts = None, []
    for chunk in x.split([1, 4, 6]):
        part, state = network(chunk, state)
        parts.append(part)
    torch.testing.assert_close(torch.cat(parts), whole, **CLOSE)
    assert state[0][0].shape == (window - 1, B, I)


def test_counts_of_the_window_network() -> None:
    network = WindowEncoder(I, H, 5)
    assert network.operations == network.first.weight.numel() + network.second.weight.numel()


@pytest.mark.parametrize("window", [1, 3, 30])
@torch.no_grad()
def test_the_network_that_reads_the_last_window_against_a_loop(window: int) -> None:
    """Sequences shorter than the window stand at its end, and a column says which steps are real."""
    torch.manual_seed(0)
    data = load([*(cases(7)[k] for k in range(7)), np.ones((1, 2))], labels=list("abababab"))
    encoder = LastWindowEncoder(2, 6, window)
    network = Network(encoder, "last", Classes(2))
    x, lengths = Batches(data.values, data.offsets).batch(torch.arange(8), encoder.reach)
    scores, _ = network(x, None, lengths)
    for k in range(8):
        steps, row = data[k].tolist(), []
        for place in range(window):
            t = len(steps) - window + place
            row += [*steps[t], 1.0] if t >= 0 else [0.0, 0.0, 0.0]
        hidden = (encoder.first.weight @ torch.tensor(row) + encoder.first.bias).clamp(min=0)
        hidden = (encoder.second.weight @ hidden + encoder.second.bias).clamp(min=0)
        torch.testing.assert_close(scores[k], network.head.weight @ hidden + network.head.bias, **CLOSE)
    assert network.operations == 6 * 3 * window + 6 * 6 + 2 * 6
