"""What a user gets of a forecaster: a row a step, with the bounds of its intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfloop.data import future_times
from selfloop.data.sequences import Floats, Sequences
from selfloop.data.zones import shown
from selfloop.errors import DataError
from selfloop.tasks.forecast.intervals import in_units
from selfloop.tasks.forecast.scores import Scored
from selfloop.tasks.intervals import LEVELS
from selfloop.tasks.model import Model
from selfloop.tasks.places import Block


def check(task: Scored, data: Sequences, every: str | None) -> None:
    """Raise unless the series have the step that was learnt from, and more than a season of the past.

    Raises:
        DataError: they have not.
    """
    if every and data.every and data.every != every:
        raise DataError(
            f"{data.name} has steps of {data.every}; this model learnt from steps of {every}: "
            "bring the data to that step first."
        )
    k = int(data.lengths.argmin())
    if data.lengths[k] <= task.season:
        raise DataError(
            f"series {data.ids[k]!r} has {data.lengths[k]} steps; this model forecasts from {task.season + 1} "
            "or more, one season and a step: give more of its past."
        )


def table(task: Scored, model: Model, data: Sequences, widths: Floats | None, every: str | None) -> dict[str, Any]:
    """Forecasts after the last step of each series.

    Args:
        task: horizon and season.
        model: makes them.
        data: the series.
        widths: (levels, horizon) scaled half widths of the intervals; None for no intervals.
        every: the step of the data that the model learnt from.
    """
    block = Block(data.lengths - 1, data.lengths)
    forecast = model.predict(data.strangers(), block)
    columns: dict[str, Any] = {
        "unique_id": np.repeat(np.array(data.ids, dtype=object), task.horizon).tolist(),
        "ds": shown(np.concatenate([_after(task, data, k, every) for k in range(len(data))]), data.zone),
        "selfloop": forecast.ravel(),
    }
    if widths is not None:
        each = in_units(task, data, data.lengths, block, widths.astype(np.float64))
        for level, width in zip(LEVELS, each, strict=True):
            columns[f"selfloop-lo-{level * 100:.0f}"] = (forecast - width).ravel()
            columns[f"selfloop-hi-{level * 100:.0f}"] = (forecast + width).ravel()
    return columns


def _after(task: Scored, data: Sequences, k: int, every: str | None) -> NDArray[Any]:
    """The times of the forecast of series `k`: steps are counted from 0 where the data have no time."""
    if data.time is None:
        return np.arange(data.lengths[k], data.lengths[k] + task.horizon)
    known = data.time[data.offsets[k] : data.offsets[k + 1]]
    step = data.every or every
    if step is None:
        raise DataError(f"{data.name}: the step between times is unknown; give series of two steps or more.")
    return future_times(known, step, task.horizon)
