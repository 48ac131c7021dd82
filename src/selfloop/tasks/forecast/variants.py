"""The ways to show series to forecasting networks, one of which is chosen for all of them on validation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import get_args

from selfloop.data.sequences import Sequences
from selfloop.tasks.forecast.folds import ExpandingWindows
from selfloop.tasks.forecast.linear import log_is_possible
from selfloop.tasks.forecast.treatment import Kind, Treatment, treatments

# The less it hangs on the level, the safer in a drift.
PREFERENCE: tuple[Kind, ...] = ("changes", "seasonal changes", "both", "level")


@dataclass(frozen=True)
class Variant:
    """A treatment, and whether the network is added to a ridge autoregression."""

    kind: Kind
    log: bool
    skip: bool

    def __str__(self) -> str:
        """As a study's plan holds it."""
        return f"{self.kind}/{'log' if self.log else 'raw'}/{'skip' if self.skip else 'plain'}"

    @classmethod
    def of(cls, text: str) -> Variant:
        """The inverse of `str`."""
        kind, log, skip = text.split("/")
        return cls(next(known for known in get_args(Kind) if known == kind), log == "log", skip == "skip")

    def raw(self) -> Variant:
        """The same without a logarithm."""
        return replace(self, log=False)

    def treatment(self, task: ExpandingWindows, target: int) -> Treatment:
        """How series are shown."""
        return Treatment(self.kind, self.log, task.season, task.horizon, target)

    @property
    def words(self) -> str:
        """As the user is told: "changes, logarithm, without a linear skip"."""
        how = "added to a ridge autoregression" if self.skip else "without a linear skip"
        return f"{self.kind}, {'logarithm' if self.log else 'raw'}, {how}"


def variants(task: ExpandingWindows, known: Sequences) -> tuple[str, ...]:
    """All that make sense for series of which no more than `known` may be looked at."""
    positive = log_is_possible(known)
    shown = treatments(task.season, task.horizon, known.target, positive=positive)
    return tuple(str(Variant(t.kind, t.log, skip)) for t in shown for skip in (False, True))
