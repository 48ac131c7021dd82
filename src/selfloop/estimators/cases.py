"""What estimators share that give one answer a sequence: what X and y may be, and how they are read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_consistent_length, check_is_fitted, validate_data

from selfloop.data import Missing, Sequences, load, load_like
from selfloop.errors import SettingsError
from selfloop.estimators.base import USUAL_CELL, Estimator
from selfloop.estimators.forms import MATRIX, Form, axes_read, check_finite, is_frame, is_matrix, is_source
from selfloop.tasks.asked import Direction, Pool
from selfloop.train.budget import Scheme


class CaseEstimator(Estimator, ABC):
    """One answer a sequence.

    Args:
        cell: name of a recurrent network ("rnn", "lstm", "gru", or one of your own) or of one of the task's baselines;
            "compare" compares RNN, LSTM, GRU and all baselines, and takes the pick.
        hidden_size: units of each layer and direction; None: by `params`.
        params: parameters of the network; None: by the data's size.
        layers: recurrent layers on top of each other.
        direction: how a network reads, "one" or "both"; None: both.
        pool: what its answer is made of, "last" or "mean"; None: mean.
        init: how weights begin: "chrono", with orthogonal recurrent weights, or "torch".
        learning_rates: to choose from on the validation part.
        epochs: passes over the training part at most; None: by the data's size.
        patience: epochs without improvement before stopping; None: by the epochs.
        validation: share of the cases that choices are made on; then all of them are learnt from.
        missing: what to do about missing values: "error", "drop" those steps, or "interpolate".
        axes: of arrays of three dimensions, where shapes and labels do not decide: "cases,steps,channels".
        id: column of a frame that names the sequence; this and the next six are for rows of steps.
        time: column of times; "none": rows are in order.
        label: column with the answer of each sequence.
        inputs: columns to learn from; one, or several; empty: all other numbers.
        groups: column whose cases stay on one side of the validation split, such as a person.
        time_format: how times are written, as strptime has it.
        timezone: zone of the times, such as Europe/Berlin.
        folds: of a comparison; None: 5, or 10 where the data allow.
        seeds: of a comparison: runs of each network on each fold.
        n_jobs: processes of a comparison; None: one, -1: one a core.
        random_state: of first weights and of the order of batches; a comparison has its own `seeds`.
    """

    def __init__(
        self,
        cell: str = USUAL_CELL,
        *,
        hidden_size: int | None = None,
        params: int | None = None,
        layers: int = 1,
        direction: Direction | None = None,
        pool: Pool | None = None,
        init: Scheme = "chrono",
        learning_rates: float | Sequence[float] = (1e-3, 3e-3, 1e-2),
        epochs: int | None = None,
        patience: int | None = None,
        validation: float = 0.2,
        missing: Missing = "error",
        axes: str | None = None,
        id: str | None = None,
        time: str | None = None,
        label: str | None = None,
        inputs: str | Sequence[str] = (),
        groups: str | None = None,
        time_format: str | None = None,
        timezone: str | None = None,
        folds: int | None = None,
        seeds: int = 3,
        n_jobs: int | None = None,
        random_state: Any = 0,
    ) -> None:
        self.cell = cell
        self.hidden_size = hidden_size
        self.params = params
        self.layers = layers
        self.direction = direction
        self.pool = pool
        self.init = init
        self.learning_rates = learning_rates
        self.epochs = epochs
        self.patience = patience
        self.validation = validation
        self.missing = missing
        self.axes = axes
        self.id = id
        self.time = time
        self.label = label
        self.inputs = inputs
        self.groups = groups
        self.time_format = time_format
        self.timezone = timezone
        self.folds = folds
        self.seeds = seeds
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None, *, groups: Any = None) -> Self:
        """Choose on a validation part, then learn from all cases.

        Args:
            X: (cases, steps) numbers of one channel, also as a frame; (cases, steps, channels); a list of arrays of
                unequal length; or rows of steps: a frame, a file, with `id` and `label`.
            y: (cases,) answers; for rows of steps the name of their column, or None where `label` names it.
            groups: (cases,) which stay on one side of the validation split.

        Raises:
            DataError, SettingsError: data or settings cannot be used; both are a ValueError.
            StudyError: training diverged.
        """
        data = self._read(X, y)
        if groups is not None:
            check_consistent_length(groups, data.ids)
            data = replace(data, groups=tuple(str(group) for group in groups))
        self._learn(data)
        return self

    @abstractmethod
    def _answers(self, y: Any) -> NDArray[Any]:
        """Answers to arrays, checked, and remembered as far as it takes to give their like."""

    def _columns(self, data: Sequences) -> None:
        """The same of the answers that a table holds."""

    def _read(self, X: Any, y: Any) -> Sequences:
        self._form: Form = self._form_of(X, y)
        self._axes: str | None = None
        if self._form == "table":
            label = y if isinstance(y, str) else self.label
            data = load(X, **self._roles(label=label), **self._arrays())
            self._columns(data)
        elif self._form == "matrix":
            X, y = validate_data(
                self, X, y, dtype=np.float64, ensure_min_samples=2, ensure_all_finite=False, **self._of_y()
            )
            return load(self._finite(X), labels=self._answers(y), axes=MATRIX, missing=self.missing)
        else:
            answers = self._answers(self._given(y))
            data = load(X, labels=answers, **self._arrays())
            self._axes = axes_read(X, self.axes, len(answers))
        self.n_features_in_ = len(data.channels)
        return data

    def _read_like(self, X: Any) -> Sequences:
        """Other data as those that were learnt from."""
        check_is_fitted(self)
        if self._form == "matrix" and (is_frame(X) or (not is_source(X) and is_matrix(X))):
            X = validate_data(self, X, reset=False, dtype=np.float64, ensure_all_finite=False)
            data = load_like(self._finite(X), self.predictor_.card, axes=MATRIX, missing=self.missing)
        else:
            axes = self._axes if getattr(X, "ndim", 0) == 3 or isinstance(X, list | tuple) else None
            data = load_like(X, self.predictor_.card, axes=axes, missing=self.missing)
        self.predictor_.check(data)
        return data

    def _form_of(self, X: Any, y: Any) -> Form:
        if is_source(X) and (y is None or isinstance(y, str)):
            return "table"
        if is_frame(X):
            named = [name for name in ("id", "time", "label") if getattr(self, name) is not None]
            if named:
                raise SettingsError(
                    f"y is given beside a frame whose columns are named ({named[0]}={getattr(self, named[0])!r}); "
                    "expected y=None and label= for rows of steps, or none of these names for a case a row."
                )
            return "matrix"
        return "matrix" if is_matrix(X) and self.axes in (None, MATRIX) else "arrays"

    def _arrays(self) -> dict[str, Any]:
        return {"axes": self.axes, "missing": self.missing}

    def _of_y(self) -> dict[str, Any]:
        """How scikit-learn is to check y."""
        return {}

    def _given(self, y: Any) -> Any:
        """Raise where there is no y."""
        if y is None:
            raise SettingsError(f"{type(self).__name__} requires y to be passed, but the target y is None.")
        return y

    def _finite(self, X: NDArray[Any]) -> NDArray[Any]:
        if self.missing == "error":
            check_finite(X)
        return X

    def _predicted(self, data: Sequences) -> NDArray[np.float64]:
        """(cases, K) answers as the model gives them."""
        return np.asarray(self.predictor_.model.predict(data, np.arange(len(data))), dtype=np.float64)

    def _as_table(self, X: Any) -> bool:
        """Whether answers to X are a table like it: of its ids."""
        return is_source(X) and self._form != "matrix"

    def __sklearn_tags__(self) -> Any:
        """Three dimensions too; holes where they are filled."""
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = self.missing != "error"
        return tags
