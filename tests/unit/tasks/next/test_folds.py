"""Folds in time and of cases: no part sees what another is asked."""

from __future__ import annotations

import numpy as np
import pytest

from next_samples import pattern, text_of, words_of
from selfloop.errors import DataError, SettingsError
from selfloop.tasks.asked import Asked
from selfloop.tasks.next.folds import Cutter, NextFold, usual_folds
from selfloop.tasks.next.task import Next


def answered_steps(fold: NextFold, which: str) -> list[set[int]]:
    """Of each sequence, the steps that are guessed in a part; those learnt from, too."""
    if which == "fit":
        return [set(range(1, int(stop))) for stop in fold.fit]
    block = getattr(fold, which)
    return [set((steps + 1).tolist()) for steps in block.steps()]


@pytest.mark.parametrize("folds", [1, 2, 5])
def test_parts_of_one_text_follow_each_other(folds: int) -> None:
    data = text_of(pattern(400))
    found = Cutter(0.2, 6).folds(data, folds)
    assert len(found) == folds
    tested: set[int] = set()
    for fold in found:
        (fit,), (valid,), (test,) = (answered_steps(fold, part) for part in ("fit", "valid", "test"))
        assert max(fit) + 1 == min(valid)
        assert max(valid) + 1 == min(test)
        assert int(fold.known[0]) == min(test)
        assert not tested & test
        tested |= test
    assert max(tested) == 399


def test_cases_are_on_one_side_and_each_is_tested_once() -> None:
    data = words_of([pattern(n, n) for n in range(5, 35)])
    folds = Cutter(0.2, 6).folds(data, 5)
    counts = np.zeros(30)
    for fold in folds:
        sides = np.array([[len(steps) > 0 for steps in answered_steps(fold, p)] for p in ("fit", "valid", "test")])
        assert (sides.sum(0) == 1).all()
        counts += sides[2]
        for k, steps in enumerate(answered_steps(fold, "test")):
            assert steps == (set(range(1, int(data.lengths[k]))) if sides[2, k] else set())
    assert (counts == 1).all()


def test_groups_stay_together() -> None:
    groups = tuple(f"poet {k % 6}" for k in range(30))
    data = words_of([pattern(8, n) for n in range(30)], groups=groups)
    for fold in Cutter(0.2, 6).folds(data, 3):
        sides = [{groups[k] for k, s in enumerate(answered_steps(fold, p)) if s} for p in ("fit", "valid", "test")]
        assert not sides[0] & sides[1]
        assert not (sides[0] | sides[1]) & sides[2]


def test_a_long_text_has_one_fold_and_says_so() -> None:
    text = pattern(1000) * 201
    data = text_of(text)
    assert usual_folds(data) == 1
    experiment = Next.design(data, None, Asked())
    assert experiment.fold_text == "the last 20,100 steps are tested"
    assert "one fold: 201,000 steps are many; --folds changes it" in experiment.inferred
    assert len(experiment.folds[0].valid) == 36_180
    assert usual_folds(text_of(text[:199_000])) == 5


def test_a_given_test_part_is_read_from_its_start_and_new_symbols_in_it_are_unknown() -> None:
    data, test = text_of(pattern(300)), text_of("edcba!!" + pattern(50), name="later")
    experiment = Next.design(data, test, Asked())
    (fold,) = experiment.folds
    assert experiment.fold_text == "the given split: 1 sequence to learn from, 1 sequence to test"
    assert [len(each) for each in answered_steps(fold, "test")] == [0, 56]
    assert isinstance(experiment.task, Next)
    assert experiment.task.size == 6  # five letters and the unknown one
    material = experiment.task.material(experiment.data, fold, "")
    assert material.pipeline.classes(experiment.data)[305] == 0  # type: ignore[attr-defined]


def test_a_text_that_is_too_short_says_what_would_do() -> None:
    data = text_of(pattern(45))
    with pytest.raises(SettingsError, match="'text' has 45 steps; 5 folds of what comes later need 70: folds=2 would"):
        Next.design(data, None, Asked())
    with pytest.raises(SettingsError, match="'text' has 12 steps; 1 fold of what comes later needs 30: more of it"):
        Next.design(text_of(pattern(12)), None, Asked(folds=1))
    with pytest.raises(SettingsError, match="leaves fewer than 10 steps to learn from"):
        Next.design(text_of(pattern(12)), text_of(pattern(50)), Asked())


def test_sequences_of_one_step_are_set_aside_or_refused() -> None:
    data = words_of([pattern(9, n) for n in range(12)] + ["a", "b"])
    experiment = Next.design(data, None, Asked(folds=2))
    assert len(experiment.data) == 12
    assert "set aside, as nothing follows in them: 2 sequences of one step" in experiment.inferred
    with pytest.raises(DataError, match="every sequence of words has one step, which nothing follows"):
        Next.design(words_of(list("abcab")), None, Asked())


def test_what_belongs_to_other_tasks_is_refused() -> None:
    data = text_of(pattern(300))
    for asked in (Asked(horizon=3), Asked(season=2), Asked(short="drop")):
        with pytest.raises(SettingsError, match="belong to a forecast"):
            Next.design(data, None, asked)
    with pytest.raises(SettingsError, match="cannot read it before"):
        Next.design(data, None, Asked(direction="both"))
    with pytest.raises(SettingsError, match="folds is -1"):
        Next.design(data, None, Asked(folds=-1))
