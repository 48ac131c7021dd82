"""What came after each origin, and how far off a forecast was."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.errors import DataError, SettingsError
from selfloop.tasks.forecast.folds import ExpandingWindows
from selfloop.tasks.model import Model
from selfloop.tasks.places import Block


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
class Scored(ExpandingWindows):
    """Forecasts with their metrics."""

    def truth(self, data: Sequences, block: Block) -> Floats:
        """(origins, horizon) what came after each origin."""
        return np.asarray(data.values[block.flat(data)[:, None] + np.arange(1, self.horizon + 1), data.target])

    def naive_error(self, data: Sequences, stops: Ints) -> Floats:
        """(series,) mean absolute error of the seasonal naive forecast in sample: the denominator of MASE.

        Where a series never changes before its stop, or ends within the first season, that is zero or unknown: it gets
        the median of the others, so that its errors do not enter in the user's units. Where no series changes, it is
        their mean size; 1 where all are zero.
        """
        errors = np.zeros(len(data))
        for k, n in enumerate(stops):
            if n > self.season:
                target = data[k][:n, data.target]
                errors[k] = np.abs(target[self.season :] - target[: n - self.season]).mean()
        changing = errors > 0
        if changing.any():
            return np.where(changing, errors, np.median(errors[changing]))
        size = np.mean([np.abs(series[:n, data.target]).mean() for series, n in zip(data, stops, strict=True)])
        return np.full(len(data), size if size > 0 else 1.0)

    def score(self, data: Sequences, stops: Ints, block: Block, forecast: Floats) -> dict[str, float]:
        """Every metric of some forecasts.

        Args:
            data: with the truth.
            stops: (series,) ends of the training parts, which errors are scaled by.
            block: where they were made.
            forecast: (origins, horizon).
        """
        return self.yardstick(data, stops, block).score(forecast)

    def score_last(self, model: Model, data: Sequences, steps: Ints) -> dict[str, float]:
        """Every metric of a model's forecasts from each step whose whole truth lies in the last `steps`, (series,).

        Raises:
            SettingsError: fewer than a horizon.
            DataError: a series has too few steps before them to be forecast.
        """
        if steps.min() < self.horizon:
            raise SettingsError(
                f"last is {steps.min()}; expected {self.horizon} or more, the steps of one forecast. "
                "Give another --last."
            )
        first = data.lengths - steps - 1
        k = int(first.argmin())
        if first[k] < self.season:
            raise DataError(
                f"series {data.ids[k]!r} has {data.lengths[k]} steps, the last {steps[k]} of which are to be forecast; "
                f"expected {self.season + 1} or more before them, one season and a step: give more of its past."
            )
        block = Block(first, data.lengths - self.horizon)
        return self.score(data, first + 1, block, model.predict(data, block))

    def yardstick(self, data: Sequences, stops: Ints, block: Block) -> Yardstick:
        """What forecasts made at `block` are scored by, found once for many; `stops` as in `score`."""
        return Yardstick(self.truth(data, block), self.naive_error(data, stops)[block.series()][:, None])
