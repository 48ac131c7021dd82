"""What is asked where nobody says: as much as there is room for, told in a line; one short series harms no other."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from selfloop.data import Sequences, load
from selfloop.errors import SettingsError
from selfloop.study.experiment import make_experiment
from selfloop.study.settings import Settings
from selfloop.tasks.forecast.folds import usual_length
from selfloop.tasks.forecast.season import places

pytestmark = pytest.mark.usefixtures("command_line")

WEEK, MONTH, YEAR = "1w", "1mo", "1y"


def dated(every: str, *lengths: int) -> Sequences:
    """Series of noise that end together."""
    last, rng = max(lengths), np.random.default_rng(0)
    times = pl.date_range(date(1000, 1, 1), date(2999, 1, 1), every, eager=True)[:last]
    frames = [
        pl.DataFrame({"unique_id": f"s{k}", "ds": times[last - n :], "y": rng.normal(size=n)})
        for k, n in enumerate(lengths)
    ]
    return load(pl.concat(frames))


@pytest.mark.parametrize(
    ("every", "steps", "season", "horizon", "folds"),
    [
        (MONTH, 60, 12, 4, 5),
        (MONTH, 84, 12, 6, 5),
        (YEAR, 100, 1, 10, 4),
        (WEEK, 220, 52, 13, 5),
        (MONTH, 36, 12, 1, 5),
        (MONTH, 24, 1, 2, 5),
        (MONTH, 9, 1, 1, 5),
        (MONTH, 6, 1, 1, 2),
        (MONTH, 118, 12, 12, 4),
        (MONTH, 130, 12, 12, 5),
    ],
)
def test_short_series_run_on_defaults(every: str, steps: int, season: int, horizon: int, folds: int) -> None:
    made = make_experiment(dated(every, steps), None, Settings())
    task = made.task
    assert (task.season, task.horizon, len(made.folds)) == (season, horizon, folds)  # type: ignore[attr-defined]
    said = [line for line in made.inferred if "too few steps" in line or "fewer than 5 folds" in line]
    assert bool(said) == (horizon != (season if season > 1 else 10) or folds < 5)
    assert all("--horizon" in line and "changes it" in line for line in said)


def test_the_words() -> None:
    assert make_experiment(dated(MONTH, 60), None, Settings()).inferred[2] == (
        "horizon: 4 (12 would leave too few steps to learn from and to test on; --horizon changes it)"
    )
    assert make_experiment(dated(YEAR, 100), None, Settings()).inferred[3] == (
        "fewer than 5 folds: these need 108 steps and there are 100; --horizon or --folds changes it"
    )


def test_what_is_asked_is_kept_or_refused() -> None:
    data = dated(MONTH, 84)
    asked = make_experiment(data, None, Settings(horizon=12))
    assert (len(asked.folds), asked.inferred[2]) == (1, "horizon: 12 (as asked)")
    many = make_experiment(data, None, Settings(folds=8))
    assert (len(many.folds), many.task.horizon) == (8, 5)  # type: ignore[attr-defined]
    with pytest.raises(SettingsError, match=r"has 84 steps; horizon 12 with 5 folds needs 130; --folds 1 would do"):
        make_experiment(data, None, Settings(horizon=12, folds=5))


def test_the_horizon_fits_the_user_s_own_test_part() -> None:
    whole = dated(MONTH, 130)
    rest = {"unique_id": ["s0"] * 10, "ds": whole.time[120:], "y": whole.values[120:, 0]}
    data, after = whole.until(np.array([120])), load(pl.DataFrame(rest))
    made = make_experiment(data, after, Settings())
    assert made.task.horizon == 10  # type: ignore[attr-defined]
    assert "12 would leave too few steps" in made.inferred[2]


def test_one_short_series_among_twenty_is_set_aside_with_a_word() -> None:
    alone, data = dated(MONTH, *[144] * 19), dated(MONTH, *[144] * 12, 20, *[144] * 7)
    made, expected = make_experiment(data, None, Settings()), make_experiment(alone, None, Settings())
    assert made.inferred[-1] == "set aside, too short to be tested: s12 (20 steps); --short error refuses them"
    assert made.fold_text == expected.fold_text
    assert made.inferred[:-1] == expected.inferred
    assert "s12" not in made.data.ids
    assert len(made.data) == 19
    with pytest.raises(SettingsError, match=r"series 's12' has 20 steps; horizon 12 with 5 folds needs 130"):
        make_experiment(data, None, Settings(short="error"))
    with pytest.raises(SettingsError, match="short is 'keep'; expected drop or error"):
        Settings(short="keep")  # type: ignore[arg-type]


def test_many_short_ones_are_counted() -> None:
    made = make_experiment(dated(MONTH, *[144] * 9, *[9, 8, 7, 6, 5, 4, 3]), None, Settings())
    assert made.inferred[-1].startswith("set aside, too short to be tested: s9 (9 steps), s10 (8 steps), ")
    assert made.inferred[-1].endswith("s13 (5 steps) and 2 more; --short error refuses them")


def test_a_short_series_that_can_be_tested_does_not_shorten_the_tests_of_the_others() -> None:
    alone, data = dated(MONTH, *[1000] * 5), dated(MONTH, *[1000] * 5, 150)
    (*_, fold), (*_, other) = (
        make_experiment(data, None, Settings()).folds,
        make_experiment(alone, None, Settings()).folds,
    )
    np.testing.assert_array_equal((fold.test.stop - fold.test.first)[:5], other.test.stop - other.test.first)
    assert 12 <= (fold.test.stop - fold.test.first)[5] < 20


def test_where_most_are_short_all_are_asked_less() -> None:
    made = make_experiment(dated(MONTH, 144, 60, 60, 60), None, Settings())
    assert (len(made.data), made.task.horizon) == (4, 4)  # type: ignore[attr-defined]
    assert usual_length(np.array([144, 60, 60, 60])) == 60
    assert usual_length(np.array([1000, 60])) == 1000


def test_short_ones_of_a_given_split_are_set_aside() -> None:
    whole = dated(MONTH, *[144] * 6, 80)
    data = whole.until(np.array([120] * 6 + [20]))
    after = [whole[k][stop : stop + 24] for k, stop in enumerate([120] * 6 + [20])]
    test = Sequences(
        "after", np.concatenate(after), np.arange(8) * 24, whole.channels, whole.ids, columns=whole.columns
    )
    made = make_experiment(data, test, Settings())
    assert made.inferred[-1].startswith("set aside, too short to be tested: s6 (44 steps)")
    assert len(made.data) == 6
    with pytest.raises(SettingsError, match="'s6' has 20 steps to learn from"):
        make_experiment(data, test, Settings(short="error"))


@pytest.mark.parametrize("first", ["1500-03-01", "1970-01-05", "2900-01-01"])
def test_the_calendar_has_no_end(first: str) -> None:
    """Nanoseconds end in 1677 and 2262: there a series would begin anywhere in its week."""
    days = np.datetime64(first) + np.arange(60)
    data = load(pl.DataFrame({"ds": days.astype("datetime64[us]"), "y": np.arange(60.0)}))
    (place,) = places(data, 7).tolist()
    assert place == int((days[0] - np.datetime64("1970-01-01")).astype(int)) % 7


def test_business_days_begin_where_the_week_says() -> None:
    days = np.arange("2024-01-03", "2024-03-30", dtype="datetime64[D]")
    days = days[np.is_busday(days)]
    data = load(pl.DataFrame({"ds": days, "y": np.arange(float(len(days)))}))
    assert (data.every, places(data, 5).tolist()) == ("1b", [2])  # a Wednesday
    assert (
        make_experiment(data, None, Settings()).inferred[1].startswith("season: 5 (steps are business days, so a week")
    )
