"""Forecasting: the next `horizon` steps of one or many series, from every step on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.errors import SettingsError
from selfloop.results.study import Metric
from selfloop.tasks.metrics import MAE, MASE, RMSE, SMAPE

MANY_FOLDS, FEW_FOLDS = 10, 5
TEST_SHARE = 0.4  # of a series that the test blocks of all folds cover by default, where that is enough
MOST_VALID = 3000  # origins a series: more would cost time and change no choice


@dataclass(frozen=True)
class Block:
    """Forecast origins of each series: steps first, first + 1, ..., stop − 1 are each the last known step once."""

    first: Ints  # (series,)
    stop: Ints  # (series,)

    def __len__(self) -> int:
        """Origins over all series."""
        return int((self.stop - self.first).sum())

    def steps(self) -> list[Ints]:
        """Per series, the origins as steps of that series."""
        return [np.arange(a, b) for a, b in zip(self.first, self.stop, strict=True)]

    def flat(self, data: Sequences) -> Ints:
        """(origins,) as rows of `data.values`."""
        return np.concatenate([data.offsets[k] + s for k, s in enumerate(self.steps())])

    def series(self) -> Ints:
        """(origins,) the series that each belongs to."""
        return np.repeat(np.arange(len(self.first)), self.stop - self.first)


@dataclass(frozen=True)
class ForecastFold:
    """Learn from steps before `fit`, choose on `valid`, be scored once on `test`. No part sees a later one's truth."""

    index: int
    fit: Ints  # (series,)
    valid: Block
    train: Ints  # (series,) steps before the first test origin's future: what statistics may use
    test: Block


@dataclass(frozen=True, eq=False)
class Yardstick:
    """What came after each origin of a block, and the unit that errors there are measured in."""

    truth: Floats  # (origins, horizon)
    scale: Floats  # (origins, 1) the naive error of the origin's series

    def mase(self, forecast: Floats) -> float:
        """The first metric of forecasts, (origins, horizon), alone."""
        return float((np.abs(forecast - self.truth) / self.scale).mean())

    def score(self, forecast: Floats) -> dict[str, float]:
        """Every metric of forecasts, (origins, horizon)."""
        error = np.abs(forecast - self.truth)
        total = np.abs(forecast) + np.abs(self.truth)
        return {
            "mase": self.mase(forecast),
            "mae": float(error.mean()),
            "rmse": float(np.sqrt((error**2).mean())),
            "smape": float(200 * (error / np.where(total > 0, total, 1.0)).mean()),
        }


@dataclass(frozen=True)
class Forecast:
    """The task. `horizon` steps ahead at once (direct multi-step), `season` steps in a season (1: none)."""

    horizon: int
    season: int
    validation: float = 0.2  # share of a training part that inner validation takes

    name: ClassVar[Literal["forecast"]] = "forecast"
    metrics: ClassVar[tuple[Metric, ...]] = (MASE, MAE, RMSE, SMAPE)

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
        """Ten where blocks of ten horizons take at most half of the shortest series, else five."""
        shortest = int(data.lengths.min())
        return MANY_FOLDS if MANY_FOLDS * 10 * self.horizon <= shortest / 2 else FEW_FOLDS

    def folds(self, data: Sequences, folds: int) -> tuple[ForecastFold, ...]:
        """Expanding windows: each fold tests the block of origins that follows its training part.

        Raises:
            SettingsError: a series is too short; the message says what would do.
        """
        self._check_lengths(data, folds)
        shortest = int(data.lengths.min())
        room = shortest - self.least_training - (self.horizon - 1)
        block = min(max(10 * self.horizon, int(TEST_SHARE * shortest / folds)), room // folds)
        # Ten horizons a block where the data allow: not at the price of more than half of the series.
        block = max(self.horizon, min(block, max(int(shortest / 2 / folds), self.horizon)))
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

    def truth(self, data: Sequences, block: Block) -> Floats:
        """(origins, horizon) what came after each origin."""
        return np.asarray(data.values[block.flat(data)[:, None] + np.arange(1, self.horizon + 1), 0])

    def naive_error(self, data: Sequences, stops: Ints) -> Floats:
        """(series,) mean absolute error of the seasonal naive forecast in sample: the denominator of MASE.

        Where a series never changes before its stop, or ends within the first season, that is zero or unknown: it gets
        the median of the others, so that its errors do not enter in the user's units. 1 where no series changes.
        """
        errors = np.zeros(len(data))
        for k, n in enumerate(stops):
            if n > self.season:
                errors[k] = np.abs(data[k][self.season : n, 0] - data[k][: n - self.season, 0]).mean()
        changing = errors > 0
        return np.where(changing, errors, np.median(errors[changing]) if changing.any() else 1.0)

    def score(self, data: Sequences, stops: Ints, block: Block, forecast: Floats) -> dict[str, float]:
        """Every metric of forecasts (origins, horizon) made at `block`; `stops` are the ends of the training parts."""
        return self.yardstick(data, stops, block).score(forecast)

    def yardstick(self, data: Sequences, stops: Ints, block: Block) -> Yardstick:
        """What forecasts made at `block` are scored by, found once for many; `stops` as in `score`."""
        return Yardstick(self.truth(data, block), self.naive_error(data, stops)[block.series()][:, None])

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
