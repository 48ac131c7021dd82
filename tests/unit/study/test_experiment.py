"""From data and settings to task and folds."""

from __future__ import annotations

import re

import numpy as np
import pytest

from selfloop.data import Columns, Sequences, load, load_builtin
from selfloop.errors import DataError, SelfloopError, SettingsError
from selfloop.study.experiment import make_experiment, resolved
from selfloop.study.settings import Settings
from selfloop.tasks.classify.task import Classify
from selfloop.tasks.forecast.design import continued
from selfloop.tasks.forecast.task import Forecast
from selfloop.tasks.registry import TASKS


def frame(rows: int, start: str = "2020-01-01", name: str = "A") -> Sequences:
    import polars as pl

    day = np.datetime64(start)
    times = [str(day + np.timedelta64(k, "D")) for k in range(rows)]
    return load(pl.DataFrame({"unique_id": [name] * rows, "ds": times, "y": np.sin(np.arange(rows)) + 2}))


def test_the_task_is_inferred_and_told() -> None:
    series, vowels = make_experiment(load_builtin("airline"), None, Settings()), load_builtin("japanese-vowels")
    assert isinstance(series.task, Forecast)
    assert (series.task.horizon, series.task.season) == (12, 12)
    assert any("season: 12 (steps are months" in line for line in series.inferred)
    cases = make_experiment(vowels, None, Settings())
    assert isinstance(cases.task, Classify)
    assert (cases.task.direction, cases.task.pool) == ("both", "mean")
    assert cases.inferred[0].startswith("task: classify (there are labels")


@pytest.mark.parametrize("name", ["recall", "temporal-order"])
def test_the_generators_are_read_in_one_direction_from_the_last_state(name: str) -> None:
    task = make_experiment(load_builtin(name, cases=64), None, Settings()).task
    assert isinstance(task, Classify)
    assert (task.direction, task.pool) == ("one", "last")


def test_the_given_split_of_cases_is_kept() -> None:
    train, test = load_builtin("japanese-vowels-train"), load_builtin("japanese-vowels-test")
    experiment = make_experiment(train, test, Settings())
    (fold,) = experiment.folds
    assert sorted([*fold.fit, *fold.valid]) == list(range(270))
    assert list(fold.test) == list(range(270, 640))
    assert experiment.test_to_train == pytest.approx(370 / 270)


def test_the_given_steps_continue_each_series() -> None:
    data, after = frame(100), frame(30, "2020-04-10")
    whole, stops = continued(data, after)
    assert list(stops) == [100]
    assert list(whole.lengths) == [130]
    assert np.array_equal(whole.values, np.concatenate([data.values, after.values]))
    experiment = make_experiment(data, after, Settings(horizon=7))
    (fold,) = experiment.folds
    assert (fold.test.first[0], fold.test.stop[0]) == (99, 123)


def test_what_was_inferred_is_part_of_what_makes_a_study_the_same() -> None:
    series = make_experiment(load_builtin("airline"), None, Settings())
    assert resolved(series) == {"task": "forecast", "split": series.fold_text, "horizon": 12, "season": 12}
    cases = make_experiment(load_builtin("japanese-vowels"), None, Settings(pool="last"))
    assert resolved(cases) == {"task": "classify", "split": cases.fold_text, "direction": "both", "pool": "last"}


def test_steps_that_do_not_follow_are_refused() -> None:
    with pytest.raises(DataError, match=r"begins at 2020-04-12.*expected 2020-04-10"):
        continued(frame(100), frame(30, "2020-04-12"))
    with pytest.raises(SettingsError, match="has 5 steps; expected 7 or more"):
        make_experiment(frame(100), frame(5, "2020-04-10"), Settings(horizon=7))


def test_labels_must_come_with_a_test_part_of_cases() -> None:
    train = load_builtin("japanese-vowels-train")
    bare = load([np.zeros((5, 12)), np.ones((4, 12))])
    with pytest.raises(DataError, match="has no labels"):
        Classify().concatenated(train, bare)
    with pytest.raises(DataError, match="has no labels"):
        make_experiment(train, bare, Settings())


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"horizon": 0}, "horizon is 0; expected 1 or more"),
        ({"task": "guess"}, f"task is 'guess'; expected {' or '.join(TASKS)}."),
        ({"init": "zeros"}, "init is 'zeros'; expected chrono or torch."),
        ({"margin": 3}, "margin is 3; expected a share"),
        ({"learning_rates": ()}, "expected one or more finite ones above 0"),
        ({"learning_rates": (float("nan"),)}, "expected one or more finite ones above 0"),
        ({"validation": 0.9}, "validation is 0.9"),
        ({"folds": -1}, "folds is -1"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(said)):
        Settings(**settings)  # type: ignore[arg-type]


def test_a_series_too_short_says_what_would_do() -> None:
    with pytest.raises(
        SettingsError, match=r"series 'A' has 100 steps; horizon 12 with 5 folds needs (\d+); folds=2 would do"
    ) as caught:
        make_experiment(frame(100), None, Settings(horizon=12, season=12, folds=5))
    assert int(re.findall(r"needs (\d+)", str(caught.value))[0]) > 100
    assert len(make_experiment(frame(100), None, Settings(horizon=12, season=12, folds=2)).folds) == 2
    with pytest.raises(SettingsError, match="a shorter horizon="):
        make_experiment(frame(30), None, Settings(horizon=12, season=12))


def test_classes_too_rare_or_alone_are_refused() -> None:
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=(5, 2)) for _ in range(24)]
    with pytest.raises(SettingsError, match=r"class 'b' has 4 cases; 5 folds need 5 of each; folds=4 would do"):
        make_experiment(load(arrays, labels=["a"] * 20 + ["b"] * 4, axes="steps,channels"), None, Settings())
    with pytest.raises(SelfloopError, match="only one class, 'a'"):
        make_experiment(load(arrays, labels=["a"] * 24, axes="steps,channels"), None, Settings())


def test_settings_of_the_other_task_are_refused() -> None:
    with pytest.raises(SettingsError, match="belong to a forecast"):
        make_experiment(load_builtin("japanese-vowels"), None, Settings(horizon=3))
    with pytest.raises(SettingsError, match="belong to a classification"):
        make_experiment(load_builtin("airline"), None, Settings(pool="mean"))
    with pytest.raises(DataError, match="has no labels"):
        make_experiment(load_builtin("airline"), None, Settings(task="classify"))


def test_columns_reach_the_reading() -> None:
    import polars as pl

    table = pl.DataFrame({"ds": [f"2020-01-{d:02d}" for d in range(1, 31)], "a": range(30), "b": range(30, 60)})
    data = load(table, columns=Columns(target="b", inputs=("a",)))
    assert data.channels == ("b", "a")


def cases(**counts: int) -> Sequences:
    labels = [name for name, count in counts.items() for _ in range(count)]
    return load([np.random.default_rng(k).normal(size=(3, 1)) for k in range(len(labels))], labels=labels)


def test_balanced_accuracy_decides_where_a_class_is_rare_and_it_is_told() -> None:
    experiment = make_experiment(cases(fault=9, fine=91), None, Settings(folds=3))
    assert [metric.name for metric in experiment.metrics] == ["balanced_accuracy", "accuracy", "log_loss"]
    told = [line for line in experiment.inferred if "decides" in line]
    assert told == ["balanced accuracy decides (9 % of the sequences are 'fault'; --metric changes it)"]


@pytest.mark.parametrize("rare", [10, 40, 50])
def test_a_class_of_a_tenth_is_not_rare_and_what_is_usual_is_not_told(rare: int) -> None:
    experiment = make_experiment(cases(fault=rare, fine=100 - rare), None, Settings(folds=3))
    assert [metric.name for metric in experiment.metrics] == ["accuracy", "balanced_accuracy", "log_loss"]
    assert not any("decides" in line for line in experiment.inferred)


def test_the_metric_that_is_asked_for_decides_and_the_others_stay() -> None:
    experiment = make_experiment(cases(fault=9, fine=91), None, Settings(folds=3, metric="log_loss"))
    assert [metric.name for metric in experiment.metrics] == ["log_loss", "accuracy", "balanced_accuracy"]
    assert "log loss decides (as asked; --metric changes it)" in experiment.inferred
    series = make_experiment(frame(100), None, Settings(metric="rmse", horizon=2))
    assert [metric.name for metric in series.metrics] == ["rmse", "mase", "mae", "smape"]


@pytest.mark.parametrize(
    ("wanted", "remedy"),
    [
        ("acuracy", "Did you mean 'accuracy'?"),
        ("Balanced_Accuracy", "Did you mean 'balanced_accuracy'?"),
        ("f", "There is: accuracy, balanced_accuracy, log_loss."),
    ],
)
def test_a_metric_that_the_task_has_not_is_refused_with_the_nearest(wanted: str, remedy: str) -> None:
    with pytest.raises(SettingsError) as caught:
        make_experiment(cases(a=20, b=20), None, Settings(metric=wanted))
    assert str(caught.value) == f"classify has no metric {wanted!r}. {remedy}"


def test_of_many_classes_none_is_rare_for_being_one_of_many() -> None:
    """Nine classes, the smallest 8 % of the sequences: an even share is 11 %."""
    labels = [f"c{k % 9}" for k in range(99)] + ["c0"] * 13 + ["c1"] * 13 + ["c2"] * 12
    experiment = make_experiment(
        load([np.full((4, 1), k) for k in range(len(labels))], labels=labels), None, Settings()
    )
    assert experiment.deciding.name == "accuracy"
    labels = [f"c{k % 9}" for k in range(99)][:-1] + ["c1"] * 1
    few = [label for label in labels if label != "c8"] + ["c8"] * 5
    experiment = make_experiment(load([np.full((4, 1), k) for k in range(len(few))], labels=few), None, Settings())
    assert experiment.deciding.name == "balanced_accuracy"
