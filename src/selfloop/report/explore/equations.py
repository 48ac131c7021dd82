"""The lines of code that make each gate and state, read from the package itself, so that they are never out of date."""

from __future__ import annotations

import ast
import textwrap
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from selfloop.results.exploration import GATES, CellKind

_PLACES: dict[CellKind, tuple[str, str]] = {
    "rnn": ("rnn.py", "RNN"),
    "rnn_relu": ("rnn.py", "RNN"),
    "lstm": ("lstm.py", "LSTM"),
    "gru": ("gru.py", "GRU"),
    "gru_reset_before": ("gru.py", "ChoGRU"),
}


@dataclass(frozen=True)
class Line:
    """One line, and the symbol that it makes."""

    symbol: str | None
    text: str


@dataclass(frozen=True)
class Equations:
    """The body of a cell's step.

    Attributes:
        file: inside the package.
        line: number of the first one.
    """

    file: str
    line: int
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class GateName:
    """A gate as the page names it."""

    symbol: str
    name: str


@dataclass(frozen=True)
class Facts:
    """What the page must know of the package: gates in the order of the weights, and the code."""

    gates: dict[CellKind, tuple[GateName, ...]]
    code: dict[CellKind, Equations]


def facts(kinds: tuple[CellKind, ...] = tuple(_PLACES)) -> Facts:
    """For these cells."""
    return Facts(
        {kind: tuple(GateName(gate.symbol, gate.name) for gate in GATES[kind]) for kind in kinds},
        {kind: equations(kind) for kind in kinds},
    )


@lru_cache(maxsize=len(_PLACES))
def equations(kind: CellKind) -> Equations:
    """The statements of the cell's `step`, without its docstring and its return."""
    file, name = _PLACES[kind]
    # By path, not as a module: importing the cells would load torch.
    text = (resources.files("selfloop") / "cells" / file).read_text(encoding="utf-8")
    classes = {node.name: node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)}
    steps = [node for node in classes[name].body if isinstance(node, ast.FunctionDef) and node.name == "step"]
    body = steps[0].body[1:-1]
    first, last = body[0].lineno, body[-1].end_lineno
    shown = textwrap.dedent("\n".join(text.splitlines()[first - 1 : last])).splitlines()
    symbols = {statement.lineno - first: _target(statement) for statement in body}
    lines = tuple(Line(symbols.get(place), each) for place, each in enumerate(shown))
    return Equations(f"cells/{file}", first, lines)


def _target(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id
    return None
