"""Missing values: said where, dropped, interpolated."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixture_types import Write
from selfloop.data import load
from selfloop.errors import DataError, SettingsError

HOLES = "unique_id,ds,y\nB,1,\nA,1,1\nB,2,20\nA,2,\nB,3,30\nA,3,4\nB,4,inf\n"


def test_the_place_of_the_first_is_said(write: Write) -> None:
    with pytest.raises(
        DataError, match=r"'y' is missing in row 2 \(the header is row 1\), one of 3 such rows; .*missing="
    ):
        load(write("x.csv", HOLES))
    with pytest.raises(DataError, match=r"'y' is infinite in row 8 \(the header is row 1\); expected"):
        load(write("x.csv", "t,y\n1,1\n2,1\n3,1\n4,1\n5,1\n6,1\n7,-Inf\n"))


def test_interpolation_stays_inside_its_sequence(write: Write) -> None:
    data = load(write("x.csv", HOLES), missing="interpolate")
    assert data.ids == ("B", "A")
    assert data.values[:, 0].tolist() == [20, 20, 30, 30, 1, 2.5, 4]


def test_dropping_at_the_ends_keeps_times(write: Write) -> None:
    data = load(write("x.csv", HOLES.replace("A,2,", "A,2,2.5")), missing="drop")
    assert data.values[:, 0].tolist() == [20, 30, 1, 2.5, 4]
    assert data.time.tolist() == [2, 3, 1, 2, 3]
    assert (data.lengths.tolist(), data.every) == ([2, 3], "1i")


def test_dropping_inside_a_series_is_refused(write: Write) -> None:
    with pytest.raises(DataError, match=r"'y' is missing in row 5 .*irregular.*missing=.interpolate."):
        load(write("x.csv", HOLES), missing="drop")


def test_a_classification_may_lose_a_step_anywhere(write: Write) -> None:
    text = "id,label,v,w\na,x,1,1\na,x,,2\na,x,3,3\nb,y,4,\nb,y,5,5\n"
    data = load(write("x.csv", text), missing="drop")
    assert data.values.tolist() == [[1, 1], [3, 3], [5, 5]]
    assert (data.lengths.tolist(), data.labels.tolist()) == ([2, 1], [0, 1])


def test_nothing_left(write: Write) -> None:
    text = "id,label,v\na,x,1\nb,y,\nb,y,\n"
    for missing in ("drop", "interpolate"):
        with pytest.raises(DataError, match=r"sequence 'b'.*leave that sequence"):
            load(write("x.csv", text), missing=missing)


def test_after_dropping_places_are_still_the_file_s() -> None:
    data = load([np.array([np.nan, 1.0, 2.0, np.nan]), np.array([3.0])], missing="drop")
    assert (data.lengths.tolist(), data.values[:, 0].tolist()) == ([2, 1], [1, 2, 3])


def test_a_series_with_nothing_cannot_be_dropped() -> None:
    with pytest.raises(DataError, match="sequence '1' has no step without a missing value"):
        load([np.ones(3), np.array([np.nan, np.inf])], missing="drop")


def test_an_unknown_treatment() -> None:
    with pytest.raises(SettingsError, match="Did you mean 'interpolate'"):
        load([np.ones(3)], missing="interpolat")  # type: ignore[arg-type]  # what is tested


@settings(max_examples=60)
@given(st.lists(st.lists(st.one_of(st.none(), st.integers(-9, 9)), min_size=1, max_size=7), min_size=1, max_size=4))
def test_interpolation_as_polars_does_it(cases: list[list[int | None]]) -> None:
    arrays = [np.array([np.nan if v is None else v for v in case], dtype=float) for case in cases]
    if any(all(v is None for v in case) for case in cases):
        with pytest.raises(DataError, match="has no value in sequence"):
            load(arrays, missing="interpolate")
        return
    before = [array.copy() for array in arrays]
    data = load(arrays, missing="interpolate")
    for k, case in enumerate(cases):
        filled = pl.Series(case, dtype=pl.Float64).interpolate().fill_null(strategy="forward")
        expected = filled.fill_null(strategy="backward").to_numpy()
        # two ways to write a line through integers below 10: each has a few roundings of numbers below 20
        np.testing.assert_allclose(data[k][:, 0], expected, rtol=0, atol=8 * 20 * np.finfo(float).eps)
        np.testing.assert_array_equal(arrays[k], before[k])  # the user's own arrays stay as they were
