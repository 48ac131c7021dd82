"""The examples in docs/cells.md run, and give what the page states."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import torch

import selfloop
from selfloop.nn import EquationLayer
from torch_cells import registered

PAGE = Path(__file__).parents[2] / "docs" / "cells.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_the_example_runs_as_written() -> None:
    code, _ = EXAMPLES
    names: dict[str, object] = {}
    exec(compile(code, str(PAGE), "exec"), names)
    stated = re.findall(r"^(\S.*?)  # \((\d[\d, ]*)\)", code, flags=re.MULTILINE)
    assert len(stated) == 4
    for expression, shape in stated:
        assert tuple(eval(expression, names).shape) == tuple(int(size) for size in shape.split(",")), expression
    assert float(eval("(ran.outputs - layer(x)[0]).detach().abs().max()", names)) <= 1e-12


def test_the_cell_of_ones_own_is_one() -> None:
    _, code = EXAMPLES
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
