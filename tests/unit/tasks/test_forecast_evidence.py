"""What the report shows of forecasts, against loops over hand-made predictions."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from selfloop.data import Sequences, load
from selfloop.results.study import Coverage, Trial
from selfloop.study.store import Store
from selfloop.tasks.forecast.evidence import coverage, evidence, examples, narrow, widths
from selfloop.tasks.task import Experiment
from study_samples import forecast_experiment, trial


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path)
    yield made
    made.close()


def kept(store: Store, each: Trial, **arrays: object) -> Trial:
    store.add(each, {name: np.array(values, dtype=np.float32) for name, values in arrays.items()})
    return each


def two_series() -> Sequences:
    """Values that are sums of eighths, so that float32 and float64 hold them alike, and a covariate each."""
    rng = np.random.default_rng(11)
    return load([rng.integers(0, 64, size=(n, 2)) / 8 for n in (30, 23)])


def naive_error(values: np.ndarray, season: int) -> float:
    """Mean absolute change over a season, step by step."""
    return sum(abs(values[t] - values[t - season]) for t in range(season, len(values))) / (len(values) - season)


FOLDS = [([17, 11], [19, 14]), ([20, 15], [25, 20])]  # 5 and 10 origins
HORIZON, SEASON = 3, 2


def origins(fold: int) -> list[tuple[int, int]]:
    """(series, step) of each row of a fold's forecasts."""
    firsts, stops = FOLDS[fold]
    return [(k, step) for k in range(2) for step in range(firsts[k], stops[k])]


def forecasts(experiment: Experiment, fold: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng([fold, seed])
    truth = [experiment.data[k][step + 1 : step + 1 + HORIZON, 0] for k, step in origins(fold)]
    return np.array(truth) + rng.integers(-24, 25, size=(len(truth), HORIZON)) / 8


def scaled(experiment: Experiment, runs: list[tuple[int, int]]) -> list[list[float]]:
    """For each step ahead, the absolute errors of some runs (fold, seed), in naive errors of their series."""
    errors: list[list[float]] = [[], [], []]
    for fold, seed in runs:
        for row, (k, step) in zip(forecasts(experiment, fold, seed), origins(fold), strict=True):
            unit = naive_error(experiment.data[k][: FOLDS[fold][0][k] + 1, 0], SEASON)
            for ahead in range(HORIZON):
                errors[ahead].append(abs(row[ahead] - experiment.data[k][step + 1 + ahead, 0]) / unit)
    return errors


def test_coverage_is_of_intervals_made_on_the_folds_before(store: Store) -> None:
    """As a saved model's are made on all of them; no value has a say in its own interval."""
    experiment = forecast_experiment(two_series(), HORIZON, SEASON, FOLDS)
    trials = [
        kept(store, trial("rnn", fold, seed), test=forecasts(experiment, fold, seed))
        for fold in (0, 1)
        for seed in (0, 1)
    ]
    trials.append(kept(store, trial("gru", 0, 0, status="diverged")))
    before = [sorted(errors) for errors in scaled(experiment, [(0, 0), (0, 1)])]
    assert len(before[0]) == 10
    reach = {
        0: [e[8] for e in before],
        1: [e[9] for e in before],
    }  # the ceil(11 * 0.8)-th; 11 * 0.95 is beyond the last
    shares: dict[int, list[float]] = {0: [], 1: []}
    wide: dict[int, list[float]] = {0: [], 1: []}
    for seed in (0, 1):
        made = forecasts(experiment, 1, seed)
        for level in (0, 1):
            inside, sizes = [], []
            for row, (k, step) in enumerate(origins(1)):
                unit = naive_error(experiment.data[k][: FOLDS[1][0][k] + 1, 0], SEASON)
                for ahead in range(HORIZON):
                    half = reach[level][ahead] * unit
                    inside.append(abs(made[row, ahead] - experiment.data[k][step + 1 + ahead, 0]) <= half)
                    sizes.append(2 * half)
            shares[level].append(sum(inside) / len(inside))
            wide[level].append(sum(sizes) / len(sizes))
    found = coverage(experiment, store.predictions, tuple(trials))
    assert [(c.candidate, c.level) for c in found] == [("rnn", 0.8), ("rnn", 0.95)]
    for level in (0, 1):
        assert found[level].covered == pytest.approx(sum(shares[level]) / 2, abs=1e-12)
        assert found[level].width == pytest.approx(sum(wide[level]) / 2, rel=1e-12)
    assert 0.5 < found[0].covered < 1  # so that inside and outside differ


def test_one_fold_holds_no_interval(store: Store) -> None:
    experiment = forecast_experiment(two_series(), HORIZON, SEASON, FOLDS[:1])
    trials = (kept(store, trial("rnn", 0, 0), test=forecasts(experiment, 0, 0)),)
    assert coverage(experiment, store.predictions, trials) == ()


def test_a_value_at_the_end_of_its_interval_is_inside(store: Store) -> None:
    data = load([np.array([0, 1] * 8 + [2.0, 4.0])[:, None]])  # changes by 1 a step up to the test origins
    experiment = forecast_experiment(data, 1, 1, [([11], [12]), ([15], [17])])
    trials = (
        kept(store, trial("rnn"), test=[[0.5]]),  # off by half a naive error
        kept(store, trial("rnn", 1), test=[[2.5], [2.0]]),  # off by 0.5 and by 2
    )
    found = coverage(experiment, store.predictions, trials)
    assert [(c.covered, c.width) for c in found] == [(0.5, 1.0), (0.5, 1.0)]


def test_the_final_widths_are_order_statistics_of_the_errors_on_all_test_blocks(store: Store) -> None:
    experiment = forecast_experiment(two_series(), HORIZON, SEASON, FOLDS)
    runs = [(0, 0), (0, 1), (1, 0), (1, 1)]
    trials = [kept(store, trial("rnn", f, s), test=forecasts(experiment, f, s)) for f, s in runs]
    trials += [kept(store, trial("gru", 0, 0), test=np.zeros((5, 3)))]
    trials += [kept(store, trial("lstm", 0, 0, status="diverged"))]
    errors = scaled(experiment, runs)
    assert len(errors[0]) == 30
    # The ceil(31 * 0.8) = 25th and the ceil(31 * 0.95) = 30th smallest of 30.
    wanted = [[sorted(e)[24] for e in errors], [sorted(e)[29] for e in errors]]
    np.testing.assert_allclose(widths(experiment, store.predictions, trials, "rnn", 2), wanted, rtol=1e-12)
    assert widths(experiment, store.predictions, trials, "lstm", 2) is None
    first = scaled(experiment, runs[:2])
    wanted = [[sorted(e)[8] for e in first], [sorted(e)[9] for e in first]]
    np.testing.assert_allclose(widths(experiment, store.predictions, trials, "rnn", 1), wanted, rtol=1e-12)
    assert widths(experiment, store.predictions, trials, "rnn", 0) is None


def coded(k: int, step: int, ahead: int, name: str) -> float:
    """A forecast that says whose, from when and for when it is."""
    return 1024 * k + 8 * step + ahead + (0.5 if name == "gru" else 0.0)


LENGTHS = (70, 61, 64, 90, 66)
FIRST = [60, 51, 52, 80, 56]
STOP = [66, 58, 61, 87, 63]  # one past the last test origin: 6, 7, 9, 7 and 7 origins


def off_by_units(experiment: Experiment, early: list[tuple[int, int]]) -> np.ndarray:
    """Forecasts of the first fold that are off by 1, 2 and 3 naive errors of their series, a step ahead each."""
    rows = []
    for k, (first, stop) in enumerate(early):
        unit = naive_error(experiment.data[k][: first + 1, 0], 1)
        rows += [
            [experiment.data[k][step + ahead, 0] + ahead * unit for ahead in (1, 2, 3)] for step in range(first, stop)
        ]
    return np.array(rows)


@pytest.fixture
def drawn(store: Store) -> tuple[Experiment, tuple[Trial, ...]]:
    """Five series, two folds; of the last one, forecasts that name their place."""
    values = [np.column_stack([1000.0 * k + np.arange(n) ** 1.5, np.zeros(n)]) for k, n in enumerate(LENGTHS)]
    early = [(f - 20, f - 18) for f in FIRST]
    experiment = forecast_experiment(
        load(values), HORIZON, 1, [([a for a, _ in early], [b for _, b in early]), (FIRST, STOP)]
    )
    trials = []
    for name in ("rnn", "gru"):
        rows = [
            [coded(k, step, ahead, name) for ahead in (1, 2, 3)] for k in range(5) for step in range(FIRST[k], STOP[k])
        ]
        trials += [  # the first seed is the one that is drawn
            kept(store, trial(name, 1, seed), test=np.array(rows) + 7000.0 * (seed - 1)) for seed in (1, 2)
        ]
        trials.append(kept(store, trial(name, 0, 1), test=off_by_units(experiment, early)))
    trials.append(kept(store, trial("lstm", 1, 1, status="diverged")))
    return experiment, tuple(trials)


def test_examples_are_the_last_test_block_of_the_first_the_middle_and_the_last_series(
    store: Store, drawn: tuple[Experiment, tuple[Trial, ...]]
) -> None:
    experiment, trials = drawn
    found = examples(experiment, store.predictions, trials, ("gru", "rnn", "lstm"))
    assert [each.series for each in found] == [experiment.data.ids[k] for k in (0, 2, 4)]
    # Four from the first to the last, evenly: of six 0, 1.67, 3.33, 5; of nine 0, 2.67, 5.33, 8; of seven 0, 2, 4, 6.
    places = {0: [60, 62, 63, 65], 2: [52, 55, 57, 60], 4: [56, 58, 60, 62]}
    for each, (k, steps) in zip(found, places.items(), strict=True):
        start = FIRST[k] - 6 * HORIZON  # six horizons before the first
        stop = STOP[k] - 1 + HORIZON + 1  # the last one's future ends here
        assert each.target == experiment.data.channels[0]
        assert each.truth == tuple(1000.0 * k + t**1.5 for t in np.arange(start, stop).tolist())
        assert each.time == tuple(str(t) for t in range(start, stop))
        assert each.origins == tuple(step - start for step in steps)
        assert all(
            each.truth[o] == 1000.0 * k + float(np.float64(s) ** 1.5) for o, s in zip(each.origins, steps, strict=True)
        )
        assert set(each.forecasts) == {"gru", "rnn"}  # what diverged has none
        for name in ("gru", "rnn"):
            assert each.forecasts[name] == tuple(tuple(coded(k, s, a, name) for a in (1, 2, 3)) for s in steps)


def test_each_candidate_is_drawn_by_its_first_run_that_finished_on_the_last_fold(store: Store) -> None:
    experiment = forecast_experiment(load([np.arange(24.0)[:, None]]), 2, 1, [([10], [12]), ([15], [18])])

    def ended(name: str, fold: int, seed: int, status: str = "ok") -> Trial:
        if status == "diverged":
            return kept(store, trial(name, fold, seed, status=status))
        rows = [[100.0 * fold + 10 * seed + origin] * 2 for origin in range(3 if fold else 2)]
        return kept(store, trial(name, fold, seed), test=rows)

    trials = [
        *(ended("rnn", fold, seed) for fold in (0, 1) for seed in (2, 1, 0)),  # in whatever order
        *(ended("gru", 0, seed) for seed in (0, 1, 2)),
        ended("gru", 1, 0, "diverged"),  # finished before, not here
        *(ended("gru", 1, seed) for seed in (2, 1)),
        ended("lstm", 0, 0, "diverged"),  # finished here, not before
        *(ended("lstm", 1, seed) for seed in (0, 1)),
        ended("feed_forward", 0, 0),
        ended("feed_forward", 1, 0, "diverged"),
        ended("naive", 0, 0),
        ended("naive", 1, 0),
    ]
    (found,) = examples(experiment, store.predictions, trials, ("lstm", "gru", "feed_forward", "rnn"))
    paths = {name: [path[0] for path in each] for name, each in found.forecasts.items()}
    assert paths == {"lstm": [100, 101, 102], "gru": [110, 111, 112], "rnn": [100, 101, 102]}
    # Intervals are of all runs of the fold before; a candidate that finished none there has none.
    assert set(found.intervals) == {"gru", "rnn"}


def test_the_intervals_of_an_example_are_around_its_last_forecast(
    store: Store, drawn: tuple[Experiment, tuple[Trial, ...]]
) -> None:
    experiment, trials = drawn
    for each, k in zip(examples(experiment, store.predictions, trials, ("gru",)), (0, 2, 4), strict=True):
        unit = naive_error(np.arange(FIRST[k] + 1) ** 1.5, 1)  # of what was known at the first origin
        middle = [coded(k, STOP[k] - 1, ahead, "gru") for ahead in (1, 2, 3)]
        assert set(each.intervals) == {"gru"}
        assert set(each.intervals["gru"]) == {"80", "95"}
        for level in ("80", "95"):  # on the fold before, every forecast was off by 1, 2 and 3 units
            wanted = [(m - w * unit, m + w * unit) for m, w in zip(middle, (1, 2, 3), strict=True)]
            np.testing.assert_allclose(each.intervals["gru"][level], wanted, rtol=1e-5)  # float32


def test_a_short_history_begins_where_the_series_does(store: Store) -> None:
    data = load([np.arange(16.0)[:, None]])
    experiment = forecast_experiment(data, HORIZON, 1, [([10], [13])])
    trials = (kept(store, trial("rnn"), test=np.zeros((3, 3))),)
    (found,) = examples(experiment, store.predictions, trials, ("rnn",))
    assert found.truth == tuple(map(float, range(16)))
    assert found.origins == (10, 11, 12)  # fewer than four, each once


def test_times_are_those_of_the_data(store: Store) -> None:
    import polars as pl

    days = [np.datetime64("2024-02-20") + k for k in range(16)]
    tables = {"unique_id": ["x"] * 16 + ["y"] * 16, "ds": [str(d) for d in days] + [str(d + 100) for d in days]}
    data = load(pl.DataFrame({**tables, "y": np.arange(32.0)}))
    experiment = forecast_experiment(data, 1, 1, [([12, 13], [15, 15])])
    trials = (kept(store, trial("rnn"), test=np.zeros((5, 1))),)
    first, second = examples(experiment, store.predictions, trials, ("rnn",))
    assert (first.series, first.target) == ("x", "y")
    # Leap year: step 6 is the 26th of February, step 15 the 6th of March.
    assert first.time[0].startswith("2024-02-26")
    assert first.time[4].startswith("2024-03-01")
    assert first.time[-1].startswith("2024-03-06")
    assert len(first.time) == len(first.truth) == 10
    assert second.time[0].startswith(str(days[7] + 100))
    assert second.truth[0] == 16 + 7
    assert math.isclose(second.truth[-1], 31.0)


def test_a_study_shows_the_candidates_that_are_drawn_and_what_the_intervals_of_all_held(store: Store) -> None:
    experiment = forecast_experiment(load([np.arange(16.0)[:, None]]), 1, 1, [([6], [8]), ([10], [13])])
    trials = [
        kept(store, trial(name, fold), test=[[k + 1 + by] for k in range(first, stop)])
        for name, off in (("rnn", (1.0, 0.5)), ("gru", (1.0, 1.5)))
        for fold, (first, stop), by in ((0, (6, 8), off[0]), (1, (10, 13), off[1]))
    ]
    found = evidence(experiment, store.predictions, trials, ["gru"])
    assert [set(each.forecasts) for each in found.examples] == [{"gru"}]
    assert [(c.candidate, c.level, c.covered) for c in found.coverage] == [
        ("rnn", 0.8, 1.0),
        ("rnn", 0.95, 1.0),
        ("gru", 0.8, 0.0),
        ("gru", 0.95, 0.0),
    ]
    assert found.confusions == ()
    assert found.notes == (
        "The 80 % intervals, made from the errors on the test blocks before each fold as those of the saved models are "
        "from all of them, held 0 % to 100 % of the test values, by candidate: intervals to come may be too narrow as "
        "well.",
        "The 95 % intervals, made from the errors on the test blocks before each fold as those of the saved models are "
        "from all of them, held 0 % to 100 % of the test values, by candidate: intervals to come may be too narrow as "
        "well.",
    )


def held(**shares: tuple[float, float]) -> list[Coverage]:
    return [
        Coverage(n, level, s, 1.0) for n, both in shares.items() for level, s in zip((0.8, 0.95), both, strict=True)
    ]


def test_intervals_are_warned_of_by_level_where_they_hold_over_five_hundredths_less() -> None:
    assert narrow(held(naive=(0.75, 0.9), rnn=(1.0, 1.0))) == ()
    (note,) = narrow(held(naive=(0.7, 0.9), rnn=(0.95, 1.0)))
    assert note.startswith("The 80 % intervals, made from the errors on the test blocks before each fold ")
    assert "held 70 % to 95 % of the test values, by candidate" in note
    (note,) = narrow(held(naive=(0.75, 0.85), rnn=(0.95, 1.0)))
    assert note.startswith("The 95 % intervals, ")
    assert "held 85 % to 100 % of the test values" in note
    assert narrow([]) == ()
