"""Frames of any library read the same as arrays do."""

from datetime import date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfloop.data import Columns, Sequences, load
from selfloop.errors import DataError, SettingsError

# What can be squared: all else is refused.
finite = st.floats(-1e99, 1e99).filter(lambda number: number == 0 or abs(number) > 1e-99)


@st.composite
def long_tables(draw: st.DrawFn) -> tuple[list[np.ndarray], list[int], dict[str, list[Any]]]:
    """Sequences of 2 channels, a label for each, and the same as columns with the rows of all ids shuffled together."""
    lengths = draw(st.lists(st.integers(1, 5), min_size=1, max_size=4))
    cases = [np.array(draw(st.lists(st.tuples(finite, finite), min_size=n, max_size=n))) for n in lengths]
    labels = draw(st.lists(st.integers(0, 12), min_size=len(lengths), max_size=len(lengths)))
    waiting = [list(range(n)) for n in lengths]
    rows = []
    while any(waiting):
        k = draw(st.sampled_from([k for k, steps in enumerate(waiting) if steps]))
        rows.append((k, waiting[k].pop(0)))
    table: dict[str, list[Any]] = {
        "id": [f"s{k}" for k, _ in rows],
        "step": [10 * step for _, step in rows],
        "p": [float(cases[k][step, 0]) for k, step in rows],
        "kind": [labels[k] for k, _ in rows],
        "q": [float(cases[k][step, 1]) for k, step in rows],
    }
    return cases, labels, table


def same(left: Sequences, right: Sequences) -> None:
    assert left.fingerprint == right.fingerprint
    assert (left.ids, left.channels, left.classes, left.every) == (
        right.ids,
        right.channels,
        right.classes,
        right.every,
    )
    assert (left.columns, left.reading) == (right.columns, right.reading)
    if left.time is None or right.time is None:
        assert left.time is right.time
    else:
        assert left.time.dtype == right.time.dtype
        np.testing.assert_array_equal(left.time, right.time)


@settings(max_examples=60)
@given(long_tables())
def test_polars_pandas_arrow_and_arrays_agree(given_: tuple[list[np.ndarray], list[int], dict[str, list[Any]]]) -> None:
    cases, labels, table = given_
    columns = Columns(label="kind", time="step")
    polars = load(pl.DataFrame(table), columns=columns)
    same(polars, load(pd.DataFrame(table), columns=columns))
    same(polars, load(pa.table(table), columns=columns))
    same(polars, load(pl.LazyFrame(table), columns=columns))
    first_seen = list(dict.fromkeys(int(name[1:]) for name in table["id"]))
    arrays = load([cases[k] for k in first_seen], labels=[labels[k] for k in first_seen], axes="steps,channels")
    np.testing.assert_array_equal(polars.values, arrays.values)
    np.testing.assert_array_equal(polars.offsets, arrays.offsets)
    np.testing.assert_array_equal(polars.labels, arrays.labels)
    assert polars.classes == arrays.classes == tuple(str(k) for k in sorted(set(labels)))


@settings(max_examples=40)
@given(long_tables(), st.data())
def test_take_keeps_every_part_together(
    given_: tuple[list[np.ndarray], list[int], dict[str, list[Any]]], data: st.DataObject
) -> None:
    whole = load(pl.DataFrame(given_[2]), columns=Columns(label="kind", time="step"))
    which = data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=6))
    part = whole.take(which)
    assert len(part) == len(which)
    assert part.ids == tuple(whole.ids[k] for k in which)
    assert part.labels.tolist() == [whole.labels[k] for k in which]
    for j, k in enumerate(which):
        np.testing.assert_array_equal(part[j], whole[k])
        np.testing.assert_array_equal(
            part.time[part.offsets[j] : part.offsets[j + 1]], whole.time[whole.offsets[k] : whole.offsets[k + 1]]
        )
    assert whole.take(range(len(whole))).fingerprint == whole.fingerprint


def times() -> dict[str, list[Any]]:
    return {"ds": [datetime(2020, 1, day, 6) for day in (1, 2, 3)], "y": [1, 2, 4], "note": ["a", None, "c"]}


def test_dates_agree_across_libraries() -> None:
    polars = load(pl.DataFrame(times()))
    assert (polars.every, polars.time.dtype) == ("1d", np.dtype("datetime64[us]"))
    same(polars, load(pd.DataFrame(times())))
    same(polars, load(pa.table(times())))
    nanoseconds = pd.DataFrame(times()).astype({"ds": "datetime64[ns]"})
    same(polars, load(nanoseconds))
    texts = pl.DataFrame(times()).with_columns(pl.col("ds").dt.to_string())
    same(polars, load(texts))


def test_date_objects_and_categories() -> None:
    frame = pd.DataFrame(
        {"when": [date(2020, 1, 31), date(2020, 2, 29), date(2020, 3, 31)], "v": [1, 2, 3]}, dtype=object
    ).astype({"v": "int64"})
    assert load(frame).every == "1mo"
    frame = pl.DataFrame({"id": ["b", "b", "a"], "v": [1, 2, 3]}, schema_overrides={"id": pl.Categorical})
    assert load(frame, columns=Columns(id="id")).ids == ("b", "a")


@pytest.mark.parametrize(
    "index",
    [
        pd.date_range("2020-01-31", periods=3, freq="ME"),
        pd.period_range("2020-01", periods=3, freq="M"),
        pd.period_range("2020-01", periods=3, freq="M", name="month"),
    ],
)
def test_an_index_of_times_is_the_time_column(index: pd.Index) -> None:
    data = load(pd.Series([1.0, 2.0, 4.0], index=index, name="v"))
    assert (data.every, data.channels, data.columns.time) == ("1mo", ("v",), index.name or "time")


def test_other_indexes_only_number_rows() -> None:
    assert load(pd.DataFrame({"v": [1.0, 2.0]}, index=[7, 3])).time is None
    assert load(pl.Series([1.0, 2.0])).channels == ("value",)
    assert load(pd.DataFrame({0: [1.0, 2.0], 1: ["a", "b"]})).channels == ("0",)


def test_time_zones() -> None:
    """Hours are told apart in UTC where the clock is put back; days stay days where one has 25 hours."""
    berlin = pl.datetime_range(
        datetime(2021, 10, 30, 22), datetime(2021, 10, 31, 3), "1h", time_zone="Europe/Berlin", eager=True
    )
    hours = load(pl.DataFrame({"ds": berlin, "y": np.arange(len(berlin))}))
    assert (hours.every, str(hours.time[0])[:16]) == ("1h", "2021-10-30T20:00")
    berlin = pl.datetime_range(
        datetime(2021, 10, 30), datetime(2021, 11, 2), "1d", time_zone="Europe/Berlin", eager=True
    )
    days = load(pl.DataFrame({"ds": berlin, "y": [1, 2, 3, 4]}))
    assert (days.every, str(days.time[1])[:16]) == ("1d", "2021-10-31T00:00")


def test_places_in_a_frame_are_counted_from_0() -> None:
    with pytest.raises(DataError, match=r"'v' is missing in row 1 \(counted from 0\)"):
        load(pd.DataFrame({"v": pd.array([1, None, 3], dtype="Int64")}))


@pytest.mark.parametrize("column", [["a", None, "a"], [1.0, float("nan"), 1.0], [1, None, 1]])
def test_ids_must_be_complete(column: list[Any]) -> None:
    for frame in (pl.DataFrame, pd.DataFrame):
        with pytest.raises(DataError, match=r"id column 'k' is empty in row 1"):
            load(frame({"k": column, "v": [1, 2, 3]}), columns=Columns(id="k", target="v"))


def test_what_is_no_frame() -> None:
    for nothing in (3, {"a": [1]}, object()):
        with pytest.raises(DataError, match="cannot be read"):
            load(nothing)
    with pytest.raises(DataError, match="no rows"):
        load(pl.DataFrame({"v": []}))
    with pytest.raises(DataError, match="cannot be read"):
        load(pd.DataFrame([[1, 2]], columns=["a", "a"]))
    with pytest.raises(SettingsError, match="labels go with arrays"):
        load(pl.DataFrame({"v": [1.0]}), labels=["a"])
    with pytest.raises(SettingsError, match="lag goes with"):
        load(pl.DataFrame({"v": [1.0]}), lag=3)


def test_whole_decimals_are_times_and_others_are_not() -> None:
    assert load(pl.DataFrame({"time": [1.0, 3.0, 5.0], "v": [1, 2, 3]})).every == "2i"
    with pytest.raises(DataError, match=r'decimal numbers such as 0.5.*time="none"'):
        load(pl.DataFrame({"time": [0.0, 0.5, 1.0], "v": [1, 2, 3]}))
    with pytest.raises(DataError, match="such as inf"):
        load(pl.DataFrame({"time": [0.0, float("inf")], "v": [1, 2]}))


def test_datetime_objects_with_a_zone_become_utc() -> None:
    zone = timezone(timedelta(hours=2))
    frame = pd.DataFrame({"v": [1, 2]})
    frame["when"] = pd.Series([datetime(2020, 1, 1, hour, tzinfo=zone) for hour in (5, 6)], dtype=object)
    data = load(frame)
    assert (data.every, str(data.time[0])[:16]) == ("1h", "2020-01-01T03:00")


def test_columns_of_other_kinds() -> None:
    frame = pl.DataFrame({"y": [1, 2], "on": [True, False], "pair": [[1], [2]], "none": [None, None]})
    data = load(frame)
    assert data.reading == (
        "using target=y; ignoring on (name them with inputs= to use them), pair, none (not numbers)"
    )
    assert load(frame, columns=Columns(inputs=("on",))).values.tolist() == [[1, 1], [2, 0]]
    with pytest.raises(DataError, match=r"the target 'pair' is of type List\(Int64\); expected numbers"):
        load(frame, columns=Columns(target="pair"))
    with pytest.raises(DataError, match=r"the input 'none' is empty; expected numbers"):
        load(frame, columns=Columns(inputs=("none",)))
    with pytest.raises(DataError, match=r"no column is|no other column is numeric"):
        load(frame.drop("y", "on"), columns=Columns(target="none"))


def test_a_numbered_time_is_found_where_all_else_is_named() -> None:
    frame = pl.DataFrame({"step": [2, 4, 6], "y": [1, 2, 3], "z": [4, 5, 6]})
    data = load(frame, columns=Columns(target="y", inputs=("z",)))
    assert (data.columns.time, data.every) == ("step", "2i")
    assert load(frame.select("step")).channels == ("step",)  # with nothing else to forecast, it is the target


def test_labels_of_a_frame() -> None:
    frame = pl.DataFrame({"unique_id": ["b", "a"], "id": [1, 2], "kind": [2.0, 1.5], "v": [1, 2]})
    data = load(frame, columns=Columns(label="kind"))
    assert (data.columns.id, data.columns.inputs, data.classes) == ("unique_id", ("id", "v"), ())
    assert data.outcomes[:, 0].tolist() == [2.0, 1.5]  # fractions, none of which comes again, are numbers
    with pytest.raises(DataError, match="no numeric column to classify by"):
        load(frame.select("unique_id", "kind"), columns=Columns(label="kind"))
