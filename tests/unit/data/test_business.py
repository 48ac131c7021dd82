"""Business series as they come: working days, ends of months, unsorted, with rows left out, several in one table."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import polars as pl
import pytest

from fixture_types import Write
from selfloop.data import Columns, Missing, Sequences, future_times, load, load_like, time_text
from selfloop.errors import DataError

pytestmark = pytest.mark.usefixtures("command_line")


def series(times: Sequence[object], **more: list[object]) -> Sequences:
    return load(pl.DataFrame({"ds": times, "y": np.arange(len(times), dtype=float)} | more))


def working(first: date, count: int, week: str = "12345", without: tuple[int, ...] = ()) -> list[date]:
    """Days whose ISO weekday is one of `week`, without some of them."""
    days = [first + timedelta(days=k) for k in range(7 * count)]
    return [day for k, day in enumerate([d for d in days if str(d.isoweekday()) in week][:count]) if k not in without]


@pytest.mark.parametrize(
    ("week", "every"),
    [("12345", "1b"), ("123456", "1b123456"), ("12347", "1b12347"), ("135", "1b135"), ("14", "1b14")],
)
def test_working_days(week: str, every: str) -> None:
    days = working(date(2024, 2, 1), 40, week)
    data = series(days[:30])
    assert data.every == every
    assert future_times(data.time, every, 10).astype("datetime64[D]").tolist() == days[30:]
    late = series([datetime(d.year, d.month, d.day, 17, 30) for d in days[:30]])
    assert (late.every, time_text(future_times(late.time, every, 1))) == (every, (f"{days[30]}T17:30",))


def test_three_days_in_a_row_are_days_and_two_over_a_weekend_are_business_days() -> None:
    assert series([date(2024, 1, 3), date(2024, 1, 4), date(2024, 1, 5)]).every == "1d"
    assert series([date(2024, 1, 4), date(2024, 1, 5), date(2024, 1, 8)]).every == "1b"
    with pytest.raises(DataError, match="irregular"):
        series([date(2024, 1, 4), date(2024, 1, 7), date(2024, 1, 8)])


@pytest.mark.parametrize("freq", ["BME", "BMS", "ME", "MS", "BQE", "QE", "W", "W-FRI", "YE", "B", "SME"])
def test_what_pandas_calls_a_frequency(freq: str) -> None:
    """Read where they are regular; pandas says what comes next. Twice a month is no step of ours and is refused."""
    times = pd.date_range("2019-01-01", periods=44, freq=freq)
    frame = pd.DataFrame({"ds": times[:40], "y": np.arange(40.0)})
    if freq == "SME":
        with pytest.raises(DataError, match=r"irregular.*--missing interpolate.*--time none"):
            load(frame)
        return
    data = load(frame)
    np.testing.assert_array_equal(future_times(data.time, data.every, 4), times[40:].to_numpy())


@pytest.mark.parametrize("week", ["12345", "123456"])
def test_a_few_days_are_read_as_the_data_before_were(week: str) -> None:
    """Monday to Wednesday alone are days; those of a series of business days are business days."""
    first = series(working(date(2024, 1, 1), 60, week))

    def like(days: list[date], missing: Missing = "error") -> Sequences:
        frame = pl.DataFrame({"ds": days, "y": np.arange(float(len(days)))})
        return load_like(frame, first, missing=missing)

    for start, count in ((date(2024, 6, 3), 3), (date(2024, 6, 6), 5)):
        days = working(start, count + 1, week)
        data = like(days[:count])
        assert data.every == first.every
        assert future_times(data.time, data.every, 1).astype("datetime64[D]").tolist() == days[count:]
    weekend = [date(2024, 6, 7) + timedelta(days=k) for k in range(4)]
    assert like(weekend).every == "1d", "a Sunday is no working day"
    torn = working(date(2024, 6, 6), 7, week, without=(2, 3))
    assert like(torn, "interpolate").lengths.tolist() == [7]


def test_unsorted_rows_are_sorted_and_it_is_said(write: Write) -> None:
    rows = [f"{name},2020-01-{day:02d},{day}\n" for day in range(1, 13) for name in "BA"]
    mixed = [rows[k] for k in np.random.default_rng(3).permutation(len(rows))]
    data = load(write("x.csv", "unique_id,ds,y\n" + "".join(mixed)))
    assert data.reading == "using id=unique_id, time=ds, target=y; rows sorted by time"
    assert data.values[:, 0].tolist() == [*range(1, 13)] * 2
    assert load(write("y.csv", "unique_id,ds,y\n" + "".join(rows))).reading == "using id=unique_id, time=ds, target=y"


def test_the_places_of_sorted_rows_are_the_file_s(write: Write) -> None:
    with pytest.raises(DataError, match=r"the time 2 twice, in row 3 \(the header is row 1\) and row 5 "):
        load(write("x.csv", "unique_id,ds,y\nA,3,1\nA,2,1\nA,1,1\nA,2,7\n"))
    with pytest.raises(DataError, match=r"value of 'y' is missing in row 3 \(the header"):
        load(write("x.csv", "unique_id,ds,y\nA,3,1\nA,2,\nA,1,1\n"))


@pytest.mark.parametrize("without", [(1,), (5, 6, 7), (3, 9, 20)])
@pytest.mark.parametrize(
    "kind", ["days", "business days", "month ends", "business month ends", "hours", "weeks", "counts"]
)
def test_missing_rows_are_filled_in(kind: str, without: tuple[int, ...]) -> None:
    freq = {
        "days": "D",
        "business days": "B",
        "month ends": "ME",
        "business month ends": "BME",
        "hours": "h",
        "weeks": "W",
    }
    times = range(100, 140) if kind == "counts" else pd.date_range("2019-01-01", periods=40, freq=freq[kind])
    whole = pd.DataFrame({"ds": times, "y": np.arange(40.0), "z": np.arange(40.0) ** 2})
    torn = whole.drop(index=list(without))
    columns = Columns(target="y", inputs=("z",))
    with pytest.raises(DataError, match=r"irregular: .* add the missing rows \(--missing interpolate does"):
        load(torn, columns=columns)
    with pytest.raises(DataError, match="irregular"):
        load(torn, columns=columns, missing="drop")
    data, expected = load(torn, columns=columns, missing="interpolate"), load(whole, columns=columns)
    assert data.reading.endswith(f"; {len(without)} missing row{'s' if len(without) > 1 else ''} added and filled in")
    assert data.every == expected.every
    np.testing.assert_array_equal(data.time, expected.time)
    assert data.time.dtype == expected.time.dtype
    np.testing.assert_allclose(data.values[:, 0], expected.values[:, 0], rtol=1e-12)
    kept = np.setdiff1d(np.arange(40), without)
    np.testing.assert_array_equal(data.values[kept], expected.values[kept])


def test_each_series_gets_its_own_rows_and_keeps_its_ends() -> None:
    frame = pl.DataFrame(
        {"unique_id": list("AAABBB"), "ds": [1, 2, 5, 7, 9, 10], "y": [1.0, 2.0, 5.0, 7.0, 9.0, 10.0]},
    )
    data = load(frame, missing="interpolate")
    assert (data.every, data.lengths.tolist()) == ("1i", [5, 4])
    assert data.values[:, 0].tolist() == [1, 2, 3, 4, 5, 7, 8, 9, 10]


def test_rows_are_not_made_up_where_most_would_be() -> None:
    frame = pl.DataFrame(
        {"unique_id": ["A"] * 9 + ["B"] * 4, "ds": [*range(9), 0, 7, 14, 21], "y": np.arange(13.0)},
    )
    with pytest.raises(DataError, match="'B' are irregular"):
        load(frame, missing="interpolate")
    odd = pl.DataFrame({"ds": ["2020-01-01 00:00", "2020-01-01 01:00", "2020-01-01 02:17"], "y": [1.0, 2.0, 3.0]})
    with pytest.raises(DataError, match="irregular"):
        load(odd, missing="interpolate")


SHOPS = pl.DataFrame(
    {
        "date": [f"2024-01-{day:02d}" for day in range(1, 21)] * 3,
        "shop": ["Bonn"] * 20 + ["Ulm"] * 20 + ["Kiel"] * 20,
        "units": np.arange(60),
    }
)


@pytest.mark.parametrize("order", [["shop", "date"], ["date", "shop"]])
def test_the_sole_text_column_within_which_times_increase_is_the_id(order: list[str]) -> None:
    data = load(SHOPS.sort(order))
    assert data.reading == "using id=shop, time=date, target=units"
    assert (sorted(data.ids), data.lengths.tolist(), data.every) == (["Bonn", "Kiel", "Ulm"], [20, 20, 20], "1d")
    remarks = SHOPS.with_columns(note=pl.lit("x"), remark=pl.int_range(pl.len()).cast(pl.String))
    assert load(remarks).columns.id == "shop"
    assert load(SHOPS.with_columns(pl.col("shop").cast(pl.Categorical))).columns.id == "shop"
    assert load(SHOPS.rename({"shop": "id"}).with_columns(id=pl.int_range(pl.len()) // 20)).columns.id == "id"


def test_two_such_columns_are_refused_and_two_that_say_the_same_are_not() -> None:
    code = SHOPS.with_columns(code=pl.col("shop").str.to_uppercase())
    assert load(code).columns.id == "shop"
    other = SHOPS.with_columns(till=pl.int_range(pl.len()) % 20 * 3 % 7).with_columns(
        till=pl.concat_str(pl.col("shop"), (pl.col("till") % 2).cast(pl.String))
    )
    with pytest.raises(DataError, match=r"times repeat, .*\(shop, till\); expected one .*--id"):
        load(other)
    assert load(other, columns=Columns(id="shop")).columns.id == "shop"


def test_a_note_beside_one_series_is_no_id() -> None:
    one = SHOPS.head(20).with_columns(shop=pl.Series(["rain", "sun"] * 10))
    assert load(one).columns.id is None
    assert load(one[::-1]).columns.id is None
    twice = pl.concat([one, one.head(1)])
    with pytest.raises(DataError, match="the time 2024-01-01 twice"):
        load(twice)


@pytest.mark.parametrize("kind", ["text", "time"])
def test_a_time_of_day_in_a_column_of_its_own_is_no_id(kind: str) -> None:
    """Ninety-six series of days would be made of it."""
    frame = pl.DataFrame({"Date": ["2024-01-01"] * 3 + ["2024-01-02"] * 3, "Time": ["8:00", "9:00", "10:00"] * 2})
    frame = frame.with_columns(y=pl.int_range(6))
    if kind == "time":
        frame = frame.with_columns(pl.col("Time").str.zfill(5).str.to_time("%H:%M"))
    with pytest.raises(
        DataError, match=r"times of column 'Date' repeat, and column 'Time' is .* a time of day; .*--time"
    ):
        load(frame)


def test_times_repeat_and_nothing_tells_the_rows_apart() -> None:
    with pytest.raises(DataError, match=r"has the time 2024-01-01 twice, .*--id"):
        load(SHOPS.drop("shop"))
