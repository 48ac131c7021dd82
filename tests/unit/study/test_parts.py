"""A file that brings its own part to test on is tested on it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import selfloop.study.compare as module
from selfloop import compare

TRAIN, TEST = np.tile(np.eye(4), (6, 2, 1)), np.ones((2, 5, 4))


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    np.savez(tmp_path / "rolls.npz", train=TRAIN, test=TEST)
    return tmp_path / "rolls.npz"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The data and the test part that a study is made of."""
    found: list[Any] = []
    monkeypatch.setattr(module, "_study", lambda data, part, *rest: found.extend((data, part)))
    return found


def test_the_part_that_the_file_brings(parts: Path, made: list[Any]) -> None:
    compare(parts, progress=False)
    data, part = made
    assert (len(data), len(part)) == (6, 2)
    assert (part.values == 1).all()


def test_folds_that_are_asked_for_leave_it_aside(parts: Path, made: list[Any]) -> None:
    compare(parts, folds=3, progress=False)
    assert (len(made[0]), made[1]) == (6, None)


def test_another_part_that_is_named(parts: Path, made: list[Any], tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", train=TRAIN[:3])
    compare(parts, test=tmp_path / "other.npz", progress=False)
    assert (len(made[0]), len(made[1])) == (6, 3)


def test_a_text_in_words(made: list[Any], tmp_path: Path) -> None:
    for name, text in (("a.txt", "so it is"), ("b.txt", "is it so new")):
        (tmp_path / name).write_text(text)
    compare(tmp_path / "a.txt", unit="word", test=tmp_path / "b.txt", progress=False)
    assert (made[0].symbols, made[1].symbols) == ((("is", "it", "so"),), (("is", "it", "so", "new"),))
