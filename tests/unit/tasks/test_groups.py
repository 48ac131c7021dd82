"""A person's windows are on one side of every split."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from selfloop.data import Columns, Sequences, load, load_like
from selfloop.errors import DataError, SettingsError
from selfloop.study.experiment import make_experiment
from selfloop.study.settings import Settings

pytestmark = pytest.mark.usefixtures("command_line")

CLASSES = ("run", "sit", "walk")


def table(persons: int = 12, each: int = 7, steps: int = 3) -> pl.DataFrame:
    """Cases of several persons, who do everything."""
    rng, rows = np.random.default_rng(0), []
    for person in range(persons):
        for window in range(each):
            label = CLASSES[(person + window) % 3]
            rows += [(f"{person}-{window}", f"p{person}", label, step, rng.normal()) for step in range(steps)]
    return pl.DataFrame(rows, schema=["id", "person", "label", "step", "v"], orient="row")


def people(**more: int) -> Sequences:
    return load(table(**more), columns=Columns(groups="person"))


@pytest.mark.parametrize("folds", [None, 1, 3, 12])
def test_no_person_is_on_both_sides(folds: int | None) -> None:
    data = people()
    assert data.reading == "using id=id, time=step, label=label, groups=person, inputs=v"
    made = make_experiment(data, None, Settings(folds=folds))
    assert made.fold_text.endswith(", no person on both sides")
    assert len(made.folds) == (folds or 5)
    groups, tested = np.array(data.groups), []
    for fold in made.folds:
        parts = [set(groups[part]) for part in (fold.fit, fold.valid, fold.test)]
        assert all(parts)
        assert not parts[0] & parts[1]
        assert not (parts[0] | parts[1]) & parts[2]
        assert set(data.labels[fold.fit]) == {0, 1, 2}, "every class is learnt from"
        tested += fold.test.tolist()
    assert len(set(tested)) == len(tested)
    assert len(tested) == len(data) or folds == 1


def test_without_groups_persons_are_mixed() -> None:
    """What groups are for: the same cases without them."""
    data = load(table())
    fold = make_experiment(data, None, Settings()).folds[0]
    person = np.array([name.split("-")[0] for name in data.ids])
    assert set(person[fold.fit]) & set(person[fold.test])


def test_the_final_model_validates_on_other_persons() -> None:
    data = people()
    whole = make_experiment(data, None, Settings()).task.whole(data)
    groups = np.array(data.groups)
    assert not set(groups[whole.fit]) & set(groups[whole.valid])
    assert len(whole.fit) + len(whole.valid) == len(data)


def test_fewer_persons_than_folds_make_fewer_folds() -> None:
    assert len(make_experiment(people(persons=4), None, Settings()).folds) == 4
    with pytest.raises(SettingsError, match=r"person has 4 different values; 5 folds need 5: --folds 4 would do\."):
        make_experiment(people(persons=4), None, Settings(folds=5))


def test_a_class_that_few_have() -> None:
    frame = table().with_columns(label=pl.when(pl.col("person") == "p0").then(pl.lit("fall")).otherwise("label"))
    with pytest.raises(
        SettingsError, match=r"class 'fall' is there for 1 person; expected 3 or more, .*--groups out\."
    ):
        make_experiment(load(frame, columns=Columns(groups="person")), None, Settings())


def test_a_given_split_that_shares_a_person_is_refused() -> None:
    data, one = people(), table().filter(pl.col("person") == "p3")
    other = one.with_columns(person=pl.lit("q"), id=pl.concat_str(pl.lit("q"), "id"))

    def like(frame: pl.DataFrame) -> Sequences:
        return load_like(frame, data)

    with pytest.raises(DataError, match=r"person 'p3' is in frame and in frame; expected each person on one side"):
        make_experiment(data, like(one), Settings())
    (fold,) = make_experiment(data, like(other), Settings()).folds
    groups = np.array(data.groups)
    assert not set(groups[fold.fit]) & set(groups[fold.valid])
    assert make_experiment(data, like(other.drop("person")), Settings()).folds
    assert like(one.drop("person", "label")).groups is None, "who predicts need not know"


def test_groups_that_make_no_sense() -> None:
    with pytest.raises(DataError, match=r"the group of sequence '0-0' changes from .* --id and --groups\."):
        load(table().with_columns(person=pl.int_range(pl.len()).cast(pl.String)), columns=Columns(groups="person"))
    with pytest.raises(DataError, match=r"no column 'persn', wanted as groups. Did you mean 'person'"):
        load(table(), columns=Columns(groups="persn"))
    with pytest.raises(
        SettingsError, match=r"groups \('person'\) are named and no label; .*--label, or leave --groups"
    ):
        load(table().drop("label"), columns=Columns(groups="person", target="v"))
    with pytest.raises(DataError, match="groups column 'person' is empty in row 0"):
        load(table().with_columns(person=pl.lit(None, pl.String)), columns=Columns(groups="person"))


def test_groups_follow_their_cases() -> None:
    data = people()
    assert data.take([20, 3]).groups == (data.groups[20], data.groups[3])
    assert data.fingerprint != load(table()).fingerprint
