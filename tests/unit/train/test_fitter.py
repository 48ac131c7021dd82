"""Each candidate on one fold: what is tried, what an untrained network says, how it is counted and scored."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from selfloop.data.sequences import Floats, Sequences
from selfloop.tasks.forecast.baselines import Naive
from selfloop.tasks.forecast.task import Forecast
from selfloop.tasks.places import Block
from selfloop.train.model import NetworkModel
from train_samples import (
    HIDDEN,
    NETWORKS,
    cases,
    classify_fitter,
    forecast_fitter,
    known,
    linear_skip,
    option_for,
)


@pytest.mark.parametrize("kind", ["changes", "level", "both", "seasonal changes"])
def test_an_untrained_network_says_no_change_or_what_its_linear_skip_says(kind: str) -> None:
    plain = forecast_fitter(kind=kind)
    model, _ = replace(plain, budget=replace(plain.budget, epochs=0)).train("gru", option_for("gru"), 0)
    got = model.predict(plain.data, plain.fold.test)
    if kind == "level":
        expected = [known(plain)[k][: plain.fold.fit[k], 0].mean() for k in plain.fold.test.series()]
        np.testing.assert_allclose(got, np.array(expected)[:, None].repeat(3, 1), rtol=1e-12)
    else:
        season = 4 if kind == "seasonal changes" else 1
        np.testing.assert_allclose(got, Naive(season, 3).predict(plain.data, plain.fold.test), rtol=1e-12)
    skipped = forecast_fitter(kind=kind, skip=True, epochs=0)
    model, _ = skipped.train("gru", option_for("gru"), 0)
    got = model.predict(skipped.data, skipped.fold.test)
    np.testing.assert_allclose(got, linear_skip(skipped).predict(skipped.data, skipped.fold.test), rtol=1e-12)


@pytest.mark.parametrize("candidate", NETWORKS)
def test_counts_and_settings(candidate: str) -> None:
    fitter = forecast_fitter(skip=True)
    model, run = fitter.train(candidate, option_for(candidate), 0)
    network, skip = sum(p.numel() for p in model.network.parameters()), linear_skip(fitter)
    assert model.parameters == network + skip.parameters
    assert model.operations == model.network.encoder.operations + 3 * option_for(candidate).hidden_size + (
        skip.operations
    )
    assert run.curve.best_epoch <= 3
    assert np.isfinite(model.predict(fitter.data, fitter.fold.test)).all()


def test_the_feed_forward_network_is_tried_on_a_few_windows_and_sizes_then_on_other_rates() -> None:
    fitter = forecast_fitter(learning_rates=(0.001, 0.003, 0.01), window=None)
    first, rates = fitter.options("feed_forward")
    assert {o.learning_rate for o in first} == {0.003}
    assert rates == (0.001, 0.01)
    assert len({o.window for o in first}) == 3
    assert {o.hidden_size for o in first} == {16, 64}
    recurrent, more = fitter.options("lstm")
    assert [o.learning_rate for o in recurrent] == [0.001, 0.003, 0.01]
    assert {o.hidden_size for o in recurrent} == {HIDDEN["lstm"]}
    assert more == ()


def test_windows_are_parts_of_the_longest_training_sequence() -> None:
    fitter = classify_fitter(cases(60), learning_rates=(0.001, 0.01, 0.1), window=None)
    longest = max(fitter.data.lengths[fitter.fold.fit])
    first, rates = fitter.options("feed_forward")
    assert {o.window for o in first} == {longest, longest // 2, longest // 4}
    assert {o.hidden_size for o in first} == {32, 128}
    assert rates == (0.001, 0.1)
    assert {o.window for o in classify_fitter(window=4).options("feed_forward")[0]} == {4}


@pytest.mark.parametrize("candidate", [*NETWORKS, "seasonal_naive", "ridge_ar"])
def test_the_test_block_is_forecast_once_and_scored(candidate: str) -> None:
    fitter = forecast_fitter(skip=True, kind="both", log=True)
    task, fold = fitter.task, fitter.fold
    assert isinstance(task, Forecast)
    row = fitter.closed_form(candidate)
    assert (row is None) == (candidate in NETWORKS)
    model, _ = fitter.train(candidate, option_for(candidate), 0) if row is None else fitter.fit(row)
    calls: list[Block] = []

    def predict(data: Sequences, block: Block) -> Floats:
        calls.append(block)
        return model.predict(data, block)

    passes: Any = SimpleNamespace(predict=predict)
    scores, arrays = fitter.test(passes)
    assert len(calls) == 1
    tested = model.predict(fitter.data, fold.test)
    assert sorted(arrays) == ["test"]
    np.testing.assert_allclose(arrays["test"], tested, rtol=1e-5)  # float32
    expected = task.score(fitter.data, fold.train, fold.test, tested)
    assert scores == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("candidate", NETWORKS)
@pytest.mark.parametrize("skip", [True, False])
def test_what_networks_start_from_needs_no_network(candidate: str, skip: bool) -> None:
    """The oracle: a real network of each kind before its first update, whose head is zero."""
    fitter = forecast_fitter(skip=skip, kind="both", log=True)
    problem = fitter.problem(candidate, option_for(candidate), 3, fitter.material)
    untrained = NetworkModel(fitter.material.pipeline, problem.network.eval(), fitter.output)
    where = fitter.fold.test
    np.testing.assert_allclose(
        fitter.start.predict(fitter.data, where), untrained.predict(fitter.data, where), rtol=1e-12
    )
