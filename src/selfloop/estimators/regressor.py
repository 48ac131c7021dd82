"""A number, or several, for each sequence."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils.validation import check_array, check_consistent_length

from selfloop.estimators.cases import CaseEstimator


class Regressor(RegressorMixin, CaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Tells a number, or several, of a sequence; its parameters are those of `CaseEstimator`."""

    task: ClassVar[str] = "regress"

    def predict(self, X: Any) -> Any:
        """(cases,) or (cases, K) numbers, as y was; of rows of steps a frame like X, with the bounds of intervals."""
        data = self._read_like(X)
        if self._as_table(X):
            return self.predictor_.predict(data)
        found = self._predicted(data)
        return found[:, 0] if self._flat else found

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """R²: 1 is perfect, 0 is as good as the mean of the true numbers.

        Args:
            X: as for `fit`.
            y: the true numbers; None, or the name of their column, for rows of steps, which hold them.
            sample_weight: of the cases of arrays.
        """
        data = self._read_like(X)
        if y is None or isinstance(y, str):
            return self.predictor_.task.measure(self.predictor_.model, data, None)["r2"]
        check_consistent_length(y, data.ids)
        return float(r2_score(y, self._predicted(data), sample_weight=sample_weight))

    def _answers(self, y: Any) -> NDArray[Any]:
        """Numbers; one a case, or a row of them."""
        numbers: NDArray[Any] = check_array(y, ensure_2d=False, dtype=np.float64, input_name="y")
        self._flat = numbers.ndim == 1
        return numbers

    def _of_y(self) -> dict[str, Any]:
        return {"multi_output": True, "y_numeric": True}

    def __sklearn_tags__(self) -> Any:
        """Several numbers as well."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
