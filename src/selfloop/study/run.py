"""Running a study: what is not in the store yet is trained; then the evidence is weighed and the models are made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version

import msgspec

from selfloop.engine.processes import workers
from selfloop.results.study import Candidate, Evidence, Row, StudyResult, Trial, Verdict
from selfloop.study.budget import Planned, make_budget
from selfloop.study.candidates import candidates, naive_names
from selfloop.study.experiment import resolved, summary_of
from selfloop.study.finish import Finish, Finished
from selfloop.study.kept import kept
from selfloop.study.pool import StudyWorkers
from selfloop.study.progress import Progress
from selfloop.study.settings import Settings
from selfloop.study.store import Store
from selfloop.study.training_notes import of_training
from selfloop.study.trials import Trials
from selfloop.study.verdict.leaderboard import leaderboard
from selfloop.study.verdict.margin import margin
from selfloop.study.verdict.verdict import Rules, verdict
from selfloop.study.versions import versions
from selfloop.tasks.task import Experiment, Predictions
from selfloop.voice import spoken

DRAWN = 6  # candidates whose forecasts or confusions the report may show, beside the recurrent ones
STORE = 3  # grows when what is stored changes its form


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
    entrants = candidates(task, settings.candidates, experiment.entries)
    store.claim(
        {
            "version": version("selfloop"),
            "store": STORE,
            "data": experiment.data.fingerprint,
            **settings.recorded(),
            **resolved(experiment),
            **{f"entry {entry.name}": entry.described for entry in experiment.entries},
        }
    )
    for line in experiment.inferred:
        progress.say(line)
    progress.say(f"folds: {experiment.fold_text}")
    with workers(experiment, request.workers) as pool:
        planned = _planned(experiment, settings, store, pool, progress)
        trials = Trials(experiment, planned.budgets, settings.seeds, store, pool, progress).run(entrants)
        board = leaderboard(trials, entrants, experiment.ranked, naive_names(task))
        drawn = _drawn(board)
        evidence = task.evidence(experiment, store.predictions, trials, drawn)
        judged = _judge(experiment, settings, Results(entrants, trials, board), evidence, store.predictions)
        finish = Finish(experiment, planned.budgets[-1], store, pool, progress)
        finished = finish.run(entrants, trials, judged, kept(board, judged.pick, experiment.deciding))
    found = Found(entrants, trials, board, judged, evidence, finished)
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
    finished: Finished


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
    task, metrics = experiment.task, experiment.ranked
    rules = Rules(
        margin=margin(metrics[0], results.board, settings.margin),
        test_to_train=experiment.test_to_train,
        data_phrase=task.phrase(experiment.data),
        ordered=task.folds_in_time,
        naive_names=naive_names(task),
    )
    right = task.right(experiment, predictions, results.trials)
    notes = (*of_training(results.trials, results.entrants, metrics[0]), *evidence.notes)
    return verdict(results.trials, results.entrants, metrics, rules, right=right, notes=notes)


def _result(experiment: Experiment, request: Request, planned: Planned, found: Found) -> StudyResult:
    task, settings, budget = experiment.task, request.settings, planned.budget
    return StudyResult(
        task=task.name,
        words=task.words(experiment.data),
        data=summary_of(experiment),
        metrics=experiment.ranked,
        candidates=found.entrants,
        folds=len(experiment.folds),
        seeds=settings.seeds,
        fold_text=experiment.fold_text,
        choices=tuple(map(spoken, (*experiment.inferred, *planned.choices))),
        trials=found.trials,
        leaderboard=found.board,
        verdict=found.verdict,
        settings={**settings.recorded(), "epochs": budget.most_epochs, "patience": budget.patience},
        command=request.command,
        versions=versions(),
        seconds=planned.seconds
        + sum(trial.train_seconds + trial.search_seconds for trial in found.trials)
        + found.finished.seconds,
        examples=found.evidence.examples,
        coverage=found.evidence.coverage,
        confusions=found.evidence.confusions,
        sample=found.evidence.sample,
        models=found.finished.models,
        remarks=found.finished.remarks,
    )
