"""The trials of a study: those in the store, and those still to run."""

from __future__ import annotations

from dataclasses import dataclass

from selfloop.results.study import Candidate, Trial
from selfloop.study.candidates import is_seeded
from selfloop.study.pool import StudyWorkers
from selfloop.study.progress import Progress
from selfloop.study.store import Store
from selfloop.study.trial import Outcome, run_trial
from selfloop.tasks.task import Experiment
from selfloop.train.budget import Budget


@dataclass(frozen=True)
class Trials:
    """Runs what is missing.

    Attributes:
        experiment: task, data, folds.
        budgets: what all candidates share, for each fold.
        seeds: runs of each trained candidate on each fold.
        store: keeps what is finished.
        pool: where trials run.
        progress: listens.
    """

    experiment: Experiment
    budgets: tuple[Budget, ...]
    seeds: int
    store: Store
    pool: StudyWorkers
    progress: Progress

    def run(self, entrants: tuple[Candidate, ...]) -> tuple[Trial, ...]:
        """Run what is missing; the first seed of a fold chooses the settings that its other seeds use.

        What failed before is tried again: whoever goes on with a study may have mended their entry.
        """
        for trial in _to_repeat(self.store.trials()):
            self.store.forget(trial)
        done = {(t.candidate, t.fold, t.seed): t for t in self.store.trials()}
        self.progress.begin(
            {c: len(self._seeds(c.name)) * len(self.experiment.folds) for c in entrants},
            tuple(done.values()),
            self.pool.count,
        )
        # What is trained starts first, so that no core is idle at the end.
        order = sorted((c.name for c in entrants), key=lambda name: not is_seeded(self.experiment, name))
        for fold in range(len(self.experiment.folds)):
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
        return range(self.seeds if is_seeded(self.experiment, name) else 1)

    def _others(self, first: Trial, done: dict[tuple[str, int, int], Trial]) -> None:
        for seed in self._seeds(first.candidate)[1:]:
            if (first.candidate, first.fold, seed) not in done:
                self._submit(first.candidate, first.fold, seed, first)

    def _submit(self, name: str, fold: int, seed: int, first: Trial | None) -> None:
        chosen = first.settings if first else None
        self.pool.submit(self._record, run_trial, self.budgets[fold], name, fold, seed, chosen)

    def _record(self, outcome: Outcome) -> None:
        trial = outcome.trial
        self.store.add(trial, outcome.arrays)
        self.progress.finished(trial)
        if trial.seed == 0:
            self._others(trial, {})


def _to_repeat(trials: tuple[Trial, ...]) -> list[Trial]:
    """Those that failed, and all of a fold whose first seed did, which chooses for the others."""
    failed = {(t.candidate, t.fold) for t in trials if t.status == "failed" and t.seed == 0}
    return [t for t in trials if t.status == "failed" or (t.candidate, t.fold) in failed]
