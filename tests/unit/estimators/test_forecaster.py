"""The forecaster as strangers use it: series of every library in, their like out."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit

import selfloop
from selfloop import Forecaster
from selfloop.errors import DataError, SettingsError

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
SMALL: dict[str, Any] = {"epochs": 2, "params": 100, "learning_rates": (0.01,)}
RIDGE: dict[str, Any] = {"cell": "ridge_ar", "horizon": 3, "season": 12}
rng = np.random.default_rng(0)
V = 10 + np.sin(np.arange(96) * 2 * np.pi / 12) + rng.normal(size=96) * 0.1
DATES = pd.date_range("2015-01-01", periods=96, freq="MS")
MONTHLY = pd.Series(V, index=DATES, name="sales")


@pytest.fixture(scope="module")
def fitted() -> Forecaster:
    return Forecaster(**SMALL).fit(MONTHLY)


def test_a_monthly_column_goes_on(fitted: Forecaster) -> None:
    found = fitted.predict()
    assert isinstance(found, pd.Series)
    assert found.name == "sales"
    assert found.index.equals(pd.date_range("2023-01-01", periods=12, freq="MS"))
    assert found.index.freq == DATES.freq
    assert found.index.name is None
    assert np.abs(found.to_numpy() - V[-12:]).max() < 1
    assert fitted.predict(MONTHLY).equals(found)


def test_the_answers_are_those_of_the_saved_model(fitted: Forecaster, tmp_path: Any) -> None:
    table = selfloop.load_model(fitted.save(tmp_path / "model.safetensors")).predict(MONTHLY)
    assert table["selfloop"].tolist() == fitted.predict().tolist()
    assert (table["selfloop-lo-80"] < table["selfloop"]).all()
    assert (table["selfloop-hi-95"] > table["selfloop-hi-80"]).all()


@pytest.mark.parametrize(
    ("index", "wanted"),
    [
        (pd.date_range("2015-01-31", periods=96, freq="ME"), pd.date_range("2023-01-31", periods=3, freq="ME")),
        (pd.period_range("2015-01", periods=96, freq="M"), pd.period_range("2023-01", periods=3, freq="M")),
        (pd.RangeIndex(100, 196), pd.RangeIndex(196, 199)),
        (pd.Index(np.arange(96) * 2 + 7), pd.RangeIndex(199, 205, 2)),
        (pd.Index([f"row {k}" for k in range(96)]), pd.RangeIndex(96, 99)),
        (DATES.rename("when"), pd.date_range("2023-01-01", periods=3, freq="MS", name="when")),
        (DATES.tz_localize("Europe/Berlin"), pd.date_range("2023-01-01", periods=3, freq="MS", tz="Europe/Berlin")),
    ],
)
def test_its_index_goes_on_whatever_it_is(index: Any, wanted: Any) -> None:
    found = Forecaster(**RIDGE).fit(pd.Series(V, index=index)).predict()
    assert found.index.equals(wanted)
    assert found.index.name == wanted.name


def test_another_column_need_not_bear_the_same_names() -> None:
    made = Forecaster(**RIDGE).fit(MONTHLY)
    found = made.predict(MONTHLY.rename(None).rename_axis("when").iloc[:70])
    assert found.name is None
    assert found.index.name == "when"
    assert found.index[0] == DATES[70]


@pytest.mark.parametrize("X", [V, list(V), V[:, None], V.tolist()])
def test_one_series_gives_its_next_steps(X: Any) -> None:
    assert Forecaster(**RIDGE).fit(X).predict() == pytest.approx(Forecaster(**RIDGE).fit(MONTHLY).predict().to_numpy())


def test_a_column_of_polars() -> None:
    found = Forecaster(**RIDGE).fit(pl.Series("x", V)).predict()
    assert isinstance(found, pl.Series)
    assert found.name == "x"
    assert found.to_numpy() == pytest.approx(Forecaster(**RIDGE).fit(V).predict())


def test_several_series_give_a_row_each() -> None:
    made = Forecaster(**RIDGE).fit([V, V[:80] * 2])
    assert made.predict().shape == (2, 3)
    assert made.predict([V[:70]]).shape == (1, 3)
    assert made.predict(V[:70]).shape == (3,)
    assert made.predict([V[:70]])[0] == pytest.approx(made.predict(V[:70]))
    cube = Forecaster(**RIDGE, axes="cases,channels,steps").fit(np.stack([V, V * 2])[:, None])
    assert cube.predict().shape == (2, 3)
    assert cube.predict(np.stack([V, V, V])[:, None]).shape == (3, 3)


def test_inputs_stand_behind_the_target() -> None:
    two = np.c_[V, V[::-1]]
    made = Forecaster(**RIDGE, axes="steps,channels").fit(two)
    assert made.n_features_in_ == 2
    frame = pd.DataFrame({"y": V, "z": V[::-1]})
    named = Forecaster(**RIDGE, target="y", inputs="z").fit(frame).predict()
    assert made.predict() == pytest.approx(named["selfloop"].to_numpy())


@pytest.mark.parametrize("library", [lambda frame: frame, lambda frame: pl.from_pandas(frame)])
def test_rows_of_steps_give_a_frame_back(library: Callable[[Any], Any]) -> None:
    frame = library(
        pd.DataFrame({"shop": np.repeat(["Bern", "Ulm"], 96), "day": [*DATES, *DATES], "units": [*V, *(V * 2)]})
    )
    found = Forecaster(**RIDGE, id="shop", time="day", target="units").fit(frame).predict()
    assert type(found) is type(frame)
    assert list(found["unique_id"]) == ["Bern"] * 3 + ["Ulm"] * 3
    assert list(found.columns)[:3] == ["unique_id", "ds", "selfloop"]


def test_the_score_is_the_models_mase_with_a_minus(fitted: Forecaster) -> None:
    assert fitted.score(MONTHLY) == -fitted.predictor_.score(MONTHLY)["mase"]
    ago = np.abs(V[12:] - V[:-12])  # of step 12 first
    wanted = -np.mean([ago[origin - 11 : origin + 1].mean() for origin in range(47, 84)]) / ago[:36].mean()
    assert Forecaster("seasonal_naive", season=12).fit(MONTHLY).score(MONTHLY) == pytest.approx(wanted)


def test_a_grid_over_time_splits() -> None:
    search = GridSearchCV(
        Forecaster(**SMALL, horizon=2, season=12), {"cell": ["naive", "ridge_ar"]}, cv=TimeSeriesSplit(2, test_size=30)
    )
    found = search.fit(MONTHLY)
    assert found.best_params_ == {"cell": "ridge_ar"}
    assert found.best_estimator_.predict().index[0] == pd.Timestamp("2023-01-01")


def test_a_pickle_goes_on_from_the_same_series(fitted: Forecaster) -> None:
    raw = pickle.dumps(fitted)
    assert b"torch" not in raw
    for other in (pickle.loads(raw), copy.deepcopy(fitted)):
        assert other.predict().equals(fitted.predict())
    assert not hasattr(clone(fitted), "predictor_")


def test_short_series_are_enough_where_nothing_is_tested() -> None:
    """A study of them needs steps to test on."""
    made = Forecaster("ridge_ar", horizon=3, season=1).fit(V[:14])
    assert made.predict().shape == (3,)
    with pytest.raises(SettingsError, match="13 steps to learn from; horizon 3 and season 1 need 14"):
        Forecaster("ridge_ar", horizon=3, season=1).fit(V[:13])


def test_a_failed_fit_leaves_no_model_of_the_data_before() -> None:
    made = Forecaster(**RIDGE).fit(V)
    with pytest.raises(SettingsError):
        made.fit(V[:9])
    with pytest.raises(NotFittedError):
        made.predict()


def torn() -> Any:
    return np.where(np.arange(96) == 5, np.nan, V)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: Forecaster().predict(), NotFittedError, "not fitted yet"),
        (lambda: Forecaster().score(V), NotFittedError, "not fitted yet"),
        (lambda: Forecaster().fit(V, V), SettingsError, "y=None"),  # type: ignore[arg-type]
        (lambda: Forecaster().fit(np.c_[V, V]), DataError, "say which with axes="),
        (lambda: Forecaster().fit(torn()), DataError, "is missing in step 5"),
        (lambda: Forecaster(horizon=40).fit(V), SettingsError, "a shorter horizon="),
        (lambda: Forecaster("gruu").fit(V), SettingsError, "forecast has no candidate 'gruu'"),
        (lambda: Forecaster("majority").fit(V), SettingsError, "forecast has no candidate 'majority'"),
        (lambda: Forecaster(**RIDGE).fit(V).predict([np.c_[V, V, V]]), DataError, "channels"),
        (lambda: Forecaster(**RIDGE).fit(MONTHLY).predict(V[:5]), DataError, "give more of its past"),
        (lambda: Forecaster(**RIDGE, id="shop").fit(V), SettingsError, "Columns are named for arrays"),
        (lambda: Forecaster(horizon="3").fit(V), SettingsError, "horizon is '3'; expected a whole number"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(call: Callable[[], Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()


def test_holes_can_be_filled() -> None:
    assert np.isfinite(Forecaster(**RIDGE, missing="interpolate").fit(torn()).predict()).all()
