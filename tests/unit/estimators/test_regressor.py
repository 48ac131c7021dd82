"""The regressor: one number or several, of arrays and of rows of steps."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import r2_score

from selfloop import Regressor
from selfloop.errors import DataError

rng = np.random.default_rng(0)
X = rng.normal(size=(48, 9))
Y = X @ np.arange(9.0) + 3


@pytest.mark.parametrize("y", [Y, np.c_[Y, -2 * Y], np.arange(48) % 3])
def test_answers_have_the_form_of_y(y: Any) -> None:
    made = Regressor("ridge_raw").fit(X, y)
    found = made.predict(X)
    assert found.shape == y.shape
    assert made.score(X, y) == pytest.approx(r2_score(y, found))
    assert (pickle.loads(pickle.dumps(made)).predict(X) == found).all()


def test_the_order_of_steps_counts() -> None:
    assert Regressor("ridge_raw").fit(X, Y).score(X, Y) > 0.99


def test_rows_of_steps_give_a_frame_with_intervals() -> None:
    frame = pd.DataFrame({"trial": np.repeat(np.arange(48), 9), "a": X.ravel(), "w": np.repeat(Y, 9)})
    made = Regressor("ridge_raw", id="trial", label="w").fit(frame)
    found = made.predict(frame)
    assert list(found.columns)[:3] == ["unique_id", "w", "w-lo-80"]
    assert found["w"].to_numpy() == pytest.approx(Regressor("ridge_raw").fit(X, Y).predict(X))
    assert made.score(frame) == pytest.approx(r2_score(Y, found["w"]))


@pytest.mark.parametrize(("y", "words"), [(np.ones(48), "nothing to tell"), (np.full(48, np.nan), "contains NaN")])
def test_what_cannot_be_told_is_refused(y: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Regressor("ridge_raw").fit(X, y)


def test_classes_are_no_numbers() -> None:
    with pytest.raises(ValueError, match="could not convert string to float"):
        Regressor("ridge_raw").fit(X, np.where(Y > 3, "up", "down"))
    with pytest.raises(DataError, match="axes="):
        Regressor("ridge_raw").fit(np.stack([X, X], 2), Y)
