"""A study that is stopped, killed or run with other workers comes to the same results, to the last digit."""

from __future__ import annotations

import random
from pathlib import Path

import kills
import pytest

import selfloop
from selfloop.errors import StudyError
from selfloop.results.study import Trial
from selfloop.study.progress import Progress

SMALL = {"folds": 2, "seeds": 2, "epochs": 4, "horizon": 6, "candidates": ("lstm", "gru")}


class Stops(Progress):
    """Raises after so many trials, as Ctrl-C would."""

    def __init__(self, after: int) -> None:
        self.left = after

    def finished(self, trial: Trial) -> None:
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


def rows(folder: Path) -> list[dict[str, str]]:
    return kills.results(folder)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    selfloop.compare("airline", out=folder, workers=1, **SMALL)
    return folder


def test_a_stopped_study_goes_on_where_it_was(whole: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        selfloop.compare("airline", out=tmp_path, workers=1, progress=Stops(7), **SMALL)
    assert len(kills.stored(tmp_path)) == 7
    selfloop.compare("airline", out=tmp_path, workers=1, **SMALL)
    assert rows(tmp_path) == rows(whole)


def test_the_number_of_workers_changes_nothing(whole: Path, tmp_path: Path) -> None:
    selfloop.compare("airline", out=tmp_path, workers=2, **SMALL)
    assert rows(tmp_path) == rows(whole)


def test_a_finished_study_trains_nothing_again(whole: Path) -> None:
    before = rows(whole)
    study = selfloop.compare("airline", out=whole, workers=1, progress=Stops(1), **SMALL)
    assert rows(whole) == before
    assert study.verdict.pick in study.result.models["pick"]


def test_another_study_is_kept_out_of_the_folder(whole: Path) -> None:
    before = rows(whole)
    with pytest.raises(StudyError, match="seeds: it has 2, you ask for 3"):
        selfloop.compare("airline", out=whole, workers=1, **{**SMALL, "seeds": 3})
    assert rows(whole) == before


def test_a_killed_study_loses_only_what_was_running(whole: Path, tmp_path: Path) -> None:
    options = [part for name, value in SMALL.items() for part in (f"--{name}", _text(value))]
    arguments = ["compare", "airline", *options, "--workers", "2", "--quiet"]
    found = kills.run_killed(tmp_path, 2, 12.0, random.Random(1), arguments)
    assert rows(tmp_path) == rows(whole)
    assert found == sorted(found)


def _text(value: object) -> str:
    return ",".join(value) if isinstance(value, tuple) else str(value)
