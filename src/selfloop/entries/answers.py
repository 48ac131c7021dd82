"""What an estimator of the user's own answered, looked at before it counts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfloop.data.sequences import Floats
from selfloop.errors import EntryError

SUM = 1e-3  # how far from one the probabilities of a case may add up


def numbers(answers: Any, rows: int, each: int) -> Floats:
    """(rows, each) finite numbers.

    Raises:
        EntryError: they are none.
    """
    found = _numeric(answers, "predict")
    if found.ndim == 1 and each == 1:
        found = found[:, None]
    _shaped(found, (rows, each), "predict")
    return found


def probabilities(estimator: Any, x: Any, classes: int) -> Floats:
    """(rows, classes): its own, or one for the class that it names.

    Raises:
        EntryError: they are none.
    """
    rows = count(x)
    if not callable(getattr(estimator, "predict_proba", None)):
        return _certain(estimator.predict(x), rows, classes)
    return _columns(estimator.predict_proba(x), getattr(estimator, "classes_", None), rows, classes)


def _columns(said: Any, of: Any, rows: int, classes: int) -> Floats:
    """(rows, classes) of probabilities whose columns are the classes `of`; None: all of them."""
    found = _numeric(said, "predict_proba")
    columns = np.arange(classes) if of is None else _numbers_of(np.asarray(of), classes, "classes_")
    _shaped(found, (rows, len(columns)), "predict_proba")
    if found.size and (found.min() < -SUM or np.abs(found.sum(1) - 1).max() > SUM):
        wrong = int(np.abs(found.sum(1) - 1).argmax())
        raise EntryError(
            f"predict_proba gives {_short(found[wrong])} for a case, which adds up to {found[wrong].sum():.3g}; "
            "expected probabilities that add up to 1."
        )
    whole = np.zeros((rows, classes))
    whole[:, columns] = np.maximum(found, 0)
    return whole


def chances(estimator: Any, x: Any, channels: int) -> Floats:
    """(rows, channels) how probable it is that each is on.

    scikit-learn's give an array of that shape, or a list of (rows, classes) of each channel.

    Raises:
        EntryError: they are none.
    """
    rows, said = count(x), estimator.predict_proba(x)
    if not (isinstance(said, list | tuple) or getattr(said, "ndim", 2) == 3):
        found = _numeric(said, "predict_proba")
        _shaped(found, (rows, channels), "predict_proba")
        if found.size and (found.min() < -SUM or found.max() > 1 + SUM):
            odd = found.ravel()[np.abs(found - 0.5).argmax()]
            raise EntryError(f"predict_proba gives {_short(odd)}; expected probabilities, 0 to 1.")
        return np.clip(found, 0.0, 1.0)
    if len(said) != channels:
        raise EntryError(f"predict_proba gives {len(said)} arrays; expected {channels}, one a channel.")
    of = getattr(estimator, "classes_", None)
    each = [None] * channels if of is None or len(of) != channels else of
    return np.stack([_columns(one, names, rows, 2)[:, 1] for one, names in zip(said, each, strict=True)], axis=1)


def count(x: Any) -> int:
    """Rows of what an estimator is handed: an array, a sparse matrix, a list."""
    return int(x.shape[0]) if hasattr(x, "shape") else len(x)


def _certain(answers: Any, rows: int, classes: int) -> Floats:
    found = _numeric(answers, "predict")
    found = found[:, 0] if found.ndim == 2 and found.shape[1] == 1 else found
    _shaped(found, (rows,), "predict")
    whole = np.zeros((rows, classes))
    whole[np.arange(rows), _numbers_of(found, classes, "predict")] = 1.0
    return whole


def _numbers_of(found: NDArray[Any], classes: int, door: str) -> NDArray[np.int64]:
    odd = [value for value in found.tolist() if value not in range(classes)]
    if odd:
        raise EntryError(f"{door} gives {_short(odd[0])}; expected numbers of classes, 0 to {classes - 1}.")
    return found.astype(np.int64)


def _numeric(answers: Any, door: str) -> Floats:
    if answers is None:
        raise EntryError(f"{door} gives None; expected an array.")
    found = np.asarray(answers)
    try:
        if found.dtype.kind not in "biufO":
            raise TypeError
        return found.astype(np.float64)
    except (TypeError, ValueError):
        first = found.ravel()[0] if found.size else found
        raise EntryError(f"{door} gives {_short(first)}; expected numbers.") from None


def _shaped(found: Floats, shape: tuple[int, ...], door: str) -> None:
    if found.shape != shape:
        raise EntryError(f"{door} gives an array of shape {found.shape}; expected {shape}.")
    if not np.isfinite(found).all():
        bad = int((~np.isfinite(found)).sum())
        raise EntryError(f"{door} gives {bad} of {found.size} numbers that are not finite; expected none of those.")


def _short(value: Any) -> str:
    text = repr(value.tolist() if hasattr(value, "tolist") else value)
    return text if len(text) <= 60 else text[:57] + "..."
