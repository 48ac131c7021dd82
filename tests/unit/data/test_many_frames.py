"""A hundred and more small frames as people make them: each reads as its maker knows, or is refused in a sentence.

The maker is pandas' calendar and the standard library's strftime; neither is asked by the reader of the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from selfloop.data import Columns, Sequences, future_times, load
from selfloop.data.zones import shown
from selfloop.errors import SelfloopError

pytestmark = pytest.mark.usefixtures("command_line")

FRAMES = 220
STEPS = 40
CALENDARS = ["h", "h", "15min", "15min", "D", "B", "W-SUN", "ME", "MS", "QE", "YS", "BME", "counts"]
BY_THE_HOUR = ("h", "15min")
NAMES = ["ds", "date", "Timestamp", "when", "Datum"]
ZONES = [None, None, "Europe/Berlin", "America/New_York", "Etc/GMT+5", "Asia/Kolkata"]
DAYS = ["%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d", "%Y/%m/%d", "%d-%b-%Y", "%Y%m%d", "%m/%d/%y"]
HOURS = ["%d.%m.%Y %H:%M", "%m/%d/%Y %I:%M %p", "%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M"]
LIBRARIES: list[Callable[[pd.DataFrame], Any]] = [lambda f: f, pl.from_pandas, lambda f: pa.Table.from_pandas(f)]
ORDERS = ["sorted", "newest first", "shuffled"]
HOLES = ["none", "none", "none", "rows", "values"]


@dataclass(frozen=True)
class Made:
    """A frame, and what its maker knows of it.

    Attributes:
        frame: of some library.
        columns: what is named with it.
        missing: what is to be done about missing values.
        times: with a zone where there is one, in order.
        more: the next time.
        values: of each series, in order of time; NaN where its row or its value was taken out.
        refused: why it must be, or None.
        story: what was drawn.
    """

    frame: Any
    columns: Columns
    missing: str
    times: pd.Index
    more: Any
    values: dict[str, np.ndarray]
    refused: str | None
    story: str


@cache
def make(seed: int) -> Made:
    rng = np.random.default_rng(seed)

    def one(choices: Any) -> Any:
        return choices[rng.integers(len(choices))]

    calendar, name, zone = one(CALENDARS), one(NAMES), one(ZONES)
    library, order, holes = one(LIBRARIES), one(ORDERS), one(HOLES)
    whole = calendar_of(calendar, None if calendar == "counts" else zone)
    times, more = whole[:STEPS], whole[STEPS]
    ids = ["Ulm"] if rng.random() < 0.5 else ["Ulm", "Bonn", "Kiel"]
    values = {each: np.round(rng.normal(size=STEPS) * 100, 3) for each in ids}
    if rng.random() < 0.3:
        values = {each: np.rint(series) for each, series in values.items()}
    kind = (
        "typed" if calendar == "counts" or (zone and rng.random() < 0.6) else one(["typed", "text", "text", "period"])
    )
    written, form, ambiguous = spelt(rng, times, kind, calendar, zone)
    frame = pd.concat([pd.DataFrame({name: written, "y": series, "shop": who}) for who, series in values.items()])
    if len(ids) == 1:
        frame = frame.drop(columns="shop")
    missing = one(["error", "interpolate"])
    frame, values = torn(rng, frame.reset_index(drop=True), values, holes)
    frame = frame[::-1] if order == "newest first" else frame
    frame = frame.sample(frac=1, random_state=seed) if order == "shuffled" else frame
    frame = frame.reset_index(drop=True)
    doubled = zone == "Europe/Berlin" and calendar == "h" and kind != "typed" and order == "shuffled"
    refused = "ambiguous" if ambiguous else holes if holes != "none" and missing == "error" else None
    refused = "doubled" if doubled and not ambiguous else refused
    if calendar == "counts" and name == "when":
        name = "step"
        frame = frame.rename(columns={"when": "step"})
    local = zone is not None and kind != "typed"  # a clock without its zone, which is named with it
    columns = Columns(time=name, target="y", timezone=zone if local else None)
    story = f"{calendar} {name} {zone} {kind} {form} {order} {holes} {missing} {len(ids)} series"
    made = library(frame) if kind != "period" else frame
    return Made(made, columns, missing, times, more, values, refused, story)


def calendar_of(calendar: str, zone: str | None) -> pd.Index:
    if calendar == "counts":
        return pd.RangeIndex(7, 7 + 3 * (STEPS + 1), 3)
    start = "2021-10-30 05:00" if calendar in BY_THE_HOUR else "2019-01-01"
    return pd.date_range(start, periods=STEPS + 1, freq=calendar, tz=zone)


def spelt(
    rng: np.random.Generator, times: pd.Index, kind: str, calendar: str, zone: str | None
) -> tuple[Any, str | None, bool]:
    """The times as a column, the format of a text, and whether that may be read in two ways.

    Args:
        rng: draws the format.
        times: of one series.
        kind: typed, text or period.
        calendar: of the times.
        zone: of the times.
    """
    if kind == "typed":
        return times, None, False
    clock = times.tz_localize(None) if zone else times
    if kind == "period":
        if calendar in ("B", "BME", "W-SUN", "QE", "YS", "15min"):
            return clock, None, False
        return clock.to_period({"ME": "D", "MS": "M"}.get(calendar, calendar)), None, False
    forms = HOURS if calendar in BY_THE_HOUR else DAYS
    form = forms[rng.integers(len(forms))]
    days = {(each.day, each.month) for each in clock}
    swapped = form.startswith(("%d/%m", "%m/%d")) and all(d <= 12 for d, _ in days) and any(d != m for d, m in days)
    short = form.endswith("%y") and not swapped and all(m == 1 and d == 1 for d, m in days)
    return [each.strftime(form) for each in clock], form, swapped or short


def torn(
    rng: np.random.Generator, frame: pd.DataFrame, values: dict[str, np.ndarray], holes: str
) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Without two rows of the first series, or without their values."""
    if holes == "none":
        return frame, values
    rows = rng.choice(np.arange(5, STEPS - 5), size=2, replace=False)
    first = next(iter(values))
    left = {**values, first: values[first].copy()}
    left[first][rows] = np.nan
    if holes == "rows":
        return frame.drop(index=rows).reset_index(drop=True), left
    frame.loc[rows, "y"] = np.nan
    return frame, left


def instants(data: Sequences, k: int) -> list[Any]:
    time = data.time[data.offsets[k] : data.offsets[k + 1]]
    return pl.Series(shown(time, data.zone)).to_list()


@pytest.mark.parametrize("seed", range(FRAMES))
def test_read_as_its_maker_knows_or_refused(seed: int) -> None:
    made = make(seed)
    try:
        data = load(made.frame, columns=made.columns, missing=made.missing)  # type: ignore[arg-type]
    except SelfloopError as error:
        said = str(error)
        assert made.refused is not None, f"{made.story}: {said}"
        column = "y" if made.refused == "values" else made.columns.time
        assert repr(column) in said, made.story
        assert re.search(r"--(time-format|missing|timezone|id|time) |sort them", said), made.story
        assert said.count(". ") == 0, "one sentence"
        return
    assert made.refused is None, f"{made.story}: {data.reading}"
    assert sorted(data.ids) == sorted(made.values) or len(made.values) == 1, made.story
    for k, who in enumerate(data.ids):
        known = made.values[who] if len(made.values) > 1 else next(iter(made.values.values()))
        there = np.isfinite(known)
        np.testing.assert_array_equal(data[k][there, 0], known[there])
        assert len(data[k]) == STEPS, made.story
        expected = [each.to_pydatetime() if hasattr(each, "to_pydatetime") else each for each in made.times]
        assert instants(data, k) == expected, made.story
        last = data.time[data.offsets[k] : data.offsets[k + 1]]
        after = pl.Series(shown(future_times(last, data.every, 1), data.zone)).to_list()[0]
        assert after == (made.more.to_pydatetime() if hasattr(made.more, "to_pydatetime") else made.more), made.story


def test_the_maker_makes_all_kinds() -> None:
    stories = [make(seed) for seed in range(FRAMES)]
    text = " | ".join(made.story for made in stories)
    for word in (
        *CALENDARS,
        *NAMES,
        *(zone for zone in ZONES if zone),
        *ORDERS,
        *HOLES,
        *DAYS,
        *HOURS,
        "typed",
        "period",
    ):
        assert word in text, word
    refused = sum(made.refused is not None for made in stories)
    assert FRAMES // 10 < refused < FRAMES // 2
