"""Bad input gets one clear sentence and exit code 2, no traceback, and nothing is left behind or lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from selfloop.cli.app import run

pytestmark = pytest.mark.usefixtures("charts_left_out")


def csv(path: Path, rows: int = 60, **changes: str) -> Path:
    """A monthly series; `changes` replaces cells: r5=... is the y of row 5 (0-based)."""
    cells = [changes.get(f"r{k}", str(10 + k % 12)) for k in range(rows)]
    lines = ["ds,y,note", *(f"{2000 + k // 12}-{k % 12 + 1:02d}-01,{cell},x" for k, cell in enumerate(cells))]
    path.write_text("\n".join(lines) + "\n")
    return path


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Run, expect exit code 2, return the sentence."""
    code = run([str(a) for a in arguments])
    said = capsys.readouterr()
    assert code == 2, said.err
    assert said.out == ""
    assert "Traceback" not in said.err
    sentence = said.err.strip().splitlines()[-1]
    assert sentence.startswith("selfloop: ")
    return sentence


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def no_study(folder: Path) -> bool:
    return not list(folder.glob("selfloop-*"))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("gone.csv", None, "no file 'gone.csv'"),
        ("empty.csv", "", "empty"),
        ("header.csv", "ds,y\n", "no rows"),
        ("letters.csv", "ds,y\n2000-01-01,a\n2000-02-01,b\n", "numeric"),
        ("data.xlsx", "PK", ".csv"),
    ],
)
def test_files(here: Path, capsys: pytest.CaptureFixture[str], name: str, text: str | None, said: str) -> None:
    if text is not None:
        (here / name).write_text(text)
    assert said in refused(capsys, "compare", name)
    assert no_study(here)


def test_a_column_that_is_not_there_names_the_nearest(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    csv(here / "a.csv")
    assert "Did you mean 'note'?" in refused(capsys, "compare", "a.csv", "--target", "nota")
    assert "note" in refused(capsys, "compare", "a.csv", "--target", "note")  # text


@pytest.mark.parametrize("bad", ["", "nan", "inf", "-inf"])
def test_missing_values_say_where(here: Path, capsys: pytest.CaptureFixture[str], bad: str) -> None:
    csv(here / "a.csv", r5=bad)
    sentence = refused(capsys, "compare", "a.csv")
    assert "row 7" in sentence  # the header is row 1
    assert "'y'" in sentence
    assert "--missing" in sentence


def test_times_say_what_is_wrong(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = csv(here / "doubled.csv").read_text().splitlines()
    (here / "doubled.csv").write_text("\n".join(lines[:8] + lines[7:]))
    assert "twice" in refused(capsys, "compare", "doubled.csv")
    (here / "gap.csv").write_text("\n".join(lines[:8] + lines[9:]))
    assert "regular" in refused(capsys, "compare", "gap.csv")


def test_too_short_says_what_would_do(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    csv(here / "short.csv", rows=100)
    sentence = refused(capsys, "compare", "short.csv", "--horizon", "12", "--folds", "5")
    assert "series 'y' has 100 steps; horizon 12 with 5 folds needs" in sentence
    assert "--folds 2 would do" in sentence
    assert "horizon is 0" in refused(capsys, "compare", "short.csv", "--horizon", "0")
    assert no_study(here)


def test_options(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "'lsmt' is unknown" in refused(capsys, "compare", "airline", "--candidates", "rnn,lsmt")
    assert "--horizn" in refused(capsys, "compare", "airline", "--horizn", "3")
    assert "no list of numbers" in refused(capsys, "compare", "airline", "--learning-rates", "fast")
    assert "budget of 3 parameters" in refused(capsys, "compare", "airline", "--params", "3", "--workers", "1")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real model, of the smallest study."""
    folder = tmp_path_factory.mktemp("study")
    data = csv(folder / "a.csv", rows=90)
    arguments = ["--folds", "1", "--seeds", "1", "--epochs", "1", "--candidates", "lstm", "--workers", "1", "--quiet"]
    arguments += ["--no-explain", "--window", "3"]
    assert run(["compare", str(data), *arguments, "--out", str(folder / "out")]) == 0
    return folder / "out" / "lstm.safetensors"


def test_models(here: Path, capsys: pytest.CaptureFixture[str], model: Path) -> None:
    csv(here / "a.csv")
    assert "does not exist" in refused(capsys, "predict", "gone.safetensors", "a.csv", "--out", "p.csv")
    (here / "junk.safetensors").write_bytes(b"junk" * 50)
    assert "not a model file" in refused(capsys, "predict", "junk.safetensors", "a.csv", "--out", "p.csv")
    whole = model.read_bytes()
    (here / "cut.safetensors").write_bytes(whole[: len(whole) // 2])
    assert "damaged" in refused(capsys, "predict", "cut.safetensors", "a.csv", "--out", "p.csv")
    safetensors.numpy.save_file({"a": np.zeros(3)}, here / "foreign.safetensors")
    assert "not a selfloop model" in refused(capsys, "predict", "foreign.safetensors", "a.csv", "--out", "p.csv")
    assert not (here / "p.csv").exists()


def test_other_columns(here: Path, capsys: pytest.CaptureFixture[str], model: Path) -> None:
    (here / "other.csv").write_text("ds,sales\n2000-01-01,1\n2000-02-01,2\n")
    sentence = refused(capsys, "predict", model, "other.csv", "--out", "p.csv")
    assert "'y'" in sentence
    (here / "daily.csv").write_text("ds,y\n" + "".join(f"2000-01-{d:02d},{d}\n" for d in range(1, 31)))
    assert "steps of 1d" in refused(capsys, "predict", model, "daily.csv", "--out", "p.csv")
    csv(here / "a.csv")
    assert "suffix '.txt'" in refused(capsys, "predict", model, "a.csv", "--out", "p.txt")


def test_a_folder_with_another_study_is_left_as_it_is(capsys: pytest.CaptureFixture[str], model: Path) -> None:
    folder = model.parent
    before = {p.name: p.read_bytes() for p in folder.iterdir() if p.suffix in (".csv", ".html", ".safetensors")}
    sentence = refused(capsys, "compare", folder.parent / "a.csv", "--folds", "1", "--seeds", "2", "--out", folder)
    assert "holds another study (" in sentence
    assert "seeds: it has 1, you ask for 2" in sentence
    assert {p.name: p.read_bytes() for p in folder.iterdir() if p.name in before} == before


def test_debug_shows_where(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compare", "gone.csv", "--debug"]) == 2
    assert "Traceback" in capsys.readouterr().err


def test_predictions_are_written(here: Path, capsys: pytest.CaptureFixture[str], model: Path) -> None:
    csv(here / "a.csv", rows=50)
    assert run(["predict", str(model), "a.csv", "--out", "p.csv"]) == 0
    lines = (here / "p.csv").read_text().splitlines()
    assert lines[0].startswith("unique_id,ds,selfloop")
    assert lines[1].startswith("y,2004-03-01,")
    assert len(lines) == 1 + 12
