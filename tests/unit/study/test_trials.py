"""Which runs a study asks for and in which order, and what one run tries, keeps and records."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from selfloop.results.study import Candidate, Curve, Trial
from selfloop.study.store import Store
from selfloop.study.trial import Outcome, run_trial, search
from selfloop.study.trials import Trials
from selfloop.train.budget import Option
from selfloop.train.loop import TrainingRun
from study_samples import BUDGET, Diary, Table, classify_experiment, outcome, trial

ENTRANTS = (
    Candidate("lstm", "LSTM", "recurrent", True),
    Candidate("rnn", "RNN", "recurrent", True),
    Candidate("majority", "majority class", "baseline", True),
    Candidate("summary", "linear model on summaries", "baseline", True),
    Candidate("feed_forward", "feed-forward network", "baseline", True),
)
NETWORKS = ("lstm", "rnn", "feed_forward")
CLOSED = ("majority", "summary")
EVERY = {(n, f, s) for n in NETWORKS for f in (0, 1) for s in (0, 1, 2)} | {(n, f, 0) for n in CLOSED for f in (0, 1)}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path)
    yield made
    made.close()


def ran(store: Store, seeds: int = 3) -> tuple[tuple[Trial, ...], dict[tuple[str, int, int], Any], Diary]:
    """Run a study of two folds; what was asked for, in order, with the settings that each was given."""
    experiment, pool, diary = classify_experiment(["a", "b"] * 4, [[0, 1], [2, 3]]), Table(outcome), Diary()
    trials = Trials(experiment, (BUDGET, BUDGET), seeds, store, pool, diary).run(ENTRANTS)  # type: ignore[arg-type]
    assert all(asked[0] is BUDGET for asked in pool.asked)
    given = {(name, fold, seed): chosen for _, name, fold, seed, chosen in pool.asked}
    assert len(given) == len(pool.asked)  # nothing twice
    return trials, given, diary


def settings(name: str, fold: int) -> dict[str, Any]:
    """What the first seed of a fold chooses in `outcome`."""
    return {"learning_rate": 0.01 * (fold + 1), "hidden_size": len(name), "epochs": 1, "updates": 10}


def test_the_first_seed_of_a_fold_chooses_and_its_other_seeds_repeat(store: Store) -> None:
    _, given, _ = ran(store)
    assert set(given) == EVERY
    for (name, fold, seed), chosen in given.items():
        assert chosen == (None if seed == 0 else settings(name, fold)), (name, fold, seed)


def test_everything_is_stored_told_and_returned_in_one_order(store: Store) -> None:
    trials, given, diary = ran(store)
    assert [(t.candidate, t.fold, t.seed) for t in trials] == sorted(EVERY)
    assert store.trials() == trials
    assert diary.trials == list(given)
    assert diary.ended == 1
    assert diary.begun == [({"lstm": 6, "rnn": 6, "majority": 2, "summary": 2, "feed_forward": 6}, (), 3)]
    for name, fold, seed in EVERY:
        np.testing.assert_array_equal(store.predictions(name, fold, seed)["test"], np.full((1, 2), fold + seed))


def test_of_a_fold_what_is_trained_comes_first_each_in_the_order_of_entrants(store: Store) -> None:
    _, given, _ = ran(store, seeds=1)
    order = ["lstm", "rnn", "feed_forward", "majority", "summary"]
    assert list(given) == [(name, fold, 0) for fold in (0, 1) for name in order]


def test_one_seed_is_one_run_a_fold(store: Store) -> None:
    trials, given, diary = ran(store, seeds=1)
    assert set(given) == {(c.name, fold, 0) for c in ENTRANTS for fold in (0, 1)}
    assert len(trials) == 10
    assert set(diary.begun[0][0].values()) == {2}


def test_what_is_finished_is_not_run_again(store: Store) -> None:
    chosen = {"learning_rate": 0.7, "hidden_size": 9, "epochs": 4, "updates": 8}
    done = [trial("rnn", 0, seed, settings=chosen) for seed in (0, 2)]
    done += [trial("lstm", 1, seed, settings=chosen) for seed in (0, 1, 2)] + [trial("summary", 0, 0, settings={})]
    for each in done:
        store.add(each, {})
    trials, given, diary = ran(store)
    finished = {(t.candidate, t.fold, t.seed) for t in done}
    assert set(given) == EVERY - finished
    assert given["rnn", 0, 1] == chosen  # of the stored first seed
    assert given["rnn", 1, 2] == settings("rnn", 1)
    assert diary.trials == list(given)
    (begun,) = diary.begun
    assert {(t.candidate, t.fold, t.seed) for t in begun[1]} == finished
    assert begun[0]["rnn"] == 6  # in all, those already finished included
    assert [(t.candidate, t.fold, t.seed) for t in trials] == sorted(EVERY)


def test_a_finished_study_asks_for_nothing(store: Store) -> None:
    trials, _, _ = ran(store)
    again, given, diary = ran(store)
    assert given == {}
    assert again == trials
    assert diary.trials == []
    assert diary.ended == 1


@dataclass
class Network:
    """A trained candidate, as far as a trial looks at it."""

    option: Option
    seed: int
    parameters: int = 31
    operations: int = 17

    def step(self) -> None:
        """Nothing to be timed."""


@dataclass
class Fitter:
    """Options, with the validation losses that a table gives them; each fit and test is written down."""

    first: tuple[Option, ...]
    rates: tuple[float, ...]
    valid: dict[Option, float]
    metrics: dict[str, float] = field(default_factory=lambda: {"mase": 0.5})
    seconds: float = 0.25
    trained: list[tuple[str, Option, int]] = field(default_factory=list)
    tested: list[Any] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    zero_start: bool = False

    def options(self, candidate: str) -> tuple[tuple[Option, ...], tuple[float, ...]]:
        return self.first, self.rates

    def train(self, candidate: str, option: Option, seed: int) -> tuple[Network, TrainingRun]:
        self.trained.append((candidate, option, seed))
        loss = self.valid[option]
        return Network(option, seed), TrainingRun(
            Curve((None, 1.0), (2.0, 1.5), 1), loss, 40 + len(self.trained), self.seconds
        )

    def entry(self, candidate: str) -> None:
        return None

    def closed_form(self, candidate: str) -> str | None:
        return candidate if candidate == "ridge_ar" else None

    def fit(self, row: str) -> tuple[Network, dict[str, Any]]:
        assert row == "ridge_ar"
        return Network(Option(0.0, 0), 0), {"penalty": 0.1}

    def again(self, row: str, model: Network) -> Network:
        self.repeated.append(row)
        return model

    @property
    def start(self) -> Network:
        return Network(Option(0.0, 0), -1)

    @property
    def output(self) -> Any:
        return SimpleNamespace(zero_start=self.zero_start)

    def test(self, model: Network) -> tuple[dict[str, float], dict[str, np.ndarray]]:
        self.tested.append(model)
        return self.metrics, {"test": np.ones((2, 1), np.float32)}


EXPERIMENT = classify_experiment(["a", "b"] * 4, [[0, 1], [2, 3]])
Run = Callable[..., Outcome]


@pytest.fixture
def run_with(monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run_trial` of `EXPERIMENT` with a fitter of the test's."""

    def run(fitter: Fitter, candidate: str, fold: int, seed: int, chosen: dict[str, Any] | None) -> Outcome:
        made: list[tuple[Any, ...]] = []

        def hand_out(*asked: Any) -> Fitter:
            made.append(asked)
            return fitter

        monkeypatch.setattr("selfloop.study.trial.Fitter", hand_out)
        found = run_trial(EXPERIMENT, BUDGET, candidate, fold, seed, chosen)
        ((task, data, part, budget, entries),) = made
        assert entries == ()
        assert task is EXPERIMENT.task
        assert data is EXPERIMENT.data
        assert part is EXPERIMENT.folds[fold]
        assert budget is BUDGET
        return found

    return run


SMALL, LARGE = Option(0.01, 4, 6), Option(0.01, 8, 6)


@pytest.mark.parametrize(
    ("valid", "kept"),
    [
        ([0.9, 0.8, 0.7, 0.6], Option(0.001, 8, 6)),
        ([0.9, 0.8, 0.6, 0.7], Option(0.1, 8, 6)),
        ([0.9, 0.5, 0.6, 0.7], LARGE),  # no rate betters the middle one
        ([0.9, 0.5, 0.5, 0.5], LARGE),  # of equals the one tried first
        ([0.9, math.inf, 0.8, 0.7], None),
    ],
)
def test_the_option_that_validates_best_is_kept_and_other_rates_are_tried_on_it_alone(
    valid: list[float], kept: Option | None
) -> None:
    more = [Option(0.1, 8, 6), Option(0.001, 8, 6)]
    if kept is None:  # the larger one diverges: the smaller is the best of the first
        more, kept = [Option(0.1, 4, 6), Option(0.001, 4, 6)], Option(0.001, 4, 6)
    fitter = Fitter((SMALL, LARGE), (0.1, 0.001), dict(zip([SMALL, LARGE, *more], valid, strict=True)))
    model: Any  # the network that is scripted above
    option, model, run = search(fitter, "feed_forward", 5)  # type: ignore[arg-type]
    assert fitter.trained == [("feed_forward", each, 5) for each in (SMALL, LARGE, *more)]
    assert option == kept
    assert model.option == kept  # the model and the run are that option's own
    assert run.valid == fitter.valid[kept]
    assert run.updates == 41 + [SMALL, LARGE, *more].index(kept)
    assert fitter.tested == []


def test_a_first_seed_searches_and_is_tested_once(run_with: Run) -> None:
    fitter = Fitter((SMALL, LARGE), (0.1,), {SMALL: 0.4, LARGE: 0.5, Option(0.1, 4, 6): 0.6}, seconds=1e-9)
    found = run_with(fitter, "feed_forward", 1, 2, None)
    made = found.trial
    assert len(fitter.trained) == 3
    assert [model.option for model in fitter.tested] == [SMALL]
    assert (made.candidate, made.fold, made.seed, made.status) == ("feed_forward", 1, 2, "ok")
    assert made.metrics == {"mase": 0.5}
    assert made.settings == {"learning_rate": 0.01, "hidden_size": 4, "window": 6, "epochs": 1, "updates": 41}
    assert (made.parameters, made.operations) == (31, 17)
    assert made.curve == Curve((None, 1.0), (2.0, 1.5), 1)
    assert made.train_seconds == 1e-9
    assert made.search_seconds > 0
    np.testing.assert_array_equal(found.arrays["test"], np.ones((2, 1)))


def test_another_seed_trains_what_was_chosen_and_nothing_else(run_with: Run) -> None:
    fitter = Fitter((SMALL, LARGE), (), {SMALL: 0.4, Option(0.2, 3): 0.7})
    chosen = {"learning_rate": 0.2, "hidden_size": 3, "epochs": 12, "updates": 90}
    made = run_with(fitter, "rnn", 0, 4, chosen).trial
    assert fitter.trained == [("rnn", Option(0.2, 3), 4)]
    assert made.settings == {"learning_rate": 0.2, "hidden_size": 3, "epochs": 1, "updates": 41}  # its own epochs


def test_a_closed_form_has_no_curve_and_its_last_fit_is_told_from_its_search(run_with: Run) -> None:
    fitter = Fitter((), (), {})
    made = run_with(fitter, "ridge_ar", 0, 0, None).trial
    assert fitter.trained == []
    assert (made.settings, made.curve, made.status) == ({"penalty": 0.1}, None, "ok")
    assert fitter.repeated == ["ridge_ar"]  # timed once more, its settings known
    assert made.train_seconds >= 0
    assert made.search_seconds >= 0


def test_the_score_of_a_network_before_training_is_kept_where_that_is_an_answer(run_with: Run) -> None:
    fitter = Fitter((SMALL,), (), {SMALL: 0.4}, metrics={"accuracy": 0.75})
    assert run_with(fitter, "rnn", 0, 0, None).trial.start is None
    fitter.zero_start = True
    assert run_with(fitter, "rnn", 0, 0, None).trial.start == 0.75
    assert [model.seed for model in fitter.tested[-2:]] == [0, -1]  # trained, and not


def test_a_run_that_diverges_is_not_tested(run_with: Run) -> None:
    fitter = Fitter((SMALL,), (), {SMALL: math.inf})
    found = run_with(fitter, "rnn", 0, 0, None)
    assert fitter.tested == []
    assert (found.trial.status, found.trial.metrics, found.arrays) == ("diverged", {}, {})
    assert found.trial.settings["learning_rate"] == 0.01  # its other seeds need them


@pytest.mark.parametrize("metrics", [{"mase": math.nan, "mae": 1.0}, {"mase": 1.0, "mae": math.inf}, {}])
def test_a_score_that_is_not_finite_is_none(run_with: Run, metrics: dict[str, float]) -> None:
    fitter = Fitter((SMALL,), (), {SMALL: 1.0}, metrics)
    found = run_with(fitter, "rnn", 0, 0, None)
    assert len(fitter.tested) == 1
    assert (found.trial.status, found.trial.metrics, found.arrays) == ("diverged", {}, {})
