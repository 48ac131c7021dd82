"""Microseconds for one new step: what answering as the data come in would cost."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import numpy as np
import torch

from selfloop.data.sequences import Floats
from selfloop.tasks.classify.baselines import SummaryClassifier
from selfloop.tasks.forecast.baselines import RidgeForecaster
from selfloop.train.classifying import NetworkClassifier, SequenceClassifier
from selfloop.train.forecasting import NetworkForecaster

REPEATS = 60


def step_microseconds(step: Callable[[], object], clock: Callable[[], int] = time.perf_counter_ns) -> float:
    """Median time of a call by a clock of nanoseconds, after a warm-up, without gradients."""
    with torch.no_grad():
        for _ in range(5):
            step()
        times = []
        for _ in range(REPEATS):
            start = clock()
            step()
            times.append(clock() - start)
    return median(times) / 1000


def step_of(model: object) -> Callable[[], object]:
    """The arithmetic of one new step of a trained model, on zeros; reading and scaling the data are left out.

    For a model that reads in both directions it is one step of each.
    """
    if isinstance(model, NetworkForecaster):
        return _forecast_step(model)
    if isinstance(model, NetworkClassifier):
        return _classify_step(model)
    if isinstance(model, RidgeForecaster):
        return _linear_step(model.model.weight, model.model.bias)
    if isinstance(model, SummaryClassifier):
        return _linear_step(model.weight, model.bias)
    return lambda: None


def _linear_step(weight: Floats, bias: Floats) -> Callable[[], object]:
    x = np.zeros(weight.shape[1])
    return lambda: weight @ x + bias


def _forecast_step(model: NetworkForecaster) -> Callable[[], object]:
    x = torch.zeros(1, 1, model.network.encoder.input_size)
    _, state = model.network(x)
    skip = _linear_step(model.skip.model.weight, model.skip.model.bias) if model.skip else lambda: None
    return lambda: (model.network(x, state), skip())


def _classify_step(model: NetworkClassifier) -> Callable[[], object]:
    network = model.network
    if isinstance(network, SequenceClassifier):
        x = torch.zeros(1, 1, network.encoder.input_size)
        _, state = network.encoder(x)
        return lambda: network.head(network.encoder(x, state)[0])
    x, length = torch.zeros(network.window, 1, len(model.scaler.mean)), torch.tensor([network.window])
    return lambda: network(x, length)
