"""What the README shows of many series works as printed: the file, the command, and the lines of Python."""

from __future__ import annotations

import re
import shlex
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import selfloop
from selfloop.cli.app import run

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
QUICK: dict[str, Any] = {"folds": 1, "seeds": 1, "epochs": 1, "workers": 1, "window": 3}


def shops() -> pd.DataFrame:
    """The printed rows, and as many more like them as a study needs."""
    printed = re.search(r"```text\n(date,shop.*?)```", README, flags=re.DOTALL)
    first = pd.read_csv(StringIO(printed[1]))
    assert first["shop"].nunique() > 1
    rng, days = np.random.default_rng(0), pd.date_range(first["date"].iloc[0], periods=80)
    more = pd.DataFrame({"date": np.repeat(days, 2), "shop": np.tile(first["shop"].iloc[:2], 80)})
    more["date"] = more["date"].dt.strftime("%Y-%m-%d")
    more["price"], more["units"] = rng.normal(9, 1, size=160).round(1), rng.integers(30, 60, size=160)
    assert list(more.columns) == list(first.columns)
    return pd.concat([first, more.iloc[len(first) :]], ignore_index=True)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_command_for_many_series(capsys: pytest.CaptureFixture[str]) -> None:
    shops().to_csv("shops.csv", index=False)
    (line,) = [line for line in README.splitlines() if line.startswith("selfloop compare shops.csv")]
    quick = [word for name, value in QUICK.items() for word in (f"--{name}", str(value))]
    assert run([*shlex.split(line)[1:], *quick, "--no-explain", "--quiet", "--candidates", "gru"]) == 0
    said = capsys.readouterr().out
    assert "report   selfloop-shops/report.html" in said
    assert Path("selfloop-shops/report.html").is_file()


def test_the_lines_of_python(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (lines,) = [
        block for block in re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL) if "print(study)" in block
    ]
    compare = selfloop.compare

    def quickly(source: Any, **given: Any) -> Any:
        return compare(source, **given, **QUICK, explain=False, candidates="gru", progress=False)

    monkeypatch.setattr(selfloop, "compare", quickly)
    names: dict[str, Any] = {"frame": shops()}
    exec(compile(lines, "README.md", "exec"), names)
    study = names["study"]
    assert study.verdict.headline in " ".join(capsys.readouterr().out.split())
    assert isinstance(study.leaderboard, pd.DataFrame)
    assert Path("report.html").is_file()
    assert Path("model.safetensors").is_file()
    assert set(study.best.predict(names["frame"])["unique_id"]) == {"Bern", "Ulm"}


def test_how_to_install_it_names_no_index_that_has_none_of_it() -> None:
    assert "pip install ." in README
    assert "pip install selfloop" not in README
