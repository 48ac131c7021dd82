"""One thread for each test process and for what it starts, the same examples in every run, and no traces of a run.

xdist runs a process a core: with torch's own choice, two processes of two threads on two cores made small matrix
products 20 times slower.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import configuration, settings

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when torch is imported, which conftest comes before

settings.register_profile("house", derandomize=True, database=None, deadline=None)
settings.load_profile("house")
# What it keeps beside examples that failed: tables of characters, constants of the modules under test.
configuration.set_hypothesis_home_dir(Path(__file__).parents[1] / "build" / "hypothesis")


@pytest.fixture(scope="module")
def charts_left_out() -> Iterator[None]:
    """Reports have stand-ins for charts and no script, which take seconds: for studies whose report nobody looks at."""
    from selfloop.report.charts.drawing import Drawing

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(
            "selfloop.report.charts.drawing._drawing", lambda key, canvas, draw: Drawing(key, canvas, "", {"data": []})
        )
        patched.setattr("selfloop.report.study.page._script", lambda: "")
        yield


@pytest.fixture
def brief_horizons(monkeypatch: pytest.MonkeyPatch) -> None:
    """Horizons are measured on 32 cases, each with one other past: for tests to which their numbers do not matter."""
    monkeypatch.setattr("selfloop.inside.explain.measure.WORK", 1.0)


@pytest.fixture
def command_line() -> Iterator[None]:
    """Messages name settings by the command line's flags, as they are written."""
    from selfloop.voice import shell

    with shell():
        yield
