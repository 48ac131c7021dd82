"""A label for each sequence."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length, column_or_1d

from selfloop.data import Sequences
from selfloop.data.came import label_of
from selfloop.data.draft import label_text
from selfloop.errors import DataError
from selfloop.estimators.cases import CaseEstimator


class Classifier(ClassifierMixin, CaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Tells which class a sequence is of, with a probability for each; its parameters are those of `CaseEstimator`.

    Attributes:
        classes_: (K,) the classes, sorted.
    """

    task: ClassVar[str] = "classify"

    classes_: NDArray[Any]

    def predict(self, X: Any) -> Any:
        """The likeliest class of each case: (cases,); of rows of steps a frame like X, `unique_id` and `label`."""
        data = self._read_like(X)
        if self._as_table(X):
            return _without(self.predictor_.predict(data), "label", keep=True)
        return self.classes_[self._probabilities(data).argmax(1)]

    def predict_proba(self, X: Any) -> Any:
        """(cases, K) probabilities, in the order of `classes_`; of rows of steps a frame like X, a column a class."""
        data = self._read_like(X)
        if self._as_table(X):
            return _without(self.predictor_.predict(data), "label", keep=False)
        return self._probabilities(data)

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Accuracy.

        Args:
            X: as for `fit`.
            y: the true classes; None, or the name of their column, for rows of steps, which hold them.
            sample_weight: of the cases of arrays.
        """
        data = self._read_like(X)
        if y is None or isinstance(y, str):
            return self.predictor_.task.measure(self.predictor_.model, data, None)["accuracy"]
        check_consistent_length(y, data.ids)
        found = self.classes_[self._probabilities(data).argmax(1)]
        return float(accuracy_score(y, found, sample_weight=sample_weight))

    def _answers(self, y: Any) -> NDArray[Any]:
        """Classes; one a case."""
        labels: NDArray[Any] = column_or_1d(y, warn=True)
        for k, label in enumerate(labels.tolist()):
            if label is None or label != label:
                raise DataError(f"The label of case {k} (counted from 0) is missing; expected one for each case.")
        check_classification_targets(labels)
        self.classes_ = np.unique(labels)
        return labels

    def _columns(self, data: Sequences) -> None:
        self.classes_ = np.array([label_of(text, data.class_type) for text in data.classes])

    def _probabilities(self, data: Sequences) -> NDArray[np.float64]:
        """In the order of `classes_`; a float32 sum is made whole."""
        known = self.predictor_.card.classes
        found = self._predicted(data)[:, [known.index(label_text(label)) for label in self.classes_.tolist()]]
        whole: NDArray[np.float64] = found / found.sum(1, keepdims=True)
        return whole


def _without(frame: Any, column: str, *, keep: bool) -> Any:
    """Of a table of predictions the ids, and one column or all but that one."""
    import narwhals as nw

    table = nw.from_native(frame, eager_only=True)
    kept = ["unique_id", column] if keep else [name for name in table.columns if name != column]
    return table.select(kept).to_native()
