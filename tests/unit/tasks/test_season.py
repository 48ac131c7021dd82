"""The season of a series, and where in it a series begins."""

from dataclasses import replace
from typing import Literal, cast

import numpy as np
import pytest

from selfloop.data import Sequences, load
from selfloop.tasks.forecast.fitted import FittedTreatment
from selfloop.tasks.forecast.season import CALENDAR, infer_season, places
from selfloop.tasks.forecast.treatment import Treatment


def timed(starts: list[str], lengths: list[int], every: str, step: str) -> Sequences:
    """Series of zeros with times: `step` is the same as `every`, as NumPy writes it."""
    number, unit = int(step[:-1]), cast(Literal["D", "h", "m", "M", "Y"], step[-1])
    times = [
        (np.datetime64(start, unit) + np.timedelta64(number, unit) * np.arange(n)).astype("datetime64[us]")
        for start, n in zip(starts, lengths, strict=True)
    ]
    return replace(load([np.zeros(n) for n in lengths]), time=np.concatenate(times), every=every)


@pytest.mark.parametrize(("every", "season"), [(k, v[0]) for k, v in CALENDAR.items()])
def test_the_calendar_knows(every: str, season: int) -> None:
    data = replace(load([np.zeros(3 * season), np.zeros(3 * season + 5)]), every=every)
    assert infer_season(data) == (season, f"steps are {CALENDAR[every][1]}")
    if season > 1:
        short = replace(load([np.zeros(3 * season - 1), np.zeros(3 * season)]), every=every)
        assert infer_season(short) == (1, f"the shortest series has fewer than three seasons of {season} steps")


@pytest.mark.parametrize("steps", [100, 500])
@pytest.mark.parametrize("period", [5, 7, 12])
def test_a_sine_in_noise_has_its_period(steps: int, period: int) -> None:
    rng = np.random.default_rng(steps + period)
    wave = np.sin(2 * np.pi * np.arange(steps) / period) + 0.2 * rng.normal(size=steps)
    assert infer_season(load([wave + 0.05 * np.arange(steps)]))[0] == period


@pytest.mark.parametrize("steps", [12, 24, 36, 60, 100, 300])
def test_noise_has_no_season(steps: int) -> None:
    """At most 6 of 200: a rate of 1 % is refuted by more with p < 0.005, one of 20 %, as without NOISE, is caught."""
    rng = np.random.default_rng(steps)
    found = sum(infer_season(load([rng.normal(size=steps)]))[0] > 1 for _ in range(200))
    assert found <= 6


@pytest.mark.parametrize("values", [np.zeros(40), np.arange(40.0), np.array([1.0, 2.0, 1.0]), np.array([5.0])])
def test_no_season_where_there_is_nothing_to_see(values: np.ndarray) -> None:
    assert infer_season(load([values])) == (1, "no clear peak of the autocorrelation")


def test_most_series_decide_and_the_season_is_one_that_a_series_has() -> None:
    waves = [np.sin(2 * np.pi * np.arange(90) / period) for period in (6, 6, 13, 13)]
    assert infer_season(load(waves))[0] == 6  # between the two, 9.5, there is none
    flat = np.zeros(90)
    assert infer_season(load([waves[0], flat]))[0] == 1
    assert infer_season(load([waves[0], waves[1], flat]))[0] == 6


def test_a_season_must_fit_the_shortest_series_three_times() -> None:
    long, short = np.sin(2 * np.pi * np.arange(150) / 30), np.sin(2 * np.pi * np.arange(80) / 30)
    expected = (1, "the shortest series has fewer than three seasons of 30 steps")
    assert infer_season(load([long, long, short])) == expected


def test_a_series_that_is_short_among_the_others_does_not_decide_on_the_season() -> None:
    long, short = np.sin(2 * np.pi * np.arange(400) / 30), np.sin(2 * np.pi * np.arange(60) / 30)
    assert infer_season(load([long, long, short])) == (30, "the first clear peak of the autocorrelation")


@pytest.mark.parametrize(
    ("every", "step", "season", "starts", "expected"),
    [
        ("1mo", "1M", 12, ["1970-01", "1949-03", "2020-12"], [0, 2, 11]),
        ("3mo", "3M", 4, ["1970-01", "1970-10", "1969-10"], [0, 3, 3]),
        ("1h", "1h", 24, ["1970-01-01T00", "2016-07-01T05", "1969-12-31T23"], [0, 5, 23]),
        ("15m", "15m", 96, ["1970-01-01T00:00", "2016-07-01T00:45", "2016-07-02T06:00"], [0, 3, 24]),
        ("1d", "1D", 7, ["1970-01-01", "1970-01-08", "2026-11-23"], [0, 0, 4]),  # from Thursday to Thursday; a Monday
    ],
)
def test_a_series_begins_where_the_calendar_says(
    every: str, step: str, season: int, starts: list[str], expected: list[int]
) -> None:
    data = timed(starts, [5, 3, 4], every, step)
    assert places(data, season).tolist() == expected


def test_whole_numbers_count_and_without_times_a_series_begins_at_zero() -> None:
    data = load([np.zeros(4), np.zeros(3)])
    assert places(data, 5).tolist() == [0, 0]
    numbered = replace(data, time=np.array([7, 8, 9, 10, 14, 15, 16]), every="1i")
    assert places(numbered, 5).tolist() == [2, 4]
    by_tens = replace(data, time=np.array([70, 80, 90, 100, 140, 150, 160]), every="10i")
    assert places(by_tens, 5).tolist() == [2, 4]


def test_a_series_without_its_beginning_is_shown_alike() -> None:
    """A model asked about the last year alone must see the same month in January."""
    values = np.exp(np.random.default_rng(1).normal(size=40))
    data = replace(
        load([values]), time=(np.datetime64("2001-05") + np.arange(40)).astype("datetime64[us]"), every="1mo"
    )
    cut = replace(load([values[17:]]), time=data.time[17:], every="1mo", ids=data.ids)
    fitted = FittedTreatment.fit(Treatment("level", False, 12, 3), data, data.lengths)
    assert np.array_equal(fitted.show(data).inputs[17:], fitted.show(cut).inputs)
