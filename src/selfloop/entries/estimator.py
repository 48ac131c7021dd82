"""An estimator of the user's own on one fold: made anew, fitted, asked, and every answer looked at before it counts."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfloop.data.sequences import Floats, Sequences
from selfloop.errors import EntryError
from selfloop.results.study import Setting
from selfloop.tasks.design_matrix import DesignMatrix
from selfloop.tasks.entry import Entry

SEED = "random_state"
SUM = 1e-3  # how far from one the probabilities of a case may add up


@dataclass(frozen=True, eq=False)
class EstimatorModel:
    """A fitted estimator that answers for the task; what it costs is not known.

    Attributes:
        estimator: of the user's.
        design: what it was handed.
    """

    estimator: Any
    design: DesignMatrix
    parameters: int | None = None
    operations: int | None = None

    def predict(self, data: Sequences, where: Any) -> Floats:
        """The task's answers at `where`.

        Raises:
            EntryError: the estimator's are none.
        """
        parts = [self._asked(x) for x in self.design.rows(data, where)]
        empty = np.zeros((0, self.design.answers_each))
        return self.design.answers(data, where, np.concatenate(parts) if parts else empty)

    def step(self) -> Callable[[], object] | None:
        """One answer; what is handed for it is made before."""
        x = next(iter(self.design.rows(self.design.known(), self.design.valid)))[:1]
        return lambda: self._asked(x)

    def _asked(self, x: Any) -> Floats:
        if self.design.classes:
            return probabilities(self.estimator, x, self.design.classes)
        return numbers(self.estimator.predict(x), len(x), self.design.answers_each)


@dataclass(frozen=True, eq=False)
class Fitted:
    """What came of fitting.

    Attributes:
        model: that answers.
        settings: what validation chose.
        seconds: of processor time, of the fit that was kept.
    """

    model: EstimatorModel
    settings: dict[str, Setting]
    seconds: float


def fit_estimator(entry: Entry, designs: Sequence[DesignMatrix], seed: int) -> Fitted:
    """Fit an estimator on each design and keep what validates best; of one design, that.

    Args:
        entry: of the user's.
        designs: of one fold.
        seed: what `random_state` is set to, where the estimator has it.

    Raises:
        EntryError: its answers are none; whatever else the estimator raises.
    """
    tried = [_fit(entry, design, seed) for design in designs]
    if len(tried) == 1:
        return tried[0]
    losses = [
        each.model.design.loss(each.model.predict(each.model.design.known(), each.model.design.valid)) for each in tried
    ]
    return tried[int(np.argmin(losses))]


def _fit(entry: Entry, design: DesignMatrix, seed: int) -> Fitted:
    x, y = design.learnt()
    start = time.process_time()
    estimator, copies = _fitted(entry, design, seed, x, y)
    settings = {**design.settings, "copies": copies} if copies > 1 else dict(design.settings)
    return Fitted(EstimatorModel(estimator, design), settings, time.process_time() - start)


def _fitted(entry: Entry, design: DesignMatrix, seed: int, x: Any, y: Any) -> tuple[Any, int]:
    """The fitted estimator, and how many copies of it: what answers one number gets a copy for each of several."""
    estimator = prepared(entry, seed, design.facts)
    if y is None:
        estimator.fit(x)
        return estimator, 1
    try:
        estimator.fit(x, y)
    except (TypeError, ValueError) as error:
        if y.ndim == 1:
            raise
        return _one_a_number(prepared(entry, seed, design.facts), x, y, error), y.shape[1]
    return estimator, 1


def _one_a_number(estimator: Any, x: Any, y: Any, first: Exception) -> Any:
    from sklearn.multioutput import MultiOutputRegressor

    if not hasattr(estimator, "get_params"):
        raise first  # it cannot be copied as scikit-learn's are
    return MultiOutputRegressor(estimator).fit(x, y)


def prepared(entry: Entry, seed: int, facts: dict[str, int]) -> Any:
    """A new estimator, its `random_state` set, and what it wants to know of the task."""
    estimator = fresh(entry.made.open())
    known = parameters_of(estimator)
    given = {name: seed for name in known if name == SEED or name.endswith(f"__{SEED}")}
    given |= {name: value for name, value in facts.items() if name in known}
    if given and hasattr(estimator, "set_params"):
        estimator.set_params(**given)
    else:
        for name, value in given.items():
            setattr(estimator, name, value)
    return estimator


def fresh(made: Any) -> Any:
    """An estimator that nobody fitted: of a class or a factory a new one, else a clone, else a copy."""
    if isinstance(made, type) or not hasattr(made, "fit"):
        return made()
    from sklearn.base import clone

    try:
        return clone(made)
    except (TypeError, RuntimeError):  # not made as scikit-learn's are
        return copy.deepcopy(made)


def parameters_of(estimator: Any) -> tuple[str, ...]:
    """Names that can be set, those of parts included; of what has no such list, those of its attributes."""
    try:
        return tuple(estimator.get_params(deep=True))
    except (AttributeError, TypeError):
        return tuple(getattr(estimator, "__dict__", ()))


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
    rows = len(x)
    if not callable(getattr(estimator, "predict_proba", None)):
        return _certain(estimator.predict(x), rows, classes)
    found = _numeric(estimator.predict_proba(x), "predict_proba")
    of = getattr(estimator, "classes_", None)
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


def _certain(answers: Any, rows: int, classes: int) -> Floats:
    found = _numeric(answers, "predict")
    found = found[:, 0] if found.ndim == 2 and found.shape[1] == 1 else found
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
