"""What the networks of a forecast are shown: from tables of validation scores to the variant and its sentence."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from selfloop.data import load
from selfloop.data.sequences import Sequences
from selfloop.study.variant_choice import choose, choose_again, inner_folds, judge, short_budgets
from selfloop.tasks.forecast.task import Forecast
from selfloop.tasks.forecast.treatment import Treatment
from selfloop.tasks.forecast.variants import Variant
from selfloop.tasks.task import Experiment
from selfloop.train.budget import Budget
from study_samples import BUDGET, Diary, Table, classify_experiment, one

Key = tuple[str, bool, bool]  # kind, logarithm, skip
HORIZON, SEASON = 2, 3


def wave(steps: int = 120, lowest: float = 1.0) -> Sequences:
    rng = np.random.default_rng(5)
    return load([(lowest + rng.uniform(0, 5, size=steps))[:, None]])


def forecast(steps: int = 120, season: int = SEASON, data: Sequences | None = None, folds: int = 2) -> Experiment:
    task = Forecast(HORIZON, season)
    data = data or wave(steps)
    return Experiment(task, data, task.folds(data, folds))


def named(kind: str, log: bool = False, skip: bool = False) -> str:
    """A variant as a budget holds it."""
    return f"{kind}/{'log' if log else 'raw'}/{'skip' if skip else 'plain'}"


def key(budget: Budget) -> Key:
    """What a budget shows."""
    kind, log, skip = budget.variant.split("/")
    assert budget.variant == named(kind, log == "log", skip == "skip")
    return kind, log == "log", skip == "skip"


def shown(kind: str, log: bool = False, skip: bool = False, **given: Any) -> Budget:
    return replace(BUDGET, hidden={"rnn": 4, "gru": 3}, variant=named(kind, log, skip), **given)


def chosen(
    scores: Callable[[Key, str, int], float], tried: list[Budget], room: int = 120
) -> tuple[str, str, Table, Diary]:
    """Choose with validation scores as given for (kind, log, skip), candidate and inner block."""

    def answer(tested: Budget, candidate: str, fold: int, block: int) -> float:
        assert fold == 0
        return scores(key(tested), candidate, block)

    pool, diary = Table(answer), Diary()
    found = choose(forecast(room), tried, pool, diary)  # type: ignore[arg-type]
    return found.variant, found.sentence, pool, diary


def by_kind(**means: float) -> Callable[[Key, str, int], float]:
    return lambda key, candidate, block: means[key[0].replace(" ", "_")]


def test_the_best_option_is_taken() -> None:
    tried = [shown("changes"), shown("both"), shown("both", skip=True), shown("both", log=True), shown("level")]
    table = {("both", False, True): 0.8, ("both", True, False): 0.9, ("level", False, False): 1.0}
    found, said, _, _ = chosen(lambda key, *_: table.get(key, 1.1), tried)
    assert found == named("both", skip=True)
    assert said == (
        "networks are shown both, raw, added to a ridge autoregression: validation MASE 0.8 on the first fold's "
        "training part, where the 5 options range from 0.8 to 1.1"
    )


def test_the_sentence_of_a_logarithm_without_a_skip() -> None:
    tried = [shown("seasonal changes", log=True), shown("level", skip=True)]
    _, said, _, _ = chosen(by_kind(seasonal_changes=0.61237, level=0.7), tried)
    assert said == (
        "networks are shown seasonal changes, logarithm, without a linear skip: validation MASE 0.612 on the first "
        "fold's training part, where the 2 options range from 0.612 to 0.7"
    )


def test_scores_are_averaged_geometrically_over_candidates_and_blocks() -> None:
    # Arithmetic means: 1.17 against 1.0; geometric: 0.88 against 1.0.
    scores = {"changes": [1.0] * 4, "level": [0.4, 1.75, 0.4, 2.14]}
    order = {("rnn", 0): 0, ("gru", 0): 1, ("rnn", 1): 2, ("gru", 1): 3}
    tried = [shown("changes"), shown("level")]
    found, said, _, _ = chosen(lambda key, candidate, block: scores[key[0]][order[candidate, block]], tried)
    assert sum(scores["level"]) / 4 > 1.0
    mean = math.prod(scores["level"]) ** (1 / 4)
    assert mean == pytest.approx(0.8798, abs=1e-4)
    assert found == named("level")
    assert "validation MASE 0.88 " in said
    assert said.endswith("the 2 options range from 0.88 to 1")


def test_what_is_hopeless_on_the_first_block_is_not_tried_on_the_second() -> None:
    first = {"changes": 1.0, "both": 1.149, "level": 1.151, "seasonal changes": 3.0}
    second = {"changes": 2.0, "both": 1.0}
    tried = [shown(kind) for kind in ("changes", "both", "level", "seasonal changes")]
    found, said, pool, diary = chosen(lambda key, _, block: (first, second)[block][key[0]], tried)
    asked = [(key(budget)[0], candidate, block) for budget, candidate, _, block in pool.asked]
    names = ("rnn", "gru")
    assert sorted(asked) == sorted(
        [(kind, name, 0) for kind in first for name in names] + [(kind, name, 1) for kind in second for name in names]
    )
    assert diary.runs == [8, 4]
    assert diary.chosen == 12
    assert found == named("both")  # sqrt(1.149 * 1) = 1.07 against sqrt(1 * 2) = 1.41
    assert "validation MASE 1.07 " in said
    assert said.endswith("where the 4 options range from 1.07 to 3")  # what was given up after a block is told as well


def test_close_to_the_best_the_variant_that_hangs_least_on_the_level_is_taken() -> None:
    order = ["level", "both", "seasonal changes", "changes"]
    for k in range(1, 4):
        tied = order[: k + 1]
        scores = {kind: 1 + 0.003 * place for place, kind in enumerate(tied)}  # at most 0.9 % above the best
        found, said, _, _ = chosen(lambda key, *_, s=scores: s[key[0]], [shown(kind) for kind in tied])
        assert found == named(tied[-1])
        assert f"validation MASE {scores[tied[-1]]:.3g} on" in said
        assert f"range from 1 to {max(scores.values()):.3g}" in said


def test_more_than_a_hundredth_apart_the_best_is_taken() -> None:
    for gap, kind in ((0.009, "changes"), (0.011, "level")):
        found, _, _, _ = chosen(by_kind(level=1.0, changes=1.0 + gap), [shown("level"), shown("changes")])
        assert found == named(kind)


def test_of_one_kind_the_better_is_taken_however_close() -> None:
    table = {("both", False, False): 1.002, ("both", True, False): 1.001, ("both", True, True): 1.003}
    tried = [shown("both", skip=False), shown("both", True, True), shown("both", True), shown("level")]
    found, _, _, _ = chosen(lambda key, *_: table.get(key, 1.0), tried)
    assert found == named("both", log=True)


def test_every_treatment_with_and_without_a_skip_in_a_third_of_the_epochs() -> None:
    whole = replace(BUDGET, epochs=100, patience=15)
    found = short_budgets(forecast(), whole)
    kinds = ("changes", "level", "both", "seasonal changes")
    wanted = {(kind, log, skip) for kind in kinds for log in (False, True) for skip in (False, True)}
    assert {key(each) for each in found} == wanted
    assert len(found) == 16
    assert {(each.epochs, each.patience) for each in found} == {(34, 8)}  # 100 / 3 and 15 / 2, rounded up
    assert all(replace(each, variant="", epochs=100, patience=15, limit=0) == whole for each in found)
    for each in found:
        kind, log, skip = key(each)
        read = Variant.of(each.variant)
        assert (read.kind, read.log, read.skip) == (kind, log, skip)
        assert read.treatment(Forecast(HORIZON, SEASON), 0) == Treatment(kind, log, SEASON, HORIZON)  # type: ignore[arg-type]


def test_no_logarithm_where_the_first_training_part_is_not_positive_and_no_season_without_one() -> None:
    task, data = Forecast(HORIZON, 1), wave()
    folds = task.folds(data, 2)
    train = int(folds[0].train[0])
    for where, logs in ((train - 1, {False}), (train, {False, True})):
        values = data.values.copy()
        values[where, 0] = 0.0
        found = [key(each) for each in short_budgets(Experiment(task, replace(data, values=values), folds), BUDGET)]
        assert {log for _, log, _ in found} == logs
        assert {kind for kind, _, _ in found} == {"changes", "level", "both"}
        assert len(found) == len(set(found)) == 3 * 2 * len(logs)


def test_cases_are_shown_in_one_way() -> None:
    experiment = classify_experiment(["a", "b"] * 4, [[0, 1], [2, 3]])
    whole = replace(BUDGET, epochs=100, patience=15)
    assert short_budgets(experiment, whole) == [replace(whole, epochs=34, patience=8, limit=34)]
    assert inner_folds(experiment, 0) == [experiment.folds[0]]


def test_two_inner_blocks_one_before_the_other_where_there_is_room() -> None:
    made = forecast()
    folds: list[Any] = inner_folds(made, 0)
    first, second = folds
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
    made = forecast(60)
    least = 2 * SEASON + HORIZON + (2 * HORIZON - 1)
    assert least == made.task.least_training == 11  # type: ignore[attr-defined]
    for fit, blocks in ((least - 1, 1), (least, 2)):
        fold = replace(made.folds[0], fit=one(fit))
        assert len(inner_folds(replace(made, folds=(fold, *made.folds[1:])), 0)) == blocks


def test_with_one_inner_block_it_alone_decides() -> None:
    short = forecast(25)
    assert len(inner_folds(short, 0)) == 1
    _, _, pool, diary = chosen(by_kind(level=1.0, changes=2.0), [shown("level"), shown("changes")], room=25)
    assert {block for *_, block in pool.asked} == {0}
    assert diary.runs == [4]


def test_a_run_is_judged_by_its_validation_mase_at_the_middle_rate() -> None:
    """With hardly a learning rate a network that is shown changes stays at "no change": the naive forecast, by hand."""
    made = forecast(80)
    short = shown("changes", epochs=1, learning_rates=(0.5, 1e-12, 0.5))
    values = made.data.values[:, 0]
    folds: list[Any] = inner_folds(made, 0)
    for block, fold in ((0, made.folds[0]), (1, folds[1])):
        fit = int(fold.fit[0])
        scale = sum(abs(values[t] - values[t - SEASON]) for t in range(SEASON, fit)) / (fit - SEASON)
        errors = [
            abs(values[origin + ahead] - values[origin]) / scale
            for origin in range(fit - 1, int(fold.train[0]) - HORIZON)
            for ahead in (1, 2)
        ]
        assert judge(made, short, "rnn", 0, block) == pytest.approx(sum(errors) / len(errors), rel=1e-6)


def test_each_later_fold_chooses_among_the_best_few_for_itself() -> None:
    made = forecast(300, folds=4)
    tried = [shown("level"), shown("both"), shown("changes")]
    best = {1: "level", 2: "both", 3: "changes"}

    def answer(tested: Budget, candidate: str, fold: int, block: int) -> float:
        return 0.5 if key(tested)[0] == best[fold] else 1.0

    pool = Table(answer)
    found, said = choose_again(made, tried, pool, Diary())  # type: ignore[arg-type]
    assert found == (named("level"), named("both"), named("changes"))
    assert {(fold, block) for _, _, fold, block in pool.asked} == {(f, b) for f in (1, 2, 3) for b in (0, 1)}
    assert said.startswith("of the best 3, chosen anew on each later fold: level, raw, without a linear skip in 1 fold")


def test_on_a_later_fold_too_the_safer_of_equals_is_taken() -> None:
    found, _ = choose_again(forecast(300), [shown("level"), shown("changes")], Table(lambda *_: 1.0), Diary())  # type: ignore[arg-type]
    assert found == (named("changes"),)


def test_what_was_tried_to_the_end_is_ranked() -> None:
    tried = [shown("changes"), shown("both"), shown("level"), shown("seasonal changes")]
    means = {"changes": 1.1, "both": 1.0, "level": 9.0, "seasonal changes": 1.05}
    pool = Table(lambda tested, *_: means[key(tested)[0]])
    choice = choose(forecast(), tried, pool, Diary())  # type: ignore[arg-type]
    assert choice.ranked == (named("both"), named("seasonal changes"), named("changes"))
