"""The next steps of one or many series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from selfloop.data import Missing, Sequences, load, load_like
from selfloop.errors import SettingsError
from selfloop.estimators.base import USUAL_CELL, Estimator
from selfloop.estimators.column import Column
from selfloop.estimators.forms import axes_read, is_column, is_source, several
from selfloop.tasks.asked import Short
from selfloop.train.budget import Scheme


@dataclass(frozen=True, eq=False)
class Past:
    """What is forecast from.

    Attributes:
        data: the series.
        column: of a library, where it came as one.
        table: whether it came with columns or times of its own.
        several: whether arrays hold several series, even if it is only one.
    """

    data: Sequences
    column: Column | None = None
    table: bool = False
    several: bool = False


class Forecaster(Estimator):
    """Forecasts the next `horizon` steps at once, and says how sure it is.

    Args:
        cell: name of a recurrent network ("rnn", "lstm", "gru", or one of your own) or of one of the task's baselines;
            "compare" compares RNN, LSTM, GRU and all baselines, and takes the pick.
        horizon: steps to forecast; None: one season.
        season: steps in a season, 1 for none; None: inferred.
        hidden_size: units of each layer; None: by `params`.
        params: parameters of the network; None: by the data's size.
        layers: recurrent layers on top of each other.
        init: how weights begin: "chrono", with orthogonal recurrent weights, or "torch".
        learning_rates: to choose from on the validation part.
        epochs: passes over the training part at most; None: by the data's size.
        patience: epochs without improvement before stopping; None: by the epochs.
        validation: share at the end of each series that choices are made on; then all of it is learnt from.
        short: what becomes of series that are too short, among others that are not: "drop" or "error"; None: drop.
        missing: what to do about missing values: "error", "drop" at the ends, or "interpolate".
        axes: of arrays, where their shape does not decide: "cases,steps,channels".
        id: column of a frame that names the series; this and the next five are inferred where they are left out.
        time: column of times; "none": rows are in order.
        target: column to forecast; of arrays it is the first channel.
        inputs: past covariates to learn from; one, or several.
        time_format: how times are written, as strptime has it.
        timezone: zone of the times, such as Europe/Berlin.
        folds: of a comparison; None: 5, or 10 where the data allow.
        seeds: of a comparison: runs of each network on each fold.
        n_jobs: processes of a comparison; None: one, -1: one a core.
        random_state: of first weights and of the order of batches; a comparison has its own `seeds`.
    """

    task: ClassVar[str] = "forecast"

    def __init__(
        self,
        cell: str = USUAL_CELL,
        *,
        horizon: int | None = None,
        season: int | None = None,
        hidden_size: int | None = None,
        params: int | None = None,
        layers: int = 1,
        init: Scheme = "chrono",
        learning_rates: float | Sequence[float] = (1e-3, 3e-3, 1e-2),
        epochs: int | None = None,
        patience: int | None = None,
        validation: float = 0.2,
        short: Short | None = None,
        missing: Missing = "error",
        axes: str | None = None,
        id: str | None = None,
        time: str | None = None,
        target: str | None = None,
        inputs: str | Sequence[str] = (),
        time_format: str | None = None,
        timezone: str | None = None,
        folds: int | None = None,
        seeds: int = 3,
        n_jobs: int | None = None,
        random_state: Any = 0,
    ) -> None:
        self.cell = cell
        self.horizon = horizon
        self.season = season
        self.hidden_size = hidden_size
        self.params = params
        self.layers = layers
        self.init = init
        self.learning_rates = learning_rates
        self.epochs = epochs
        self.patience = patience
        self.validation = validation
        self.short = short
        self.missing = missing
        self.axes = axes
        self.id = id
        self.time = time
        self.target = target
        self.inputs = inputs
        self.time_format = time_format
        self.timezone = timezone
        self.folds = folds
        self.seeds = seeds
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(self, X: Any, y: None = None) -> Self:
        """Choose on the end of each series, then learn from all of it.

        Args:
            X: one series: (steps,), a column of a library, also with an index of times; (steps, channels); several: a
                list of arrays, or (cases, steps, channels); or rows of steps: a frame, a file.
            y: none; scikit-learn's tools hand it on.

        Raises:
            DataError, SettingsError: data or settings cannot be used; both are a ValueError.
            StudyError: training diverged.
        """
        if y is not None:
            raise SettingsError(
                "y is given, but a forecast learns from series alone; expected the target and its inputs in X, and "
                "y=None: of arrays the first channel is the target."
            )
        self._axes: str | None = None
        if is_source(X):
            past = Past(load(X, **self._roles(), missing=self.missing, axes=self.axes), table=True)
        elif is_column(X):
            column = Column(X)
            named = self._roles(target=column.name if self.target is None else self.target)
            past = Past(load(X, **named, missing=self.missing), column)
        else:
            X = _numbers(X)
            self._axes = axes_read(X, self.axes, None)
            past = Past(load(X, **self._roles(), missing=self.missing, axes=self.axes), several=several(X, self._axes))
        self.n_features_in_ = len(past.data.channels)
        self._learn(past.data)
        self._past = past
        return self

    def predict(self, X: Any = None) -> Any:
        """The steps that follow, in the form that the series came in.

        Args:
            X: series to forecast from; None: those that were learnt from.

        Returns:
            Of one array (horizon,), of several (series, horizon), of a column one with its index going on; of rows of
            steps a frame of the same library: `unique_id`, `ds`, `selfloop` and the bounds of its intervals.
        """
        check_is_fitted(self)
        past = self._past if X is None else self._read_like(X)
        table = self.predictor_.predict(past.data)
        if past.table:
            return table
        import narwhals as nw

        steps = nw.from_native(table, eager_only=True)
        values = np.asarray(steps["selfloop"].to_numpy(), dtype=np.float64).reshape(len(past.data), -1)
        if past.column is not None:
            return past.column.going_on(values[0], steps["ds"].to_native())
        return values if past.several else values[0]

    def score(self, X: Any, y: None = None) -> float:
        """The MASE with a minus, so that more is better: forecasts from every step of the second half of each series.

        0 is perfect, −1 is as far off as the seasonal naive forecast was on the steps before.

        Args:
            X: series that hold the truth.
            y: none.
        """
        check_is_fitted(self)
        return -self.predictor_.score(self._read_like(X).data)["mase"]

    def _read_like(self, X: Any) -> Past:
        card = self.predictor_.card
        if is_source(X):
            return Past(load_like(X, card, missing=self.missing, axes=self.axes), table=True)
        if is_column(X):
            column = Column(X)
            return Past(load_like(column.called(card.columns), card, missing=self.missing), column)
        X = _numbers(X)
        data = load_like(X, card, missing=self.missing, axes=self._axes if _alike(X, self._axes) else None)
        return Past(data, several=several(X, self._axes if _alike(X, self._axes) else None))


def _numbers(X: Any) -> Any:
    """A list of numbers is one series."""
    flat = isinstance(X, list | tuple) and len(X) > 0 and all(np.ndim(each) == 0 for each in X)
    return np.asarray(X) if flat or not (isinstance(X, list | tuple) or hasattr(X, "ndim")) else X


def _alike(X: Any, axes: str | None) -> bool:
    """Whether axes that were read once name those of X."""
    dimensions = 2 if isinstance(X, list | tuple) else X.ndim
    return axes is not None and len(axes.split(",")) == dimensions
