"""Small experiments, trials, stores and stand-ins for the tests of the comparison: nothing here trains."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from selfloop.data import Sequences, load
from selfloop.results.study import Candidate, Curve, Setting, StudyResult, Trial
from selfloop.study.budget import Planned
from selfloop.study.experiment import make_experiment
from selfloop.study.progress import Progress
from selfloop.study.run import Request, run
from selfloop.study.settings import Settings
from selfloop.study.store import Store
from selfloop.study.trial import Outcome
from selfloop.tasks.cases import CaseFold
from selfloop.tasks.classify.task import Classify
from selfloop.tasks.forecast.folds import ForecastFold
from selfloop.tasks.forecast.task import Forecast
from selfloop.tasks.places import Block
from selfloop.tasks.task import Experiment
from selfloop.train.budget import Budget
from selfloop.train.sizes import Sizes

BUDGET = Budget(epochs=7, patience=3, learning_rates=(0.01,), layers=1, scheme="chrono", hidden={"rnn": 4})


def trial(candidate: str = "rnn", fold: int = 0, seed: int = 0, *, best_epoch: int = 1, **given: Any) -> Trial:
    """A finished trial of a network of four units."""
    usual: dict[str, Any] = {
        "status": "ok",
        "metrics": {"mase": 1.0},
        "parameters": 30,
        "operations": 20,
        "train_seconds": 1.0,
        "step_microseconds": 2.0,
        "settings": {"learning_rate": 0.01, "hidden_size": 4, "epochs": best_epoch, "updates": 10},
        "curve": Curve((None, 0.5), (0.75, 0.5), best_epoch),
    }
    made = Trial(candidate=candidate, fold=fold, seed=seed, **{**usual, **given})
    return made if made.status == "ok" else replace(made, metrics={})


def one(value: int) -> np.ndarray:
    """One series' worth of a fold's bounds."""
    return np.array([value])


def forecast_experiment(
    data: Sequences, horizon: int, season: int, folds: list[tuple[list[int], list[int]]]
) -> Experiment:
    """Folds by hand: for each the first test origin and one past the last, a number a series."""
    task = Forecast(horizon, season)
    made = []
    for index, (first, stop) in enumerate(folds):
        origin = np.array(first)
        fit = origin + 1 - 2 * horizon
        valid, test = Block(fit - 1, origin + 1 - horizon), Block(origin, np.array(stop))
        made.append(ForecastFold(index, fit, valid, origin + 1, test))
    return Experiment(task, data, tuple(made))


def classify_experiment(labels: list[str], tests: list[list[int]], direction: Any = "one") -> Experiment:
    """Sequences of two or three steps, two channels; each fold tests some cases and learns from the others."""
    rng = np.random.default_rng(3)
    data = load([rng.normal(size=(2 + k % 2, 2)) for k in range(len(labels))], labels=labels, axes="steps,channels")
    folds = []
    for index, test in enumerate(tests):
        rest = np.array([k for k in range(len(labels)) if k not in test])
        folds.append(CaseFold(index, rest[::2], rest[1::2], np.array(test)))
    return Experiment(Classify(direction, "last"), data, tuple(folds))


@dataclass
class Table:
    """A pool that looks results up instead of computing them: `answer(*arguments)`, in the order of submission."""

    answer: Callable[..., Any]
    count: int = 3
    asked: list[tuple[Any, ...]] = field(default_factory=list)
    seconds: float = 0.0
    _waiting: deque[tuple[Callable[[Any], None], tuple[Any, ...]]] = field(default_factory=deque)

    def submit(self, then: Callable[[Any], None], function: Callable[..., Any], *arguments: Any) -> None:
        self._waiting.append((then, arguments))

    def drain(self) -> None:
        while self._waiting:
            then, arguments = self._waiting.popleft()
            self.asked.append(arguments)
            then(self.answer(*arguments))


class Diary(Progress):
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.runs: list[int] = []
        self.chosen = 0
        self.begun: list[tuple[dict[str, int], tuple[Trial, ...], int]] = []
        self.trials: list[tuple[str, int, int]] = []
        self.ended = 0

    def say(self, text: str) -> None:
        self.said.append(text)

    def choosing(self, runs: int) -> None:
        self.runs.append(runs)

    def chose(self) -> None:
        self.chosen += 1

    def begin(self, totals: Mapping[Candidate, int], done: tuple[Trial, ...], workers: int) -> None:
        self.begun.append(({c.name: n for c, n in totals.items()}, done, workers))

    def finished(self, trial: Trial) -> None:
        self.trials.append((trial.candidate, trial.fold, trial.seed))

    def end(self) -> None:
        self.ended += 1


def outcome(budget: Budget, name: str, fold: int, seed: int, chosen: dict[str, Setting] | None) -> Outcome:
    """What a run would leave: a first seed chooses settings of its own candidate and fold, others repeat theirs."""
    settings = chosen or {"learning_rate": 0.01 * (fold + 1), "hidden_size": len(name), "epochs": 1, "updates": 10}
    return Outcome(trial(name, fold, seed, settings=dict(settings)), {"test": np.full((1, 2), fold + seed, np.float32)})


def planned(hidden: dict[str, int] | None = None, variant: str = "") -> Planned:
    """A budget as if it had been made."""
    hidden = hidden or {"rnn": 4}
    budget = replace(BUDGET, hidden=hidden, variant=variant)
    return Planned((budget,) * 10, Sizes(hidden, dict.fromkeys(hidden, 30)), ("a choice of the budget.",))


Predictions = Mapping[tuple[str, int, int], Mapping[str, np.ndarray]]


def finished(
    folder: Path, data: Sequences, made: Planned, trials: list[Trial], predictions: Predictions, **settings: Any
) -> StudyResult:
    """A study whose trials and models are all in its folder already, so that it only has to be judged."""
    store, chosen = Store(folder), Settings(**settings)
    store.record("budget", msgspec.json.encode(made))
    for each in trials:
        store.add(each, predictions.get((each.candidate, each.fold, each.seed), {}))
    for name in {each.candidate for each in trials}:
        (folder / f"{name}.safetensors").write_bytes(b"")
        store.record(f"saved {name}", b"")
    request = Request(chosen, 1, "selfloop compare these")
    result = run(make_experiment(data, None, chosen), request, store, Progress())
    store.close()
    return result
