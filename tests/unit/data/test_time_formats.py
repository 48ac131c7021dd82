"""A column known as the time is read, in one format that fits every value, or refused: never ignored."""

from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from fixture_types import Write
from selfloop.data import Columns, Sequences, load, load_like
from selfloop.errors import DataError, SettingsError

pytestmark = pytest.mark.usefixtures("command_line")

DAYS = [f"2024-01-{day:02d}" for day in range(10, 22)]


def written(form: str, *, name: str = "date", days: list[str] = DAYS) -> pl.DataFrame:
    """Days in a format, by the standard library."""
    moments = [datetime.fromisoformat(day) for day in days]
    return pl.DataFrame({name: [moment.strftime(form) for moment in moments], "y": np.arange(len(days))})


def shown(data: Sequences) -> list[str]:
    return [str(moment)[:16] for moment in data.time]


@pytest.mark.parametrize(
    ("form", "found"),
    [
        ("%d.%m.%Y", "%d.%m.%Y"),
        ("%d.%m.%y", "%d.%m.%y"),
        ("%d/%m/%Y", "%d/%m/%Y"),
        ("%m/%d/%Y", "%m/%d/%Y"),
        ("%d-%m-%Y", "%d-%m-%Y"),
        ("%Y.%m.%d", "%Y.%m.%d"),
        ("%d %b %Y", "%d %b %Y"),
        ("%d-%b-%y", "%d-%b-%y"),
        ("%b %d, %Y", "%b %d, %Y"),
        ("%d %B %Y", "%d %B %Y"),
        ("%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M"),
        ("%d.%m.%Y, %H:%M:%S", "%d.%m.%Y, %H:%M:%S"),
        ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M:%S %p"),
        ("%Y%m%d", "%Y%m%d"),
    ],
)
def test_one_format_that_fits_every_value_is_found_and_told(form: str, found: str) -> None:
    data = load(written(form))
    assert data.reading == f"using time=date ({found}), target=y"
    assert data.columns.time_format == found
    assert (shown(data), data.every) == ([f"{day}T00:00" for day in DAYS], "1d")


@pytest.mark.parametrize("name", ["ds", "Date", "TIME", "timestamp", "datetime", "Datum"])
def test_by_whatever_name(name: str) -> None:
    assert load(written("%d.%m.%Y", name=name)).columns.time == name


def test_spreadsheets_write_the_newest_first() -> None:
    data = load(written("%d.%m.%Y")[::-1])
    assert data.reading == "using time=date (%d.%m.%Y), target=y; rows sorted by time"
    assert shown(data)[0] == "2024-01-10T00:00"
    assert data.values[:, 0].tolist() == list(range(12))


@pytest.mark.parametrize(
    ("texts", "expected", "every"),
    [
        (["2020-1-5", "2020-1-6", "2020-1-7"], "2020-01-05T00:00", "1d"),
        (["2020-W01", "2020-W02", "2020-W03"], "2019-12-30T00:00", "1w"),  # ISO 8601: Monday
        (["1/30/2024 11:00 PM", "1/31/2024 12:00 AM", "1/31/2024 1:00 AM"], "2024-01-30T23:00", "1h"),
        (["Jan 2020", "Feb 2020", "Mar 2020"], "2020-01-01T00:00", "1mo"),
        (["12/2019", "01/2020", "02/2020"], "2019-12-01T00:00", "1mo"),
        (["1500-1-5", "1500-1-6", "1500-1-7"], "1500-01-05T00:00", "1d"),
        (["2900-01-05", "2900-01-06", "2900-01-07"], "2900-01-05T00:00", "1d"),
    ],
)
def test_unusual_spellings(texts: list[str], expected: str, every: str) -> None:
    data = load(pl.DataFrame({"ds": texts, "y": [1.0, 2.0, 4.0]}))
    assert (shown(data)[0], data.every) == (expected, every)


@pytest.mark.parametrize("end", ["+00", " UTC", " GMT", " +00:00"])
def test_ends_that_say_utc(end: str) -> None:
    data = load(pl.DataFrame({"ds": [f"2020-01-01 0{hour}:00:00{end}" for hour in range(5)], "y": np.arange(5)}))
    assert (data.zone.name, data.every, shown(data)[1]) == ("UTC", "1h", "2020-01-01T01:00")


def test_two_readings_are_spelt_out() -> None:
    frame = pl.DataFrame({"date": [f"{month:02d}/01/2024" for month in range(1, 13)], "y": np.arange(12)})
    with pytest.raises(DataError) as caught:
        load(frame)
    assert str(caught.value) == (
        "the frame: the time '02/01/2024' in row 1 (counted from 0) of column 'date' may be 2 January 2024 (%d/%m/%Y) "
        "or 1 February 2024 (%m/%d/%Y), and so may all others; expected one reading: name it with --time-format "
        "'%d/%m/%Y' or --time-format '%m/%d/%Y'."
    )
    assert load(frame, columns=Columns(time_format="%m/%d/%Y")).every == "1mo"
    assert load(frame, columns=Columns(time_format="%d/%m/%Y")).every == "1d"


def test_what_is_read_alike_is_read() -> None:
    """%d/%m and %m/%d say the same of the first of January."""
    data = load(pl.DataFrame({"date": ["01/01/2022", "01/01/2023", "01/01/2024"], "y": [1, 2, 3]}))
    assert data.every == "1y"


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["foo", "bar"], r"the time column 'date' is text \('foo' in row 0.*--time-format.*--time none"),
        (["31.01.2020", "2020-02-01"], r"'2020-02-01' in row 1 .* column 'date' does not have the format '%d.%m.%Y'"),
        (["2020-01-01", "01.02.2020"], r"'01.02.2020' in row 1 .* of column 'date' is no ISO date"),
        (["13/01/2020", "01/13/2020"], r"'01/13/2020' in row 1 .* does not have the format '%d/%m/%Y' of the first"),
        (["NA", "2020-01-01"], r"the time column 'date' is empty in row 0"),
        (["31.01.2020", "?"], r"the time column 'date' is empty in row 1"),
        (["2020-01-01 00:00+01:00", "2020-01-01 01:00"], "has no zone and '2020-01-01 00:00.01:00' has one"),
        (["12:00", "13:00"], r"the time column 'date' is text \('12:00'"),
    ],
)
def test_what_cannot_be_read_is_refused_and_never_ignored(texts: list[str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        load(pl.DataFrame({"date": texts, "y": [1.0, 2.0]}))


def test_an_empty_time_and_one_of_another_type_are_refused_as_well() -> None:
    for column in ([None, None], [[1], [2]]):
        with pytest.raises(DataError, match=r"the time column 'date' is (empty|of type List)"):
            load(pl.DataFrame({"date": column, "y": [1.0, 2.0]}))


def test_text_that_is_no_time_and_has_no_such_name_is_left_alone() -> None:
    frame = pl.DataFrame({"code": ["1-2-3", "1-2-4"], "batch": ["20200101", "20200102"], "y": [1.0, 2.0]})
    assert load(frame).reading == "using target=y; ignoring code, batch (not numbers)"
    mixed = pl.DataFrame({"lot": ["01.02.2020", "A7"], "y": [1.0, 2.0]})
    assert load(mixed).columns.time is None


def test_of_several_columns_of_times_the_one_of_that_name() -> None:
    frame = written("%d.%m.%Y").with_columns(shipped=pl.lit("31.12.2024"))
    assert load(frame).reading == "using time=date (%d.%m.%Y), target=y; ignoring shipped (not numbers)"
    both = pl.DataFrame({"date": [20240101, 20240102], "time": [900, 900], "y": [1.0, 2.0]})
    with pytest.raises(DataError, match=r"more than one column of times \(date, time\); expected one: .*--time"):
        load(both)
    assert load(both, columns=Columns(time="date", target="y")).every == "1d"
    with pytest.raises(DataError, match=r"more than one column of times \(date, time\)"):
        load(pl.DataFrame({"date": ["foo", "bar"], "time": ["x", "y"], "y": [1.0, 2.0]}))
    assert load(pl.DataFrame({"date": [20240101, 20240102], "step": [9, 9], "y": [1.0, 2.0]})).columns.time == "date"
    assert load(pl.DataFrame({"year": [2024, 2024], "t": [1, 2], "y": [1.0, 2.0]})).columns.time is None


def test_whole_numbers_that_are_dates() -> None:
    days = [20231230, 20231231, 20240101]
    for kind in (days, [float(day) for day in days]):
        data = load(pl.DataFrame({"date": kind, "y": [1, 2, 3]}))
        assert (data.every, shown(data)[2], data.columns.time_format) == ("1d", "2024-01-01T00:00", "%Y%m%d")
    months = load(pl.DataFrame({"time": [202311, 202312, 202401], "y": [1, 2, 3]}))
    assert (months.every, months.columns.time_format) == ("1mo", "%Y%m")
    steps = load(pl.DataFrame({"step": [202311, 202312, 202313], "y": [1, 2, 3]}))
    assert (steps.every, steps.columns.time_format) == ("1i", None)
    years = pl.DataFrame({"year": [1999, 2000, 2001], "y": [1, 2, 3]})
    assert load(years).every == "1i"
    assert load(years, columns=Columns(time_format="%Y")).every == "1y"
    seconds = pl.DataFrame({"time": [1577836800, 1577840400], "y": [1, 2]})
    assert load(seconds, columns=Columns(time_format="%s")).every == "1h"


def test_a_format_that_is_none_or_does_not_fit() -> None:
    with pytest.raises(SettingsError, match=r"time format '%d/%m/%Y %H' is none .*strptime"):
        load(written("%d/%m/%Y 10"), columns=Columns(time_format="%d/%m/%Y %H"))
    with pytest.raises(
        DataError, match=r"'10.01.2024' in row 0 .*column 'date' does not have the format '%Y'.*--time-f"
    ):
        load(written("%d.%m.%Y"), columns=Columns(time_format="%Y"))
    with pytest.raises(SettingsError, match=r"no column of times for --time-format '%Y'; expected one: name it"):
        load(pl.DataFrame({"y": [1.0, 2.0]}), columns=Columns(time_format="%Y"))
    with pytest.raises(DataError, match=r"does not have the format '%d\.%m\.%Y'"):  # 24 is not the year 24
        load(written("%d.%m.%y"), columns=Columns(time_format="%d.%m.%Y"))


def test_what_was_found_is_remembered() -> None:
    """Three rows of a new month alone would be ambiguous."""
    first = load(written("%m/%d/%Y"))
    new = written("%m/%d/%Y", days=["2024-03-01", "2024-03-02", "2024-03-03"])
    data = load_like(new, first)
    assert shown(data) == [f"2024-03-0{day}T00:00" for day in (1, 2, 3)]
    with pytest.raises(DataError, match="does not have the format '%m/%d/%Y'"):
        load_like(written("%d.%m.%Y"), first)
    dated = load(new.with_columns(pl.col("date").str.to_date("%m/%d/%Y")))
    assert dated.columns.time_format is None
    text = load_like(written("%d.%m.%Y"), dated)
    assert shown(text) == [f"{day}T00:00" for day in DAYS]
    typed = new.with_columns(pl.col("date").str.to_date("%m/%d/%Y"))
    assert shown(load_like(typed, first)) == shown(data)


@pytest.mark.parametrize("kind", ["object", "category", "string[pyarrow]"])
def test_text_of_pandas(kind: str) -> None:
    frame = pd.DataFrame({"ds": [f"{day}.01.2024" for day in range(10, 20)], "y": np.arange(10.0)})
    assert load(frame.astype({"ds": kind})).columns.time_format == "%d.%m.%Y"


PERIODS: list[tuple[Any, str, str]] = [
    (pd.period_range("2020-01", periods=4, freq="M"), "1mo", "2020-01-01T00:00"),
    (pd.period_range("2020Q1", periods=4, freq="Q"), "1q", "2020-01-01T00:00"),
    (pd.period_range("2020-01-06", periods=4, freq="W"), "1w", "2020-01-06T00:00"),
    (pd.period_range("1500-01", periods=4, freq="M"), "1mo", "1500-01-01T00:00"),
    (pd.period_range("2020-01-01 05:00", periods=4, freq="h"), "1h", "2020-01-01T05:00"),
]


@pytest.mark.parametrize(("periods", "every", "first"), PERIODS)
def test_periods_of_pandas(periods: Any, every: str, first: str) -> None:
    values = np.arange(4.0)
    for frame in (pd.DataFrame({"when": periods, "y": values}), pd.Series(values, index=periods, name="y")):
        data = load(frame)
        assert (data.every, shown(data)[0]) == (every, first)


def test_a_file(write: Write) -> None:
    text = "date,units\n" + "".join(f"{31 - k:02d}.12.2024,{k}\n" for k in range(20))
    data = load(write("x.csv", text))
    assert (data.every, data.columns.time_format, data.values[-1, 0]) == ("1d", "%d.%m.%Y", 0.0)
    bad = write("y.csv", text.replace("15.12.2024", "15.13.2024"))
    with pytest.raises(
        DataError, match=r"y.csv: the time '15.13.2024' in row 18 \(the header is row 1\) of column 'date'"
    ):
        load(bad)
