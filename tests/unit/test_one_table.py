"""Nobody decides by a cell's name: what a cell is, `kinds/` says, and what it computes, `cells/`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import selfloop
from selfloop.kinds.registry import OURS
from selfloop.report.charts.looks import variables
from selfloop.report.explore.equations import facts

SOURCE = Path(selfloop.__file__).parent
OWNERS = ("kinds/", "cells/")
CLASSES = {"RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell", "ReluRNN", "ChoGRU"}
MODES = {"rnn_tanh", "rnn_relu"}  # torch's, in small letters as all that is compared
# Where a name may stand, and why. A file that no longer needs its place here fails, too.
ALLOWED = {
    "bench/jax_side.py": "a peer's own equations, once for each cell that it is timed on",
    "nn/accelerate.py": "torch's classes and ours that take their places",
    "nn/__init__.py": "the public classes, handed on",
    "bench/torch_side.py": "of torch's layers the LSTM alone returns a pair, and has no kind of ours to ask",
}


def names() -> set[str]:
    return {kind.name for kind in OURS} | MODES


def deciding(text: str, known: set[str]) -> Iterator[tuple[int, str]]:
    """Lines that name a cell: its name in quotes, alone or as a prefix; its class where something is compared to it."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Constant(value=str(value)) if value.lower().rstrip("_") in known:
                yield node.lineno, repr(value)
            case ast.Call(func=ast.Name(id="isinstance" | "issubclass"), args=[_, classes]):
                yield from ((node.lineno, name) for name in _classes(classes))
            case ast.Compare(left=left, comparators=others):
                yield from ((node.lineno, name) for each in (left, *others) for name in _classes(each))
            case ast.Dict(keys=keys):
                yield from ((node.lineno, name) for key in keys if key is not None for name in _classes(key))


def _classes(node: ast.expr) -> Iterator[str]:
    """Names of cells' classes in an expression."""
    for each in ast.walk(node):
        name = each.attr if isinstance(each, ast.Attribute) else each.id if isinstance(each, ast.Name) else ""
        if name in CLASSES:
            yield name


def outside() -> list[Path]:
    files = sorted(SOURCE.rglob("*.py"))
    return [file for file in files if not file.relative_to(SOURCE).as_posix().startswith(OWNERS)]


@pytest.mark.parametrize("file", outside(), ids=lambda file: file.relative_to(SOURCE).as_posix())
def test_nobody_else_decides_by_a_cells_name(file: Path) -> None:
    place = file.relative_to(SOURCE).as_posix()
    found = list(deciding(file.read_text(encoding="utf-8"), names()))
    if place in ALLOWED:
        assert found, f"{place} no longer names a cell: take it off the list"
    else:
        assert not found, f"{place} decides by a cell's name; ask its Kind: {found}"


@pytest.mark.parametrize(
    "text",
    [
        'if cell == "lstm": ...',
        'LABELS = {"gru": "GRU"}',
        'rnn = model.cell.startswith("rnn")',
        'kind = {"gru_reset_before": "z"}',
        'if layer.mode == "LSTM": ...',
        'if layer.mode == "RNN_TANH": ...',
        "isinstance(layer, torch.nn.LSTM)",
        "isinstance(layer, (nn.GRU, nn.RNN))",
        "if call.kind is not ChoGRU: ...",
        "{LSTM: 1}",
        'match cell:\n    case "gru": ...',
    ],
)
def test_what_is_found(text: str) -> None:
    assert list(deciding(text, names()))


@pytest.mark.parametrize(
    "text",
    [
        'say("an LSTM, a GRU or an RNN")',
        "isinstance(layer, torch.nn.RNNBase)",
        "class LSTM(Recurrent, torch.nn.LSTM): ...",
        'keep = kind.states == ("h", "c")',
    ],
)
def test_what_is_not(text: str) -> None:
    assert not list(deciding(text, names()))


def test_the_page_is_told_of_every_kind() -> None:
    found = facts(kind.name for kind in OURS)
    for kind in OURS:
        told = found.kinds[kind.name]
        assert [gate.symbol for gate in told.gates] == [gate.symbol for gate in kind.gates]
        assert told.code is not None
        assert {line.symbol for line in told.code.lines} >= {gate.symbol for gate in kind.gates}
        assert variables()["light"][f"--cell-{kind.name}"] == told.colour
        assert variables()["dark"][f"--cell-{kind.name}"] == told.dark
