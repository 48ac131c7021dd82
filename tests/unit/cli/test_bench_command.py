from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from selfloop.bench import Plan, Shape
from selfloop.bench.plan import GRID
from selfloop.cli import bench_options
from selfloop.cli.app import run
from selfloop.errors import AgreementError

DEFAULTS: dict[str, Any] = {
    "grid": False,
    "quick": False,
    "cell": "rnn,gru,lstm",
    "mode": "training,forward,step",
    "sizes": {"batch": None, "steps": None, "inputs": None, "hidden": None},
    "dtype": "float32",
    "threads": None,
    "against": None,
    "allocator": None,
    "seconds": None,
}
TINY = ("--cell", "lstm", "--mode", "forward", "--batch", "3", "--steps", "5", "--inputs", "7", "--hidden", "17")


def plan(**given: Any) -> Plan:
    return bench_options.plan(**{**DEFAULTS, **given})


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    code = run(["bench", *map(str, arguments)])
    said = capsys.readouterr()
    assert code == 2, said.err
    assert said.out == ""
    assert "Traceback" not in said.err
    (sentence,) = said.err.strip().splitlines()
    assert sentence.startswith("selfloop: ")
    return sentence


def test_without_options_one_common_shape_is_timed() -> None:
    found = plan()
    assert {work.shape for work in found.works} == {Shape(32, 100, 16, 64), Shape(32, 1, 16, 64)}
    assert (found.threads, found.peers, found.allocators, found.seconds) == ((), None, ("default", "tuned"), 1.0)


def test_several_values_are_combined() -> None:
    found = plan(cell="lstm", mode="forward", sizes={**DEFAULTS["sizes"], "batch": "1, 3", "hidden": "17,19"})
    assert [work.shape for work in found.works] == [Shape(b, 100, 16, h) for b in (1, 3) for h in (17, 19)]


def test_the_grid() -> None:
    found = plan(grid=True, cell="gru", mode="training")
    assert [work.shape for work in found.works] == list(GRID)
    assert found.threads == (1, 2)
    assert plan(grid=True, threads="1").threads == (1,)


def test_quick_yields_to_what_is_said() -> None:
    assert (plan(quick=True).seconds, plan(quick=True).allocators) == (0.2, ("default",))
    found = plan(quick=True, seconds=3.0, allocator="tuned")
    assert (found.seconds, found.allocators) == (3.0, ("tuned",))


def test_against() -> None:
    assert plan(against="none").peers == plan(against="torch").peers == ()
    assert plan(against="torch,jax").peers == ("jax",)


def test_bad_options_get_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "cell 'lsmt' is unknown. Did you mean 'lstm'?" in refused(capsys, "--cell", "lsmt")
    assert "no cell was given" in refused(capsys, "--cell", ",")
    assert "mode 'train' is unknown. Did you mean 'training'?" in refused(capsys, "--mode", "train")
    assert "dtype 'float16' is unknown" in refused(capsys, "--dtype", "float16")
    assert "allocator 'tune' is unknown. Did you mean 'tuned'?" in refused(capsys, "--allocator", "tune")
    assert "peer 'keras' is unknown" in refused(capsys, "--against", "keras")
    assert "batch is 'many'; expected whole numbers with commas: 32,64." in refused(capsys, "--batch", "many")
    assert "hidden is 0; expected whole numbers from 1 on." in refused(capsys, "--hidden", "0")
    assert "threads is empty" in refused(capsys, "--threads", ",")
    assert "seconds is 0; expected a positive number." in refused(capsys, "--seconds", "0")
    assert "seconds is nan; expected a positive number." in refused(capsys, "--seconds", "nan")
    assert "--grid has shapes of its own; --batch was given too." in refused(capsys, "--grid", "--batch", "3")
    assert "threads is 9999; this process may use" in refused(capsys, *TINY, "--threads", "9999", "--quiet")
    assert "cannot write" in refused(capsys, "--json", tmp_path / "gone" / "bench.json")
    assert "cannot write" in refused(capsys, "--json", tmp_path)


def test_a_disagreement_is_an_error_and_leaves_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(*_: object, **__: object) -> None:
        raise AgreementError("selfloop's LSTM at B,T,I,H = 3,5,7,17 (forward) is wrong: output is off.")

    monkeypatch.setattr("selfloop.bench.run", wrong)
    assert "is wrong" in refused(capsys, *TINY, "--json", tmp_path / "bench.json")
    assert list(tmp_path.iterdir()) == []


def test_stopped(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("selfloop.bench.run", stop)
    assert run(["bench", *TINY]) == 130
    assert capsys.readouterr().err == "selfloop: stopped.\n"


def test_from_end_to_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bench.json"
    more = ("--threads", "1", "--allocator", "default", "--seconds", "0.001", "--against", "none", "--json", str(file))
    assert run(["bench", *TINY, *more]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[0].startswith("B,T,I,H")
    assert "3,5,7,17" in said.out
    assert said.err.splitlines()[0] == "1 points"
    found = json.loads(file.read_bytes())
    (point,) = found["points"]
    assert point["pairs"] >= 6
    assert point["ratios"][0]["low"] <= point["ratios"][0]["ratio"] <= point["ratios"][0]["high"]
    assert point["deviation"] <= 1
