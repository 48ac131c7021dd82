"""The example in docs/cells.md runs, and gives the shapes that its comments state."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "cells.md"


def test_the_example_runs_as_written() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(code, str(PAGE), "exec"), names)
    stated = re.findall(r"^(\S.*?)  # \((\d[\d, ]*)\)", code, flags=re.MULTILINE)
    assert len(stated) == 4
    for expression, shape in stated:
        assert tuple(eval(expression, names).shape) == tuple(int(size) for size in shape.split(",")), expression
    assert float(eval("(ran.outputs - layer(x)[0]).detach().abs().max()", names)) <= 1e-12
