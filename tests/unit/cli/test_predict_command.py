"""`selfloop predict`: prints or writes, and never over what it reads; and the command that a study prints for it."""

from __future__ import annotations

import io
import os
import shlex
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

import report_samples
from selfloop.cli.app import run
from selfloop.cli.show import show
from train_samples import made, series


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of two channels and data for it, in a folder whose name needs quoting."""
    folder = tmp_path_factory.mktemp("my data")
    made("forecast", "ridge_ar").save(folder / "model.safetensors")
    np.save(folder / "x.npy", series(90, 117)[1])
    return folder


@pytest.fixture(autouse=True)
def here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


def test_without_out_it_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["predict", "model.safetensors", "x.npy"]) == 0
    printed = capsys.readouterr()
    assert run(["predict", "model.safetensors", "x.npy", "--out", "p.csv"]) == 0
    assert printed.out == Path("p.csv").read_text()
    assert pl.read_csv(io.StringIO(printed.out)).columns[:3] == ["unique_id", "ds", "selfloop"]
    assert capsys.readouterr().out == "3 rows in p.csv\n"


def test_axes_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    np.save("turned.npy", series(90, 117)[1].T)
    assert run(["predict", "model.safetensors", "turned.npy", "--axes", "channels,steps"]) == 0
    turned = capsys.readouterr().out
    assert run(["predict", "model.safetensors", "x.npy"]) == 0
    assert capsys.readouterr().out == turned
    for command in (["compare"], ["explain", "model.safetensors"]):
        assert run([*command, "x.npy", "--axes", "steps"]) == 2


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run([*arguments]) == 2
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    assert said.out == ""
    return said.err


@pytest.mark.parametrize("out", ["x.csv", "./x.csv", "link.csv", "hard.csv"])
def test_neither_data_nor_model_are_replaced(capsys: pytest.CaptureFixture[str], out: str, folder: Path) -> None:
    Path("x.csv").write_text("y\n1\n2\n")
    for name, make in (("link.csv", os.symlink), ("hard.csv", os.link)):
        if not Path(name).exists():
            make("x.csv", name)
    for other in ("predict", "explain"):
        assert "would be replaced by what is made from it" in refused(
            capsys, other, "model.safetensors", "x.csv", "--out", out
        )
        assert "would be replaced" in refused(capsys, other, "model.safetensors", str(folder / "x.csv"), "--out", out)
    assert "would be replaced" in refused(capsys, "predict", "model.safetensors", "x.npy", "--out", "model.safetensors")
    assert Path("x.csv").read_text() == "y\n1\n2\n"


def test_a_folder_is_no_file_to_write(capsys: pytest.CaptureFixture[str]) -> None:
    Path("folder.csv").mkdir(exist_ok=True)
    assert "is a folder" in refused(capsys, "predict", "model.safetensors", "x.npy", "--out", "folder.csv")


def test_a_study_does_not_replace_its_data(capsys: pytest.CaptureFixture[str]) -> None:
    Path("out").mkdir(exist_ok=True)
    Path("out/results.csv").write_text("y\n1\n2\n")
    said = refused(capsys, "compare", "out/results.csv", "--out", "out", "--quiet")
    assert "out/results.csv would be replaced" in said
    assert "would be replaced" in refused(capsys, "compare", "x.npy", "--test", "out/results.csv", "--out", "out")
    assert Path("out/results.csv").read_text() == "y\n1\n2\n"


def test_the_printed_command_can_be_pasted(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    result = report_samples.forecast_study()
    study = SimpleNamespace(result=result, verdict=result.verdict, folder=Path("my data/it's"), explanation=None)
    show(study)  # type: ignore[arg-type]
    command = capsys.readouterr().out.partition("To use it: ")[2]
    file = next(iter(result.models.values()))
    assert shlex.split(command) == ["selfloop", "predict", f"my data/it's/{file}", "DATA", "--out", "predictions.csv"]
