"""Running a study: what is not in the store yet is trained; then the evidence is weighed and the models are made."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import msgspec

from selfloop import __version__
from selfloop.results.study import Candidate, Coverage, DataSummary, StudyResult, Trial, Verdict
from selfloop.study.budget import Planned, make_plan
from selfloop.study.candidates import CLOSED_FORM, NAIVE, candidates
from selfloop.study.engine.processes import Workers, workers
from selfloop.study.evidence import confusions, coverage, examples, final_quantiles
from selfloop.study.progress import Progress
from selfloop.study.refit import chosen_option, try_refit
from selfloop.study.settings import Settings
from selfloop.study.setup import Setup
from selfloop.study.store import Store
from selfloop.study.trial import Bench, Outcome, run_trial
from selfloop.study.verdict.leaderboard import leaderboard
from selfloop.study.verdict.verdict import verdict
from selfloop.study.versions import versions
from selfloop.tasks.forecast.intervals import LEVELS
from selfloop.tasks.forecast.task import Forecast
from selfloop.train.predictor import Predictor

SHORT = 0.05  # of an interval's level: coverage that is worse by this is told in the verdict
DRAWN = 6  # candidates whose forecasts or confusions the report shows


def run(setup: Setup, settings: Settings, store: Store, count: int, progress: Progress, command: str) -> StudyResult:
    """Run or finish a study.

    Args:
        setup: data, task, folds.
        settings: of the study.
        store: of its folder.
        count: worker processes.
        progress: listens.
        command: repeats the study.

    Raises:
        StudyError: the store holds another study.
    """
    bench = setup.bench
    streams = isinstance(bench.task, Forecast) or bench.task.direction == "one"
    season = bench.task.season if isinstance(bench.task, Forecast) else 1
    entrants = candidates(bench.task.name, settings.candidates, season, streams)
    store.claim({"version": __version__, "data": bench.data.fingerprint, **settings.recorded(), **setup.resolved})
    for line in setup.inferred:
        progress.say(line)
    progress.say(f"folds: {setup.fold_text}")
    with workers(bench, count) as pool:
        planned = _planned(bench, settings, store, pool, progress)
        trials = Trials(bench, planned, settings.seeds, store, pool, progress).run(entrants)
        held = coverage(bench, store, trials, entrants) if isinstance(bench.task, Forecast) else ()
        judged = _judge(setup, settings, entrants, trials, held)
        models = _finish(bench, planned, store, pool, progress, entrants, trials, judged)
    return _result(setup, settings, store, planned, entrants, trials, judged, held, models, command)


@dataclass(frozen=True)
class Trials:
    """The trials of a study: those in the store, and those still to run."""

    bench: Bench
    planned: Planned
    seeds: int
    store: Store
    pool: Workers
    progress: Progress

    def run(self, entrants: tuple[Candidate, ...]) -> tuple[Trial, ...]:
        """Run what is missing; the first seed of a fold chooses the settings that its other seeds use."""
        done = {(t.candidate, t.fold, t.seed): t for t in self.store.trials()}
        self.progress.begin(
            {c: len(self._seeds(c.name)) * len(self.bench.folds) for c in entrants},
            tuple(done.values()),
            self.pool.count,
        )
        # What takes long is started first, so that no core is idle at the end.
        longest_first = sorted(entrants, key=lambda c: (c.family == "baseline", c.name in CLOSED_FORM))
        order = [candidate.name for candidate in longest_first]
        for fold in range(len(self.bench.folds)):
            for name in order:
                first = done.get((name, fold, 0))
                if first is None:
                    self._submit(name, fold, 0, None)
                else:
                    self._others(first, done)
        self.pool.drain()
        self.progress.end()
        return self.store.trials()

    def _seeds(self, name: str) -> range:
        """A closed form has nothing to draw: one seed is all of them."""
        return range(1 if name in CLOSED_FORM else self.seeds)

    def _others(self, first: Trial, done: dict[tuple[str, int, int], Trial]) -> None:
        for seed in self._seeds(first.candidate)[1:]:
            if (first.candidate, first.fold, seed) not in done:
                self._submit(first.candidate, first.fold, seed, first)

    def _submit(self, name: str, fold: int, seed: int, first: Trial | None) -> None:
        chosen = first.settings if first else None
        self.pool.submit(self._record, run_trial, self.planned.plan, name, fold, seed, chosen)

    def _record(self, outcome: Outcome) -> None:
        trial = outcome.trial
        self.store.add(trial, outcome.arrays)
        self.progress.finished(trial)
        if trial.seed == 0:
            self._others(trial, {})


def _planned(bench: Bench, settings: Settings, store: Store, pool: Workers, progress: Progress) -> Planned:
    """The stored plan, or a new one."""
    raw = store.fact("plan")
    if raw is None:
        raw = msgspec.json.encode(make_plan(bench, settings, pool, progress))
        store.record("plan", raw)
    planned = msgspec.json.decode(raw, type=Planned)
    for line in planned.choices:
        progress.say(line)
    return planned


def _judge(
    setup: Setup,
    settings: Settings,
    entrants: tuple[Candidate, ...],
    trials: tuple[Trial, ...],
    held: tuple[Coverage, ...],
) -> Verdict:
    bench, forecast = setup.bench, isinstance(setup.bench.task, Forecast)
    on = ("on this series" if len(bench.data) == 1 else "on these series") if forecast else "on these data"
    return verdict(
        trials,
        entrants,
        bench.task.metrics,
        margin=settings.margin,
        test_to_train=setup.test_to_train,
        data_phrase=on,
        naive_names=NAIVE[bench.task.name],
        notes=_narrow(held),
        floor=0.0 if forecast else 0.5 / max(len(fold.test) for fold in bench.folds),
    )


def _narrow(held: tuple[Coverage, ...]) -> tuple[str, ...]:
    """A warning where intervals hold less than they say: errors grew after the part that they were measured on."""
    notes = []
    for level in LEVELS:
        shares = [entry.covered for entry in held if entry.level == level]
        if shares and min(shares) < level - SHORT:
            notes.append(
                f"The {level:.0%} intervals held {min(shares):.0%} to {max(shares):.0%} of the test values, by "
                "candidate: where that is less, errors were larger than on the validation part, and intervals to come "
                "may be too narrow as well."
            )
    return tuple(notes)


def _finish(
    bench: Bench,
    planned: Planned,
    store: Store,
    pool: Workers,
    progress: Progress,
    entrants: tuple[Candidate, ...],
    trials: tuple[Trial, ...],
    judged: Verdict,
) -> dict[str, str]:
    """Refit and save the pick, the best recurrent model and, to be looked into beside it, the other recurrent ones."""
    models = {"pick": judged.pick}
    if judged.best_recurrent is not None:
        models["best_recurrent"] = judged.best_recurrent
    models |= {candidate.name: candidate.name for candidate in entrants if candidate.family == "recurrent"}
    finished = {t.candidate for t in trials if t.status == "ok"}
    models = {role: name for role, name in models.items() if name in finished}
    missing = [c for c in entrants if c.name in models.values() and not _is_saved(store, c.name)]
    if missing:
        progress.say("refitting on all data: " + ", ".join(candidate.label for candidate in missing))
    for candidate in missing:
        name = candidate.name
        chosen = None if name in CLOSED_FORM else chosen_option([t for t in trials if t.candidate == name])
        quantiles = final_quantiles(bench, store, trials, name) if isinstance(bench.task, Forecast) else None
        pool.submit(partial(_save, store, name, progress), try_refit, planned.plan, candidate, chosen, quantiles)
    pool.drain()
    return {role: _file(name) for role, name in models.items() if _is_saved(store, name)}


def _file(name: str) -> str:
    return f"{name}.safetensors"


def _is_saved(store: Store, name: str) -> bool:
    return store.fact(f"saved {name}") is not None and store.path.with_name(_file(name)).is_file()


def _save(store: Store, name: str, progress: Progress, model: Predictor | str) -> None:
    if isinstance(model, str):
        progress.say(f"no model of {name} is saved: {model}")
        return
    model.save(store.path.with_name(_file(name)))
    store.record(f"saved {name}", b"")


def _result(
    setup: Setup,
    settings: Settings,
    store: Store,
    planned: Planned,
    entrants: tuple[Candidate, ...],
    trials: tuple[Trial, ...],
    judged: Verdict,
    held: tuple[Coverage, ...],
    models: dict[str, str],
    command: str,
) -> StudyResult:
    bench = setup.bench
    forecast = isinstance(bench.task, Forecast)
    board = leaderboard(trials, entrants, bench.task.metrics, NAIVE[bench.task.name])
    names = tuple(row.candidate.name for row in board if row.score is not None)
    drawn = names[:DRAWN]
    return StudyResult(
        task=bench.task.name,
        data=_summary(setup),
        metrics=bench.task.metrics,
        candidates=entrants,
        folds=len(bench.folds),
        seeds=settings.seeds,
        fold_text=setup.fold_text,
        choices=(*setup.inferred, *planned.choices),
        trials=trials,
        leaderboard=board,
        verdict=judged,
        settings={**settings.recorded(), "epochs": planned.plan.epochs, "patience": planned.plan.patience},
        command=command,
        versions=versions(),
        seconds=sum(trial.train_seconds + trial.search_seconds for trial in trials),
        examples=examples(bench, store, trials, drawn) if forecast else (),
        coverage=held,
        confusions=() if forecast else confusions(bench, store, trials, drawn),
        models=models,
    )


def _summary(setup: Setup) -> DataSummary:
    data = setup.bench.data
    return DataSummary(
        name=data.name,
        sequences=len(data),
        steps=int(data.lengths.sum()),
        shortest=int(data.lengths.min()),
        longest=int(data.lengths.max()),
        channels=data.channels,
        target=data.channels[0] if isinstance(setup.bench.task, Forecast) else "label",
        fingerprint=data.fingerprint,
        reading=data.reading,
    )
