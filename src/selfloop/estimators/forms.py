"""What X is: a matrix as scikit-learn has it, rows of steps with columns of roles, or arrays of sequences."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from selfloop.data import Sequences
from selfloop.data.axes import CASES, Known, axes_of, axes_of_each
from selfloop.errors import DataError

Form = Literal["matrix", "table", "arrays"]
MATRIX = "cases,steps"


def is_frame(X: Any) -> bool:
    """Whether it is a frame of any library; a lazy one is not asked for its columns."""
    return hasattr(type(X), "columns")


def is_column(X: Any) -> bool:
    """Whether it is a column of any library."""
    return hasattr(type(X), "to_frame")


def is_source(X: Any) -> bool:
    """Whether it is what `selfloop.data.load` finds roles in: a frame, a file, or what was read before."""
    return isinstance(X, str | Path | Sequences) or is_frame(X)


def is_matrix(X: Any) -> bool:
    """Whether it is rows of numbers, each as long as the others: an array, or lists of lists."""
    if isinstance(X, list | tuple):
        if any(getattr(each, "ndim", 0) for each in X):
            return False
        shapes = {_shape(each) for each in X}
        return len(shapes) <= 1 and all(len(shape) <= 1 for shape in shapes)
    return getattr(X, "ndim", 2) <= 2


def _shape(X: Any) -> tuple[int, ...]:
    try:
        return np.shape(X)
    except ValueError:  # lists of unequal length
        return (0, 0)


def axes_read(X: Any, axes: str | None, labels: int | None) -> str | None:
    """The axes of arrays as they are read now, so that others are read in the same way; None where there is no choice.

    Args:
        X: one array, or a list of them.
        axes: as the user says.
        labels: how many there are.
    """
    known = Known(axes, labels)
    if isinstance(X, list | tuple):
        matrices = [np.asarray(case) for case in X if np.ndim(case) == 2]
        return ",".join(axes_of_each(matrices, known)) if matrices else None
    return ",".join(axes_of(X, known)) if X.ndim in (2, 3) else None


def several(X: Any, axes: str | None) -> bool:
    """Whether arrays hold several series, even if it is only one."""
    return isinstance(X, list | tuple) or CASES in (axes or "")


def check_finite(X: NDArray[Any]) -> None:
    """Raise where a matrix has a hole.

    Raises:
        DataError: it has; says where.
    """
    holes = np.argwhere(~np.isfinite(X))
    if len(holes):
        case, step = holes[0].tolist()
        what = "NaN" if np.isnan(X[case, step]) else "an infinite value"
        raise DataError(
            f"X has {what} at step {step} of case {case} (both counted from 0); expected finite numbers: fill it in, "
            "or choose --missing interpolate."
        )
