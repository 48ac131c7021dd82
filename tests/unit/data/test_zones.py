"""Zones: regular in UTC is regular, a clock's summer time is explained, and forecasts come back where the data are."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfloop.data import Columns, Sequences, load, time_text
from selfloop.data.write import write_table
from selfloop.data.zones import Zone, as_held, in_utc, shown, to_wall, zone_name
from selfloop.errors import DataError, SettingsError
from selfloop.tasks.forecast.baselines import Naive
from selfloop.tasks.forecast.design import continued
from selfloop.tasks.forecast.table import table
from selfloop.tasks.forecast.task import Forecast

pytestmark = pytest.mark.usefixtures("command_line")

NAMES = ["America/New_York", "Etc/GMT+5", "Europe/Berlin", "Asia/Kolkata", "UTC", "America/Argentina/Buenos_Aires"]


def forecast(data: Sequences, horizon: int = 3) -> pl.DataFrame:
    """What a user gets of the naive model."""
    return pl.DataFrame(table(Forecast(horizon, 1), Naive(1, horizon), data, None, data.every))


def pandas(times: pd.DatetimeIndex) -> pd.DataFrame:
    return pd.DataFrame({"ds": times, "y": np.arange(float(len(times)))})


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("freq", ["h", "15min", "D", "MS", "B"])
def test_the_first_forecast_is_one_step_after_the_last_observation(name: str, freq: str) -> None:
    """Over a change of the clock; the oracle is pandas."""
    times = pd.date_range("2021-02-20", periods=44, freq=freq, tz=name)
    if freq in ("h", "15min"):
        times = pd.date_range(
            "2021-03-13 20:00" if "York" in name else "2021-03-27 20:00", periods=44, freq=freq, tz=name
        )
    for frame in (pandas(times[:40]), pl.from_pandas(pandas(times[:40])), pa.Table.from_pandas(pandas(times[:40]))):
        data = load(frame)
        assert data.zone.name == name
        got = forecast(data)["ds"]
        assert got.dtype == pl.Datetime("us", name)
        assert got.to_list() == [moment.to_pydatetime() for moment in times[40:43]]
        assert [each.utcoffset() for each in got.to_list()] == [each.utcoffset() for each in times[40:43]]


@pytest.mark.parametrize("zone", ["+05:30", "-03:30"])
def test_an_offset_without_a_name_keeps_its_days(zone: str) -> None:
    times = pd.date_range("2021-02-28", periods=20, freq="ME", tz=zone)
    data = load(pandas(times[:17]))
    assert (data.every, data.zone) == ("1mo", Zone(zone, local=True))
    assert forecast(data)["ds"].to_list() == [moment.to_pydatetime() for moment in times[17:]]


def test_text_with_offsets(tmp_path: Any) -> None:
    """Of one offset, and of two, as a local clock in summer and winter; the file says the offset again."""
    berlin = [datetime(2021, 3, 27, 22, tzinfo=ZoneInfo("UTC")) + k * timedelta(hours=1) for k in range(8)]
    texts = [moment.astimezone(ZoneInfo("Europe/Berlin")).isoformat(sep=" ") for moment in berlin]
    data = load(pl.DataFrame({"ds": texts, "y": np.arange(8)}))
    assert (data.every, data.zone.name, data.reading) == ("1h", "UTC", "using time=ds, target=y; times of UTC")
    local = load(pl.DataFrame({"ds": texts, "y": np.arange(8)}), columns=Columns(timezone="Europe/Berlin"))
    write_table(forecast(local, 2), tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_text().splitlines()[1:] == [
        "y,2021-03-28 08:00:00+02:00,7.0",
        "y,2021-03-28 09:00:00+02:00,7.0",
    ]
    fixed = load(pl.DataFrame({"ds": [f"2021-06-01T0{k}:00:00-05:00" for k in range(5)], "y": np.arange(5)}))
    write_table(forecast(fixed, 1), tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_text().splitlines()[1] == "y,2021-06-01 05:00:00-05:00,4.0"


def clock(first: str, steps: int, every: str, name: str = "Europe/Berlin") -> pd.DataFrame:
    """What a clock on the wall shows."""
    return pandas(pd.date_range(first, periods=steps, freq=every, tz=name).tz_localize(None))


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (
            clock("2021-03-27", 60, "h"),
            "leave out an hour: 2021-03-28T01:00 .* when summer time begins; expected steps of",
        ),
        (clock("2021-10-30", 60, "h"), "has the time 2021-10-31T02:00 twice, .* when summer time ends; expected each"),
        (clock("2021-10-30", 240, "15min"), "has the time 2021-10-31T02:00 twice, .* when summer time ends"),
        (clock("2021-03-13", 60, "h", "America/New_York"), "leave out an hour: 2021-03-14T01:00 .* summer time begins"),
        (clock("2021-10-02", 60, "30min", "Australia/Sydney"), "leave out an hour: 2021-10-03T01:30 .* summer time"),
    ],
)
def test_a_clock_s_summer_time_is_explained(frame: pd.DataFrame, said: str) -> None:
    with pytest.raises(DataError, match=rf"series 'y' {said}|the times of series 'y' {said}") as caught:
        load(frame)
    assert "--timezone Europe/Berlin" in str(caught.value)


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/New_York", "Australia/Sydney"])
@pytest.mark.parametrize("every", ["h", "15min"])
@pytest.mark.parametrize("newest_first", [False, True])
def test_and_mended_by_the_zone(name: str, every: str, newest_first: bool) -> None:
    times = pd.date_range("2020-12-30", "2021-12-01", freq=every, tz=name)
    frame = pandas(times.tz_localize(None))
    data = load(frame[::-1] if newest_first else frame, columns=Columns(timezone=name))
    assert data.every == {"h": "1h", "15min": "15m"}[every]
    np.testing.assert_array_equal(data.time, times.tz_convert(None).to_numpy())
    assert data.reading.startswith(f"using time=ds ({name}), target=y")
    np.testing.assert_array_equal(data.values[:, 0], np.arange(len(times)))
    expected = times[-1] + pd.Timedelta(every if every != "h" else "1h")
    assert forecast(data)["ds"].to_list()[0] == expected.to_pydatetime()


def test_the_doubled_hour_of_each_series_is_its_own() -> None:
    one = clock("2021-10-30", 60, "h").assign(shop="a")
    both = pd.concat([one, one.assign(shop="b")]).sort_values("ds", kind="stable")
    data = load(both, columns=Columns(id="shop", timezone="Europe/Berlin"))
    assert (data.every, data.lengths.tolist()) == ("1h", [60, 60])
    np.testing.assert_array_equal(data.time[:60], data.time[60:])


def test_the_doubled_hour_of_rows_in_disorder_is_refused() -> None:
    """Nothing tells the first two o'clock from the second; other rows may stand in any order."""
    torn = clock("2021-10-30", 60, "h").sample(frac=1, random_state=4)
    with pytest.raises(
        DataError, match=r"2021-10-31T02:00 of column 'ds' is there twice, .* sort them, or write times"
    ):
        load(torn, columns=Columns(timezone="Europe/Berlin"))
    summer = clock("2021-06-01", 60, "h").sample(frac=1, random_state=4)
    assert load(summer, columns=Columns(timezone="Europe/Berlin")).every == "1h"


def test_days_stay_days_where_midnight_is_left_out() -> None:
    """São Paulo began its summer time at midnight."""
    days = pd.date_range("2018-10-20", periods=20).to_numpy()
    data = load(pd.DataFrame({"ds": days[:15], "y": np.arange(15.0)}), columns=Columns(timezone="America/Sao_Paulo"))
    assert (data.every, data.zone) == ("1d", Zone("America/Sao_Paulo", local=True))
    got = forecast(data, 2)["ds"].to_list()
    assert [(each.day, each.hour) for each in got] == [(4, 1), (5, 0)], "the 4th of November 2018 began at one o'clock"


def test_noon_and_midnight_are_regular_by_the_clock() -> None:
    frame = pandas(pd.date_range("2021-03-20", periods=40, freq="12h").tz_localize("Europe/Berlin"))
    assert load(frame).every == "12h"


@pytest.mark.parametrize(
    ("frame", "columns", "message"),
    [
        (
            clock("2021-03-27", 60, "h"),
            Columns(timezone="Europe/Berlinn"),
            "There is no time zone .*mean 'Europe/Berlin'",
        ),
        (clock("2021-03-27", 60, "h"), Columns(timezone="??"), "no time zone .*The IANA database lists them"),
        (
            pd.DataFrame({"ds": range(9), "y": range(9)}),
            Columns(timezone="UTC"),
            "'ds' holds whole numbers.*--timezone",
        ),
        (pd.DataFrame({"y": range(9)}), Columns(timezone="UTC"), "no column of times for --timezone 'UTC'"),
        (
            pandas(pd.date_range("2021-03-27", periods=60, freq="h")),
            Columns(timezone="Europe/Berlin"),
            r"2021-03-28T02:00 in row 26 .*column 'ds' does not exist in Europe/Berlin.*another --timezone",
        ),
    ],
)
def test_a_zone_that_does_not_fit(frame: pd.DataFrame, columns: Columns, message: str) -> None:
    with pytest.raises((DataError, SettingsError), match=message):
        load(frame, columns=columns)


def test_whole_days_have_a_zone_as_well() -> None:
    assert load(pandas(pd.date_range("2021-03-01", periods=60))).zone is None
    named = load(pandas(pd.date_range("2021-03-01", periods=60)), columns=Columns(timezone="Europe/Berlin"))
    assert named.zone == Zone("Europe/Berlin", local=True)
    assert forecast(named, 1)["ds"].dtype == pl.Datetime("us", "Europe/Berlin")


def test_a_zone_is_part_of_the_data() -> None:
    times = pd.date_range("2021-06-01", periods=9, freq="h", tz="UTC")
    one, other = load(pandas(times)), load(pandas(times.tz_convert("Asia/Tokyo")))
    np.testing.assert_array_equal(one.time, other.time)
    assert one.fingerprint != other.fingerprint
    assert load(pandas(times.tz_convert(None))).fingerprint not in (one.fingerprint, other.fingerprint)


def test_a_test_part_is_held_by_the_clock_of_the_data() -> None:
    """One noon a day is held by the clock on the wall; the hours before it are not."""
    times = pd.date_range("2021-10-20", periods=60, freq="D", tz="Europe/Berlin")
    data, after = load(pandas(times[:50])), load(pandas(times[50:].tz_convert("UTC")))
    whole, _ = continued(data, after)
    assert whole.zone == data.zone
    np.testing.assert_array_equal(whole.time, times.tz_localize(None).to_numpy())


@settings(max_examples=100)
@given(st.datetimes(datetime(1950, 1, 1), datetime(2035, 1, 1)), st.sampled_from(NAMES))
def test_there_and_back(moment: datetime, name: str) -> None:
    """The oracle is zoneinfo."""
    utc = np.array([moment], dtype="datetime64[us]")
    wall = to_wall(utc, name)
    expected = moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(name)).replace(tzinfo=None)
    assert wall[0].item() == expected
    back = in_utc(wall, Zone(name, local=True))
    twice = (
        expected.replace(tzinfo=ZoneInfo(name), fold=0).utcoffset()
        != expected.replace(tzinfo=ZoneInfo(name), fold=1).utcoffset()
    )
    assert back[0] == utc[0] or twice
    np.testing.assert_array_equal(as_held(utc, Zone(name), Zone(name, local=True)), wall)
    column: Any = shown(utc, Zone(name))
    assert column.to_list() == [moment.replace(tzinfo=ZoneInfo("UTC"))]


def test_names_of_zones() -> None:
    assert zone_name("Europe/Berlin") == "Europe/Berlin"
    assert zone_name("Mars/Olympus") == "UTC"
    assert zone_name(ZoneInfo("America/New_York")) == "America/New_York"


def test_pages_show_the_clock_with_its_offset() -> None:
    utc = np.array(["2021-10-31T00:00", "2021-10-31T01:00"], dtype="datetime64[us]")
    assert time_text(utc, zone=Zone("Europe/Berlin")) == ("2021-10-31T02:00+02:00", "2021-10-31T02:00+01:00")
    assert time_text(utc, zone=Zone("+05:30")) == ("2021-10-31T05:30+05:30", "2021-10-31T06:30+05:30")
    assert time_text(utc, zone=Zone("Europe/Berlin", local=True)) == ("2021-10-31T00:00", "2021-10-31T01:00")


def test_messages_show_the_clock() -> None:
    times = pd.date_range("2021-06-01", periods=30, freq="h", tz="America/New_York")
    with pytest.raises(DataError, match=r"irregular: 2021-06-01T04:00 \(row 4 .* followed by 2021-06-01T06:00 "):
        load(pandas(times).drop(index=5).reset_index(drop=True))


def test_an_index_with_a_zone_is_the_time() -> None:
    times = pd.date_range("2021-06-01", periods=30, freq="h", tz="America/New_York", name="when")
    data = load(pd.Series(np.arange(30.0), index=times, name="y"))
    assert (data.columns.time, data.zone) == ("when", Zone("America/New_York"))
