"""`python -m selfloop` is the command line; a worker process that imports it runs nothing."""

from __future__ import annotations

import runpy
import sys

import pytest


def test_it_is_the_command_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["selfloop", "--version"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("selfloop", run_name="__main__")
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("selfloop ")


def test_a_worker_that_imports_it_runs_nothing() -> None:
    runpy.run_module("selfloop", run_name="__mp_main__")
