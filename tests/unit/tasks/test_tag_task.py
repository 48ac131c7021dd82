"""Tagging: folds, scores, what is told, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from selfloop.data import Sequences
from selfloop.errors import DataError, SettingsError
from selfloop.tasks.asked import Asked
from selfloop.tasks.places import LONGEST, Block, pieces
from selfloop.tasks.registry import task_for
from selfloop.tasks.tag.baselines import SharesOfSymbols
from selfloop.tasks.tag.folds import TagFold
from selfloop.tasks.tag.letters import COLUMNS, ROWS, letters, shape
from selfloop.tasks.tag.scores import macro_f1, score
from selfloop.tasks.tag.task import LETTERS, WORDS, Tag
from selfloop.tasks.task import Experiment
from tag_samples import tagged, worded


def designed(data: Sequences, test: Sequences | None = None, **asked: Any) -> Experiment:
    return Tag.design(data, test, Asked(**asked))


def parts_of(data: Sequences, fold: TagFold) -> list[set[int]]:
    """Flat steps that are learnt from, chosen on and tested."""
    blocks = Block(np.zeros_like(fold.fit), fold.fit), fold.valid, fold.test
    return [set(block.flat(data).tolist()) for block in blocks]


def test_labels_of_steps_ask_for_tagging() -> None:
    assert task_for(tagged([9] * 12), None) == (Tag, "there are labels of steps")


def test_many_sequences_are_tested_as_wholes_each_once() -> None:
    data = tagged([5, 1, 9, 3, 7] * 6)
    experiment = designed(data, folds=3)
    tested: list[int] = []
    for fold in experiment.folds:
        fit, valid, test = parts_of(data, fold)
        assert not fit & valid
        assert not (fit | valid) & test
        assert fit | valid | test == set(range(len(data.values)))
        assert set(np.unique(fold.fit / data.lengths)) <= {0.0, 1.0}
        tested += sorted(test)
    assert sorted(tested) == list(range(len(data.values)))
    assert not experiment.task.folds_in_time


def test_groups_are_on_one_side() -> None:
    groups = tuple("abcdefgh"[k % 8] for k in range(32))
    data = tagged([4] * 32, groups=groups)
    experiment = designed(data, folds=3)
    for fold in experiment.folds:
        sides = [{groups[k] for k in range(32) if part[k]} for part in (fold.fit, fold.valid.stop, fold.test.stop)]
        assert not sides[0] & sides[1]
        assert not (sides[0] | sides[1]) & sides[2]
    assert experiment.fold_text.endswith("no group on both sides")


def test_of_a_few_long_sequences_the_later_parts_are_tested() -> None:
    data = tagged([400, 300])
    experiment = designed(data, direction="one")
    assert experiment.task.folds_in_time
    assert experiment.task.truncation is not None
    for k, fold in enumerate(experiment.folds):
        assert (fold.fit > 0).all()
        assert np.array_equal(fold.fit, fold.valid.first)
        assert np.array_equal(fold.valid.stop, fold.test.first)
        if k:
            assert np.array_equal(experiment.folds[k - 1].test.stop, fold.test.first)
    assert np.array_equal(experiment.folds[-1].test.stop, data.lengths)
    assert designed(data).task.truncation is None, "what looks ahead carries no state"


def test_long_sequences_are_cut_and_it_is_told() -> None:
    data = tagged([LONGEST * 2 + 1, 3])
    experiment = designed(tagged([LONGEST * 4 + 7]))
    assert any("are cut into alike pieces" in line for line in experiment.inferred)
    material = experiment.task.material(experiment.data, experiment.folds[0], "")
    assert np.diff(material.offsets).max() <= LONGEST
    edges = pieces(data.offsets)
    assert edges.tolist() == [0, 333, 667, 1001, 1004]
    assert pieces(np.array([0, 0, 4])).tolist() == [0, 0, 4]


def test_the_given_test_part_is_used_and_its_own_labels_count_as_wrong() -> None:
    train = worded([f"a/X b/Y c{k}/X" for k in range(12)], "train")
    test = worded(["a/X z/Z b/Y", "b/ z/Z"], "test")
    experiment = designed(train, test)
    (fold,) = experiment.folds
    assert experiment.fold_text == "the given split: 12 sequences to learn from, 2 to test"
    told = "label of test alone, which nothing can have learnt: Z; the 2 steps count as wrong"
    assert told in experiment.inferred
    assert experiment.data.classes == ("X", "Y", "Z")
    where = fold.test
    names = [experiment.data.symbols[0][int(v)] for v in experiment.data.values[where.flat(experiment.data), 0]]
    assert names == ["a", "z", "b", "b", "z"]
    tags = experiment.data.tags
    assert tags is not None
    assert tags[where.flat(experiment.data)].tolist() == [0, 2, 1, -1, 2]
    for row in experiment.task.baselines[:3]:
        model = row.fit(experiment.task, experiment.data, fold)  # type: ignore[attr-defined]
        found = experiment.task.test(model, experiment.data, fold)[0]
        assert found["accuracy"] <= 0.5, "two of four known steps are of a label that nothing can say"


def test_one_series_may_be_tested_on_another() -> None:
    train, test = tagged([200]), tagged([50], ids=("other",), seed=1)
    experiment = designed(train, test, direction="one")
    (fold,) = experiment.folds
    assert [len(part) for part in parts_of(experiment.data, fold)] == [160, 40, 50]


@pytest.mark.parametrize("direction", ["one", "both"])
@pytest.mark.parametrize("lengths", [[120], [6, 1, 9] * 8])
def test_what_is_learnt_holds_nothing_of_the_test_part(direction: Any, lengths: list[int]) -> None:
    data = tagged(lengths)
    experiment = designed(data, direction=direction, folds=3)
    fold = experiment.folds[1]
    material = experiment.task.material(data, fold, "")
    index = fold.test.flat(data)
    values, tags = data.values.copy(), np.array(data.tags)
    values[index], tags[index] = 1e9, 0
    other = experiment.task.material(replace(data, values=values, tags=tags), fold, "")
    assert material.pipeline.scaler.mean == other.pipeline.scaler.mean  # type: ignore[attr-defined]
    assert np.array_equal(material.wanted, other.wanted)
    if experiment.task.truncation is None:
        assert np.array_equal(material.inputs, other.inputs)


def test_scores_by_hand() -> None:
    data = tagged([4, 2], tags=[0, 1, -1, 2, 2, 2])
    where = Block(np.array([0, 0]), np.array([4, 1]))
    answers = np.eye(3)[[0, 0, 1, 2, 1]]
    found = score(data, np.array(data.tags), where, answers)
    # Truth 0 1 2 2, answers 0 0 2 1: F1 of 0 is 2/3, of 1 is 0, of 2 is 2/3.
    assert found == {"accuracy": 0.5, "macro_f1": pytest.approx(4 / 9)}
    assert macro_f1(np.array([0, 0]), np.array([0, 0]), 3) == 1.0


def test_entities_are_scored_sequence_by_sequence_and_decide() -> None:
    classes = ("B-X", "I-X", "O")
    data = tagged([3, 2], tags=[2, 0, 1, 1, -1], classes=classes)
    task = designed(tagged([3] * 12, classes=classes)).task
    assert task.deciding(data)[0].name == "entity_f1"
    where = Block(np.array([0, 0]), np.array([3, 2]))
    answers = np.eye(3)[[2, 0, 1, 0, 0]]
    assert score(data, np.array(data.tags), where, answers)["entity_f1"] == 1.0, "the last step has no label"
    answers = np.eye(3)[[0, 0, 1, 0, 0]]
    assert score(data, np.array(data.tags), where, answers)["entity_f1"] == pytest.approx(4 / 5)
    assert [metric.name for metric in designed(tagged([3] * 12)).ranked] == ["accuracy", "macro_f1"]


@pytest.mark.parametrize(
    ("data", "asked", "message"),
    [
        (tagged([3] * 12, tags=[-1] * 36), {}, "tagged has no labels of steps; expected a label at one step or more"),
        (tagged([3] * 12, tags=[-1, 1, 1] * 12), {}, "tagged has only one class, 'lo'; nothing to tell apart"),
        (tagged([1] * 4), {}, "sequence 's0' has 1 step; of 4 sequences the later parts are tested, and 5 folds need"),
        (tagged([1] * 12, tags=[0, 1] + [-1] * 10), {}, "has no step with a label to"),
        (tagged([3] * 12), {"horizon": 2}, "horizon belongs to a forecast"),
        (tagged([3] * 12), {"pool": "last"}, "pool belongs to a classification of whole sequences"),
        (tagged([3] * 12), {"folds": 13}, "there are 12 sequences; expected 13 or more"),
        (tagged([3] * 12, groups=("a", "b") * 6), {"folds": 3}, "there are 2 different values of group; expected 3"),
    ],
)
def test_what_cannot_be_learnt_is_refused_in_a_sentence(data: Sequences, asked: dict[str, Any], message: str) -> None:
    with pytest.raises((DataError, SettingsError)) as caught:
        designed(data, **asked)
    assert message in str(caught.value)
    assert str(caught.value).endswith((".", "done"))


def test_sequences_of_one_step_are_tagged() -> None:
    experiment = designed(tagged([1] * 40), folds=2)
    fold = experiment.folds[0]
    material = experiment.task.material(experiment.data, fold, "")
    assert set(np.diff(material.offsets)) == {1}
    for row in (experiment.task.baselines[0], experiment.task.baselines[2]):
        model = row.fit(experiment.task, experiment.data, fold)  # type: ignore[attr-defined]
        assert np.isfinite(model.predict(experiment.data, fold.test)).all()


def test_words_are_shown_with_and_without_letters_and_letters_as_letters() -> None:
    many = worded([f"w{k}/X v{k}/Y" for k in range(150)] * 2)
    task = designed(many).task
    assert task.variants(many, None) == (WORDS, LETTERS)
    assert task.features(many, WORDS) == 1
    assert task.features(many, LETTERS) == 1 + COLUMNS
    fold = designed(many).folds[0]
    for variant in (WORDS, LETTERS):
        material = task.material(many, fold, variant)
        assert material.inputs.shape[1] == task.features(many, variant)
        assert material.pipeline.symbols == task.symbols(many, fold, variant)
    few = worded(["a/X b/Y"] * 20)
    assert designed(few).task.variants(few, None) == ("",)


def test_parts_of_words() -> None:
    rows = letters(["Running", "running", "Go", ""])
    assert rows.shape == (4, COLUMNS)
    assert rows[0, :7].tolist() == rows[1, :7].tolist(), "letters alike, written large or small"
    assert rows[0, 7] != rows[1, 7]
    assert rows[2].astype(bool).tolist() == [True, True, False, True, True, False, False, True]
    assert rows[3, :7].tolist() == [0] * 7
    assert rows.max() < ROWS
    assert [shape(word) for word in ("Obama", "2,500", "USA", "e-mail", "...", "A1")] == [
        "Xx", "0,0", "X", "x-x", ".", "X0",
    ]  # fmt: skip


def test_the_symbol_says_its_most_frequent_label_and_an_unknown_one_that_of_rare_ones() -> None:
    train = worded(["a/X a/X a/Y b/Y b/Y b/Y c/Z", "d/Z"] * 1 + ["a/X b/Y"] * 10, "train")
    test = worded(["a/X b/Y new/Z"], "test")
    experiment = designed(train, test)
    row = experiment.task.baselines[1]
    data = experiment.data
    model = SharesOfSymbols.fit(data, np.arange(int(train.offsets[-1])))
    found = model.predict(data, experiment.folds[0].test)
    assert [data.classes[k] for k in found.argmax(1)] == ["X", "Y", "Z"]
    assert found.sum(1) == pytest.approx(np.ones(3))
    assert row.applies(experiment.task)
    assert not row.applies(designed(tagged([4] * 12)).task)
