"""What estimators share that answer at each step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from sklearn.utils.validation import check_is_fitted

from selfloop.data import Sequences, load_like
from selfloop.estimators.base import USUAL_CELL, Estimator
from selfloop.estimators.forms import is_frame, is_source
from selfloop.train.budget import Scheme


class StepEstimator(Estimator, ABC):
    """An answer at each step.

    Args:
        cell: name of a recurrent network ("rnn", "lstm", "gru", or one of your own) or of one of the task's baselines;
            "compare" compares RNN, LSTM, GRU and all baselines, and takes the pick.
        hidden_size: units of each layer and direction; None: by `params`.
        params: parameters of the network; None: by the data's size.
        layers: recurrent layers on top of each other.
        init: how weights begin: "chrono", with orthogonal recurrent weights, or "torch".
        learning_rates: to choose from on the validation part.
        epochs: passes over the training part at most; None: by the data's size.
        patience: epochs without improvement before stopping; None: by the epochs.
        validation: share that choices are made on; then all is learnt from.
        id: column of a frame that names the sequence; so do the next two for other parts.
        time: column of times; "none": rows are in order.
        inputs: columns to learn from; one, or several.
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
        init: Scheme = "chrono",
        learning_rates: float | Sequence[float] = (1e-3, 3e-3, 1e-2),
        epochs: int | None = None,
        patience: int | None = None,
        validation: float = 0.2,
        id: str | None = None,
        time: str | None = None,
        inputs: str | Sequence[str] = (),
        folds: int | None = None,
        seeds: int = 3,
        n_jobs: int | None = None,
        random_state: Any = 0,
    ) -> None:
        self.cell = cell
        self.hidden_size = hidden_size
        self.params = params
        self.layers = layers
        self.init = init
        self.learning_rates = learning_rates
        self.epochs = epochs
        self.patience = patience
        self.validation = validation
        self.id = id
        self.time = time
        self.inputs = inputs
        self.folds = folds
        self.seeds = seeds
        self.n_jobs = n_jobs
        self.random_state = random_state

    @staticmethod
    def _is_table(X: Any) -> bool:
        """A frame, or a file by its `Path`: a text is a text."""
        return is_frame(X) or (is_source(X) and not isinstance(X, str))

    @abstractmethod
    def _spelt(self, X: Any) -> Sequences:
        """What is no table."""

    def _read_like(self, X: Any) -> Sequences:
        """Other data as those that were learnt from."""
        check_is_fitted(self)
        source = X if self._is_table(X) else self._spelt(X)
        data = load_like(source, self.predictor_.card)
        self.predictor_.check(data)
        return data
