"""Reading with a trained network: in parts, side by side, near the places wanted."""

from typing import Any

import numpy as np
import pytest
import torch

from selfloop.tasks.places import Block
from selfloop.train import read
from selfloop.train.read import read_steps, read_steps_near
from train_samples import NETWORKS, RECURRENT, carried_problem, forecast_fitter, known, series

# float32 all through, sums of a few dozen terms, states that forget: see test_encoder.
CLOSE: dict[str, Any] = {"rtol": 1e-4, "atol": 1e-5}


@pytest.mark.parametrize("candidate", NETWORKS)
def test_reading_near_the_origins_is_reading_from_the_start_where_the_warm_up_reaches_it(candidate: str) -> None:
    fitter = forecast_fitter(series(90, 117, 64))
    it, offsets = carried_problem(fitter, candidate), known(fitter).offsets
    block = Block(np.array([20, 71, 10]), np.array([56, 72, 27]))
    whole = read_steps(it.network, it.inputs, offsets, block)
    near = read_steps_near(it.network, it.inputs, offsets, block, 1000)
    assert near.shape == (36 + 1 + 17, 3)
    np.testing.assert_allclose(near, whole, **CLOSE)
    enough = read_steps_near(it.network, it.inputs, offsets, block, 0 if candidate not in RECURRENT else 1)
    assert not np.allclose(enough, whole, **CLOSE)


@pytest.mark.parametrize("candidate", NETWORKS)
@pytest.mark.parametrize(("rows", "steps"), [(256, 7), (2, 10_000), (2, 13), (1, 1)])
def test_reading_in_parts_is_reading_each_series_in_one_go(
    candidate: str, rows: int, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitter = forecast_fitter(series(90, 117, 64))
    it, data = carried_problem(fitter, candidate), known(fitter)
    ends = data.lengths
    block = Block(np.array([20, 0, ends[2] - 1]), np.array([56, ends[1], ends[2]]))
    expected = []
    for k in range(3):
        a, b = data.offsets[k], data.offsets[k] + block.stop[k]
        with torch.no_grad():
            answers, _ = it.network(it.inputs[a:b, None])
        expected.append(answers[block.first[k] :, 0])
    monkeypatch.setattr(read, "READ_ROWS", rows)
    monkeypatch.setattr(read, "READ_STEPS", steps)
    got = read_steps(it.network, it.inputs, data.offsets, block)
    # Products of other sizes may sum in another order: float32 all through.
    np.testing.assert_allclose(got, torch.cat(expected).numpy(), **CLOSE)
    np.testing.assert_allclose(read_steps_near(it.network, it.inputs, data.offsets, block, 1000), got, **CLOSE)


def test_a_long_series_is_read_without_holding_what_the_network_keeps_of_each_step() -> None:
    it = carried_problem(forecast_fitter(series(700)), "gru")
    seen: list[tuple[int, ...]] = []
    it.network.encoder.register_forward_hook(lambda _, __, out: seen.append(tuple(out[0].shape)))
    long = series(9000)
    inputs = torch.zeros(9000, it.inputs.shape[1])
    block = Block(np.array([8990]), np.array([9000]))
    assert read_steps(it.network, inputs, long.offsets, block).shape == (10, 3)
    assert [s[:2] for s in seen] == [(4096, 1), (4096, 1), (808, 1)]
    seen.clear()
    many = series(*[1500] * 300)
    block = Block(np.full(300, 3), np.full(300, 1500))
    read_steps(it.network, torch.zeros(450_000, it.inputs.shape[1]), many.offsets, block)
    assert [s[:2] for s in seen] == [(1024, 256), (476, 256), (1500, 44)]
