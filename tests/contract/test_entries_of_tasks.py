"""Entries of the user's own in studies of numbers, of labels at steps, and of what comes next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import BernoulliNB

import selfloop
from next_samples import frames, text_of
from own_entries import Breaks, Once, Pair, Peeks
from selfloop.errors import SettingsError
from selfloop.study.study import Study
from tag_samples import tagged, worded

pytestmark = pytest.mark.usefixtures("charts_left_out")

SMALL: dict[str, Any] = {
    "folds": 2, "seeds": 1, "epochs": 1, "params": 200, "learning_rates": 0.01, "window": 2, "workers": 1,
    "explain": False, "progress": False,
}  # fmt: skip


def compared(data: Any, candidates: list[Any], out: Path, **settings: Any) -> dict[str, Any]:
    study: Study = selfloop.compare(data, candidates=candidates, out=out, **{**SMALL, **settings})
    found = {row.candidate.name: row for row in study.result.leaderboard}
    for candidate in candidates:
        name = (
            candidate[0] if isinstance(candidate, tuple) else getattr(candidate, "__name__", type(candidate).__name__)
        )
        if candidate not in (Breaks, Peeks):
            assert (found[name].unscored, found[name].failure) == (0, ""), name
    return found


def test_numbers_of_sequences(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    data = [rng.normal(size=(int(rng.integers(5, 9)), 1)) for _ in range(24)]
    labels = [[each.mean() * 1000, each.max() + 0.5] for each in data]
    wanted = [Once, ("steps", lambda i, o: Pair(i, o)), Ridge(1e-3), HistGradientBoostingRegressor(max_iter=3), Breaks]
    found = compared(data, wanted, tmp_path, labels=labels, axes="steps,channels")
    assert found["Ridge"].score < 0.5 < found["mean"].score
    assert found["Breaks"].failure == "on fold 0: RuntimeError: no such luck at all"


@pytest.mark.parametrize("direction", ["both", "one"])
def test_labels_of_steps(direction: str, tmp_path: Path) -> None:
    wanted = [Pair, Peeks, LogisticRegression(C=100), BernoulliNB()]
    found = compared(tagged([12] * 12), wanted, tmp_path, direction=direction)
    assert found["LogisticRegression"].score > found["most_frequent"].score
    assert found["Peeks"].failed == (2 if direction == "one" else 0)


def test_labels_of_words(tmp_path: Path) -> None:
    sentences = [f"a/D {w}/N runs/V" for w in "abcdefgh"] + [f"the/D {w}/N falls/V" for w in "stuvwxyz"]
    found = compared(worded(2 * sentences), [Pair, RandomForestClassifier(5)], tmp_path)
    assert found["RandomForestClassifier"].score > 0.6


def test_the_next_symbol(tmp_path: Path) -> None:
    found = compared(text_of("abcde" * 40), [Pair, LogisticRegression(C=100), Peeks], tmp_path)
    assert found["LogisticRegression"].score < 0.1 < found["frequencies"].score
    assert "looks ahead" in found["Peeks"].failure


def test_the_next_frame(tmp_path: Path) -> None:
    found = compared(frames(12), [Pair, RandomForestClassifier(5), BernoulliNB()], tmp_path)
    assert found["BernoulliNB"].score < found["on_rates"].score
    with pytest.raises(SettingsError, match="Ridge has no predict_proba"):
        selfloop.compare(frames(12), candidates=[Ridge()], out=tmp_path, **SMALL)


def test_lightgbm_by_name_says_frames(tmp_path: Path) -> None:
    pytest.importorskip("lightgbm")
    (tmp_path / "a").mkdir()
    study = selfloop.compare(frames(12), candidates=["lightgbm"], out=tmp_path / "a", **SMALL)
    found = {row.candidate.name: row for row in study.result.leaderboard}
    assert found["LightGBM"].unscored == 0
    assert any("3 copies" in note for note in study.verdict.notes)
