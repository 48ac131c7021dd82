"""A trained model as its user holds it."""

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from selfloop.data import Columns, load
from selfloop.errors import DataError
from selfloop.models.predictor import Predictor
from selfloop.tasks.places import Block
from selfloop.train.budget import Option
from train_samples import CLOSED_CLASSIFIERS, HALF_WIDTHS, cases, forecast_fitter, made, series


def monthly(ids: str, lengths: list[int], start: str = "2001-05") -> pl.DataFrame:
    """Long form, months."""
    data, frames = series(*lengths, seed=3), []
    for k, name in enumerate(ids):
        months = np.datetime64(start) + np.arange(lengths[k])
        frames.append(
            pl.DataFrame({"id": [name] * lengths[k], "when": months.astype("datetime64[us]")}).with_columns(
                sales=pl.Series(data[k][:, 0]), price=pl.Series(data[k][:, 1])
            )
        )
    return pl.concat(frames)


COLUMNS = Columns(id="id", time="when", target="sales", inputs=("price",))


@pytest.fixture(scope="module")
def model() -> Predictor:
    """Learnt from the monthly series A and B."""
    data = load(monthly("AB", [90, 117]), columns=COLUMNS)
    fitter = forecast_fitter(data)
    fitted = made("forecast", "gru")
    card = replace(fitted.card, columns=data.columns, channels=data.channels, every=data.every)
    learnt, _ = fitter.refit("gru", Option(0.01, fitted.card.hidden_size), 2, 0)
    assert learnt.fields()["series"] == ["A", "B"]
    return Predictor(card, fitter.task, learnt, HALF_WIDTHS)


def test_a_forecast_in_long_form_after_the_last_step_of_each_series(model: Predictor) -> None:
    frame = monthly("AB", [90, 117])
    got = model.predict(frame)
    assert got.columns == [
        "unique_id",
        "ds",
        "selfloop",
        "selfloop-lo-80",
        "selfloop-hi-80",
        "selfloop-lo-95",
        "selfloop-hi-95",
    ]
    assert got["unique_id"].to_list() == ["A"] * 3 + ["B"] * 3
    assert [f"{when:%Y-%m-%d}" for when in got["ds"]] == [
        *["2008-11-01", "2008-12-01", "2009-01-01"],
        *["2011-02-01", "2011-03-01", "2011-04-01"],
    ]
    data = load(frame, columns=COLUMNS)
    expected = model.model.predict(data, Block(data.lengths - 1, data.lengths))
    assert np.array_equal(got["selfloop"].to_numpy(), expected.ravel())


def test_intervals_are_the_half_widths_in_units_of_each_series_naive_error(model: Predictor) -> None:
    frame = monthly("AB", [90, 117])
    got = model.predict(frame)
    for name in "AB":
        values = frame.filter(pl.col("id") == name)["sales"].to_numpy()
        naive = np.mean([abs(values[t] - values[t - 4]) for t in range(4, len(values))])
        rows = got.filter(pl.col("unique_id") == name)
        for level, half in zip((80, 95), HALF_WIDTHS, strict=True):
            middle = rows["selfloop"].to_numpy()
            np.testing.assert_allclose(rows[f"selfloop-lo-{level}"].to_numpy(), middle - half * naive, rtol=1e-12)
            np.testing.assert_allclose(rows[f"selfloop-hi-{level}"].to_numpy(), middle + half * naive, rtol=1e-12)


def test_without_intervals(model: Predictor) -> None:
    got = Predictor(model.card, model.task, model.model).predict(monthly("A", [90]))
    assert got.columns == ["unique_id", "ds", "selfloop"]
    assert len(got) == 3


def test_a_series_never_met_is_measured_on_its_own_past(model: Predictor) -> None:
    """A hundred times as large: its forecast is in its own range, not in that of the series that were learnt from."""
    new = monthly("C", [60]).with_columns(pl.col("sales") * 100)
    got = model.predict(new)
    last: Any = new["sales"].tail(12)
    forecast: Any = got["selfloop"]
    assert got["unique_id"].to_list() == ["C"] * 3
    assert 0.3 * last.min() < forecast.min()
    assert forecast.max() < 3 * last.max()
    both = model.predict(pl.concat([monthly("A", [90]), new]))
    np.testing.assert_allclose(both["selfloop"].to_numpy()[3:], got["selfloop"].to_numpy(), rtol=1e-5)
    network: Any = model.model
    assert set(network.pipeline.fitted.scales) == {"A", "B"}, "the model itself has learnt nothing"


def test_the_past_alone_from_another_month_on_keeps_the_phase_of_the_year(model: Predictor) -> None:
    """With the state forgotten by then, leaving out the oldest 40 of 117 months changes little."""
    whole, frame = model.predict(monthly("AB", [90, 117])), monthly("AB", [90, 117])
    late = frame.filter(pl.col("when") >= pl.datetime(2004, 9, 1))
    cut = model.predict(late)
    network: Any = model.model
    scale = network.pipeline.fitted.scales["B"].answer
    np.testing.assert_allclose(cut["selfloop"].to_numpy()[3:], whole["selfloop"].to_numpy()[3:], atol=0.02 * scale)


def test_steps_are_counted_where_there_are_no_times() -> None:
    predictor = made("forecast", "naive")
    data = series(90, 117)
    got = predictor.predict(data)
    assert got["ds"].to_list() == [90, 91, 92, 117, 118, 119]
    assert got["unique_id"].to_list() == [data.ids[0]] * 3 + [data.ids[1]] * 3
    assert got["selfloop"].to_list() == [data[0][-1, 0]] * 3 + [data[1][-1, 0]] * 3


def test_data_with_other_columns(model: Predictor) -> None:
    frame = monthly("AB", [90, 117])
    with pytest.raises(DataError, match="Sales"):
        model.predict(frame.rename({"sales": "Sales"}))
    with pytest.raises(DataError, match="price"):
        model.predict(frame.drop("price"))
    with pytest.raises(DataError, match="has the channels sales, price; expected sales"):
        Predictor(replace(model.card, channels=("sales",)), model.task, model.model).predict(
            load(frame, columns=COLUMNS)
        )


def test_data_with_another_step(model: Predictor) -> None:
    days = (np.datetime64("2020-01-01") + np.arange(50)).astype("datetime64[us]")
    frame = pl.DataFrame({"id": ["A"] * 50, "when": days, "sales": np.arange(50.0) + 1, "price": np.arange(50.0)})
    with pytest.raises(DataError, match="has steps of 1d; this model learnt from steps of 1mo"):
        model.predict(frame)


@pytest.mark.parametrize("candidate", ["naive", "seasonal_naive", "ridge_ar", "gru", "feed_forward"])
def test_a_series_of_less_than_a_season(candidate: str) -> None:
    predictor = made("forecast", candidate)
    expected = (
        "^series '2' has 4 steps; this model forecasts from 5 or more, one season and a step: give more of its past"
    )
    data = series(30, 4)
    data = replace(data, ids=("1", "2"))
    with pytest.raises(DataError, match=expected):
        predictor.predict(data)
    assert np.isfinite(predictor.predict(series(30, 5))["selfloop"].to_numpy()).all()


@pytest.mark.parametrize("candidate", [*CLOSED_CLASSIFIERS, "gru", "feed_forward"])
def test_a_classification_is_a_label_and_a_probability_for_each_class(candidate: str) -> None:
    predictor = made("classify", candidate)
    data = cases(23, seed=5)
    got = predictor.predict(replace(data, labels=None, classes=()))
    assert got.columns == ["unique_id", "label", "p_class 0", "p_class 1", "p_class 2"]
    assert got["unique_id"].to_list() == list(data.ids)
    found = got.select(pl.exclude("unique_id", "label")).to_numpy()
    np.testing.assert_allclose(found.sum(1), 1, rtol=1e-6)
    assert got["label"].to_list() == [f"class {k}" for k in found.argmax(1)]
    assert np.array_equal(found, predictor.model.predict(data, np.arange(23)))
