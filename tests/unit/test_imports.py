"""`import selfloop` costs nothing, the public names do not depend on the order of imports, and torch stays out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TORCH_FREE = (
    "selfloop.report",
    "selfloop.data",
    "selfloop.kinds",
    "selfloop.results.study",
    "selfloop.errors",
    "selfloop.tasks.registry",
    "selfloop.models.predictor",
    "selfloop.train.saved",
    "selfloop.train.budget",
    "selfloop.train.sizes",
    "selfloop.study.settings",
    "selfloop.study.experiment",
    "selfloop.study.candidates",
    "selfloop.study.store",
    "selfloop.cli.predict",
)
GOLDEN = Path(__file__).parents[1] / "golden" / "models"
NAMES = ("Classifier", "Forecaster", "Regressor", "Study", "cells", "compare", "data", "load_model", "nn", "trace")


def fresh(*lines: str) -> str:
    """What a new process prints that runs these lines."""
    ran = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


ASLEEP = "torch, polars, scipy.stats, sklearn.linear_model, sklearn.model_selection"


def forked(*programs: tuple[str, ...]) -> list[str]:
    """What copies of one process print, each of which runs one of these programs: others' packages are there already.

    Those take seconds to load, and tell nothing about selfloop, of which each program begins with nothing.
    """
    lines = (
        f"import os, sys, {ASLEEP}",
        "assert 'selfloop' not in sys.modules",
        f"for program in {[chr(10).join(program) for program in programs]!r}:",
        "    if not (child := os.fork()):",
        "        exec(program, {'__name__': '__main__'})",
        "        sys.exit()",
        "    assert os.waitpid(child, 0)[1] == 0, program",
    )
    return fresh(*lines).splitlines()


def test_import_selfloop_loads_itself_alone() -> None:
    """Which is why it takes no time."""
    known = "import sys, __future__, importlib.machinery, importlib.util, typing"  # an editable install looks with them
    assert fresh(known, "before = {*sys.modules}", "import selfloop", "print(*{*sys.modules} - before)") == "selfloop"


@pytest.mark.parametrize("package", TORCH_FREE)
def test_torch_stays_out_of(package: str) -> None:
    assert fresh(f"import sys, {package}", "print('torch' in sys.modules)") == "False"


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        *((f"forecast-{kind}", False) for kind in ("naive", "seasonal-naive", "ridge")),
        *(
            (f"classify-{kind}", False)
            for kind in ("majority", "summary", "ridge-raw", "nearest", "random-convolutions")
        ),
        ("forecast-gru", True),
        ("classify-window", True),
    ],
)
def test_a_saved_model_without_a_network_opens_and_predicts_without_torch(name: str, needed: bool) -> None:
    lines = (
        "import sys, numpy, selfloop",
        f"model = selfloop.load_model({str(GOLDEN / name) + '.safetensors'!r})",
        "loaded = 'torch' in sys.modules",
        "rows = len(model.predict([numpy.arange(1.0, 41.0).reshape(20, 2)]))",
        "print(loaded, 'torch' in sys.modules, rows)",
    )
    assert fresh(*lines) == f"{needed} {needed} {3 if name.startswith('forecast') else 1}"


def test_kinds_and_results_need_no_numpy_either() -> None:
    assert fresh("import sys, selfloop.kinds, selfloop.results.study", "print('numpy' in sys.modules)") == "False"


def test_data_without_torch_through_the_lazy_name() -> None:
    assert fresh("import selfloop, sys", "selfloop.data.load", "print('torch' in sys.modules)") == "False"


FIRST = (
    "import selfloop",
    "import selfloop.study.verdict.statistics",
    "from selfloop import compare",
    "from selfloop.study.compare import compare",
    "from selfloop import Study, trace",
    "import selfloop.tracing.quantities",
    "from selfloop import *",
)


def test_compare_and_trace_are_functions_whatever_is_imported_first() -> None:
    lines = (
        "import inspect, selfloop",
        "from selfloop.study.compare import compare",
        "from selfloop.study.study import Study",
        "from selfloop.tracing.trace import trace",
        "assert (selfloop.Study, selfloop.compare, selfloop.trace) == (Study, compare, trace)",
        "assert list(selfloop.trace(selfloop.nn.RNN(2, 3))) == ['']",
        "print(*inspect.signature(selfloop.trace).parameters)",
    )
    assert fresh(FIRST[0], *lines) == "model"
    assert forked(*((first, *lines) for first in FIRST)) == ["model"] * len(FIRST)


def test_quantities_of_a_trace_need_no_torch() -> None:
    assert fresh("import sys, selfloop.tracing.quantities", "print('torch' in sys.modules)") == "False"


def test_the_real_compare_can_be_called() -> None:
    lines = (
        "import selfloop",
        "from selfloop.study.study import Study",
        "assert selfloop.Study is Study",
        "from selfloop.errors import DataError",
        "try:",
        "    selfloop.compare('no-such-file.csv')",
        "except DataError as error:",
        "    print(error)",
    )
    assert "no-such-file.csv" in forked(lines)[0]


def test_compare_shows_what_it_takes() -> None:
    lines = ("import inspect, selfloop", "print(*inspect.signature(selfloop.compare).parameters)")
    assert forked(lines)[0].split()[:2] == ["source", "out"]


def test_dir_lists_all_names_before_they_are_loaded_and_each_can_be_had() -> None:
    lines = ("import selfloop, sys", "names = dir(selfloop)", "assert 'torch' not in sys.modules")
    assert set(NAMES) <= set(fresh(*lines, *(f"selfloop.{name}" for name in NAMES), "print(*names)").split())


def test_an_unknown_name_is_an_attribute_error() -> None:
    lines = ("import selfloop", "try:", "    selfloop.nonesuch", "except AttributeError as error:", "    print(error)")
    assert fresh(*lines) == "module 'selfloop' has no attribute 'nonesuch'"
