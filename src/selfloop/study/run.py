"""Running a study: what is not in the store yet is trained; then the evidence is weighed and the models are made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version

import msgspec

from selfloop.engine.processes import workers
from selfloop.models.predictor import Predictor
from selfloop.results.study import Candidate, Evidence, Row, StudyResult, Trial, Verdict
from selfloop.study.budget import Planned, make_budget
from selfloop.study.candidates import candidates, is_trained, naive_names
from selfloop.study.experiment import resolved, summary_of
from selfloop.study.pool import StudyWorkers
from selfloop.study.progress import Progress
from selfloop.study.refit import chosen_option, try_refit
from selfloop.study.settings import Settings
from selfloop.study.store import Store
from selfloop.study.trials import Trials
from selfloop.study.verdict.leaderboard import leaderboard
from selfloop.study.verdict.margin import margin
from selfloop.study.verdict.verdict import Rules, verdict
from selfloop.study.versions import versions
from selfloop.tasks.task import Experiment, Predictions
from selfloop.train.budget import Budget
from selfloop.voice import spoken

DRAWN = 6  # candidates whose forecasts or confusions the report may show, beside the recurrent ones
STORE = 2  # grows when what is stored changes its form


@dataclass(frozen=True)
class Request:
    """What the user wants: settings, worker processes, and the command that repeats it."""

    settings: Settings
    workers: int
    command: str


def run(experiment: Experiment, request: Request, store: Store, progress: Progress) -> StudyResult:
    """Run or finish a study.

    Args:
        experiment: task, data, folds.
        request: what the user wants.
        store: of its folder.
        progress: listens.

    Raises:
        StudyError: the store holds another study.
    """
    settings, task = request.settings, experiment.task
    entrants = candidates(task, settings.candidates)
    store.claim(
        {
            "version": version("selfloop"),
            "store": STORE,
            "data": experiment.data.fingerprint,
            **settings.recorded(),
            **resolved(experiment),
        }
    )
    for line in experiment.inferred:
        progress.say(line)
    progress.say(f"folds: {experiment.fold_text}")
    with workers(experiment, request.workers) as pool:
        planned = _planned(experiment, settings, store, pool, progress)
        trials = Trials(experiment, planned.budget, settings.seeds, store, pool, progress).run(entrants)
        board = leaderboard(trials, entrants, experiment.metrics, naive_names(task))
        drawn = _drawn(board)
        evidence = task.evidence(experiment, store.predictions, trials, drawn)
        judged = _judge(experiment, settings, Results(entrants, trials, board), evidence, store.predictions)
        finish = Finish(experiment, planned.budget, store, pool, progress)
        models = finish.run(entrants, trials, judged)
    found = Found(entrants, trials, board, judged, evidence, models)
    return _result(experiment, request, planned, found)


def _drawn(board: Sequence[Row]) -> list[str]:
    """The first ones of the leaderboard, and every recurrent network: what the comparison is about."""
    finished = [row.candidate for row in board if row.score is not None]
    first = finished[:DRAWN]
    return [each.name for each in finished if each in first or each.family == "recurrent"]


@dataclass(frozen=True)
class Found:
    """What a study came to."""

    entrants: tuple[Candidate, ...]
    trials: tuple[Trial, ...]
    board: tuple[Row, ...]
    verdict: Verdict
    evidence: Evidence
    models: dict[str, str]


def _planned(
    experiment: Experiment, settings: Settings, store: Store, pool: StudyWorkers, progress: Progress
) -> Planned:
    """The stored budget, or a new one."""
    raw = store.fact("budget")
    if raw is None:
        raw = msgspec.json.encode(make_budget(experiment, settings, pool, progress))
        store.record("budget", raw)
    planned = msgspec.json.decode(raw, type=Planned)
    for line in planned.choices:
        progress.say(line)
    return planned


@dataclass(frozen=True)
class Results:
    """Of all trials."""

    entrants: tuple[Candidate, ...]
    trials: tuple[Trial, ...]
    board: tuple[Row, ...]


def _judge(
    experiment: Experiment, settings: Settings, results: Results, evidence: Evidence, predictions: Predictions
) -> Verdict:
    task, metrics = experiment.task, experiment.metrics
    rules = Rules(
        margin=margin(metrics[0], results.board, settings.margin),
        test_to_train=experiment.test_to_train,
        data_phrase=task.phrase(experiment.data),
        ordered=task.folds_in_time,
        naive_names=naive_names(task),
    )
    right = task.right(experiment, predictions, results.trials)
    return verdict(results.trials, results.entrants, metrics, rules, right=right, notes=evidence.notes)


@dataclass(frozen=True)
class Finish:
    """The last part of a study: its models."""

    experiment: Experiment
    budget: Budget
    store: Store
    pool: StudyWorkers
    progress: Progress

    def run(self, entrants: tuple[Candidate, ...], trials: tuple[Trial, ...], judged: Verdict) -> dict[str, str]:
        """Refit and save the pick, the best recurrent model and, to be looked into beside it, the other recurrent ones.

        Returns:
            File names by role: "pick", "best_recurrent", and the names of the recurrent candidates.
        """
        models = {"pick": judged.pick}
        if judged.best_recurrent is not None:
            models["best_recurrent"] = judged.best_recurrent
        models |= {candidate.name: candidate.name for candidate in entrants if candidate.family == "recurrent"}
        finished = {t.candidate for t in trials if t.status == "ok"}
        models = {role: name for role, name in models.items() if name in finished}
        missing = [c for c in entrants if c.name in models.values() and not self._is_saved(c.name)]
        if missing:
            self.progress.say("refitting on all data: " + ", ".join(candidate.label for candidate in missing))
        for candidate in missing:
            self._submit(candidate, trials)
        self.pool.drain()
        return {role: _file(name) for role, name in models.items() if self._is_saved(name)}

    def _submit(self, candidate: Candidate, trials: tuple[Trial, ...]) -> None:
        name, task = candidate.name, self.experiment.task
        own = [trial for trial in trials if trial.candidate == name]
        chosen = chosen_option(own) if is_trained(task, name) else None
        calibration = task.calibration(self.experiment, self.store.predictions, trials, name)
        self.pool.submit(partial(self._save, name), try_refit, self.budget, candidate, chosen, calibration)

    def _is_saved(self, name: str) -> bool:
        there = self.store.path.with_name(_file(name)).is_file()
        return there and self.store.fact(f"saved {name}") is not None

    def _save(self, name: str, model: Predictor | str) -> None:
        if isinstance(model, str):
            self.progress.say(f"no model of {name} is saved: {model}")
            return
        model.save(self.store.path.with_name(_file(name)))
        self.store.record(f"saved {name}", b"")


def _file(name: str) -> str:
    return f"{name}.safetensors"


def _result(experiment: Experiment, request: Request, planned: Planned, found: Found) -> StudyResult:
    task, settings, budget = experiment.task, request.settings, planned.budget
    return StudyResult(
        task=task.name,
        words=task.words(experiment.data),
        data=summary_of(experiment),
        metrics=experiment.metrics,
        candidates=found.entrants,
        folds=len(experiment.folds),
        seeds=settings.seeds,
        fold_text=experiment.fold_text,
        choices=tuple(map(spoken, (*experiment.inferred, *planned.choices))),
        trials=found.trials,
        leaderboard=found.board,
        verdict=found.verdict,
        settings={**settings.recorded(), "epochs": budget.epochs, "patience": budget.patience},
        command=request.command,
        versions=versions(),
        seconds=sum(trial.train_seconds + trial.search_seconds for trial in found.trials),
        examples=found.evidence.examples,
        coverage=found.evidence.coverage,
        confusions=found.evidence.confusions,
        models=found.models,
    )
