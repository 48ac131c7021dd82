"""Nothing that a model is tested on may reach it, to the bit; the same seed gives the same bits."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch

from selfloop.data import Sequences, load
from selfloop.results.study import Curve
from selfloop.train.fitter import Fitter
from train_samples import (
    CLOSED_CLASSIFIERS,
    NETWORKS,
    classify_fitter,
    forecast_fitter,
    known,
    option_for,
    same_weights,
    series,
)

SHOWN: list[dict[str, Any]] = [
    {"kind": "changes", "log": False, "season": 1, "skip": False},
    {"kind": "both", "log": True, "season": 4, "skip": True},
    {"kind": "level", "log": False, "season": 4, "skip": True},
    {"kind": "seasonal changes", "log": True, "season": 4, "skip": False},
]
EACH = [pytest.param(c, s, id=f"{c}-{s['kind']}") for c, s in product(NETWORKS, SHOWN)]


def after(data: Sequences, stops: np.ndarray) -> Sequences:
    """The same data but for what comes from step `stops[k]` of each series on."""
    changed = data.take(np.arange(len(data)))
    for k, stop in enumerate(stops):
        rest = len(changed[k]) - stop
        changed[k][stop:] = series(rest, seed=99)[0] * 1e4
    return changed


def curves(curve: Curve) -> tuple[Any, ...]:
    return curve.train, curve.valid, curve.best_epoch


@pytest.mark.parametrize(("candidate", "shown"), EACH)
def test_what_comes_after_the_training_part_reaches_no_network(candidate: str, shown: dict[str, Any]) -> None:
    fitter = forecast_fitter(**shown)
    changed = after(fitter.data, fitter.fold.train)
    for k, stop in enumerate(fitter.fold.train):
        changed[k][stop:] *= -1  # nor does it decide whether a logarithm is possible
    other = forecast_fitter(changed, **shown)
    assert np.array_equal(fitter.fold.train, other.fold.train)
    model, run = fitter.train(candidate, option_for(candidate), 0)
    model_2, run_2 = other.train(candidate, option_for(candidate), 0)
    assert same_weights(model.network, model_2.network)
    assert curves(run.curve) == curves(run_2.curve)
    assert run.valid == run_2.valid
    pipeline: Any = model.pipeline
    pipeline_2: Any = model_2.pipeline
    for name, scale in pipeline.fitted.scales.items():
        for part in ("level", "spread", "change", "seasonal", "answer", "floor"):
            assert np.array_equal(getattr(scale, part), getattr(pipeline_2.fitted.scales[name], part))
    if shown["skip"]:
        assert np.array_equal(pipeline.skip.weight, pipeline_2.skip.weight)
        assert np.array_equal(pipeline.skip.bias, pipeline_2.skip.bias)
    scores, arrays = fitter.test(model)
    other_scores, other_arrays = other.test(model_2)
    first = [0, len(fitter.fold.test.steps()[0])]  # made at the end of the training part, where nothing has changed yet
    assert np.array_equal(arrays["test"][first], other_arrays["test"][first])
    assert scores != other_scores, "the test itself must see the change"


@pytest.mark.parametrize(("candidate", "shown"), EACH)
def test_no_forecast_depends_on_what_comes_after_its_origin(candidate: str, shown: dict[str, Any]) -> None:
    fitter = forecast_fitter(**shown)
    model, _ = fitter.train(candidate, option_for(candidate), 0)
    torch.nn.init.normal_(model.network.head.weight)  # if no epoch was better than the start it is zero, and hides all
    block, steps = fitter.fold.test, 4
    before = model.predict(fitter.data, block)
    changed = model.predict(after(fitter.data, block.first + steps), block)
    second = len(block.steps()[0])
    early = [*range(steps), *range(second, second + steps)]
    late = [row for row in range(len(block)) if row not in early]
    assert np.array_equal(before[early], changed[early])
    assert not (before[late] == changed[late]).all(1).any()


@pytest.mark.parametrize("candidate", NETWORKS)
def test_validation_is_not_learnt_from_it_only_stops(candidate: str) -> None:
    fitter = forecast_fitter(epochs=1, patience=1)
    other = forecast_fitter(after(fitter.data, fitter.fold.fit), epochs=1, patience=1)
    _, run = fitter.train(candidate, option_for(candidate), 0)
    _, run_2 = other.train(candidate, option_for(candidate), 0)
    assert run.curve.train == run_2.curve.train
    assert run.valid != run_2.valid


@pytest.mark.parametrize("candidate", ["naive", "seasonal_naive", "ridge_ar"])
def test_what_comes_after_the_training_part_reaches_no_baseline(candidate: str) -> None:
    fitter = forecast_fitter()
    changed = after(fitter.data, fitter.fold.train)
    for k, stop in enumerate(fitter.fold.train):
        changed[k][stop:] *= -1  # nor does it decide whether a logarithm is possible
    other = forecast_fitter(changed)
    row = fitter.closed_form(candidate)
    (model, settings), (model_2, settings_2) = fitter.fit(row), other.fit(row)
    assert settings == settings_2
    got = model.predict(known(fitter), fitter.fold.valid)
    assert np.array_equal(got, model_2.predict(known(fitter), fitter.fold.valid))


@pytest.mark.parametrize("candidate", [*NETWORKS, *CLOSED_CLASSIFIERS])
def test_no_test_case_reaches_a_classifier_neither_its_values_nor_its_length_nor_its_label(candidate: str) -> None:
    fitter = classify_fitter(window=None)
    fold, data = fitter.fold, fitter.data
    arrays = [data[k].copy() for k in range(len(data))]
    labels = [data.classes[k] for k in data.labels]
    for k in fold.test:
        arrays[k] = 1e3 * np.random.default_rng(k).normal(size=(40 + k, 2))
        labels[k] = data.classes[(data.labels[k] + 1) % 3]
    other = replace(fitter, data=load(arrays, labels=labels, axes="steps,channels"))
    assert other.data.classes == data.classes
    assert fitter.options("feed_forward") == other.options("feed_forward")
    train = np.concatenate([fold.fit, fold.valid])
    if candidate in CLOSED_CLASSIFIERS:
        row = fitter.closed_form(candidate)
        (model, settings), (model_2, settings_2) = fitter.fit(row), other.fit(row)
        assert settings == settings_2
    else:
        model, run = fitter.train(candidate, option_for(candidate), 0)
        model_2, run_2 = other.train(candidate, option_for(candidate), 0)
        assert same_weights(model.network, model_2.network)
        pipeline: Any = model.pipeline
        pipeline_2: Any = model_2.pipeline
        assert np.array_equal(pipeline.scaler.mean, pipeline_2.scaler.mean)
        assert np.array_equal(pipeline.scaler.deviation, pipeline_2.scaler.deviation)
        assert curves(run.curve) == curves(run_2.curve)
    assert np.array_equal(model.predict(data, train), model_2.predict(other.data, train))
    if candidate != "majority":  # it sees nothing but labels, whose counts have stayed
        assert fitter.test(model)[0] != other.test(model_2)[0]


@pytest.mark.parametrize("candidate", NETWORKS)
def test_the_same_seed_gives_the_same_bits_and_another_does_not(candidate: str) -> None:
    for fitter in (forecast_fitter(), classify_fitter()):
        a, b, c = (fitter.train(candidate, option_for(candidate), seed) for seed in (0, 0, 1))
        assert same_weights(a[0].network, b[0].network)
        assert curves(a[1].curve) == curves(b[1].curve)
        assert not same_weights(a[0].network, c[0].network)


@pytest.mark.parametrize("make", [forecast_fitter, classify_fitter])
@pytest.mark.parametrize("candidate", ["gru", "feed_forward"])
def test_refitting_learns_from_everything(make: Callable[[], Fitter], candidate: str) -> None:
    fitter = make()
    a = fitter.refit(candidate, option_for(candidate), 2, 0)[0]
    assert same_weights(a.network, fitter.refit(candidate, option_for(candidate), 2, 0)[0].network)
    changed = fitter.data.take(np.arange(len(fitter.data)))
    changed.values[-1] += 1  # the last step of the last sequence
    b = replace(fitter, data=changed).refit(candidate, option_for(candidate), 2, 0)[0]
    assert not same_weights(a.network, b.network)
