"""What the networks of a forecast are shown: from tables of validation scores to the plan and its sentence."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from selfloop.study.treatment_choice import choose, inner_folds, judge, options

from selfloop.data import load
from selfloop.data.sequences import Sequences
from selfloop.study.trial import Bench
from selfloop.tasks.forecast.task import Forecast
from selfloop.tasks.forecast.treatment import Kind, Treatment
from selfloop.train.budget import Plan
from study_samples import PLAN, Diary, Table, one

Key = tuple[str, bool, bool]  # kind, logarithm, skip
HORIZON, SEASON = 2, 3


def wave(steps: int = 120, lowest: float = 1.0) -> Sequences:
    rng = np.random.default_rng(5)
    return load([(lowest + rng.uniform(0, 5, size=steps))[:, None]])


def bench(steps: int = 120, season: int = SEASON, data: Sequences | None = None, folds: int = 2) -> Bench:
    task = Forecast(HORIZON, season)
    data = data or wave(steps)
    return Bench(task, data, task.folds(data, folds))


def plan(kind: Kind, log: bool = False, skip: bool = False, **given: Any) -> Plan:
    return replace(
        PLAN, hidden={"rnn": 4, "gru": 3}, treatment=Treatment(kind, log, SEASON, HORIZON), skip=skip, **given
    )


def chosen(
    scores: Callable[[Key, str, int], float], tried: list[Plan], room: int = 120
) -> tuple[Plan, str, Table, Diary]:
    """Choose with validation scores as given for (kind, log, skip), candidate and inner block."""

    def answer(tested: Plan, candidate: str, block: int) -> float:
        assert tested.treatment is not None
        return scores((tested.treatment.kind, tested.treatment.log, tested.skip), candidate, block)

    pool, diary = Table(answer), Diary()
    found, said = choose(bench(room), PLAN, tried, pool, diary)  # type: ignore[arg-type]
    return found, said, pool, diary


def by_kind(**means: float) -> Callable[[Key, str, int], float]:
    return lambda key, candidate, block: means[key[0].replace(" ", "_")]


def test_the_best_option_is_taken_and_the_rest_of_the_plan_kept() -> None:
    tried = [plan("changes"), plan("both"), plan("both", skip=True), plan("both", log=True), plan("level")]
    table = {("both", False, True): 0.8, ("both", True, False): 0.9, ("level", False, False): 1.0}
    found, said, _, _ = chosen(lambda key, *_: table.get(key, 1.1), tried)
    assert found == replace(PLAN, treatment=Treatment("both", False, SEASON, HORIZON), skip=True)
    assert said == (
        "networks are shown both, raw, added to a ridge autoregression: validation MASE 0.8 on the first fold's "
        "training part, where the 5 options range from 0.8 to 1.1"
    )


def test_the_sentence_of_a_logarithm_without_a_skip() -> None:
    tried = [plan("seasonal changes", log=True), plan("level", skip=True)]
    _, said, _, _ = chosen(by_kind(seasonal_changes=0.61237, level=0.7), tried)
    assert said == (
        "networks are shown seasonal changes, logarithm, without a linear skip: validation MASE 0.612 on the first "
        "fold's training part, where the 2 options range from 0.612 to 0.7"
    )


def test_scores_are_averaged_geometrically_over_candidates_and_blocks() -> None:
    # Arithmetic means: 1.17 against 1.0; geometric: 0.88 against 1.0.
    scores = {"changes": [1.0] * 4, "level": [0.4, 1.75, 0.4, 2.14]}
    order = {("rnn", 0): 0, ("gru", 0): 1, ("rnn", 1): 2, ("gru", 1): 3}
    tried = [plan("changes"), plan("level")]
    found, said, _, _ = chosen(lambda key, candidate, block: scores[key[0]][order[candidate, block]], tried)
    assert sum(scores["level"]) / 4 > 1.0
    mean = math.prod(scores["level"]) ** (1 / 4)
    assert mean == pytest.approx(0.8798, abs=1e-4)
    assert found.treatment is not None
    assert found.treatment.kind == "level"
    assert "validation MASE 0.88 " in said
    assert said.endswith("the 2 options range from 0.88 to 1")


def test_what_is_hopeless_on_the_first_block_is_not_tried_on_the_second() -> None:
    first = {"changes": 1.0, "both": 1.149, "level": 1.151, "seasonal changes": 3.0}
    second = {"changes": 2.0, "both": 1.0}
    tried = [plan(kind) for kind in ("changes", "both", "level", "seasonal changes")]  # type: ignore[arg-type]
    found, said, pool, diary = chosen(lambda key, _, block: (first, second)[block][key[0]], tried)
    asked = [(p.treatment.kind, candidate, block) for p, candidate, block in pool.asked]
    names = ("rnn", "gru")
    assert sorted(asked) == sorted(
        [(kind, name, 0) for kind in first for name in names] + [(kind, name, 1) for kind in second for name in names]
    )
    assert diary.runs == [8, 4]
    assert diary.chosen == 12
    assert found.treatment is not None
    assert found.treatment.kind == "both"  # sqrt(1.149 * 1) = 1.07 against sqrt(1 * 2) = 1.41
    assert "validation MASE 1.07 " in said
    assert said.endswith("where the 4 options range from 1.07 to 3")  # what was given up after a block is told as well


def test_close_to_the_best_the_treatment_that_hangs_least_on_the_level_is_taken() -> None:
    order: list[Kind] = ["level", "both", "seasonal changes", "changes"]
    for k in range(1, 4):
        tied = order[: k + 1]
        scores = {kind: 1 + 0.003 * place for place, kind in enumerate(tied)}  # at most 0.9 % above the best
        found, said, _, _ = chosen(lambda key, *_, s=scores: s[key[0]], [plan(kind) for kind in tied])
        assert found.treatment is not None
        assert found.treatment.kind == tied[-1]
        assert f"validation MASE {scores[tied[-1]]:.3g} on" in said
        assert f"range from 1 to {max(scores.values()):.3g}" in said


def test_more_than_a_hundredth_apart_the_best_is_taken() -> None:
    for gap, kind in ((0.009, "changes"), (0.011, "level")):
        found, _, _, _ = chosen(by_kind(level=1.0, changes=1.0 + gap), [plan("level"), plan("changes")])
        assert found.treatment is not None
        assert found.treatment.kind == kind


def test_of_one_kind_the_better_is_taken_however_close() -> None:
    table = {("both", False, False): 1.002, ("both", True, False): 1.001, ("both", True, True): 1.003}
    tried = [plan("both", skip=False), plan("both", True, True), plan("both", True), plan("level")]
    found, _, _, _ = chosen(lambda key, *_: table.get(key, 1.0), tried)
    assert found.treatment == Treatment("both", True, SEASON, HORIZON)
    assert not found.skip


def test_every_treatment_with_and_without_a_skip_in_a_third_of_the_epochs() -> None:
    whole = replace(PLAN, epochs=100, patience=15)
    found = options(bench(), whole)
    kinds = ("changes", "level", "both", "seasonal changes")
    wanted = {(kind, log, skip) for kind in kinds for log in (False, True) for skip in (False, True)}
    assert {(p.treatment.kind, p.treatment.log, p.skip) for p in found if p.treatment} == wanted
    assert len(found) == 16
    assert {(p.epochs, p.patience) for p in found} == {(34, 8)}  # 100 / 3 and 15 / 2, rounded up
    assert {(p.treatment.season, p.treatment.horizon) for p in found if p.treatment} == {(SEASON, HORIZON)}
    assert all(replace(p, treatment=None, skip=False, epochs=100, patience=15) == whole for p in found)


def test_no_logarithm_where_the_first_training_part_is_not_positive_and_no_season_without_one() -> None:
    task, data = Forecast(HORIZON, 1), wave()
    folds = task.folds(data, 2)
    train = int(folds[0].train[0])
    for where, logs in ((train - 1, {False}), (train, {False, True})):
        values = data.values.copy()
        values[where, 0] = 0.0
        found = options(Bench(task, replace(data, values=values), folds), PLAN)
        assert {p.treatment.log for p in found if p.treatment} == logs
        assert {p.treatment.kind for p in found if p.treatment} == {"changes", "level", "both"}
        assert len(found) == 3 * 2 * len(logs)


def test_two_inner_blocks_one_before_the_other_where_there_is_room() -> None:
    made = bench()
    first, second = inner_folds(made)
    given = made.folds[0]
    assert first is given
    # The last future that the second validates on ends where the first's validation begins: nothing is validated twice.
    last_future = second.valid.stop - 1 + HORIZON
    first_future = first.valid.first + 1
    assert last_future < first_future
    assert last_future == first_future - 1
    assert (second.valid.first >= second.fit - 1).all()
    assert (second.fit < second.train).all()
    assert second.train == first.fit
    assert len(second.valid) > 0


def test_one_inner_block_where_there_is_no_room_for_two() -> None:
    # Two seasons to learn from, a horizon, and a validation part of a horizon's origins with their futures: 11 steps.
    made = bench(60)
    least = 2 * SEASON + HORIZON + (2 * HORIZON - 1)
    assert least == made.task.least_training == 11  # type: ignore[union-attr]
    for fit, blocks in ((least - 1, 1), (least, 2)):
        fold = replace(made.folds[0], fit=one(fit))
        assert len(inner_folds(replace(made, folds=(fold, *made.folds[1:])))) == blocks


def test_with_one_inner_block_it_alone_decides() -> None:
    short = bench(25)
    assert len(inner_folds(short)) == 1
    _, _, pool, diary = chosen(by_kind(level=1.0, changes=2.0), [plan("level"), plan("changes")], room=25)
    assert {block for _, _, block in pool.asked} == {0}
    assert diary.runs == [4]


def test_a_run_is_judged_by_its_validation_mase_at_the_middle_rate() -> None:
    """With hardly a learning rate a network that is shown changes stays at "no change": the naive forecast, by hand."""
    made = bench(80)
    short = plan("changes", epochs=1, truncation=8, learning_rates=(0.5, 1e-12, 0.5))
    values = made.data.values[:, 0]
    for block, fold in ((0, made.folds[0]), (1, inner_folds(made)[1])):
        fit = int(fold.fit[0])
        scale = sum(abs(values[t] - values[t - SEASON]) for t in range(SEASON, fit)) / (fit - SEASON)
        errors = [
            abs(values[origin + ahead] - values[origin]) / scale
            for origin in range(fit - 1, int(fold.train[0]) - HORIZON)
            for ahead in (1, 2)
        ]
        assert judge(made, short, "rnn", block) == pytest.approx(sum(errors) / len(errors), rel=1e-6)
