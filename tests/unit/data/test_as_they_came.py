"""Ids, times and labels come back as they came, in a frame of the user's library, and join with the user's frame."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from selfloop.data import Columns, load
from selfloop.errors import DataError
from selfloop.models.predictor import Predictor
from selfloop.train.saved import load_model
from train_samples import made

STEPS, HORIZON = 80, 3
DAYS = np.datetime64("2024-01-01", "D") + np.arange(STEPS)
COLUMNS = Columns(id="shop", time="day", target="units")


def shops(ids: Any, times: Any) -> dict[str, Any]:
    """Two shops of 80 steps."""
    rng = np.random.default_rng(0)
    units = 5 + rng.random(2 * STEPS)
    return {"shop": [ids[0]] * STEPS + [ids[1]] * STEPS, "day": [*times, *times], "units": units}


def forecast(frame: Any, folder: Path, columns: Columns = COLUMNS) -> Any:
    """By a model that learnt from the frame, was saved and opened."""
    model = made("forecast", "naive", data=load(frame, columns=columns))
    return load_model(model.save(folder / "model.safetensors")).predict(frame)


IDS: dict[str, tuple[list[Any], Any]] = {
    "int64": ([7, 3], pl.Int64),
    "int16": ([7, 3], pl.Int16),
    "text": (["b", "a"], pl.String),
    "category": (["b", "a"], pl.Categorical),
    "enum": (["b", "a"], pl.Enum(["a", "b"])),
    "true": ([True, False], pl.Boolean),
    "date": ([date(2020, 1, 2), date(2020, 1, 1)], pl.Date),
}
TIMES: dict[str, tuple[list[Any], Any]] = {
    "date": (DAYS.tolist(), pl.Date),
    "ms": (DAYS.astype("datetime64[ms]").tolist(), pl.Datetime("ms")),
    "us": (DAYS.astype("datetime64[us]").tolist(), pl.Datetime("us")),
    "ns": (DAYS.astype("datetime64[us]").tolist(), pl.Datetime("ns")),
    "int16": (list(range(STEPS)), pl.Int16),
    "uint64": (list(range(STEPS)), pl.UInt64),
    "float": ([float(k) for k in range(STEPS)], pl.Float64),
    "text": ([str(day) for day in DAYS], pl.String),
    "slashes": ([str(day).replace("-", "/") for day in DAYS], pl.String),
    "minutes": ([f"{day} 06:30" for day in DAYS], pl.String),
    "seconds": ([f"{day}T06:30:15" for day in DAYS], pl.String),
}


def polars(ids: str = "int64", times: str = "date") -> pl.DataFrame:
    (names, id_type), (steps, time_type) = IDS[ids], TIMES[times]
    return pl.DataFrame(shops(names, steps), schema_overrides={"shop": id_type, "day": time_type})


@pytest.mark.parametrize(("ids", "times"), [*((name, "date") for name in IDS), *(("int64", name) for name in TIMES)])
@pytest.mark.parametrize("library", ["polars", "arrow"])
def test_forecasts_on_a_frame_of_typed_columns(ids: str, times: str, library: str, tmp_path: Path) -> None:
    frame = polars(ids, times)
    got = forecast(frame if library == "polars" else frame.to_arrow(), tmp_path)
    assert type(got) is (pl.DataFrame if library == "polars" else pa.Table)
    got = got if library == "polars" else pl.DataFrame(pl.from_arrow(got))
    assert got["unique_id"].to_list() == [IDS[ids][0][0]] * HORIZON + [IDS[ids][0][1]] * HORIZON
    assert got["unique_id"].dtype == (frame["shop"].dtype if library == "polars" or ids != "enum" else pl.Categorical)
    assert got["ds"].dtype == frame["day"].dtype
    last = frame["day"].tail(1).to_list()
    later = got.head(HORIZON)["ds"].to_list()
    assert sorted([*last, *later]) == [*last, *later], "what follows, also as text"
    step = frame["day"].tail(2).to_list()
    if not isinstance(step[0], str):
        assert later[0] - step[1] == step[1] - step[0]
    if library == "polars":  # the same rows, a few days on
        truth = frame.with_columns(shift=pl.lit(1))
        known = got.with_columns(ds=pl.lit(last[0]).cast(frame["day"].dtype)).unique(["unique_id", "ds"])
        assert len(truth.join(known, left_on=["shop", "day"], right_on=["unique_id", "ds"])) == 2


PANDAS = {
    "int": (pd.Series([7, 3]), DAYS.astype("datetime64[ns]")),
    "nullable": (pd.Series([7, 3], dtype="Int32"), DAYS.astype("datetime64[s]")),
    "category": (pd.Series(["b", "a"], dtype="category"), DAYS.astype("datetime64[us]")),
    "numbered category": (pd.Series([5, 2], dtype="category"), np.arange(STEPS, dtype=np.int32)),
    "text": (pd.Series(["b", "a"]), pd.Series([str(day) for day in DAYS])),
    "dates": (pd.Series(["b", "a"], dtype=object), pd.Series(DAYS.tolist(), dtype=object)),
    "moments": (
        pd.Series([7, 3]),
        pd.Series([datetime(2024, 1, 1 + k // 24, k % 24) for k in range(STEPS)], dtype=object),
    ),
}


@pytest.mark.parametrize("name", PANDAS)
def test_forecasts_on_a_pandas_frame(name: str, tmp_path: Path) -> None:
    ids, times = PANDAS[name]
    rows = np.arange(2 * STEPS)[::-1] + 1000  # as those of a frame that was filtered and sorted
    shop = pd.Series(ids.repeat(STEPS).array, index=rows, dtype=ids.dtype)
    day = pd.Series([*times, *times], index=rows, dtype=pd.Series(times).dtype)
    frame = pd.DataFrame({"shop": shop, "day": day, "units": shops(ids, DAYS)["units"]})
    got = forecast(frame, tmp_path)
    assert type(got) is pd.DataFrame
    assert got.index.tolist() == list(range(2 * HORIZON))
    assert got["unique_id"].dtype == frame["shop"].dtype
    assert got["unique_id"].tolist() == [ids[0]] * HORIZON + [ids[1]] * HORIZON
    assert got["ds"].dtype == frame["day"].dtype
    assert isinstance(got["ds"][0], type(frame["day"].iloc[0]))
    assert got["ds"][0] > frame["day"].iloc[-1]
    last = got.assign(ds=frame["day"].iloc[-1]).astype({"ds": frame["day"].dtype})
    joined = frame.merge(last, left_on=["shop", "day"], right_on=["unique_id", "ds"])
    assert len(joined) == 2 * HORIZON


@pytest.mark.parametrize("form", ["%d.%m.%Y", "%m/%d/%Y %I:%M %p", "%d/%m/%Y %H:%M"])
@pytest.mark.parametrize("library", [pl.DataFrame, pd.DataFrame])
def test_times_written_in_a_format_come_back_in_it(form: str, library: Any, tmp_path: Path) -> None:
    frame = library(shops(["b", "a"], [day.strftime(form) for day in DAYS.tolist()]))
    after = [(DAYS[-1] + k).item().strftime(form) for k in range(1, HORIZON + 1)]
    found = forecast(frame, tmp_path)
    assert list(found["ds"]) == after * 2
    assert len(set(found["ds"]) & set(frame["day"])) == 0


def test_a_format_that_would_add_zeros_is_not_written(tmp_path: Path) -> None:
    days = [f"{day.month}/{day.day}/{day.year}" for day in DAYS.tolist()]  # 1/31/2024
    found = forecast(pl.DataFrame(shops(["b", "a"], days)), tmp_path)
    assert found["ds"].dtype.is_temporal()


def test_files_and_arrays_give_polars(tmp_path: Path) -> None:
    polars("int64", "date").write_csv(tmp_path / "x.csv")
    polars("int16", "date").write_parquet(tmp_path / "x.parquet")
    text = forecast(tmp_path / "x.csv", tmp_path)
    assert (text.schema["unique_id"], text.schema["ds"]) == (pl.Int64, pl.Datetime("us"))
    typed = forecast(tmp_path / "x.parquet", tmp_path)
    assert (typed.schema["unique_id"], typed.schema["ds"]) == (pl.Int16, pl.Date)
    listed = forecast([np.arange(60.0), np.arange(70.0)], tmp_path, Columns())
    assert (type(listed), listed.schema["unique_id"]) == (pl.DataFrame, pl.String)


@pytest.mark.parametrize("dtype", ["int8", "uint8"])
def test_a_time_that_its_type_cannot_hold_gets_a_larger_one(dtype: str, tmp_path: Path) -> None:
    first = np.iinfo(dtype).max - STEPS + 1
    frame = pd.DataFrame(shops([7, 3], np.arange(first, first + STEPS).astype(dtype))).astype({"day": dtype})
    assert forecast(frame, tmp_path)["ds"].tolist()[:3] == [first + STEPS + k for k in range(3)]


LABELS = {
    "whole": (pl.Series([3, -1, 20]), pl.Int64),
    "small": (pl.Series([3, 1, 20], dtype=pl.UInt8), pl.Int64),
    "decimal": (pl.Series([0.5, 1.0, 2.5]), pl.Float64),
    "text": (pl.Series(["c", "a", "b"]), pl.String),
    "category": (pl.Series(["c", "a", "b"], dtype=pl.Categorical), pl.Categorical),
    "truth": (pl.Series([True, False, True]), pl.Boolean),
}


def classified(data: Any, folder: Path) -> Predictor:
    model = made("classify", "majority", data=data)
    return load_model(model.save(folder / "labels.safetensors"))


@pytest.mark.parametrize("name", LABELS)
@pytest.mark.parametrize("library", ["polars", "pandas", "arrow"])
def test_labels_of_frames(name: str, library: str, tmp_path: Path) -> None:
    labels, expected = LABELS[name]
    rows = np.repeat(np.arange(30), 4)
    frame: Any = pl.DataFrame({"case": rows, "kind": labels[(rows % 3).tolist()], "v": np.arange(120.0)})
    if library != "polars":
        frame = pd.DataFrame(frame.to_dict(as_series=False)) if library == "pandas" else frame.to_arrow()
    if library == "pandas" and name == "category":
        frame["kind"] = frame["kind"].astype("category")
    model = classified(load(frame, columns=Columns(id="case", label="kind")), tmp_path)
    got = model.predict(frame)
    column = nw.from_native(got, eager_only=True)["label"]
    wanted = {pl.Int64: nw.Int64, pl.Float64: nw.Float64, pl.String: nw.String}.get(expected)
    wanted = wanted or (nw.Categorical if name == "category" else nw.Boolean)
    assert column.dtype == wanted()
    assert set(column.to_list()) <= set(labels.to_list())
    assert nw.from_native(got, eager_only=True)["unique_id"].to_list() == list(range(30))


@pytest.mark.parametrize(
    ("labels", "dtype"),
    [
        (np.array([4, 2]), pl.Int64),
        ([np.int64(4), np.int64(2)], pl.Int64),
        (np.array([[4], [2]]), pl.Int64),
        (np.array([True, False]), pl.Boolean),
        ([0.5, 1], pl.Float64),
        (["4", "2"], pl.String),
        ([4, "two"], pl.String),
    ],
)
def test_labels_of_arrays(labels: Any, dtype: Any, tmp_path: Path) -> None:
    cases = [np.arange(5.0) + k for k in range(30)]
    many = np.concatenate([labels] * 15) if isinstance(labels, np.ndarray) else labels * 15
    got = classified(load(cases, labels=many), tmp_path).predict(cases)
    assert got["label"].dtype == dtype
    assert set(got["label"].to_list()) <= {
        label if dtype != pl.String else str(label) for label in np.ravel(labels).tolist()
    }


def test_model_files_of_before_give_texts(tmp_path: Path) -> None:
    golden = load_model(Path(__file__).parents[2] / "golden" / "models" / "classify-majority.safetensors")
    assert golden.card.class_type == "text"


def test_masks_are_missing_values() -> None:
    series = np.ma.array([1.0, 2.0, 99.0, 4.0], mask=[False, False, True, False])
    for source in (series, [series], np.ma.array(series[None, None, :])):
        with pytest.raises(DataError, match=r"'value' is missing in step 2 of sequence 0"):
            load(source)
        assert load(source, missing="interpolate").values[:, 0].tolist() == [1, 2, 3, 4]
    whole = np.ma.array([1, 2, 99, 4], mask=[False, False, True, False])
    assert load(whole, missing="interpolate").values[:, 0].tolist() == [1, 2, 3, 4]
    labels = np.ma.array([1, 2], mask=[False, True])
    with pytest.raises(DataError, match=r"label of sequence 1 .* is missing"):
        load([np.ones(3), np.ones(4)], labels=labels)


@pytest.mark.parametrize(
    "array", [np.array([1 + 2j, 3]), np.array(["2020", "2021"], dtype="datetime64[D]"), np.array(["1", "2"])]
)
def test_arrays_of_what_is_no_real_number(array: np.ndarray) -> None:
    with pytest.raises(DataError, match=f"is not an array of numbers .its type is {array.dtype}".replace("[", r"\[")):
        load(array)


def levels(names: list[str | None], order: tuple[int, int] = (0, 1)) -> pd.DataFrame:
    keys = [("b", day) for day in DAYS[:5]] + [("a", day) for day in DAYS[:4]]
    index = pd.MultiIndex.from_tuples([tuple(key[k] for k in order) for key in keys], names=names)
    return pd.DataFrame({"units": np.arange(9.0)}, index=index)


@pytest.mark.parametrize(
    ("frame", "id_", "time"),
    [
        (levels([None, None]), "unique_id", "time"),
        (levels([None, None], (1, 0)), "unique_id", "time"),
        (levels([None, "day"]), "unique_id", "day"),
        (levels(["unique_id", None]), "unique_id", "time"),
    ],
)
def test_levels_of_an_index_without_a_name_are_series_and_time(frame: pd.DataFrame, id_: str, time: str) -> None:
    data = load(frame)
    assert (data.columns.id, data.columns.time) == (id_, time)
    assert (data.ids, data.every, data.lengths.tolist()) == (("b", "a"), "1d", [5, 4])


def test_numbered_levels_of_an_index() -> None:
    index = pd.MultiIndex.from_product([[7, 3], range(4)])  # as sktime has them
    data = load(pd.DataFrame({"units": np.arange(8.0)}, index=index))
    assert (data.ids, data.every) == (("7", "3"), "1i")


def test_more_levels_without_a_name_are_refused() -> None:
    index = pd.MultiIndex.from_product([["x"], ["a", "b"], DAYS[:3]])
    with pytest.raises(DataError, match="3 levels without a name; expected two at most"):
        load(pd.DataFrame({"units": np.arange(6.0)}, index=index))


def test_levels_over_columns_are_refused() -> None:
    columns = pd.MultiIndex.from_product([["Close", "Open"], ["AAPL"]])
    frame = pd.DataFrame(np.ones((4, 2)), columns=columns, index=pd.DatetimeIndex(DAYS[:4]))
    with pytest.raises(DataError, match=r"names of 2 levels over its columns, such as \('Close', 'AAPL'\); .*flatten"):
        load(frame)


def test_names_that_are_one_as_text_are_refused() -> None:
    with pytest.raises(DataError, match="more than one column '1'; expected different names, also as text"):
        load(pd.DataFrame([[1.0, 2.0]], columns=[1, "1"]))
    with pytest.raises(DataError, match="a"):
        load(pa.Table.from_arrays([pa.array([1.0]), pa.array([2.0])], names=["a", "a"]))


NO_ARROW = """
import sys
sys.modules["pyarrow"] = None
import numpy, pandas
from selfloop.train.saved import load_model
days = pandas.date_range("2024-01-01", periods=60)
frame = pandas.DataFrame({"shop": pandas.Categorical(["b"] * 60), "day": days, "units": numpy.arange(60.0)})
got = load_model(sys.argv[1]).predict(frame)
print(type(got).__module__.split(".")[0], got["unique_id"].dtype, got["ds"].dtype == frame["day"].dtype, len(got))
"""


def test_pandas_without_pyarrow(tmp_path: Path) -> None:
    model = made("forecast", "naive", data=load(polars("text"), columns=COLUMNS))
    path = model.save(tmp_path / "model.safetensors")
    done = subprocess.run([sys.executable, "-c", NO_ARROW, str(path)], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == f"pandas category True {HORIZON}", done.stderr[-2000:]


def test_columns_of_pythons_own_numbers() -> None:
    column = pd.Series([1, Decimal("2.5"), None, 4.0], dtype=object)
    assert load(pd.DataFrame({"v": column}), missing="interpolate").values[:, 0].tolist() == [1, 2.5, 3.25, 4]
    with pytest.raises(DataError, match=r"no numeric column to forecast; its columns are v \(other\)"):
        load(pd.DataFrame({"v": pd.Series([1, [2], 3.0], dtype=object)}))
