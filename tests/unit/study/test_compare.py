"""`compare` as Python calls it: what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import selfloop
from selfloop.errors import DataError, SettingsError, StudyError
from selfloop.study import run
from selfloop.study.store import Store

pytestmark = pytest.mark.usefixtures("charts_left_out")

QUICK: dict[str, Any] = {"seeds": 1, "folds": 1, "epochs": 1, "horizon": 3, "season": 1, "workers": 1, "explain": False}
DATA = [np.sin(np.arange(60.0)) + 2]


@pytest.mark.parametrize(
    ("wrong", "near"), [("horizn", "horizon"), ("Seeds", "seeds"), ("learning_rate", "learning_rates")]
)
def test_a_setting_that_there_is_not_is_refused_with_the_nearest(wrong: str, near: str, tmp_path: Path) -> None:
    setting: dict[str, Any] = {wrong: 3}
    with pytest.raises(SettingsError) as caught:
        selfloop.compare(DATA, out=tmp_path / "study", **setting)
    assert str(caught.value) == f"compare takes no {wrong!r}. Did you mean {near!r}?"
    assert not (tmp_path / "study").exists()


def test_a_setting_that_is_near_to_none_lists_what_there_is() -> None:
    with pytest.raises(SettingsError, match=r"^compare takes no 'zzzz'\. There is: out, test, .*, explain\.$"):
        selfloop.compare(DATA, zzzz=1)  # type: ignore[arg-type]


def test_a_store_of_another_form_is_refused_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    selfloop.compare(DATA, out=tmp_path, candidates=("rnn",), **QUICK)
    remedy = "give another out=, or repeat its settings."
    form = run.STORE
    assert form == 3
    monkeypatch.setattr(run, "STORE", form + 1)
    with pytest.raises(StudyError) as caught:
        selfloop.compare(DATA, out=tmp_path, candidates=("rnn",), **QUICK)
    assert str(caught.value) == f"{tmp_path} holds another study (store: it has 3, you ask for 4); {remedy}"


def test_a_store_from_before_its_form_had_a_number_is_refused_as_well(tmp_path: Path) -> None:
    import msgspec

    selfloop.compare(DATA, out=tmp_path, candidates=("rnn",), **QUICK)
    store = Store(tmp_path)
    held = msgspec.json.decode(store.fact("identity"))
    del held["store"]
    store.record("identity", msgspec.json.encode(held))
    store.close()
    with pytest.raises(StudyError, match=r"holds another study \(store: it has None, you ask for 3\); give another"):
        selfloop.compare(DATA, out=tmp_path, candidates=("rnn",), **QUICK)


def test_axes_hold_for_the_data_and_the_test_part(tmp_path: Path) -> None:
    """Three steps of three channels: nothing but the user can tell which is which."""
    cube = np.random.default_rng(0).normal(size=(40, 3, 3))
    cube[::2, :, 1] += 5.0
    labels = ["high", "low"] * 20
    quick = {**QUICK, "horizon": None, "season": None, "candidates": ["rnn"]}
    study = selfloop.compare(
        cube, labels=labels, test=cube[:8], test_labels=labels[:8], axes="cases,steps,channels", out=tmp_path, **quick
    )
    assert study.result.data.channels == ("channel_1", "channel_2", "channel_3")
    found = study.best.predict(cube, axes="cases,steps,channels")
    assert found["label"].to_list() == labels
    with pytest.raises(DataError, match="two ways"):
        study.best.predict(cube)
