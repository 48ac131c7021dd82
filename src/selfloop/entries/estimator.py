"""An estimator of the user's own on one fold: made anew, fitted, asked, and every answer looked at before it counts."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from selfloop.data.sequences import Floats, Sequences
from selfloop.entries.answers import chances, count, numbers, probabilities
from selfloop.results.study import Setting
from selfloop.tasks.design_matrix import DesignMatrix
from selfloop.tasks.entry import Entry

SEED = "random_state"


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
        says, each = self.design.says, self.design.answers_each
        if says == "classes":
            return probabilities(self.estimator, x, each)
        if says == "chances":
            return chances(self.estimator, x, each)
        return numbers(self.estimator.predict(x), count(x), each)


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
        again = prepared(entry, seed, design.facts)
        if not hasattr(again, "get_params"):
            raise error  # it cannot be copied as scikit-learn's are
        return (_one_a_channel if design.says == "chances" else _one_a_number)(again, x, y), y.shape[1]
    return estimator, 1


def _one_a_number(estimator: Any, x: Any, y: Any) -> Any:
    from sklearn.multioutput import MultiOutputRegressor

    return MultiOutputRegressor(estimator).fit(x, y)


def _one_a_channel(estimator: Any, x: Any, y: Any) -> EachByItself:
    alone = [None if (on == on[0]).all() else fresh(estimator).fit(x, on) for on in y.T]
    return EachByItself(alone, (y.sum(0) + 0.5) / (len(y) + 1.0))


@dataclass(frozen=True, eq=False)
class EachByItself:
    """A fitted classifier for each channel; classifiers refuse to learn from one that never changes.

    Attributes:
        alone: of each channel; None where it never changed.
        shares: (channels,) how often each was on, as if it had been seen on and off half a time more.
    """

    alone: list[Any]
    shares: Floats

    def predict_proba(self, x: Any) -> Floats:
        """(rows, channels) how probable it is that each is on."""
        found = np.tile(self.shares, (count(x), 1))
        for k, estimator in enumerate(self.alone):
            if estimator is not None:
                found[:, k] = probabilities(estimator, x, 2)[:, 1]
        return found


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
