"""Model files that an earlier version wrote: each opens, predicts what it predicted then, and can be saved again."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import safetensors
import torch

from selfloop.data import Sequences
from selfloop.models.predictor import Predictor
from selfloop.tasks.places import Block
from selfloop.train.encoder import RecurrentEncoder
from selfloop.train.model import NetworkModel
from selfloop.train.read import Batches, read_cases, read_steps
from selfloop.train.saved import load_model
from train_samples import cases, series

GOLDEN = Path(__file__).parents[2] / "golden" / "models"
NAMES = sorted(path.stem for path in GOLDEN.glob("*.safetensors"))
DOUBLE = 1e-12  # relative: closed forms are sums of some fifty products in float64, and one exponential


def data_of(name: str) -> Sequences:
    """What the predictions are of."""
    return series(90, 117) if name.startswith("forecast") else cases(23, seed=5)


@torch.no_grad()
def largest(model: NetworkModel, data: Sequences) -> float:
    """The sum of |w| |x| behind a score, the largest of them: what its roundings are relative to."""
    network, block = copy.deepcopy(model.network), Block(data.lengths - 1, data.lengths)
    for weight in network.parameters():
        weight.abs_()
    everything = np.arange(len(data))
    where = block if network.readout == "step" else everything
    inputs = np.abs(model.pipeline.apply(data, where).inputs).astype(np.float32)
    if isinstance(network.encoder, RecurrentEncoder):
        return behind_a_state(network.encoder, torch.from_numpy(inputs.max(0))) * float(
            (network.head.weight.sum(1) + network.head.bias).max()
        )
    if network.readout == "step":
        return float(read_steps(network, torch.from_numpy(inputs), data.offsets, block).max())
    return float(read_cases(network, Batches(inputs.astype(np.float64), data.offsets), everything).max())


def behind_a_state(encoder: RecurrentEncoder, most: torch.Tensor) -> float:
    """The same behind a gate of any layer, of weights that are not negative; every h and so every x above is within ±1.

    Args:
        encoder: with such weights.
        most: (I,) largest |x| of each column.
    """
    found = 1.0
    for layer in encoder.layers:
        weights = dict(layer.named_parameters())
        for end in ("_l0", "_l0_reverse") if layer.bidirectional else ("_l0",):
            of_x, of_h = weights[f"weight_ih{end}"] @ most, weights[f"weight_hh{end}"].sum(1)
            found = max(found, float((of_x + of_h + weights[f"bias_ih{end}"] + weights[f"bias_hh{end}"]).max()))
        most = torch.ones(encoder.output_size)
    return found


def score_error(model: NetworkModel, data: Sequences) -> float:
    """How far apart two float32 evaluations of the scores may be.

    A score is made of so many roundings as there are products on the way to one of its terms, in every layer of every
    step that is read. They are as good as independent, so that their sum grows with the square root of their number
    (Higham & Mary 2019): four standard deviations of it, for each of the two. What a step adds shrinks on its way or
    stays: see test_encoder.
    """
    encoder = model.network.encoder
    products = sum(weight[0].numel() for weight in encoder.parameters() if weight.dim() > 1)
    steps = int(data.lengths.max()) if isinstance(encoder, RecurrentEncoder) else 1
    count = products * steps + encoder.output_size
    return 8 * 2**-24 * np.sqrt(count) * largest(model, data)


def may_differ(predictor: Predictor, data: Sequences, golden: pl.DataFrame) -> np.ndarray:
    """(rows, 1) how far off each row of numbers may be, in its own units."""
    numbers = golden.select(pl.col(pl.Float64)).to_numpy()
    rounding = DOUBLE * np.abs(numbers).max(axis=1, keepdims=True)
    model = predictor.model
    if not isinstance(model, NetworkModel):
        return rounding
    error = score_error(model, data)
    if predictor.card.task == "classify":
        return rounding + error / 2  # |dp| = p |ds − Σ p ds| ≤ 2 p (1 − p) max |ds|
    pipeline: Any = model.pipeline
    task: Any = predictor.task
    fitted = pipeline.fitted
    units = np.repeat([fitted.scales[name].answer for name in data.ids], task.horizon)[:, None]
    size = golden["selfloop"].to_numpy()[:, None] if fitted.treatment.log else 1.0  # d exp(z) = exp(z) dz
    return rounding + error * units * size


def test_there_is_one_of_every_kind() -> None:
    kinds = ["gru", "lstm", "naive", "ridge", "rnn", "seasonal-naive", "window"]
    assert [name for name in NAMES if name.startswith("forecast")] == [f"forecast-{kind}" for kind in kinds]
    kinds = ["gru", "lstm", "majority", "nearest", "random-convolutions", "ridge-raw", "rnn", "summary", "window"]
    assert [name for name in NAMES if name.startswith("classify")] == [f"classify-{kind}" for kind in kinds]


@pytest.mark.parametrize("name", NAMES)
def test_it_predicts_what_it_predicted_and_can_be_saved_again(name: str, tmp_path: Path) -> None:
    predictor, data = load_model(GOLDEN / f"{name}.safetensors"), data_of(name)
    golden, got = pl.read_parquet(GOLDEN / f"{name}.parquet"), predictor.predict(data)
    assert got.schema == golden.schema
    assert got.select(pl.exclude(pl.Float64)).equals(golden.select(pl.exclude(pl.Float64)))
    numbers, expected = (frame.select(pl.col(pl.Float64)).to_numpy() for frame in (got, golden))
    assert (np.abs(numbers - expected) <= may_differ(predictor, data, golden)).all()
    again = load_model(predictor.save(tmp_path / "again.safetensors"))
    assert again.card == predictor.card
    assert again.predict(data).equals(got)
    with safetensors.safe_open(tmp_path / "again.safetensors", framework="numpy") as file:
        names = set(file.keys())
    assert ("half_widths" in names) == name.startswith("forecast")
    assert not any(each.startswith(("quantiles", "network.first", "network.second")) for each in names)


@pytest.mark.parametrize("name", [name for name in NAMES if "naive" not in name])
def test_the_bound_can_fail(name: str) -> None:
    """It is below a hundredth of what predictions, of barely trained networks, differ by."""
    predictor, data = load_model(GOLDEN / f"{name}.safetensors"), data_of(name)
    golden = pl.read_parquet(GOLDEN / f"{name}.parquet")
    column = "selfloop" if name.startswith("forecast") else "p_class 0"
    spread = 1.0 if name == "classify-majority" else float(golden[column].to_numpy().std())
    assert may_differ(predictor, data, golden).max() < spread / 100
