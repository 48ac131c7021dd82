"""What can be looked into of a forecaster: its losses on series, and one series as it reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from selfloop.data.sequences import Floats, Sequences
from selfloop.errors import DataError
from selfloop.tasks.forecast.fitted import FittedTreatment, Inverse
from selfloop.tasks.forecast.pipeline import ForecastPipeline
from selfloop.tasks.forecast.scores import Scored
from selfloop.tasks.forecast.treatment import Kind, Treatment
from selfloop.tasks.inside import Questions, View
from selfloop.tasks.places import Block
from selfloop.tasks.scaler import over
from selfloop.words import count, listed, three

LINEAR = "the linear model beside it alone"
BASELINES: dict[Kind, str] = {
    "changes": "forecasting no change",
    "both": "forecasting no change",
    "level": "forecasting the mean of what it learnt from",
    "seasonal changes": "repeating the last season",
}


STANDS_ON: dict[Kind, str] = {
    "changes": "the last value",
    "both": "the last value",
    "level": "the mean that the series is scaled by",
    "seasonal changes": "the last value from the same place in the season",
}


def questions(task: Scored, model: Any, data: Sequences, most: int) -> Questions:
    """Forecasts whose whole truth is known, spread over all steps.

    Args:
        task: horizon and season.
        model: a network with its pipeline.
        data: series.
        most: how many.

    Raises:
        DataError: no series is long enough for a forecast to be compared with what came.
    """
    data, pipeline = data.strangers(), model.pipeline
    fitted = pipeline.fitted.extended(data, data.lengths)
    shown = fitted.show(data)
    wanted = asked = shown.targets
    if pipeline.skip:
        wanted = wanted - pipeline.linear(fitted, shown, data, np.arange(len(data.values)))
    known = np.flatnonzero(np.isfinite(wanted).all(axis=1) & _settled(data, task.season))
    if len(known) == 0:
        raise DataError(
            f"{data.name} has no step after which {task.horizon} more are known; expected a series of more than "
            f"{task.season + task.horizon + 1} steps. Give more of its past."
        )
    ends = known[np.unique(np.linspace(0, len(known) - 1, min(most, len(known))).astype(np.int64))]
    firsts = data.offsets[np.searchsorted(data.offsets, ends, side="right") - 1]
    of = f"squared error of the scaled forecast, {task.horizon} step{'s' if task.horizon > 1 else ''} ahead"
    if pipeline.skip:
        of += "; the linear model beside the network reads its own past, which is left alone"
    baseline = LINEAR if pipeline.skip else BASELINES[fitted.treatment.kind]
    return Questions(shown.inputs, firsts, ends + 1, wanted[ends], asked[ends], of, "forecast", baseline)


def _settled(data: Sequences, season: int) -> np.ndarray:
    """(steps,) whether a forecast is made there: after one season and a step."""
    return np.concatenate([np.arange(steps) >= season for steps in data.lengths])


def view(task: Scored, model: Any, one: Sequences) -> View:
    """One series, the names of what it is shown as, and its way back to the user's units."""
    one, pipeline = one.strangers(), model.pipeline
    fitted = pipeline.fitted.extended(one, one.lengths)
    names = tuple(f"{k} step{'s' if k > 1 else ''} ahead" for k in range(1, task.horizon + 1))
    frame = SeriesFrame(one, fitted, pipeline, task.horizon)
    return View(
        fitted.see(one).inputs,
        _features(fitted.treatment, one.channels),
        names,
        frame,
        loss_of="the scaled forecast",
        first_of="the scaled forecast one step ahead",
    )


def _features(treatment: Treatment, channels: tuple[str, ...]) -> tuple[str, ...]:
    """Names of what a forecaster is fed, in the order of `Treatment.show`."""
    names = [f"{channel} {column}" for channel in channels for column in treatment.columns]
    return (*names, "season sin", "season cos") if treatment.season > 1 else tuple(names)


@dataclass(frozen=True, eq=False)
class SeriesFrame:
    """A `Frame` of one series.

    Attributes:
        data: the series alone.
        fitted: its treatment and scale.
        pipeline: with the linear skip, if there is one.
        horizon: steps ahead.
    """

    data: Sequences
    fitted: FittedTreatment
    pipeline: ForecastPipeline
    horizon: int

    @cached_property
    def scale(self) -> tuple[float, ...]:
        """What scores are scaled by."""
        return (float(self._inverse(0, 1).unit[0, 0]),) * self.horizon

    @property
    def transform(self) -> Literal["identity", "exp"]:
        """Where the treatment takes a logarithm."""
        return "exp" if self.fitted.treatment.log else "identity"

    @property
    def stands_on(self) -> str:
        """The linear model's forecast where there is one, else what the treatment starts from."""
        if self.pipeline.skip is None:
            mean = self.fitted.treatment.kind == "level" and self.fitted.treatment.log
            said = STANDS_ON[self.fitted.treatment.kind]
            return said.replace("the mean", "the geometric mean") if mean else said
        steps = self.pipeline.skip.window
        return f"a linear forecast from the last {count(steps, 'step')}"

    def offset(self, first: int, stop: int) -> Floats:
        """What the treatment starts from, and the linear skip."""
        inverse = self._inverse(first, stop)
        return inverse.base + self._linear(first, stop) * inverse.unit

    def answers(self, scores: Floats, first: int, stop: int) -> Floats:
        """Forecasts in the user's units, as the forecaster makes them."""
        return self._inverse(first, stop).answer(scores + self._linear(first, stop))

    def truth(self, first: int, stop: int) -> Floats:
        """What came; NaN where the series ends before."""
        values = np.concatenate([self.data.values[1:, self.data.target], np.full(self.horizon, np.nan)])
        return np.lib.stride_tricks.sliding_window_view(values, self.horizon)[first:stop]

    def wanted(self, first: int, stop: int) -> Floats:
        """The scores that would be right."""
        truth = self.truth(first, stop)
        z = np.log(np.where(truth > 0, truth, np.nan)) if self.fitted.treatment.log else truth
        return over(z - self.offset(first, stop), self._inverse(first, stop).unit)

    def _inverse(self, first: int, stop: int) -> Inverse:
        return self.fitted.inverse(self.data, Block(np.array([first]), np.array([stop])))

    def _linear(self, first: int, stop: int) -> Floats:
        """(T', K) scaled answers of the linear skip; zeros without one."""
        return self.pipeline.linear(self.fitted, self.fitted.see(self.data), self.data, np.arange(first, stop))


def headline(one: Sequences, stop: int, labels: Sequence[str], said: Sequence[tuple[str, Floats]]) -> str:
    """Where the series is after `stop` steps, and where each network says it goes.

    Args:
        one: the series.
        stop: steps that were read.
        labels: a name for each step of the horizon.
        said: the label and the forecast of each network.
    """
    target, now = one.channels[one.target], one.values[stop - 1, one.target]
    parts = listed([f"this {label} forecasts {three(float(answer[-1]))}" for label, answer in said])
    horizon = "one step later" if len(labels) == 1 else f"{len(labels)} steps later"
    return f"At step {stop:,} {target} is {three(float(now))}; for {horizon}, {parts}."
