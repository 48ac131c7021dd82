"""What `selfloop tour` found: networks trained to remember for growing lags. No torch here.

The tour fills these dataclasses; the page reads them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from selfloop.results.exploration import Exploration

Start = Literal["chrono", "torch"]


@dataclass(frozen=True)
class Trained:
    """One network, trained once, for one lag.

    Attributes:
        cell: which equations, by the name of their kind.
        label: as people write it: "LSTM".
        start: how its weights began: chrono biases with orthogonal recurrent weights, or torch's own.
        lag: steps over which it had to remember.
        accuracy: on sequences that it had not seen.
        updates: gradient steps that it took; fewer than allowed where it was right before.
        seconds: that took.
    """

    cell: str
    label: str
    start: Start
    lag: int
    accuracy: float
    updates: int
    seconds: float


@dataclass(frozen=True)
class Signal:
    """How much of the learning signal gets back, before any training.

    Attributes:
        cell: which equations, by the name of their kind.
        label: as people write it.
        start: how its weights began.
        by_lag: for k = 0, 1, ...: mean over sequences of the gradient's norm k steps before the end, of what the cell
            carries from step to step (c for the LSTM, h for the others).
    """

    cell: str
    label: str
    start: Start
    by_lag: tuple[float, ...]

    def share(self, lag: int) -> float:
        """Of the gradient at the end, what is left `lag` steps before it."""
        return self.by_lag[lag] / self.by_lag[0]


@dataclass(frozen=True)
class Tour:
    """A whole tour.

    Attributes:
        lags: increasing.
        chance: accuracy of whoever forgets.
        tests: sequences that accuracies are measured on.
        hidden_size: units of every network.
        most_updates: that every network was allowed.
        trained: every cell, start and lag.
        signals: every cell and start, at the largest lag.
        exploration: some of the networks, looked into.
        explored_lag: what those had to remember.
        seconds: all in all.
    """

    lags: tuple[int, ...]
    chance: float
    tests: int
    hidden_size: int
    most_updates: int
    trained: tuple[Trained, ...]
    signals: tuple[Signal, ...]
    exploration: Exploration
    explored_lag: int
    seconds: float

    @property
    def first(self) -> str:
        """The cell that it leads with."""
        return self.trained[0].cell

    @property
    def pairs(self) -> tuple[tuple[str, Start], ...]:
        """Every cell and start, in the order of training."""
        return tuple(dict.fromkeys((each.cell, each.start) for each in self.trained))

    def of(self, cell: str, start: Start) -> tuple[Trained, ...]:
        """One cell and start, by lag."""
        found = [each for each in self.trained if (each.cell, each.start) == (cell, start)]
        return tuple(sorted(found, key=lambda each: each.lag))

    @property
    def guessing(self) -> float:
        """The most that guessing reaches: chance, and three standard deviations of a count of the tests."""
        return self.chance + 3 * math.sqrt(self.chance * (1 - self.chance) / self.tests)
