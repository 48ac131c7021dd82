"""When the native module is loaded, and what is said where it cannot be."""

from __future__ import annotations

import json

import pytest
from native_fresh import fresh, ran

MISSING = "import sys\nsys.modules['selfloop._native'] = None\n"  # what an import finds where nothing has been built
COMMAND = (
    "import sys\nsys.argv = ['selfloop', 'compare', 'airline', '--folds', '1']\nfrom selfloop.cli import main\nmain()"
)


def test_info() -> None:
    printed = fresh("import dataclasses, json, selfloop; print(json.dumps(dataclasses.asdict(selfloop.native_info())))")
    info = json.loads(printed)
    assert info["isa"] in info["available"]
    assert info["isa"] != "wide"
    assert info["available"][0] == "plain"
    assert info["lanes_float32"] == 2 * info["lanes_float64"]


@pytest.mark.parametrize("line", ["import selfloop", "import selfloop.cells", "import selfloop.data, selfloop.report"])
def test_who_needs_no_kernels_loads_none(line: str) -> None:
    assert fresh(f"import sys\n{line}\nprint('selfloop._native' in sys.modules)") == "False\n"


def test_the_kernels_need_no_torch() -> None:
    assert fresh("import sys, selfloop\nselfloop.native_info()\nprint('torch' in sys.modules)") == "False\n"


def test_every_instruction_set_can_be_chosen() -> None:
    code = "import selfloop; print(selfloop.native_info().isa)"
    for isa in json.loads(fresh("import json, selfloop; print(json.dumps(selfloop.native_info().available))")):
        assert fresh(code, SELFLOOP_ISA=isa) == isa + "\n"
    assert fresh(code, SELFLOOP_ISA="") == fresh(code)


def sentence(code: str, **environment: str) -> str:
    """The one line that a failed command prints."""
    done = ran(code, **environment)
    assert done.returncode == 2, (done.stdout, done.stderr)
    (line,) = done.stderr.splitlines()
    return line


def test_a_module_that_is_not_there() -> None:
    assert "native module is not built here; run `pip install -e .`" in sentence(MISSING + COMMAND)
    error = "import selfloop\ntry:\n    selfloop.nn.LSTM\nexcept ImportError as e:\n    print(type(e).__name__, e)"
    assert fresh(MISSING + error).startswith("NativeModuleError selfloop's native module is not built here")


def test_an_instruction_set_that_is_not_there() -> None:
    said = sentence(COMMAND, SELFLOOP_ISA="avx1024")
    assert "SELFLOOP_ISA" in said
    assert "avx1024" in said
    assert "plain" in said  # what there is


def test_layers_say_so_too() -> None:
    error = "import selfloop\ntry:\n    selfloop.nn.LSTM\nexcept ImportError as e:\n    print(type(e).__name__, e)"
    assert "avx1024" in fresh(error, SELFLOOP_ISA="avx1024")
