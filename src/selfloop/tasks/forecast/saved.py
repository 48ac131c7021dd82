"""What a forecaster leaves in a model file: its treatment, the scales of the series it learnt from, its linear part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from selfloop.tasks.forecast.fitted import FittedTreatment
from selfloop.tasks.forecast.folds import ExpandingWindows
from selfloop.tasks.forecast.ridge import Ridge
from selfloop.tasks.forecast.treatment import Kind, Scale, Treatment
from selfloop.tasks.model import Arrays, Fields, Signature, Size, floats

BY_CHANNEL = ("level", "spread", "change", "seasonal")
SCALES = (*BY_CHANNEL, "answer", "floor")


@dataclass(frozen=True)
class ForecasterFields:
    """What the description of a forecaster that learns has beside the task's fields."""

    treatment: Kind | None = None
    log: bool = False
    series: tuple[str, ...] = ()  # whose scales are known: the user named them
    ridge_window: Size | None = None
    penalty: float | None = None


def fitted_fields(fitted: FittedTreatment) -> Fields:
    """JSON of a fitted treatment."""
    return {"treatment": fitted.treatment.kind, "log": fitted.treatment.log, "series": list(_kept(fitted))}


def fitted_arrays(fitted: FittedTreatment) -> Arrays:
    """Its scales, a row a series."""
    scales = _kept(fitted).values()
    return {f"scale.{name}": np.array([getattr(scale, name) for scale in scales]) for name in SCALES if scales}


def _kept(fitted: FittedTreatment) -> Mapping[str, Scale]:
    """Of series that nobody named none could be found again: whatever comes is measured on its own past."""
    return fitted.scales if fitted.named else {}


def ridge_fields(model: Ridge) -> Fields:
    """JSON of a ridge autoregression."""
    return {"ridge_window": model.window, "penalty": model.penalty}


def ridge_arrays(model: Ridge) -> Arrays:
    """Its weights."""
    return {"ridge.weight": model.weight, "ridge.bias": model.bias}


def read_treatment(task: ExpandingWindows, said: ForecasterFields, signature: Signature) -> Treatment:
    """How series are shown.

    Raises:
        ValueError: the description names no treatment.
    """
    if said.treatment is None:
        raise ValueError("a forecaster that learns has a treatment")
    return Treatment(said.treatment, said.log, task.season, task.horizon, signature.target)


def read_fitted(
    task: ExpandingWindows, said: ForecasterFields, arrays: Arrays, signature: Signature
) -> FittedTreatment:
    """The treatment with its scales.

    Args:
        task: horizon and season.
        said: the description.
        arrays: the numbers.
        signature: channels and target.

    Raises:
        KeyError, ValueError: the numbers do not fit the description.
    """
    treatment, names = read_treatment(task, said, signature), said.series
    if not names:
        return FittedTreatment(treatment, {})
    series, channels = len(names), len(signature.channels)
    shapes = [(series, channels) if name in BY_CHANNEL else (series,) for name in SCALES]
    columns = [floats(arrays, f"scale.{name}", *shape) for name, shape in zip(SCALES, shapes, strict=True)]
    scales = {
        name: Scale(level, spread, change, seasonal, float(answer), float(floor))
        for name, level, spread, change, seasonal, answer, floor in zip(names, *columns, strict=True)
    }
    return FittedTreatment(treatment, scales)


def read_ridge(task: ExpandingWindows, said: ForecasterFields, arrays: Arrays, signature: Signature) -> Ridge:
    """The linear model.

    Args:
        task: horizon and season.
        said: the description.
        arrays: the numbers.
        signature: channels and target.

    Raises:
        KeyError, ValueError: the numbers do not fit the description.
    """
    window, channels = said.ridge_window, len(signature.channels)
    if window is None:
        raise ValueError("a ridge model has a window")
    others = read_treatment(task, said, signature).features(channels) - channels
    weight = floats(arrays, "ridge.weight", task.horizon, channels * window + others)
    return Ridge(window, said.penalty or 0.0, weight, floats(arrays, "ridge.bias", task.horizon))
