"""The store: a trial is in it whole or not at all; a folder belongs to one study."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from selfloop.errors import StudyError
from selfloop.results.study import Curve, Trial
from selfloop.study.store import FILE, Store


def trial(candidate: str = "lstm", fold: int = 1, seed: int = 2) -> Trial:
    return Trial(
        candidate=candidate,
        fold=fold,
        seed=seed,
        status="ok",
        metrics={"mase": 0.1 + 0.2},
        parameters=7,
        operations=5,
        train_seconds=1.5,
        step_microseconds=2.25,
        settings={"learning_rate": 1e-3, "window": None},
        curve=Curve((None, 0.5), (0.75, 1 / 3), 1),
    )


def test_a_trial_comes_back_to_the_bit(tmp_path: Path) -> None:
    predictions = {"test": np.arange(6, dtype=np.float32).reshape(2, 3) / np.float32(7)}
    first = Store(tmp_path)
    first.add(trial(), predictions)
    first.close()
    again = Store(tmp_path)
    assert again.trials() == (trial(),)
    assert np.array_equal(again.predictions("lstm", 1, 2)["test"], predictions["test"])
    assert again.predictions("lstm", 1, 3) == {}
    again.close()


def test_trials_come_in_one_order_whatever_the_order_they_finished_in(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for key in [("rnn", 0, 1), ("gru", 1, 0), ("gru", 0, 10), ("gru", 0, 2)]:
        store.add(trial(*key), {})
    keys = [(t.candidate, t.fold, t.seed) for t in store.trials()]
    assert keys == [("gru", 0, 2), ("gru", 0, 10), ("gru", 1, 0), ("rnn", 0, 1)]
    store.close()


def test_a_trial_is_stored_once(tmp_path: Path) -> None:
    import sqlite3

    store = Store(tmp_path)
    store.add(trial(), {})
    with pytest.raises(sqlite3.IntegrityError):
        store.add(trial(), {})
    store.close()


def test_a_folder_belongs_to_one_study(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.claim({"horizon": 12, "data": "abc", "rates": [0.1]})
    store.claim({"horizon": 12, "data": "abc", "rates": [0.1]})
    with pytest.raises(StudyError, match=r"holds another study \(horizon: it has 12, you ask for 24\); give another"):
        store.claim({"horizon": 24, "data": "abc", "rates": [0.1]})
    with pytest.raises(StudyError, match="extra: it has None, you ask for 1"):
        store.claim({"horizon": 12, "data": "abc", "rates": [0.1], "extra": 1})
    store.close()


def test_a_file_that_is_no_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"a shopping list, and a rather long one at that" * 100)
    before = (tmp_path / FILE).read_bytes()
    with pytest.raises(StudyError, match="cannot hold a study"):
        Store(tmp_path)
    assert (tmp_path / FILE).read_bytes() == before


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StudyError, match="cannot hold a study"):
        Store(tmp_path / "taken" / "folder")
