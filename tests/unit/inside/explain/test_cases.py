"""What every quantity is measured on: windows that start where the model was, and pasts that are replaced."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from selfloop.data import load
from selfloop.errors import DataError
from selfloop.inside.explain.cases import Cases
from selfloop.inside.explain.measure import insight_of, partners
from selfloop.inside.explain.sample import cases_of, sampled, windows
from selfloop.tasks.cases import CasePipeline
from selfloop.tasks.classify.task import Classify
from selfloop.tasks.forecast.task import Forecast
from selfloop.tasks.output import Classes
from selfloop.tasks.scaler import Scaler
from selfloop.tracing.quantities import replaced
from selfloop.train.encoder import RecurrentEncoder
from selfloop.train.model import NetworkModel
from selfloop.train.network import Network
from train_samples import cases, made, series


def unscaled(network: Network, channels: int) -> NetworkModel:
    """A classifier that reads its channels as they are."""
    scaler = Scaler(np.zeros(channels), np.ones(channels))
    return NetworkModel(CasePipeline(scaler), network, Classes(network.head.out_features))


@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru"])
def test_a_window_starts_from_the_state_that_the_whole_sequence_led_to(kind: str) -> None:
    torch.manual_seed(0)
    encoder = RecurrentEncoder(kind, 2, 5, layers=2, both=False)
    inputs = torch.randn(11 + 30, 2)
    firsts, stops = np.array([11, 0, 11, 11, 0]), np.array([40, 9, 41, 15, 11])
    seen = windows(Network(encoder, "last", Classes(2)), inputs, firsts, stops, 7)
    assert seen.lengths.tolist() == [7, 7, 7, 4, 7]
    assert seen.skipped.tolist() == [22, 2, 23, 0, 4]
    with torch.no_grad():
        features, _ = encoder(seen.inputs, seen.starts, seen.lengths)
        for k, (first, stop) in enumerate(zip(firsts, stops, strict=True)):
            whole, _ = encoder(inputs[first:stop, None])
            steps = int(seen.lengths[k])
            assert torch.equal(features[:steps, k], whole[-steps:, 0]), k
            torch.testing.assert_close(seen.earlier[k], whole[:-steps, 0].sum(0), rtol=0, atol=1e-5)


@pytest.mark.parametrize("pool", ["last", "mean"])
def test_losses_in_windows_are_those_of_the_whole_sequences(pool: Any) -> None:
    torch.manual_seed(0)
    network = Network(RecurrentEncoder("gru", 2, 5, layers=1, both=False), pool, Classes(3))
    rng = np.random.default_rng(0)
    data = load([rng.normal(size=(n, 2)) for n in (13, 4, 22, 9)], labels=["a", "b", "c", "a"])
    model = unscaled(network, 2)
    for window in (500, 6):
        some = sampled(Classify(), model, data, window)
        with torch.no_grad():
            each = (network(torch.tensor(one).float()[:, None], None, torch.tensor([len(one)])) for one in data)
            scores = torch.cat([score for score, _ in each])
        wanted = functional.cross_entropy(scores, torch.tensor(data.labels), reduction="none")
        torch.testing.assert_close(some.losses().detach(), wanted, rtol=0, atol=1e-6)


def test_a_past_that_reaches_no_further_back_is_left_alone() -> None:
    some = small(window=6)
    own = some.losses()
    steps, sequences = map(torch.from_numpy, replaced(some.lengths.numpy(), 5, np.array([1, 2, 0])))
    kept = some.with_past(steps, sequences, None)
    assert torch.equal(kept.losses(), own)


def test_a_replaced_past_is_the_others_state_and_inputs() -> None:
    """Replacing all but the last step is running the other sequence up to there, and then the own last step."""
    some = small(window=6)
    other = np.array([1, 2, 0])
    steps, sequences = map(torch.from_numpy, replaced(some.lengths.numpy(), 0, other))
    changed = some.with_past(steps, sequences, torch.from_numpy(other))
    by_hand = torch.cat([some.inputs[:-1, torch.from_numpy(other)], some.inputs[-1:]])
    with torch.no_grad():
        starts = [tuple(state[:, torch.from_numpy(other)] for state in states) for states in some.starts]
        _, after = some.encoder(by_hand, starts)
        wanted = functional.cross_entropy(some.network.head(some.encoder.last(after)), some.targets, reduction="none")
    torch.testing.assert_close(changed.losses().detach(), wanted, rtol=0, atol=0)


def small(window: int) -> Cases:
    torch.manual_seed(1)
    network = Network(RecurrentEncoder("lstm", 2, 5, layers=1, both=False), "last", Classes(3))
    rng = np.random.default_rng(1)
    data = load([rng.normal(size=(n, 2)) for n in (13, 19, 22)], labels=["a", "b", "c"])
    return sampled(Classify(), unscaled(network, 2), data, window)


def test_a_past_comes_from_another_that_is_long_enough() -> None:
    """Any of them; the longest one alone has to take what is left."""
    lengths, rng = np.array([5, 3, 9, 3, 7]), np.random.default_rng(0)
    seen: list[set[int]] = [set() for _ in range(5)]
    for _ in range(100):
        other = partners(lengths, rng)
        for k, found in enumerate(other.tolist()):
            seen[k].add(found)
    assert seen == [{2, 4}, {0, 2, 3, 4}, {4}, {0, 1, 2, 4}, {2}]
    assert sorted(partners(np.array([4, 4]), rng).tolist()) == [0, 1]


def test_one_case_has_no_other_past_and_so_no_horizon() -> None:
    torch.manual_seed(1)
    network = Network(RecurrentEncoder("lstm", 2, 5, layers=1, both=False), "last", Classes(2))
    model = unscaled(network, 2)
    found = insight_of(sampled(Classify(), model, load([np.zeros((4, 2))], axes="steps,channels"), 500), "lstm", "LSTM")
    assert found.horizon is None
    assert found.no_horizon.startswith("There is one sequence alone")
    assert found.gradient is not None


@pytest.mark.parametrize(("labels", "wanted"), [(None, None), (["a"] * 3, None), (["a", "b", "b"], 0.6365)])
def test_frequencies_are_a_baseline_only_of_several_known_classes(labels: list[str], wanted: float | None) -> None:
    torch.manual_seed(1)
    network = Network(RecurrentEncoder("gru", 2, 5, layers=1, both=False), "last", Classes(2))
    model = unscaled(network, 2)
    some = sampled(Classify(), model, load([np.zeros((4, 2))] * 3, labels=labels, axes="steps,channels"), 500)
    assert some.ignorant() == pytest.approx(wanted, abs=1e-4)


def test_losses_are_compared_only_where_the_same_is_asked() -> None:
    data = series(90, 117)
    plain, other = (cases_of(made("forecast", "gru", kind=kind), data, 8) for kind in ("both", "level"))
    beside = cases_of(made("forecast", "gru", kind="both", skip=True), data, 8)
    assert [plain.baseline, other.baseline, beside.baseline] == [
        "forecasting no change", "forecasting the mean of what it learnt from", "the linear model beside it alone",
    ]  # fmt: skip
    assert plain.comparable(cases_of(made("forecast", "lstm", kind="both"), data, 8))
    assert plain.comparable(beside)
    assert not plain.comparable(other)
    unlabelled = cases_of(made("classify", "gru"), load(list(cases()), axes="steps,channels"), 8)
    assert not unlabelled.comparable(unlabelled)


def test_a_lower_layer_that_remembers_carries_the_signal() -> None:
    """The first layer keeps what it has, the last one forgets at once: the signal does not end with it."""
    network = Network(RecurrentEncoder("rnn", 1, 1, layers=2, both=False), "last", Classes(2))
    layers: Any = network.encoder.layers
    first, last = layers
    with torch.no_grad():
        for weight in network.parameters():
            weight.fill_(0)
        first.weight_hh_l0.fill_(1)
        last.weight_ih_l0.fill_(1)
        network.head.weight.copy_(torch.tensor([[1.0], [-1.0]]))
    model = unscaled(network, 1)
    some = sampled(Classify(), model, load([np.zeros((8, 1))] * 2, labels=["a", "b"]), 500)
    values = insight_of(some, "rnn", "RNN").gradient.values
    assert values == pytest.approx([2**0.5, *[1.0] * 7])  # all states are 0, where tanh has a slope of 1; |dL/dh| is 1


def test_one_class_alone_has_no_horizon() -> None:
    """Another's past leads to the same answer, so that nothing would seem to depend on it."""
    some = small(window=6)
    found = insight_of(replace(some, targets=torch.ones_like(some.targets)), "lstm", "LSTM")
    assert found.horizon is None
    assert found.no_horizon.startswith("All answers are of one class")


def test_a_diverged_model_has_no_horizon_and_no_gradient() -> None:
    some = small(window=6)
    with torch.no_grad():
        some.network.head.bias.fill_(torch.nan)
    found = insight_of(some, "lstm", "LSTM")
    assert (found.horizon, found.gradient) == (None, None)
    assert "not a finite number" in found.no_horizon


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("task", ["forecast", "classify"])
def test_every_kind_of_model_can_be_measured(cell: str, task: str) -> None:
    predictor = made(task, cell) if task == "forecast" else made(task, cell, direction="one")
    data = series(90, 117) if task == "forecast" else cases()
    found = insight_of(cases_of(predictor, data, 8), cell, cell.upper())
    assert found.gradient is not None
    assert found.horizon is not None
    assert len(found.time_constants) == (0 if cell == "rnn" else found.hidden_size)
    assert [gate.symbol for gate in found.saturation] == {"rnn": [], "lstm": ["i", "f", "o"], "gru": ["r", "z"]}[cell]
    assert np.isfinite(found.loss)


def test_a_series_without_any_known_future_is_refused() -> None:
    predictor = made("forecast", "gru")
    task = predictor.task
    assert isinstance(task, Forecast)
    with pytest.raises(DataError, match="more are known"):
        cases_of(predictor, series(task.season + task.horizon), 8)
