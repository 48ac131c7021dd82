"""A trained model as its user holds it: data in, a table of predictions out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from selfloop.data import Missing, Sequences, future_times, load_like
from selfloop.data.sequences import Floats
from selfloop.errors import DataError
from selfloop.tasks.forecast.intervals import LEVELS, half_widths
from selfloop.tasks.forecast.task import Block, Forecast
from selfloop.train import saved
from selfloop.train.fit_classify import SequenceModel
from selfloop.train.fit_forecast import Forecaster
from selfloop.train.saved import Card

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False)
class Predictor:
    """A trained model with what it needs to read data and to say how sure it is.

    Attributes:
        card: what it is: task, candidate, columns, sizes.
        model: the network or the baseline itself.
        quantiles: (levels, horizon) half widths of a forecast's intervals, in units of each series' naive error.
    """

    card: Card
    model: Forecaster | SequenceModel
    quantiles: NDArray[np.float64] | None = None

    def predict(self, source: Any, *, missing: Missing = "error") -> pl.DataFrame:
        """Predict on a file, frame, arrays or `Sequences`.

        A forecast starts after the last step of each series: columns `unique_id`, `ds`, `selfloop` and the bounds of
        its intervals. A classification gives `unique_id`, `label` and a probability for each class.

        Args:
            source: anything that `selfloop.data.load` reads, with the columns that the model learnt from.
            missing: what to do about missing values.

        Raises:
            DataError: columns are missing, or values are.
        """
        data = load_like(
            source, self.card.columns, channels=self.card.channels, classes=self.card.classes, missing=missing
        )
        self._check(data)
        return self._forecast(data) if self.card.task == "forecast" else self._classify(data)

    def save(self, path: str | Path) -> Path:
        """Write one safe file: safetensors, the description as JSON in its metadata."""
        saved.write(Path(path), self.card, self.model, self.quantiles)
        return Path(path)

    def _check(self, data: Sequences) -> None:
        if data.values.shape[1] != len(self.card.channels):
            raise DataError(
                f"{data.name} has {data.values.shape[1]} channels ({', '.join(data.channels)}); this model expects "
                f"{len(self.card.channels)} ({', '.join(self.card.channels)})."
            )
        if self.card.task == "forecast" and self.card.every and data.every and data.every != self.card.every:
            raise DataError(
                f"{data.name} has steps of {data.every}; this model learnt from steps of {self.card.every}: "
                "bring the data to that step first."
            )

        k = int(data.lengths.argmin())
        if self.card.task == "forecast" and data.lengths[k] <= self.card.season:
            raise DataError(
                f"series {data.ids[k]!r} has {data.lengths[k]} steps; this model forecasts from {self.card.season + 1} "
                "or more, one season and a step: give more of its past."
            )

    def _forecast(self, data: Sequences) -> pl.DataFrame:
        import polars as pl

        horizon, task = self.card.horizon, Forecast(self.card.horizon, self.card.season)
        block = Block(data.lengths - 1, data.lengths)
        forecast = cast(Forecaster, self.model).forecast(data, block)
        columns: dict[str, Any] = {
            "unique_id": np.repeat(np.array(data.ids, dtype=object), horizon).tolist(),
            "ds": np.concatenate([self._after(data, k) for k in range(len(data))]),
            "selfloop": forecast.ravel(),
        }
        if self.quantiles is not None:
            widths = half_widths(task, data, data.lengths, block, self.quantiles.astype(np.float64))
            for level, width in zip(LEVELS, widths, strict=True):
                columns[f"selfloop-lo-{level * 100:.0f}"] = (forecast - width).ravel()
                columns[f"selfloop-hi-{level * 100:.0f}"] = (forecast + width).ravel()
        return pl.DataFrame(columns)

    def _classify(self, data: Sequences) -> pl.DataFrame:
        import polars as pl

        found: Floats = cast(SequenceModel, self.model).probabilities(data, np.arange(len(data)))
        columns: dict[str, Any] = {
            "unique_id": list(data.ids),
            "label": [self.card.classes[k] for k in found.argmax(1)],
        }
        for k, name in enumerate(self.card.classes):
            columns[f"p_{name}"] = found[:, k]
        return pl.DataFrame(columns)

    def _after(self, data: Sequences, k: int) -> NDArray[Any]:
        """The times of the forecast of series `k`: steps are counted from 0 where the data have no time."""
        if data.time is None:
            return np.arange(data.lengths[k], data.lengths[k] + self.card.horizon)
        known = data.time[data.offsets[k] : data.offsets[k + 1]]
        every = data.every or self.card.every
        if every is None:
            raise DataError(f"{data.name}: the step between times is unknown; give series of two steps or more.")
        return future_times(known, every, self.card.horizon)


def load_model(path: str | Path) -> Predictor:
    """Open a model that `selfloop compare` saved.

    Raises:
        ModelFileError: missing, damaged, or not one of ours.
    """
    return Predictor(*saved.read(Path(path)))
