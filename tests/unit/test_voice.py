"""Messages name settings by the flags of the command line; whoever called a function reads its arguments instead."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import selfloop
from selfloop import bench
from selfloop.bench.plan import Plan
from selfloop.cli.app import run
from selfloop.data import load
from selfloop.errors import DataError, SettingsError
from selfloop.models.predictor import Predictor
from selfloop.voice import ELSEWHERE, in_python, shell, spoken

ROOT = Path(selfloop.__file__).parent
LOOKS = {"paper", "ink", "look", "heat", "baseline", "other", "gate", "cell", "hidden", "out", "broken"}  # of pages


@pytest.mark.parametrize(
    ("flags", "arguments"),
    [
        ("--folds 4 would do", "folds=4 would do"),
        ("leave --id, --time, --target out.", "leave id=, time=, target= out."),
        ("choose --missing interpolate or --missing drop.", 'choose missing="interpolate" or missing="drop".'),
        ("(--missing interpolate fills in empty values)", '(missing="interpolate" fills in empty values)'),
        ("or choose --time none to take the rows in order", 'or choose time="none" to take the rows in order'),
        ("smaller --learning-rates would do.", "smaller learning_rates= would do."),
        ("or add --task forecast.", 'or add task="forecast".'),
        ("a year; --season changes it", "a year; season= changes it"),
        ("Look further back: --window 1000.", "Look further back: window=1000."),
        ("give --margin 0.05.", "give margin=0.05."),
        ("name it with --target (or with --label).", "name it with target= (or with label=)."),
        ("choose it with --builtin.", "choose it with selfloop.data.load_builtin(...)."),
        ("no flag: well--known -- and 'a--folds'", "no flag: well--known -- and 'a--folds'"),
    ],
)
def test_flags_become_arguments(flags: str, arguments: str) -> None:
    assert in_python(flags) == spoken(flags) == arguments
    assert in_python(arguments) == arguments, "what was said once may be said again"
    with shell():
        assert spoken(flags) == flags
    assert spoken(flags) == arguments


def test_errors_speak_to_who_asked(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    two = tmp_path / "two.csv"
    two.write_text("a,b\n" + "1,2\n" * 30)
    with pytest.raises(DataError, match=r"name it with target= \(or name the column of class labels with label=\)"):
        load(two)
    assert run(["compare", str(two)]) == 2
    assert "name it with --target (or name the column of class labels with --label)" in capsys.readouterr().err
    with pytest.raises(DataError, match="name it with target="):
        load(two)


@pytest.mark.usefixtures("charts_left_out")
def test_what_was_inferred_speaks_to_who_asked_as_well(tmp_path: Path) -> None:
    quick = {"seeds": 1, "folds": 1, "epochs": 1, "workers": 1, "explain": False, "candidates": ["rnn"], "window": 3}
    study = selfloop.compare([np.sin(np.arange(60.0))], out=tmp_path, progress=False, **quick)  # type: ignore[arg-type]
    assert study.result.choices[0] == "task: forecast (there are no labels; task= changes it)"
    assert not any("--" in choice for choice in study.result.choices)
    assert "--" not in study.result.data.reading


def flags_said() -> dict[str, list[str]]:
    """Every flag in a text of the package outside the command line, and where."""
    found: dict[str, list[str]] = {}
    for path in sorted(ROOT.rglob("*.py")):
        if path.relative_to(ROOT).parts[0] == "cli":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and not node.value.startswith("<"):
                for name in re.findall(r"(?<![\w(-])--([a-z][a-z-]*[a-z])", node.value):
                    found.setdefault(name, []).append(f"{path.relative_to(ROOT)}:{node.lineno}")
    return found


def test_every_flag_that_a_message_names_is_an_argument_in_python() -> None:
    calls: list[Any] = [selfloop.compare, selfloop.explain, selfloop.explore, load, Plan, bench.run]
    doors = [*calls, Predictor.score, Predictor.generate]
    known = {name for door in doors for name in inspect.signature(door).parameters}
    unknown = {
        name: places
        for name, places in flags_said().items()
        if name.replace("-", "_") not in known and name not in ELSEWHERE and name.split("-")[0] not in LOOKS
    }
    assert unknown == {}
    assert {"folds", "missing", "target", "learning-rates"} <= set(flags_said())


def test_a_message_that_comes_out_of_another_process_is_still_to_be_spoken() -> None:
    import pickle

    error = pickle.loads(pickle.dumps(SettingsError("give --folds 4.")))
    assert str(error) == "give folds=4."
    with shell():
        assert str(error) == "give --folds 4."


def test_users_of_arrays_read_arguments_too() -> None:
    values = [np.ones((5, 1)), np.array([[1.0], [np.nan]])]
    with pytest.raises(DataError, match='choose missing="interpolate" or missing="drop"'):
        load(values, labels=["a", "b"])
