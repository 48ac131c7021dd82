"""Times: which step they have, what follows them, and how wrong ones are told."""

import calendar
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixture_types import Write
from selfloop.data import Columns, Sequences, future_times, load, time_text
from selfloop.data.times import is_time, parse_times
from selfloop.errors import DataError, SettingsError


def series(times: Sequence[object], **more: list[object]) -> Sequences:
    return load(pl.DataFrame({"ds": times, "y": np.arange(len(times))} | more))


@pytest.mark.parametrize(
    ("first", "interval", "every"),
    [
        ("2020-01-31", "1mo", "1mo"),  # month-ends, 31 29 31 30 ...
        ("2019-12-30", "1mo", "1mo"),  # 30th, and 29 February
        ("2020-03-01", "1mo", "1mo"),
        ("2020-06-30", "3mo", "1q"),
        ("2020-01-15", "2mo", "2mo"),
        ("2016-02-29", "1y", "1y"),
        ("2000-01-01", "5y", "5y"),
        ("2021-01-04", "7d", "1w"),
        ("2021-01-04", "1d", "1d"),
        ("2021-01-01", "31d", "31d"),
        ("2021-01-04", "90m", "90m"),
        ("2021-01-04", "2h", "2h"),
        ("2021-01-04", "250ms", "250ms"),
        ("2021-01-04", "48h", "2d"),
    ],
)
def test_steps_as_polars_makes_them(first: str, interval: str, every: str) -> None:
    start = pl.Series([datetime.fromisoformat(first)])
    times = pl.concat(
        [start.dt.offset_by(f"{k * int(interval.rstrip('mohdsyqw'))}{interval.lstrip('0123456789')}") for k in range(9)]
    )
    data = series(times.to_list())
    assert data.every == every
    ahead = future_times(data.time[:5], data.every, 4)
    np.testing.assert_array_equal(ahead, data.time[5:])
    assert ahead.dtype == data.time.dtype


@settings(max_examples=200)
@given(
    st.dates(date(1800, 1, 1), date(2200, 1, 1)),
    st.integers(1, 30),
    st.sampled_from([1, 2, 3, 6, 12]),
    st.integers(2, 9),
)
def test_months_stay_on_their_day(first: date, horizon: int, months: int, steps: int) -> None:
    """The oracle counts months by hand with the standard library's calendar."""

    def later(count: int) -> date:
        year, month = divmod(first.year * 12 + first.month - 1 + count, 12)
        return date(year, month + 1, min(first.day, calendar.monthrange(year, month + 1)[1]))

    known = [later(k * months) for k in range(steps)]
    every = {3: "1q", 12: "1y"}.get(months, f"{months}mo")
    data = series(known)
    assert data.every == every
    all_ends = all(day.day == calendar.monthrange(day.year, day.month)[1] for day in known)
    if not all_ends:
        got = future_times(data.time, every, horizon).astype("datetime64[D]").tolist()
        assert got == [later((steps - 1 + k) * months) for k in range(1, horizon + 1)]


def test_month_ends_from_one_time_alone() -> None:
    got = future_times(np.datetime64("2023-01-31", "us"), "1mo", 3)
    assert time_text(got) == ("2023-02-28", "2023-03-31", "2023-04-30")
    assert time_text(future_times(np.datetime64("2023-02-28", "us"), "1mo", 2)) == ("2023-03-31", "2023-04-30")
    assert time_text(future_times(np.datetime64("2023-02-01", "us"), "1q", 2)) == ("2023-05-01", "2023-08-01")
    assert time_text(future_times(np.datetime64("2024-02-29", "us"), "1y", 1)) == ("2025-02-28",)
    late = np.datetime64("2023-01-31T17:30", "us")
    assert time_text(future_times(late, "1mo", 1)) == ("2023-02-28T17:30",)


def test_future_of_whole_numbers_and_hours() -> None:
    assert future_times(7, "3i", 3).tolist() == [10, 13, 16]
    assert future_times(np.int64(-1), "1i", 2).tolist() == [0, 1]
    assert time_text(future_times(np.datetime64("2020-02-28"), "12h", 3)) == (
        "2020-02-28T12:00",
        "2020-02-29T00:00",
        "2020-02-29T12:00",
    )


@pytest.mark.parametrize("every", ["1x", "h", "0d", "1.5h", "-1d", ""])
def test_unknown_steps(every: str) -> None:
    with pytest.raises(SettingsError, match="expected a number and a unit"):
        future_times(np.datetime64("2020-01-01"), every, 2)


def test_future_that_makes_no_sense() -> None:
    with pytest.raises(SettingsError, match="horizon is 0"):
        future_times(3, "1i", 0)
    with pytest.raises(SettingsError, match="whole numbers"):
        future_times(3, "1d", 1)
    with pytest.raises(SettingsError, match="dates"):
        future_times(np.datetime64("2020-01-01"), "1i", 1)


def test_time_text_has_one_precision() -> None:
    hours = np.array(["2020-01-01T00", "2020-01-01T01"], dtype="datetime64[us]")
    assert time_text(hours) == ("2020-01-01T00:00", "2020-01-01T01:00")
    assert time_text(hours[0]) == ("2020-01-01",)
    assert time_text(hours[0], every="1h") == ("2020-01-01T00:00",)
    assert time_text(np.array(["1949-01"], dtype="datetime64[M]")) == ("1949-01-01",)
    assert time_text(hours + np.timedelta64(1500, "ms")) == ("2020-01-01T00:00:01.500", "2020-01-01T01:00:01.500")
    assert time_text(hours.astype("datetime64[ns]") + np.timedelta64(1, "ns"))[0] == "2020-01-01T00:00:00.000000001"
    assert time_text(np.array([5, -2])) == ("5", "-2")


@settings(max_examples=100)
@given(st.lists(st.datetimes(datetime(1600, 1, 1), datetime(2400, 1, 1)), min_size=1, max_size=5))
def test_time_text_loses_nothing(moments: list[datetime]) -> None:
    known = np.array(moments, dtype="datetime64[us]")
    texts = time_text(known)
    assert all(is_time(text) for text in texts)
    np.testing.assert_array_equal(parse_times(texts), known)
    assert len({len(text) for text in texts}) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1949-01", "1949-01-01T00:00:00"),
        ("2016/07/01", "2016-07-01T00:00:00"),
        (" 2016-07-01 13:05 ", "2016-07-01T13:05:00"),
        ("2016-07-01T13:05:09.25", "2016-07-01T13:05:09.250"),
        ("2020Q3", "2020-07-01T00:00:00"),
        ("2020-Q1", "2020-01-01T00:00:00"),
        ("2016-07-01T13:00:00Z", "2016-07-01T13:00:00"),
        ("2016-07-01 13:00:00+02:00", "2016-07-01T11:00:00"),
        ("2016-07-01T13:00:00.5-0330", "2016-07-01T16:30:00.5"),
        ("2016-07-01T00:00:00.000000001", "2016-07-01T00:00:00.000000001"),
    ],
)
def test_texts_that_are_times(text: str, expected: str) -> None:
    assert is_time(text)
    assert parse_times([text])[0] == np.datetime64(expected)


@pytest.mark.parametrize(
    "text", ["2016", "01.07.2016", "7/1/2016", "2016-7-1", "now", "NaT", "", "2016-07-01 25h", "2020Q5"]
)
def test_texts_that_are_no_times(text: str) -> None:
    assert not is_time(text)


def test_a_bad_time_among_good_ones_is_named(write: Write) -> None:
    for bad in ("01.02.2020", "2020-02-30", "2020-01-02T10:00:00+99:00"):
        with pytest.raises(DataError, match=rf"the time '{bad[:4]}.*row 3 \(the header is row 1\) of column 'ds'"):
            load(write("x.csv", f"ds,y\n2020-01-01,1\n{bad},2\n"))
    with pytest.raises(DataError, match=r"time column 'ds' is empty in row 3"):
        load(write("x.csv", "ds,y\n2020-01-01,1\n,2\n2020-01-03,3\n"))


@pytest.mark.parametrize(
    ("times", "message"),
    [
        (["2020-01-01", "2020-01-02", "2020-01-02"], r"'A' has the time 2020-01-02 twice, in row 3 .* and row 4"),
        (
            ["2020-01-01", "2020-01-02", "2020-01-03", "2020-01-05"],
            r"'A' are irregular: 2020-01-03 \(row 4 .*\) is followed by 2020-01-05 \(row 5 .*\), but most steps are 1d",
        ),
        (
            ["2020-01", "2020-02", "2020-03", "2020-05"],
            r"irregular: 2020-03-01 \(row 4 .* 2020-05-01 \(row 5 .*most steps are 1mo",
        ),
        (["1", "2", "4", "5"], r"irregular: 2 \(row 3 .* 4 \(row 4 .*most steps are 1i"),
    ],
)
def test_wrong_times_are_named(write: Write, times: list[str], message: str) -> None:
    text = "unique_id,ds,y\n" + "".join(f"A,{time},1\n" for time in times)
    with pytest.raises(DataError, match=message):
        load(write("x.csv", text))


def test_the_row_is_the_file_s_where_ids_are_mixed(write: Write) -> None:
    text = "unique_id,ds,y\nB,1,1\nA,1,1\nB,2,1\nA,2,1\nB,4,1\nA,3,1\nB,5,1\n"
    with pytest.raises(DataError, match=r"'B' are irregular: 2 \(row 4 .* followed by 4 \(row 6 "):
        load(write("x.csv", text))


def test_series_of_different_steps_are_irregular(write: Write) -> None:
    text = (
        "unique_id,ds,y\n" + "".join(f"A,2020-01-{d:02d},1\n" for d in range(1, 6)) + "B,2020-01-01,1\nB,2020-01-08,1\n"
    )
    with pytest.raises(DataError, match=r"'B' are irregular: .*most steps are 1d"):
        load(write("x.csv", text))


def test_month_starts_and_month_ends_together(write: Write) -> None:
    text = "unique_id,ds,y\nA,2020-01-01,1\nA,2020-02-01,1\nB,2020-01-31,1\nB,2020-02-29,1\nC,2020-02-11,1\n"
    data = load(write("x.csv", text))
    assert data.every == "1mo"
    assert data.lengths.tolist() == [2, 2, 1]


def test_one_time_has_no_step() -> None:
    assert series([date(2020, 1, 1)]).every is None


def test_classification_takes_irregular_times_and_says_so(write: Write) -> None:
    text = "id,label,ds,v\na,x,2020-01-01,1\na,x,2020-01-02,1\na,x,2020-01-09,2\nb,y,2020-01-01,1\n"
    data = load(write("x.csv", text))
    assert data.every is None
    assert data.reading.endswith("the times are irregular: steps are taken in order")
    with pytest.raises(DataError, match=r"'a' has the time 2020-01-01 twice, in row 2 .* and row 4 "):
        load(write("x.csv", text.replace("01-09", "01-01")))


def test_a_regular_day_is_not_taken_for_months() -> None:
    """Every day, hour and week of a year, by timedelta alone."""
    for step, every in ((timedelta(days=1), "1d"), (timedelta(hours=1), "1h"), (timedelta(weeks=4), "4w")):
        assert series([datetime(2023, 1, 1) + k * step for k in range(40)]).every == every


def test_time_of_inputs_is_not_time() -> None:
    data = load(pl.DataFrame({"t": [5, 9, 2], "y": [1, 2, 3]}), columns=Columns(target="y", inputs=("t",)))
    assert (data.time, data.channels) == (None, ("y", "t"))
