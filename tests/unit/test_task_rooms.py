"""Nobody outside a task's own folder asks which task it is: no name of one, no class of one, no module of its room."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import selfloop
from selfloop.tasks.registry import TASKS

ROOT = Path(selfloop.__file__).parent
# Words that are no task's name where they stand: the title of a tooltip; columns of a user's table. And each estimator
# says which task it is of.
SPOKEN = {
    Path("estimators/classifier.py"): "classify",
    Path("estimators/forecaster.py"): "forecast",
    Path("estimators/next_symbol.py"): "next",
    Path("estimators/regressor.py"): "regress",
    Path("estimators/tagger.py"): "tag",
    Path("report/charts/forecasts.py"): "forecast",
    Path("data/conll.py"): "tag",
    Path("data/roles.py"): "tag",
}
KEYS = {"shapes.js": ("tag",)}  # properties of a script's types


def outside() -> list[Path]:
    return sorted(path for path in ROOT.rglob("*.py") if path.relative_to(ROOT).parts[0] != "tasks")


def offences(text: str) -> Iterator[str]:
    """Names of tasks as whole strings, imports from their rooms, and tests of a task's class."""
    classes = {task.__name__ for task in TASKS.values()}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and node.value in TASKS:
            yield f"line {node.lineno}: {node.value!r}"
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            tuple(f"selfloop.tasks.{name}" for name in TASKS)
        ):
            yield f"line {node.lineno}: from {node.module}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance":
            names = {each.id for each in ast.walk(node.args[1]) if isinstance(each, ast.Name)}
            if names & classes:
                yield f"line {node.lineno}: isinstance of {', '.join(names & classes)}"


def test_no_file_outside_the_rooms_knows_a_task() -> None:
    found = {}
    for path in outside():
        place = path.relative_to(ROOT)
        said = [each for each in offences(path.read_text(encoding="utf-8")) if repr(SPOKEN.get(place)) not in each]
        if said:
            found[str(place)] = said
    assert found == {}


@pytest.mark.parametrize(
    "text",
    [
        "kind = 'forecast'",
        "if task.name == 'classify': pass",
        "from selfloop.tasks.forecast.task import Forecast",
        "isinstance(task, Forecast)",
        "isinstance(task, (Classify, int))",
    ],
)
def test_an_offence_is_seen(text: str) -> None:
    assert list(offences(text))


def test_templates_and_scripts_know_none_either() -> None:
    pages = [path for path in (ROOT / "report" / "web").rglob("*") if path.suffix in (".jinja", ".js")]
    assert pages
    found = [
        f"{path.name}: {name}"
        for path in pages
        for name in TASKS
        if name not in KEYS.get(path.name, ())
        and any(f"{quote}{name}{quote}" in path.read_text(encoding="utf-8") for quote in "'\"")
    ]
    assert found == []
