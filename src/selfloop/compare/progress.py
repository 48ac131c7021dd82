"""What a study tells while it runs; the command line draws it, Python keeps still."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from selfloop.results import Candidate, Trial


class Progress(Protocol):
    """Listens to a study."""

    def say(self, text: str) -> None:
        """A line for the user: what was inferred, chosen, or is being done."""
        ...

    def choosing(self, runs: int) -> None:
        """So many short runs more are about to decide what the networks of a forecast are shown."""
        ...

    def chose(self) -> None:
        """One of them is done."""
        ...

    def begin(self, totals: Mapping[Candidate, int], done: tuple[Trial, ...], workers: int) -> None:
        """Trials are about to run: how many of each candidate there are in all, and those already finished."""
        ...

    def finished(self, trial: Trial) -> None:
        """A trial is in the store."""
        ...

    def end(self) -> None:
        """No more trials."""
        ...


class Silent:
    """Says nothing."""

    def say(self, text: str) -> None:
        """Nothing."""

    def choosing(self, runs: int) -> None:
        """Nothing."""

    def chose(self) -> None:
        """Nothing."""

    def begin(self, totals: Mapping[Candidate, int], done: tuple[Trial, ...], workers: int) -> None:
        """Nothing."""

    def finished(self, trial: Trial) -> None:
        """Nothing."""

    def end(self) -> None:
        """Nothing."""
