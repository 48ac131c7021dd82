"""Expanding windows: which steps a forecast learns from, chooses on and is scored on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from selfloop.data.sequences import Ints, Sequences
from selfloop.errors import SettingsError
from selfloop.tasks.places import Block

MANY_FOLDS, FEW_FOLDS = 10, 5
TEST_SHARE = 0.4  # of a series that the test blocks of all folds cover by default, where that is enough
MOST_VALID = 3000  # origins a series: more would cost time and change no choice


def usual_length(lengths: Ints) -> int:
    """Steps of the shortest series that is not short among the others: that has at least half the median's."""
    return int(lengths[lengths >= np.median(lengths) / 2].min())


@dataclass(frozen=True)
class ForecastFold:
    """Learn from steps before `fit`, choose on `valid`, be scored once on `test`. No part sees a later one's truth."""

    index: int
    fit: Ints  # (series,)
    valid: Block
    train: Ints  # (series,) steps before the first test origin's future: what statistics may use
    test: Block


@dataclass(frozen=True)
class ExpandingWindows:
    """How series are cut for a forecast.

    Attributes:
        horizon: steps ahead at once (direct multi-step).
        season: steps in a season; 1 for none.
        validation: share of a training part that inner validation takes.
    """

    horizon: int
    season: int
    validation: float = 0.2

    def __post_init__(self) -> None:
        """Refuse what cannot be forecast."""
        for what in ("horizon", "season"):
            if getattr(self, what) < 1:
                raise SettingsError(f"{what} is {getattr(self, what)}; expected 1 or more steps.")

    @property
    def least_training(self) -> int:
        """Steps that the shortest training part needs: two seasons or horizons to learn from, then validation."""
        return 2 * max(self.season, self.horizon) + self.horizon + self._valid_span(0)

    def needed(self, folds: int) -> int:
        """Steps that a series must have for so many folds."""
        return self.least_training + folds * self.horizon + self.horizon - 1

    def default_folds(self, data: Sequences) -> int:
        """Ten where blocks of ten horizons take at most half of a series, else five, or as many as there is room for.

        By the shortest series that is not short among the others.
        """
        steps = usual_length(data.lengths)
        if MANY_FOLDS * 10 * self.horizon <= steps / 2:
            return MANY_FOLDS
        return next((folds for folds in range(FEW_FOLDS, 1, -1) if self.needed(folds) <= steps), 1)

    def folds(self, data: Sequences, folds: int) -> tuple[ForecastFold, ...]:
        """Each fold tests the block of origins that follows its training part.

        Raises:
            SettingsError: a series is too short; the message says what would do.
        """
        self._check_lengths(data, folds)
        shortest, most = usual_length(data.lengths), self._room(data.lengths) // folds
        block = min(max(10 * self.horizon, int(TEST_SHARE * shortest / folds)), self._room(shortest) // folds)
        # Ten horizons a block where the data allow: not at the price of more than half of the series.
        whole = max(self.horizon, min(block, max(int(shortest / 2 / folds), self.horizon)))
        block = np.minimum(whole, most)  # a series that is short among the others has shorter blocks of its own
        last = data.lengths - self.horizon  # one past the last origin whose future is known
        return tuple(self.fold(k, last - (folds - k) * block, last - (folds - k - 1) * block) for k in range(folds))

    def fold(self, index: int, first: Ints, stop: Ints) -> ForecastFold:
        """The fold that tests origins `first` to `stop` − 1, (series,) each, and trains on all steps up to `first`."""
        train = first + 1  # the first origin itself is known
        span = np.array([self._valid_span(int(t)) for t in train])
        fit = train - span
        return ForecastFold(index, fit, Block(fit - 1, train - self.horizon), train, Block(first, stop))

    def whole(self, data: Sequences) -> ForecastFold:
        """The fold that learns from all there is: validation at the end, nothing left to test."""
        return self.fold(0, data.lengths - 1, data.lengths - 1)

    def check_training(self, data: Sequences, stops: Ints) -> None:
        """Raise unless there is enough before `stops`, (series,), to learn from."""
        if int(stops.min()) < self.least_training:
            raise SettingsError(
                f"series {data.ids[int(stops.argmin())]!r} has {stops.min()} steps to learn from; horizon "
                f"{self.horizon} and season {self.season} need {self.least_training}; a shorter --horizon or more data "
                "would do."
            )

    def check_room(self, data: Sequences, stops: Ints) -> None:
        """Raise unless there is enough before and after `stops`, (series,), where the user's own test part begins."""
        self.check_training(data, stops)
        rest = data.lengths - stops
        if int(rest.min()) < self.horizon:
            raise SettingsError(
                f"the test part of series {data.ids[int(rest.argmin())]!r} has {rest.min()} steps; expected "
                f"{self.horizon} or more, the horizon."
            )

    def _room(self, steps: Any) -> Any:
        """Origins that may be tested of series of so many steps."""
        return steps - self.least_training - (self.horizon - 1)

    def _valid_span(self, train: int) -> int:
        """Steps at the end of a training part whose futures are validated on, the last horizon included."""
        room = train - (2 * max(self.season, self.horizon) + self.horizon) - (self.horizon - 1)
        origins = max(self.horizon, min(round(self.validation * train), MOST_VALID, room))
        return origins + self.horizon - 1

    def _check_lengths(self, data: Sequences, folds: int) -> None:
        if folds < 1:
            raise SettingsError(f"folds is {folds}; expected 1 or more.")
        shortest = int(np.argmin(data.lengths))
        steps, need = int(data.lengths[shortest]), self.needed(folds)
        if steps >= need:
            return
        most = (steps - self.needed(0)) // self.horizon
        remedy = f"--folds {most} would do" if most >= 1 else "a shorter --horizon or --season, or more data, would do"
        raise SettingsError(
            f"series {data.ids[shortest]!r} has {steps} steps; horizon {self.horizon} with {folds} "
            f"fold{'s' if folds > 1 else ''} needs {need}; {remedy}."
        )
