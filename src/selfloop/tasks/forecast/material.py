"""What a forecasting network learns from: every step, and what is asked of it there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.tasks.forecast.fitted import FittedTreatment, Inverse
from selfloop.tasks.forecast.folds import ForecastFold
from selfloop.tasks.forecast.linear import RidgeForecaster, fit_ridge, log_is_possible, refit_ridge
from selfloop.tasks.forecast.pipeline import ForecastPipeline
from selfloop.tasks.forecast.scores import Scored, Yardstick
from selfloop.tasks.forecast.variants import Variant
from selfloop.tasks.material import Material


@dataclass(frozen=True, eq=False)
class Judge:
    """Validation MASE of a network's scores. What it takes is found when it is first asked, once for all epochs."""

    task: Scored
    data: Sequences
    fold: ForecastFold
    fitted: FittedTreatment
    offset: Floats  # (origins, horizon) what the linear skip says at the validation origins

    def __call__(self, scores: Floats) -> float:
        """Of (origins, horizon) scores at the fold's validation block."""
        return self._yardstick.mase(self._inverse.answer(scores + self.offset))

    @cached_property
    def _inverse(self) -> Inverse:
        return self.fitted.inverse(self.data, self.fold.valid)

    @cached_property
    def _yardstick(self) -> Yardstick:
        return self.task.yardstick(self.data, self.fold.fit, self.fold.valid)


def fold_material(task: Scored, data: Sequences, fold: ForecastFold, variant: Variant, memory: int) -> Material:
    """On the steps before the fold's test block, learnt from those before its validation part.

    Args:
        task: horizon and season.
        data: all series.
        fold: one of them.
        variant: how series are shown.
        memory: steps over which something may have to be remembered.
    """
    known = data.until(fold.train)
    pipeline = _fitted(task, known, fold, variant)
    return _material(task, known, fold, pipeline, memory)


def final_material(task: Scored, data: Sequences, variant: Variant, memory: int) -> Material:
    """On all data: scales and linear skip, too, are measured on all, with what the end of the data chose.

    Args:
        task: that is learnt.
        data: all there are.
        variant: how series are shown.
        memory: as for a fold.
    """
    fold = task.whole(data)
    chosen = _fitted(task, data.until(fold.train), fold, variant)
    fitted = FittedTreatment.fit(chosen.fitted.treatment, data, data.lengths)
    skip = refit_ridge(task, data, RidgeForecaster(chosen.fitted, chosen.skip)).model if chosen.skip else None
    everything = ForecastFold(0, data.lengths, fold.valid, data.lengths, fold.test)
    return _material(task, data, everything, ForecastPipeline(fitted, skip), memory)


def _fitted(task: Scored, known: Sequences, fold: ForecastFold, variant: Variant) -> ForecastPipeline:
    treatment = variant.treatment(task, known.target)
    if treatment.log and not log_is_possible(known):  # positive on the first fold need not stay positive
        treatment = variant.raw().treatment(task, known.target)
    fitted = FittedTreatment.fit(treatment, known, fold.fit)
    return ForecastPipeline(fitted, fit_ridge(task, known, fold, [treatment])[0].model if variant.skip else None)


def _material(task: Scored, data: Sequences, fold: ForecastFold, pipeline: ForecastPipeline, memory: int) -> Material:
    shown = pipeline.fitted.show(data)
    wanted, offset = shown.targets.copy(), np.zeros((len(fold.valid), task.horizon))
    if pipeline.skip:
        linear = pipeline.linear(pipeline.fitted, shown, data, np.arange(len(data.values)))
        wanted -= linear
        offset = linear[fold.valid.flat(data)]  # of the validation origins: only they are asked for again
    wanted[~_within(data, fold.fit, task.horizon)] = np.nan
    judge = Judge(task, data, fold, pipeline.fitted, offset)
    return Material(pipeline, shown.inputs, data.offsets, wanted, fold.fit, fold.valid, judge, memory)


def _within(data: Sequences, fit: Ints, horizon: int) -> np.ndarray:
    """(steps, horizon) whether what is asked for lies before `fit` of its series."""
    ends = np.repeat(data.offsets[:-1] + fit, data.lengths)
    return np.arange(1, horizon + 1) < (ends - np.arange(len(ends)))[:, None]
