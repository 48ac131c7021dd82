"""Tracing what a study leaves behind: a saved model's path, or the predictor itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

import selfloop
from selfloop.errors import ModelFileError, SettingsError
from train_samples import HIDDEN, cases, made, series


def predictor_data(task: str) -> object:
    return series(40, 31) if task == "forecast" else cases(6)


@pytest.mark.parametrize("task", ["forecast", "classify"])
@pytest.mark.parametrize("candidate", ["rnn", "lstm", "gru"])
def test_a_saved_model_and_the_predictor_itself(task: str, candidate: str, tmp_path: Path) -> None:
    predictor, data = made(task, candidate), predictor_data(task)
    expected = predictor.predict(data)
    found = []
    for model in (predictor, path := predictor.save(tmp_path / "model.safetensors"), str(path)):
        with selfloop.trace(model) as t:
            assert t.predictor is not None
            assert t.predictor.predict(data).equals(expected)
        assert list(t) == ["encoder.layers.0"]
        traced: Any = t.predictor.model
        assert t.model is traced.network
        found.append(torch.cat([call.at().hidden.flatten() for call in t["encoder.layers.0"].calls]))
        assert t["encoder.layers.0"].at().hidden.shape[-1] == HIDDEN[candidate]
    assert torch.equal(found[0], found[1])
    assert torch.equal(found[0], found[2])


@pytest.mark.parametrize(
    ("task", "candidate"), [("forecast", "naive"), ("classify", "summary"), ("forecast", "feed_forward")]
)
def test_a_model_without_a_self_loop(task: str, candidate: str) -> None:
    with pytest.raises(
        SettingsError, match=r"has no recurrent layer to look inside; expected an RNN, LSTM or GRU: take"
    ):
        selfloop.trace(made(task, candidate))


def test_a_path_to_nothing() -> None:
    with pytest.raises(ModelFileError, match="does not exist"):
        selfloop.trace("no-such-model.safetensors")


def test_a_module_alone_has_no_predictor() -> None:
    assert selfloop.trace(selfloop.nn.RNN(2, 3)).predictor is None
