"""Which axis of an array is which: as the user says, as shapes and labels decide, or refused with all readings.

Keras, torch (`batch_first`) and scikit-learn have cases × steps × channels, aeon and sktime cases × channels × steps:
nothing but the user or the sizes can tell them apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfloop.errors import DataError, SettingsError

CASES, STEPS, CHANNELS = "cases", "steps", "channels"
ORDER = (CASES, STEPS, CHANNELS)
Axes = tuple[str, ...]
CUBE: tuple[Axes, ...] = ((CASES, STEPS, CHANNELS), (CASES, CHANNELS, STEPS))
MATRIX: tuple[Axes, ...] = ((STEPS, CHANNELS), (CHANNELS, STEPS), (CASES, STEPS))
# Nobody has these by default, but labels may leave nothing else.
RARE: dict[int, tuple[Axes, ...]] = {
    2: ((STEPS, CASES),),
    3: ((STEPS, CASES, CHANNELS), (CHANNELS, CASES, STEPS), (STEPS, CHANNELS, CASES), (CHANNELS, STEPS, CASES)),
}


@dataclass(frozen=True)
class Known:
    """What is known of arrays beside their shapes.

    Attributes:
        axes: as the user says it: "cases,steps,channels"; None for nothing.
        labels: how many there are; None for none.
        channels: how many a model reads; None where that is not known.
    """

    axes: str | None = None
    labels: int | None = None
    channels: int | None = None


def axes_of(array: NDArray[Any], known: Known) -> Axes:
    """The axes of an array of two or three dimensions.

    Raises:
        DataError: they can be read in more than one way.
        SettingsError: the user's do not fit.
    """
    if known.axes is not None:
        return _fitting(_parsed(known.axes), array.ndim, f"an array of shape {array.shape}")
    usual = CUBE if array.ndim == len(ORDER) else MATRIX
    readings = _with_labels([*usual, *RARE[array.ndim]], array.shape, known.labels) or list(usual)
    readings = _with_channels(readings, array.shape, known.channels)
    readings = _with_time(readings, array.shape)
    return _only(readings, array.shape, f"The array of shape {array.shape}")


def axes_of_each(cases: Sequence[NDArray[Any]], known: Known) -> Axes:
    """The axes that all matrices of a list have: (steps, channels) or (channels, steps).

    Raises:
        DataError: they can be read in both ways.
        SettingsError: the user's do not fit.
    """
    if known.axes is not None:
        axes = _parsed(known.axes)
        return _fitting(axes[1:] if axes[0] == CASES else axes, 2, "each array of a list")
    wanted = known.channels
    readings = [
        axes
        for axes in MATRIX[:2]
        if len({case.shape[axes.index(CHANNELS)] for case in cases} | ({wanted} if wanted else set())) == 1
    ]
    longest = tuple(np.max([case.shape for case in cases], axis=0).tolist())
    return _only(_with_time(readings, longest) or [MATRIX[0]], longest, f"The list of arrays of shape {longest}")


def in_order(array: NDArray[Any], axes: Axes) -> list[NDArray[Any]]:
    """Each case as (steps, channels), a view."""
    missing = [axis for axis in ORDER if axis not in axes]
    cube = array.reshape(*array.shape, *(1 for _ in missing))
    return list(cube.transpose([(*axes, *missing).index(axis) for axis in ORDER]))


def said(axes: Axes) -> str:
    """As the reading tells it."""
    return " × ".join(axes)


def _parsed(text: str) -> Axes:
    axes = tuple(name.strip() for name in text.split(","))
    if len(set(axes)) < len(axes) or not set(axes) <= set(ORDER) or STEPS not in axes:
        raise SettingsError(
            f"axes is {text!r}; expected cases, steps and channels in the order of the array's axes, such as "
            "cases,steps,channels."
        )
    return axes


def _fitting(axes: Axes, dimensions: int, what: str) -> Axes:
    if len(axes) != dimensions:
        raise SettingsError(
            f"axes is {','.join(axes)!r} for {what}; expected a name for each axis, such as "
            f"{','.join((CUBE if dimensions == len(ORDER) else MATRIX)[0])}."
        )
    return axes


def _size(axes: Axes, shape: Sequence[int], axis: str) -> int:
    return shape[axes.index(axis)] if axis in axes else 1


def _with_labels(readings: list[Axes], shape: Sequence[int], labels: int | None) -> list[Axes]:
    """Those with a case for each label; of these the ones where cases come first, as everywhere, if there are any."""
    fitting = [axes for axes in readings if labels is None or _size(axes, shape, CASES) == labels]
    return [axes for axes in fitting if axes in (*CUBE, *MATRIX)] or fitting


def _with_channels(readings: list[Axes], shape: Sequence[int], channels: int | None) -> list[Axes]:
    fitting = [axes for axes in readings if channels is None or _size(axes, shape, CHANNELS) == channels]
    return fitting or readings[:1]  # what has other channels is refused by their names


def _with_time(readings: list[Axes], shape: Sequence[int]) -> list[Axes]:
    """A sequence of one step is none, where there is another reading."""
    return [axes for axes in readings if _size(axes, shape, STEPS) > 1] or readings


def _only(readings: list[Axes], shape: Sequence[int], what: str) -> Axes:
    """The one reading, or one of several that come to the same: those that differ in axes of size one."""
    if len({tuple(axis for axis in axes if _size(axes, shape, axis) > 1) for axes in readings}) == 1:
        return readings[0]
    each = [f"{_spelt(axes, shape)} (axes={','.join(axes)!r})" for axes in readings]
    raise DataError(
        f"{what} can be read in {'two' if len(each) == 2 else 'several'} ways: as {', or as '.join(each)}; say which "
        "with --axes."
    )


def _spelt(axes: Axes, shape: Sequence[int]) -> str:
    """One reading in words: "120 cases of 50 steps of 3 channels"."""
    parts = [f"{_size(axes, shape, axis):,} {axis}" for axis in ORDER if axis in axes]
    return " of ".join(parts if CASES in axes else ["one sequence", *parts])
