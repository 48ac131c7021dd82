"""scikit-learn's own checks of an estimator: all of them pass. What they are of: docs/estimators.md."""

from __future__ import annotations

import re
import warnings
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from sklearn.utils.estimator_checks import check_estimator

import selfloop

PAGE = (Path(__file__).parents[3] / "docs" / "estimators.md").read_text(encoding="utf-8")
SKIPPED = {"check_array_api_input"}  # scikit-learn asks for it where SCIPY_ARRAY_API is set
# Two orders of a batch: the last digit of a network's float32 product hangs on the processor.
LAST_DIGIT = {"check_methods_sample_order_invariance", "check_methods_subset_invariance"}
NETWORK: dict[str, Any] = {"cell": "rnn", "epochs": 3, "params": 60, "learning_rates": (0.1,), "direction": "one"}
ESTIMATORS = {
    "a closed form": (selfloop.Classifier("summary"), set()),
    "a network": (selfloop.Classifier(**NETWORK, pool="last"), LAST_DIGIT),
    "a closed form that regresses": (selfloop.Regressor("ridge_raw"), set()),
}


@pytest.mark.parametrize("name", ESTIMATORS)
def test_every_check_passes(name: str) -> None:
    estimator, digits = ESTIMATORS[name]
    found: dict[str, set[str]] = defaultdict(set)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # networks of three epochs warn that they are no better than their start
        for each in check_estimator(estimator, on_fail=None, on_skip=None):
            found[each["status"]].add(each["check_name"])
    assert set(found) <= {"passed", "failed", "skipped"}
    assert found["failed"] - digits == set()
    assert found["skipped"] <= SKIPPED
    assert len(found["passed"]) > 40


def test_the_page_names_the_checks_that_may_not_pass() -> None:
    assert set(re.findall(r"`(check_\w+)`", PAGE)) - {"check_estimator"} == SKIPPED | LAST_DIGIT
