"""What a study tells while it runs; the command line draws it, Python keeps still."""

from __future__ import annotations

from collections.abc import Mapping

from selfloop.results.study import Candidate, Trial
from selfloop.voice import spoken


class Progress:
    """Listens to a study and does nothing about it; what shows something overrides this."""

    def say(self, text: str) -> None:
        """A line for the user: what was inferred, chosen, or is being done. `told` has it in the user's words."""

    def told(self, text: str) -> str:
        """A line with settings named as the user writes them: flags on a command line, arguments in Python."""
        return spoken(text)

    def choosing(self, runs: int) -> None:
        """So many short runs more are about to decide what the networks of a forecast are shown."""

    def chose(self) -> None:
        """One of them is done."""

    def begin(self, totals: Mapping[Candidate, int], done: tuple[Trial, ...], workers: int) -> None:
        """Trials are about to run: how many of each candidate there are in all, and those already finished."""

    def finished(self, trial: Trial) -> None:
        """A trial is in the store."""

    def end(self) -> None:
        """No more trials."""
