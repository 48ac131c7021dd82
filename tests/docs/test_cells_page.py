"""The examples in docs/cells.md run, and give what the page states."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import torch

import selfloop
from selfloop.kinds import Kind
from selfloop.kinds.registry import OURS
from selfloop.nn import EquationLayer
from torch_cells import registered

PAGE = Path(__file__).parents[2] / "docs" / "cells.md"
TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", TEXT, flags=re.DOTALL)


def test_the_example_runs_as_written() -> None:
    code, *_ = EXAMPLES
    names: dict[str, object] = {}
    exec(compile(code, str(PAGE), "exec"), names)
    stated = re.findall(r"^(\S.*?)  # \((\d[\d, ]*)\)", code, flags=re.MULTILINE)
    assert len(stated) == 4
    for expression, shape in stated:
        assert tuple(eval(expression, names).shape) == tuple(int(size) for size in shape.split(",")), expression
    assert float(eval("(ran.outputs - layer(x)[0]).detach().abs().max()", names)) <= 1e-12


def test_the_cell_of_ones_own_is_one() -> None:
    _, _, code = EXAMPLES
    names: dict[str, Any] = {"__name__": "page"}
    with registered():
        exec(compile(code, str(PAGE), "exec"), names)
        layer = EquationLayer("light_gate", 7, 17)
        x = torch.randn(5, 3, 7)
        with selfloop.trace(layer) as traced:
            layer(x)[0].sum().backward()
        kind = names["LightGate"].kind
        assert sum(weight.numel() for weight in layer.parameters()) == kind.parameters(7, 17)
        assert tuple(traced[""].gates) == ("forget", "candidate")


def test_a_few_lines_of_ones_own_are_a_layer_and_a_candidate() -> None:
    _, code, _ = EXAMPLES
    names: dict[str, Any] = {"__name__": "page"}
    with registered():
        exec(compile(code, str(PAGE), "exec"), names)
        assert names["y"].shape == (5, 3, 17)
        assert names["h"].shape == (1, 3, 17)
        assert names["traced"][""].gates["leak"].shape == (5, 3, 17)
        assert EquationLayer("leaky_unit", 2, 3)(torch.randn(4, 1, 2))[0].shape == (4, 1, 3)


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.name)
def test_the_table_counts_what_the_kinds_count(kind: Kind) -> None:
    """Both formulas of a row, with numbers for I and H."""
    row = next(line for line in TEXT.splitlines() if line.startswith("| `") and f"`{kind.name}`" in line)
    *_, parameters, operations, _ = row.split("|")
    for formula, expected in ((parameters, kind.parameters(7, 17)), (operations, kind.operations(7, 17))):
        product = re.sub(r"(?<=[\dHI)]) (?=[(HI])", "*", formula.strip())
        assert eval(product, {"H": 17, "I": 7}) == expected
