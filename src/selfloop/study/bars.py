"""Progress of a study: a bar a candidate on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Mapping
from statistics import fmean

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from selfloop.results.study import Candidate, Trial
from selfloop.study.progress import Progress as Listener
from selfloop.words import count


class Pace:
    """How far a study is, how its candidates do, and how long it may still take."""

    def __init__(self, totals: Mapping[Candidate, int], done: tuple[Trial, ...], workers: int) -> None:
        self.labels = {c.name: c.label for c in totals}
        self.totals = {c.name: n for c, n in totals.items()}
        self.scores: dict[str, list[float]] = {name: [] for name in self.totals}
        self.finished = dict.fromkeys(self.totals, 0)
        self._seconds: dict[tuple[str, bool], list[float]] = {}
        self._workers, self._metric = workers, ""
        for trial in done:
            self.add(trial)

    def add(self, trial: Trial) -> None:
        """Count a finished trial."""
        self.finished[trial.candidate] += 1
        self._seconds.setdefault((trial.candidate, trial.seed == 0), []).append(
            trial.train_seconds + trial.search_seconds
        )
        if trial.metrics:
            self._metric, score = next(iter(trial.metrics.items()))
            self.scores[trial.candidate].append(score)

    @property
    def count(self) -> tuple[int, int]:
        """Trials finished, and in all."""
        return sum(self.finished.values()), sum(self.totals.values())

    def score(self, name: str) -> str:
        """A candidate's mean score so far."""
        return f"{self._metric} {fmean(self.scores[name]):.3g}" if self.scores[name] else ""

    def left(self) -> str:
        """Time that the rest may take, once there is something to judge by."""
        if not self._seconds:
            return ""
        known = fmean([s for seconds in self._seconds.values() for s in seconds])
        rest = 0.0
        for name, total in self.totals.items():
            mine = [s for (other, _), seconds in self._seconds.items() if other == name for s in seconds]
            rest += (total - self.finished[name]) * (fmean(mine) if mine else known)
        return f"about {_duration(rest / self._workers)} left"


class Bars(Listener):
    """A bar a candidate."""

    def __init__(self, console: Console) -> None:
        self._console = console
        columns = (
            TextColumn("{task.description}"),
            BarColumn(bar_width=28),
            MofNCompleteColumn(),
            TextColumn("{task.fields[score]}", justify="left"),
        )
        self._progress = Progress(*columns, console=console)
        self._tasks: dict[str, TaskID] = {}
        self._pace: Pace | None = None
        self._all: TaskID | None = None
        self._choice: TaskID | None = None

    def say(self, text: str) -> None:
        """A line above the bars."""
        self._progress.console.print(self.told(text), style="dim", markup=False)

    def choosing(self, runs: int) -> None:
        """A bar for the choice of what the networks are shown."""
        if self._choice is None:
            self._choice = self._progress.add_task("choosing the input treatment", total=0, score="")
            self.start()
        total = self._progress.tasks[self._choice].total or 0
        self._progress.update(self._choice, total=total + runs)

    def chose(self) -> None:
        """Fill it."""
        assert self._choice is not None, "choosing came first"
        self._progress.update(self._choice, advance=1)

    def begin(self, totals: Mapping[Candidate, int], done: tuple[Trial, ...], workers: int) -> None:
        """Draw the bars."""
        pace = self._pace = Pace(totals, done, workers)
        if self._choice is not None:
            self._progress.remove_task(self._choice)
        if pace.count[0]:
            self.say(f"{pace.count[0]} of {pace.count[1]} trials are in the store already")
        for name, label in pace.labels.items():
            filled = pace.finished[name]
            score = pace.score(name)
            self._tasks[name] = self._progress.add_task(label, total=pace.totals[name], completed=filled, score=score)
        self._all = self._progress.add_task(
            "[bold]all", total=pace.count[1], completed=pace.count[0], score=pace.left()
        )
        self.start()

    def finished(self, trial: Trial) -> None:
        """Fill a bar."""
        assert self._pace is not None, "begin came first"
        assert self._all is not None, "begin came first"
        self._pace.add(trial)
        if trial.failure:
            self.say(f"{self._pace.labels[trial.candidate]} failed on fold {trial.fold}: {trial.failure}")
        self._progress.update(self._tasks[trial.candidate], advance=1, score=self._pace.score(trial.candidate))
        self._progress.update(self._all, advance=1, score=self._pace.left())

    def end(self) -> None:
        """Leave the bars as they are."""
        self._progress.stop()

    def start(self) -> None:
        """Let them move."""
        self._progress.start()

    def picture(self) -> RenderableType:
        """The bars as they are now."""
        return self._progress.get_renderable()


class Lines(Listener):
    """A line a trial."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._pace: Pace | None = None
        self._told = 0.0

    def say(self, text: str) -> None:
        """A line."""
        self._console.print(self.told(text), soft_wrap=True, markup=False)

    def choosing(self, runs: int) -> None:
        """A line before each wait: there is one for each inner block and each later fold."""
        self.say(f"choosing the input treatment: {count(runs, 'short run')} on training parts")

    def begin(self, totals: Mapping[Candidate, int], done: tuple[Trial, ...], workers: int) -> None:
        """Say how much there is to do."""
        self._pace = Pace(totals, done, workers)
        finished, total = self._pace.count
        self.say(f"{total} trials, {finished} of them in the store already" if finished else f"{total} trials")

    def finished(self, trial: Trial) -> None:
        """Say which trial is done; every few seconds also what is left."""
        assert self._pace is not None, "begin came first"
        self._pace.add(trial)
        done, total = self._pace.count
        name, score = next(iter(trial.metrics.items()), ("", 0.0))
        result = f"{name} {score:.3g}" if name else f"{trial.status}: {trial.failure}".removesuffix(": ")
        left = ""
        if time.monotonic() - self._told > 5:
            self._told, left = time.monotonic(), f", {self._pace.left()}"
        where = f"fold {trial.fold} seed {trial.seed}"
        self.say(f"[{done}/{total}] {self._pace.labels[trial.candidate]}, {where}: {result}{left}")


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
