"""What comes next in a text, or in other sequences of symbols."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from selfloop.data import Sequences, load
from selfloop.data.sequences import Columns, Unit
from selfloop.data.texts import check_unit
from selfloop.errors import DataError
from selfloop.estimators.base import USUAL_CELL
from selfloop.estimators.spelt import SYMBOL, spelt, symbols_in
from selfloop.estimators.steps import StepEstimator
from selfloop.tasks.places import Block
from selfloop.train.budget import Scheme


class NextSymbol(StepEstimator):
    """Says which symbol comes next, and goes on by itself; its parameters are those of `StepEstimator`.

    Args:
        cell: see `StepEstimator`, as for all that is not named here.
        unit: what one symbol of a text is: "character" or "word".
        target: column of a frame whose next symbol is told.

    Attributes:
        classes_: (K,) the symbols; the first stands for all that training did not know.
    """

    task: ClassVar[str] = "next"

    classes_: NDArray[Any]

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
        unit: Unit = "character",
        id: str | None = None,
        time: str | None = None,
        target: str | None = None,
        inputs: str | Sequence[str] = (),
        folds: int | None = None,
        seeds: int = 3,
        n_jobs: int | None = None,
        random_state: Any = 0,
    ) -> None:
        super().__init__(
            cell, hidden_size=hidden_size, params=params, layers=layers, init=init, learning_rates=learning_rates,
            epochs=epochs, patience=patience, validation=validation, id=id, time=time, inputs=inputs, folds=folds,
            seeds=seeds, n_jobs=n_jobs, random_state=random_state,
        )  # fmt: skip
        self.unit = unit
        self.target = target

    def fit(self, X: Any, y: None = None) -> Self:
        """Choose on a validation part, then learn from all there is.

        Args:
            X: a text; a list of texts, or of lists of symbols; or rows of steps: a frame, or a file by its `Path`.
            y: none: what comes next is in X.

        Raises:
            DataError, SettingsError: data or settings cannot be used; both are a ValueError.
            StudyError: training diverged.
        """
        data = self._loaded(X) if self._is_table(X) else self._spelt(X)
        self.n_features_in_ = len(data.channels)
        self._learn(data)
        model: Any = self.predictor_.model
        self.classes_ = np.array(["(unknown)", *model.pipeline.names[1:]])
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """(sequences,) the likeliest symbol after the last step of each."""
        return np.asarray(self.classes_[self.predict_proba(X).argmax(1)])

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """(sequences, K) the probability of each symbol after the last step, in the order of `classes_`."""
        data = self._read_like(X)
        return np.asarray(self.predictor_.model.predict(data, Block(data.lengths - 1, data.lengths)), dtype=np.float64)

    def score(self, X: Any, y: None = None) -> float:
        """Minus the loss in nats a symbol: 0 is perfect, higher is better.

        Args:
            X: as for `fit`.
            y: none.

        Raises:
            DataError: nothing follows anything.
        """
        return -self.predictor_.task.measure(self.predictor_.model, self._read_like(X), None)["nats"]

    def generate(self, prompt: str = "", *, length: int = 500, temperature: float = 1.0, seed: int = 0) -> str:
        """What the model makes by itself after a prompt, as one text; `predictor_.generate` has more to set.

        Args:
            prompt: text that it reads first.
            length: symbols to make.
            temperature: below 1 closer to the likeliest, which 0 is; above 1 bolder.
            seed: of the draws.
        """
        made = self.predictor_.generate(prompt, length=length, temperature=temperature, seed=seed)
        return "".join(str(piece) for piece in made.pieces)

    def _loaded(self, X: Any) -> Sequences:
        word = None if self.unit == "character" else self.unit  # which is refused for what is no text
        return load(X, **self._roles(unit=word))

    def _spelt(self, X: Any) -> Sequences:
        check_unit(self.unit)
        cases = [X] if isinstance(X, str) else list(X)
        read = [symbols_in(case, self.unit) if isinstance(case, str) else [*map(str, case)] for case in cases]
        for k, case in enumerate(read):
            if not case:
                raise DataError(f"Sequence {k} (counted from 0) of X is empty; expected one or more symbols.")
        texts = all(isinstance(case, str) for case in cases)
        columns = Columns(symbols=(SYMBOL,), unit=self.unit if texts else None)
        return replace(spelt(read), columns=columns)
