"""Ids that were made up (a place in a list, the target's name) name nothing outside the data they were made for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from selfloop.data import Columns, Sequences, load
from selfloop.models.predictor import Predictor
from selfloop.train.saved import load_model
from train_samples import made, series

GOLDEN = Path(__file__).parents[2] / "golden" / "models"


def small_and_large(seed: int = 0) -> list[np.ndarray]:
    """Two series, one of a thousand times the other's size."""
    data = series(90, 117, seed=seed)
    return [data[0], data[1] * 1000]


def saved(data: Sequences, folder: Path, candidate: str = "ridge_ar") -> Predictor:
    """As a study saves and opens a model that learnt from these data."""
    return load_model(made("forecast", candidate, data=data, kind="level").save(folder / "model.safetensors"))


def forecast(predictor: Predictor, data: Any, **given: Any) -> np.ndarray:
    """(series, horizon)."""
    return np.asarray(predictor.predict(data, **given)["selfloop"]).reshape(-1, 3)


@pytest.mark.parametrize("candidate", ["ridge_ar", "gru", "feed_forward"])
def test_a_place_in_a_list_is_no_key(candidate: str, tmp_path: Path) -> None:
    predictor = saved(load(small_and_large()), tmp_path, candidate)
    first, second = small_and_large()
    both = forecast(predictor, [first, second])
    np.testing.assert_allclose(forecast(predictor, [second, first]), both[::-1], rtol=1e-5)
    np.testing.assert_allclose(forecast(predictor, [second], axes="steps,channels"), both[1:], rtol=1e-5)
    assert 0.2 * second[-12:, 0].min() < both[1].min() <= both[1].max() < 5 * second[-12:, 0].max()


def test_a_targets_name_is_no_key(tmp_path: Path) -> None:
    """One series of a table without an id: its forecast is measured on the past that is given."""
    first, second = (pl.DataFrame({"price": part[:, 1], "sales": part[:, 0]}) for part in small_and_large())
    columns = Columns(target="sales", inputs=("price",))
    predictor = saved(load(first, columns=columns), tmp_path)
    own = forecast(predictor, second)
    assert 0.2 * second["sales"].tail(12).to_numpy().min() < own.min()
    doubled = forecast(predictor, second.with_columns(pl.col("sales") * 2))
    np.testing.assert_allclose(doubled, 2 * own, rtol=1e-9)


def test_names_of_the_users_do_not_meet_made_up_ones(tmp_path: Path) -> None:
    """A frame with the ids 0 and 1 has nothing to do with the first two of a list, either way."""
    first, second = small_and_large()
    frame = pl.concat(
        [
            pl.DataFrame({"unique_id": [k] * len(part), "channel_1": part[:, 0], "channel_2": part[:, 1]})
            for k, part in enumerate([second, first])
        ]
    )
    columns = Columns(id="unique_id", target="channel_1", inputs=("channel_2",))
    listed = saved(load([first, second]), tmp_path)
    expected = forecast(listed, [second, first])
    np.testing.assert_allclose(forecast(listed, load(frame, columns=columns)), expected, rtol=1e-9)
    named = saved(load(frame, columns=columns), tmp_path)
    known = forecast(named, frame)
    np.testing.assert_allclose(forecast(named, [first, second]), known[::-1], rtol=1e-9)


def test_a_series_that_the_user_named_keeps_its_scale(tmp_path: Path) -> None:
    first, second = small_and_large()
    frame = pl.concat(
        [pl.DataFrame({"id": [name] * len(s), "y": s[:, 0], "x": s[:, 1]}) for name, s in (("A", first), ("B", second))]
    )
    columns = Columns(id="id", target="y", inputs=("x",))
    predictor = saved(load(frame, columns=columns), tmp_path)
    model: Any = predictor.model
    assert list(model.fitted.scales) == ["A", "B"]
    late = frame.filter(pl.col("id") == "B").tail(60)
    assert not np.allclose(forecast(predictor, late), forecast(predictor, late.drop("id").to_numpy()), rtol=1e-3)


def test_a_model_in_memory_is_as_its_file(tmp_path: Path) -> None:
    """Also before it is saved it knows no place in a list."""
    first, second = small_and_large()
    model = made("forecast", "ridge_ar", data=load([first, second]), kind="level")
    again = load_model(model.save(tmp_path / "model.safetensors"))
    assert np.array_equal(forecast(model, [second, first]), forecast(again, [second, first]))


@pytest.mark.parametrize("name", ["forecast-gru", "forecast-ridge", "forecast-window", "forecast-rnn"])
def test_files_of_before_hold_made_up_ids_that_no_list_meets(name: str) -> None:
    predictor, data = load_model(GOLDEN / f"{name}.safetensors"), series(90, 117)
    assert predictor.card.more["series"] == ["0", "1"]
    both = forecast(predictor, data)
    np.testing.assert_allclose(forecast(predictor, [data[1]], axes="steps,channels"), both[1:], rtol=1e-5)
    own = replace(data.take([1]), named=True)
    np.testing.assert_allclose(forecast(predictor, own), both[1:], rtol=1e-5)
    other = replace(own, ids=("0",))
    assert not np.allclose(forecast(predictor, other), both[1:], rtol=1e-5), "a user's own id finds its scale"
