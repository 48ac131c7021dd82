"""A label for each step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from selfloop.data import Sequences, load
from selfloop.data.came import label_of
from selfloop.data.draft import label_text
from selfloop.estimators.base import USUAL_CELL
from selfloop.estimators.spelt import sequences_of, with_tags
from selfloop.estimators.steps import StepEstimator
from selfloop.tasks.asked import Direction
from selfloop.train.budget import Scheme


class Tagger(StepEstimator):
    """Labels each step of sequences of words, other symbols or numbers; its parameters are those of `StepEstimator`.

    Args:
        cell: see `StepEstimator`, as for all that is not named here.
        direction: how a network reads, "one", which streams, or "both"; None: both.
        label: column of a frame with the label of each step; empty cells have none.
        groups: column whose sequences stay on one side of the validation split, such as a document.

    Attributes:
        classes_: (K,) the labels, sorted.
    """

    task: ClassVar[str] = "tag"

    classes_: NDArray[Any]

    def __init__(
        self,
        cell: str = USUAL_CELL,
        *,
        hidden_size: int | None = None,
        params: int | None = None,
        layers: int = 1,
        direction: Direction | None = None,
        init: Scheme = "chrono",
        learning_rates: float | Sequence[float] = (1e-3, 3e-3, 1e-2),
        epochs: int | None = None,
        patience: int | None = None,
        validation: float = 0.2,
        id: str | None = None,
        time: str | None = None,
        label: str | None = None,
        inputs: str | Sequence[str] = (),
        groups: str | None = None,
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
        self.direction = direction
        self.label = label
        self.groups = groups

    def fit(self, X: Any, y: Any = None) -> Self:
        """Choose on a validation part, then learn from all sequences.

        Args:
            X: a list of sequences: lists of words or other symbols, or arrays of numbers, (steps,) or (steps,
                channels); or rows of steps: a frame, or a file by its `Path`.
            y: for lists, a list of labels for each sequence, one a step, None where it is not known; for rows of
                steps the name of their column, or None where `label` names it.

        Raises:
            DataError, SettingsError: data or settings cannot be used; both are a ValueError.
            StudyError: training diverged.
        """
        if self._is_table(X):
            data = load(X, **self._roles(label=y if isinstance(y, str) else self.label))
            labels: dict[str, Any] = {name: label_of(name, data.class_type) for name in data.classes}
        else:
            data, labels = with_tags(sequences_of(X), () if y is None else y)
        self.classes_ = np.array([labels[name] for name in data.classes])
        self.n_features_in_ = len(data.channels)
        self._learn(data)
        return self

    def predict(self, X: Any) -> Any:
        """The likeliest label of each step: an array (steps,) for each sequence; of rows of steps a frame like X."""
        if self._is_table(X):
            return self.predictor_.predict(self._read_like(X))
        return [self.classes_[found.argmax(1)] for found in self.predict_proba(X)]

    def predict_proba(self, X: Any) -> list[NDArray[np.float64]]:
        """For each sequence (steps, K) probabilities, in the order of `classes_`."""
        data = self._read_like(X)
        return np.split(self._probabilities(data), data.offsets[1:-1])

    def _probabilities(self, data: Sequences) -> NDArray[np.float64]:
        """(steps, K) of all sequences, in the order of `classes_`."""
        import narwhals as nw

        table = nw.from_native(self.predictor_.predict(data), eager_only=True)
        columns = [f"p_{label_text(label)}" for label in self.classes_.tolist()]
        return np.asarray(table.select(columns).to_numpy(), dtype=np.float64)

    def score(self, X: Any, y: Any = None) -> float:
        """Share of the steps with a known label whose label was found.

        Args:
            X: as for `fit`.
            y: the true labels, as for `fit`; None, or the name of their column, for rows of steps.

        Raises:
            DataError: no step has a label.
        """
        data = self._read_like(X)
        if not self._is_table(X):
            truth, _ = with_tags(data, () if y is None else y)
            names = np.array([label_text(label) for label in self.classes_.tolist()])
            found = names[self._probabilities(data).argmax(1)]
            known = truth.tags >= 0  # type: ignore[operator]  # with_tags gave them
            return float((found[known] == np.array(truth.classes)[truth.tags[known]]).mean())  # type: ignore[index]
        return self.predictor_.task.measure(self.predictor_.model, data, None)["accuracy"]

    def _spelt(self, X: Any) -> Sequences:
        return sequences_of(X)
