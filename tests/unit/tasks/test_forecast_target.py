"""The target is the column that was named, wherever it stands: with columns swapped, the forecasts stay the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch

import selfloop
from selfloop.data import Columns, Sequences
from selfloop.results.study import Candidate
from selfloop.study.refit import refit
from selfloop.tasks.forecast.season import infer_season
from selfloop.tasks.forecast.treatment import KINDS
from selfloop.tasks.model import Signature
from selfloop.tasks.task import Experiment
from selfloop.train.fitter import Fitter
from selfloop.train.saved import load_model
from train_samples import NETWORKS, carried_problem, forecast_fitter, known, option_for, series

COLUMNS = Columns(id="id", target="sales", inputs=("price",))
FIRST = replace(series(90, 117), channels=("sales", "price"), columns=COLUMNS)
SECOND = replace(FIRST, values=FIRST.values[:, ::-1].copy(), channels=("price", "sales"))
# A sum of some hundred products in another order, and an eigendecomposition that squares the condition number.
ORDER: dict[str, Any] = {"rtol": 1e-8}


def fitters(**settings: Any) -> tuple[Fitter, Fitter]:
    return forecast_fitter(FIRST, **settings), forecast_fitter(SECOND, **settings)


def as_table() -> pl.DataFrame:
    """Both series with their names, the target in the middle."""
    names = np.repeat(SECOND.ids, SECOND.lengths)
    return pl.DataFrame({"price": SECOND.values[:, 0], "sales": SECOND.values[:, 1], "id": names})


def swapped(fitter: Fitter) -> list[int]:
    """Where each column of the first data's inputs stands in the second's: the channels' columns change places."""
    pipeline: Any = fitter.material.pipeline
    each = pipeline.fitted.treatment
    count, width = len(each.columns), each.features(2)
    return [*range(count, 2 * count), *range(count), *range(2 * count, width)]


def test_the_target_is_the_column_that_was_named() -> None:
    assert (FIRST.target, SECOND.target) == (0, 1)
    assert replace(SECOND, columns=Columns()).target == 0, "of plain arrays the first one"
    seasonal = np.column_stack([np.random.default_rng(0).normal(size=96), np.tile([0.0, 1, 5, 2], 24)])
    data = Sequences("a", seasonal, np.array([0, 96]), ("x", "y"), ("1",), columns=Columns(target="y", inputs=("x",)))
    assert infer_season(data)[0] == 4
    assert infer_season(replace(data, columns=Columns(target="x", inputs=("y",))))[0] == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("log", [False, True])
def test_what_is_shown_and_asked(kind: str, log: bool) -> None:
    one, other = (fitter.material for fitter in fitters(kind=kind, log=log))
    order = swapped(forecast_fitter(FIRST, kind=kind, log=log))
    assert np.array_equal(one.inputs, other.inputs[:, order])
    assert not np.array_equal(one.inputs, other.inputs)
    np.testing.assert_array_equal(one.wanted, other.wanted)
    assert np.isfinite(one.wanted).any()


@pytest.mark.parametrize("candidate", ["naive", "seasonal_naive", "ridge_ar"])
def test_baselines(candidate: str) -> None:
    (one, scores), (other, scores_2) = (
        (model, fitter.test(model)) for fitter in fitters() for model, _ in [fitter.fit(fitter.closed_form(candidate))]
    )
    forecast = one.predict(FIRST, forecast_fitter(FIRST).fold.test)
    np.testing.assert_allclose(other.predict(SECOND, forecast_fitter(SECOND).fold.test), forecast, **ORDER)
    assert scores[0] == pytest.approx(scores_2[0], rel=1e-8)
    assert np.abs(forecast - FIRST.values[:, 0].mean()).mean() < np.abs(forecast - FIRST.values[:, 1].mean()).mean()


@pytest.mark.parametrize("candidate", NETWORKS)
@pytest.mark.parametrize(("kind", "log"), [("both", False), ("level", False), ("both", True)])
def test_a_network_with_its_input_weights_swapped(candidate: str, kind: str, log: bool) -> None:
    one, other = (carried_problem(each, candidate) for each in fitters(kind=kind, log=log, skip=True))
    order = swapped(fitters(kind=kind, log=log, skip=True)[0])
    weights = one.network.state_dict()
    name = "encoder.first.weight" if candidate == "feed_forward" else "encoder.layers.0.weight_ih_l0"
    turned = torch.empty_like(weights[name])
    turned[:, order] = weights[name]
    other.network.load_state_dict({**weights, name: turned})
    # float32, products in another order: see test_carried.
    assert other.validate() == pytest.approx(one.validate(), rel=1e-5)
    losses = [[float(loss.detach()) for loss in it.losses(np.random.default_rng(0))] for it in (one, other)]
    assert losses[1] == pytest.approx(losses[0], rel=1e-5)


@pytest.mark.parametrize("candidate", ["ridge_ar", "gru"])
def test_a_saved_model_forecasts_the_same_column(candidate: str, tmp_path: Path) -> None:
    fitter = forecast_fitter(SECOND, skip=True)
    chosen = (option_for(candidate), 2) if candidate in NETWORKS else None
    experiment = Experiment(fitter.task, SECOND, (fitter.fold,))
    predictor = refit(
        experiment, fitter.budget, Candidate(candidate, candidate, "baseline", True), chosen, None
    ).predictor
    assert predictor is not None
    again = load_model(predictor.save(tmp_path / "model.safetensors"))
    assert again.card.signature.target == 1
    got = again.predict(SECOND)
    assert got.equals(predictor.predict(SECOND))
    assert again.predict(as_table()).select("selfloop").equals(got.select("selfloop")), "a table's columns have names"
    for name, values in zip(SECOND.ids, SECOND, strict=True):
        found = got.filter(got["unique_id"] == name)["selfloop"].to_numpy()
        last = values[-12:, 1]
        assert 0.5 * last.min() < found.min() <= found.max() < 2 * last.max()


def test_what_is_looked_into() -> None:
    """Truth, wanted scores, their base and the sentence are of the column that was named."""
    views = []
    for fitter in fitters(kind="changes", skip=True):
        model, _ = fitter.train("gru", option_for("gru"), 0)
        second = fitter.data.take([1])
        view = fitter.task.view(model, second, Signature.of(second))
        asked = fitter.task.questions(model, fitter.data, 50, 0)
        said = fitter.task.headline(second, 40, view.labels, [("GRU", np.ones(3))])
        views.append((view, asked, said))
    (one, asked, said), (other, asked_2, said_2) = views
    np.testing.assert_array_equal(other.frame.truth(30, 60), one.frame.truth(30, 60))
    assert one.frame.truth(30, 60)[0].tolist() == FIRST[1][31:34, 0].tolist()
    np.testing.assert_allclose(other.frame.offset(30, 60), one.frame.offset(30, 60), **ORDER)
    np.testing.assert_allclose(other.frame.wanted(30, 60), one.frame.wanted(30, 60), rtol=1e-6, atol=1e-9)
    assert other.frame.scale == one.frame.scale
    np.testing.assert_allclose(asked_2.wanted, asked.wanted, rtol=1e-6, atol=1e-9)
    assert said_2 == said
    assert other.input_names[:2] == ("price change", "price seasonal")
    assert one.input_names[:2] == ("sales change", "sales seasonal")


@pytest.mark.usefixtures("charts_left_out")
def test_a_whole_study(tmp_path: Path) -> None:
    settings: dict[str, Any] = {
        "candidates": ("rnn",),
        "horizon": 3,
        "season": 4,
        "folds": 2,
        "seeds": 1,
        "epochs": 1,
        "workers": 1,
    }
    one, other = (
        selfloop.compare(data, out=tmp_path / data.channels[0], **settings, explain=False) for data in (FIRST, SECOND)
    )
    assert one.result.words == other.result.words
    assert other.result.words.target == "sales"
    for name in ("naive", "seasonal_naive", "ridge_ar"):
        scores, scores_2 = (
            [trial.metrics for trial in study.result.trials if trial.candidate == name] for study in (one, other)
        )
        for first, second in zip(scores, scores_2, strict=True):
            assert second == pytest.approx(first, rel=1e-8)
    assert all(example.target == "sales" for example in other.result.examples)
    assert [example.truth for example in other.result.examples] == [example.truth for example in one.result.examples]


def test_what_may_be_learnt_from_is_the_same() -> None:
    one, other = fitters()
    assert np.array_equal(known(one).values, known(other).values[:, ::-1])
