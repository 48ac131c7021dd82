"""The last part of a study: its models, trained on all data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from selfloop.results.study import Candidate, Trial, Verdict
from selfloop.study.candidates import is_seeded
from selfloop.study.kept import Kept
from selfloop.study.pool import StudyWorkers
from selfloop.study.progress import Progress
from selfloop.study.refit import Refitted, chosen_option, try_refit
from selfloop.study.store import Store
from selfloop.tasks.task import Experiment
from selfloop.train.budget import Budget

SUFFIX = ".safetensors"
SPENT = "refitting seconds"  # of processor time, over all sessions


@dataclass(frozen=True)
class Finished:
    """What is left of a study for use.

    Attributes:
        models: file names by role: "pick", or "best_saved" where no file can hold the pick, "best_recurrent", and the
            names of the recurrent candidates.
        remarks: what a user must know of them.
        seconds: of processor time that they took.
    """

    models: dict[str, str]
    remarks: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Finish:
    """Refits and saves the pick, the best recurrent model and, to be looked into beside it, the others with a loop."""

    experiment: Experiment
    budget: Budget
    store: Store
    pool: StudyWorkers
    progress: Progress

    def run(self, entrants: tuple[Candidate, ...], trials: tuple[Trial, ...], judged: Verdict, kept: Kept) -> Finished:
        """What is not saved yet.

        Args:
            entrants: all candidates.
            trials: of theirs.
            judged: says which one is the pick.
            kept: what stands in for a pick that no file can hold.
        """
        models = {kept.role: kept.name}
        if judged.best_recurrent is not None:
            models["best_recurrent"] = judged.best_recurrent
        models |= {candidate.name: candidate.name for candidate in entrants if candidate.family == "recurrent"}
        finished = {t.candidate for t in trials if t.status == "ok"}
        models = {role: name for role, name in models.items() if name in finished}
        missing = [c for c in entrants if c.name in models.values() and not self._is_saved(c.name)]
        if missing:
            self.progress.say("refitting on all data: " + ", ".join(candidate.label for candidate in missing))
        before, spent = self._spent(), self.pool.seconds
        for candidate in missing:
            self._submit(candidate, trials)
        self.pool.drain()
        self.store.record(SPENT, str(before + self.pool.seconds - spent).encode())
        saved = {role: name for role, name in models.items() if self._is_saved(name)}
        remarks = (self.store.fact(f"saved {name}") or b"" for name in dict.fromkeys(saved.values()))
        return Finished(
            {role: _file(name) for role, name in saved.items()},
            (*kept.remarks, *(text.decode() for text in remarks if text)),
            self._spent(),
        )

    def _spent(self) -> float:
        return float(self.store.fact(SPENT) or 0.0)

    def _submit(self, candidate: Candidate, trials: tuple[Trial, ...]) -> None:
        name, task = candidate.name, self.experiment.task
        own = [trial for trial in trials if trial.candidate == name]
        chosen = chosen_option(own) if is_seeded(self.experiment, name) else None
        calibration = task.calibration(self.experiment, self.store.predictions, trials, name)
        self.pool.submit(partial(self._save, name), try_refit, self.budget, candidate, chosen, calibration)

    def _is_saved(self, name: str) -> bool:
        there = self.store.path.with_name(_file(name)).is_file()
        return there and self.store.fact(f"saved {name}") is not None

    def _save(self, name: str, made: Refitted) -> None:
        if made.remark:
            self.progress.say(made.remark)
        if made.predictor is not None:
            made.predictor.save(self.store.path.with_name(_file(name)))
            self.store.record(f"saved {name}", made.remark.encode())


def _file(name: str) -> str:
    return f"{name}{SUFFIX}"
