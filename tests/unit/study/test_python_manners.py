"""`compare` as Python users write it: short words for long things, column roles and settings in any sensible form."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch

import selfloop
from selfloop.data import load
from selfloop.data.frames import library_of
from selfloop.errors import DataError, SettingsError
from selfloop.study.folder import KeptFolder
from selfloop.study.settings import Settings
from selfloop.study.study import Study
from selfloop.tasks.registry import TASKS

QUICK: dict[str, Any] = {
    "seeds": 1, "folds": 2, "epochs": 1, "horizon": 3, "season": 1, "workers": 1, "explain": False,
    "candidates": "gru", "params": 200, "progress": False, "learning_rates": 0.01, "window": 3,
}  # fmt: skip


def shops(steps: int = 60) -> pd.DataFrame:
    """As a spreadsheet has them: sorted by day, names that nobody infers."""
    rng = np.random.default_rng(0)
    days = pd.date_range("2024-01-01", periods=steps)
    frames = [
        pd.DataFrame({"date": days, "shop": shop, "price": rng.normal(size=steps), "units": rng.normal(size=steps)})
        for shop in ("Ulm", "Bern")
    ]
    return pd.concat(frames).sort_values("date", kind="stable", ignore_index=True)


@pytest.fixture(scope="module")
def study() -> Study:
    return selfloop.compare(shops(), target="units", time="date", id="shop", inputs=["price"], **QUICK)


class TestShortWords:
    def test_print_shows_the_leaderboard_and_the_verdict(self, study: Study) -> None:
        said = str(study)
        assert repr(study) == said
        assert study.verdict.headline in " ".join(said.split())
        for row in study.result.leaderboard:
            assert row.candidate.label in said
        assert len(said) < 4000
        assert "\x1b" not in said
        assert 'study.report("report.html") writes the whole report.' in said

    def test_a_cell_shows_the_same_as_html(self, study: Study) -> None:
        page = study._repr_html_()
        assert study.verdict.headline.split(":")[0] in page
        assert page.count("<tr") == len(study.result.leaderboard) + 1
        assert "the pick" in page
        assert len(page) < 20_000
        assert "<script" not in page

    def test_what_a_user_named_is_escaped(self, study: Study) -> None:
        odd = replace(study.result.verdict, headline="<b>units</b>")
        page = replace(study, result=replace(study.result, verdict=odd))._repr_html_()
        assert "<b>" not in page
        assert "&lt;b&gt;units" in page

    def test_where_there_is_a_folder_the_report_is_named(self, study: Study) -> None:
        kept = Study(study.result, Path("here"))
        assert "The whole report is in here/report.html." in str(kept)
        assert "here/report.html" in kept._repr_html_()

    def test_a_study_without_a_folder_goes_without_a_word(self) -> None:
        kept = KeptFolder()
        path = kept.path
        (path / "model").write_text("x")
        del kept  # a warning would be an error here
        assert not path.exists()

    @pytest.mark.parametrize(
        "part",
        [
            lambda study: study,
            lambda study: study.result,
            lambda study: study.verdict,
            lambda study: study.best,
            lambda study: study.best_recurrent,
            lambda study: load(shops(), target="units", time="date", id="shop"),
            lambda study: selfloop.explain(study.best_recurrent, shops()),
            lambda study: selfloop.explain(study.best_recurrent, shops()).explanation,
            lambda study: selfloop.explain(study.best_recurrent, shops()).explanation.exploration,
        ],
    )
    def test_nothing_floods_the_screen(self, study: Study, part: Callable[[Study], object]) -> None:
        assert 10 < len(repr(part(study))) < 4000

    def test_models_and_data_say_what_they_are(self, study: Study) -> None:
        best = study.best_recurrent
        hidden = best.card.hidden_size
        said = f"Predictor(GRU, {hidden} hidden units, {best.model.parameters:,} parameters: forecast units from units"
        assert repr(best) == f"{said}, price)"
        data = load(shops(), target="units", time="date", id="shop")
        assert repr(data) == "Sequences(frame: 2 of 60 steps, channels units)"
        labelled = load([np.zeros((n, 8)) + n for n in (3, 5)], labels=["a", "b"])
        assert repr(labelled) == (
            "Sequences(arrays: 2 of 3 to 5 steps, channels channel_1, channel_2, channel_3, channel_4, channel_5, "
            "channel_6, ..., 2 classes)"
        )


class TestFrames:
    def test_pandas_in_pandas_out(self, study: Study) -> None:
        board = study.leaderboard
        assert isinstance(board, pd.DataFrame)
        assert isinstance(study.results, pd.DataFrame)
        rows = study.result.leaderboard
        assert board["candidate"].tolist() == [row.candidate.name for row in rows]
        assert board["mase"].tolist() == [row.score for row in rows]
        assert board["streams"].tolist() == [True] * len(rows)
        assert {"label", "mae", "mase_spread", "mase_relative", "parameters", "operations", "trials"} <= set(board)

    def test_polars_and_everything_else_polars_out(self, study: Study) -> None:
        board = Study(study.result, study.folder).leaderboard
        assert isinstance(board, pl.DataFrame)
        assert board["candidate"].to_list() == study.leaderboard["candidate"].tolist()
        assert library_of(shops()) == library_of(shops()["units"]) == "pandas"
        for other in (pl.DataFrame({"y": [1.0]}), pl.Series([1.0]), [np.ones(3)], np.ones((2, 1, 3)), "airline"):
            assert library_of(other) == "polars"


class TestColumnRoles:
    def test_they_are_arguments_of_compare(self, study: Study) -> None:
        columns = study.best.card.columns
        assert (columns.id, columns.time, columns.target, columns.inputs) == ("shop", "date", "units", ("price",))

    def test_and_of_load(self) -> None:
        data = load(shops(), target="units", time="date", id="shop", inputs="price")
        assert data.channels == ("units", "price")
        assert data.ids == ("Ulm", "Bern")
        assert load(shops(), time="none", target="units").time is None

    def test_a_class_is_a_role_as_well(self) -> None:
        frame = shops()
        frame["size"] = np.where(frame["shop"] == "Ulm", "small", "large")
        data = load(frame, label="size", id="shop", time="date", inputs=("units",))
        assert data.classes == ("large", "small")

    def test_names_may_be_numbers(self) -> None:
        frame = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 3)))
        data = load(frame, target=2, inputs=[0])  # type: ignore[arg-type, list-item]
        assert data.channels == ("2", "0")
        assert load(frame, target=np.int64(1), inputs=0).channels == ("1", "0")  # type: ignore[arg-type]

    def test_a_column_that_is_not_there_names_the_nearest(self) -> None:
        with pytest.raises(DataError, match="Did you mean 'units'"):
            selfloop.compare(shops(), target="unit", time="date", id="shop", **QUICK)

    def test_data_that_were_read_have_their_columns(self) -> None:
        data = load(shops(), target="units", time="date", id="shop")
        with pytest.raises(
            SettingsError, match=r"has been read already, with its columns; leave id= and the others out"
        ):
            selfloop.compare(data, target="price", **QUICK)

    def test_arrays_have_none(self) -> None:
        with pytest.raises(SettingsError, match=r"leave id=, time=, target= out"):
            selfloop.compare([np.arange(60.0)], target="y", **QUICK)


class TestSettings:
    @pytest.mark.parametrize("three", [np.int64(3), np.uint8(3), 3.0, np.float32(3), torch.tensor(3), np.array(3)])
    def test_a_whole_number_of_any_library(self, three: Any) -> None:
        found = Settings(horizon=three, folds=three, seeds=three, layers=three)
        assert (found.horizon, found.folds, found.seeds, found.layers) == (3, 3, 3, 3)
        assert {type(value) for value in (found.horizon, found.folds, found.seeds, found.layers)} == {int}
        assert found == Settings(horizon=3, folds=3, seeds=3, layers=3)

    @pytest.mark.parametrize(
        "given",
        ["gru", ["gru"], ("gru",), np.array(["gru"]), pd.Series(["gru"]), {"gru": 1}],
    )
    def test_one_name_is_a_list_of_one(self, given: Any) -> None:
        assert Settings(candidates=given).candidates == ("gru",)

    @pytest.mark.parametrize(
        "given", [0.25, np.float64(0.25), [0.25], np.array([0.25]), torch.tensor(0.25), pd.Series([0.25])]
    )
    def test_one_learning_rate_is_a_list_of_one(self, given: Any) -> None:
        assert Settings(learning_rates=given).learning_rates == (0.25,)

    @pytest.mark.parametrize(
        ("setting", "said"),
        [
            ({"horizon": 7.5}, "horizon is 7.5; expected a whole number, 1 or more. Give another horizon=."),
            ({"folds": "7"}, "folds is '7'; expected a whole number, 1 or more. Give another folds=."),
            ({"seeds": True}, "seeds is True; expected a whole number, 1 or more. Give another seeds=."),
            ({"seeds": None}, "seeds is None; expected a whole number, 1 or more. Give another seeds=."),
            ({"epochs": [3]}, "epochs is [3]; expected a whole number, 1 or more. Give another epochs=."),
            ({"horizon": float("nan")}, "horizon is nan; expected a whole number, 1 or more. Give another horizon=."),
            ({"season": 0}, "season is 0; expected 1 or more. Give another season=."),
            ({"margin": "3 %"}, "margin is '3 %'; expected a number. Give another margin=."),
            ({"candidates": 3}, "candidates is 3; expected a name or a list of names. Give another candidates=."),
            ({"candidates": [3]}, "candidates is [3]; expected a name or a list of names. Give another candidates=."),
            (
                {"learning_rates": "fast"},
                "learning_rates is 'fast'; expected a number or a list of numbers. Give another learning_rates=.",
            ),
            ({"task": ["classify"]}, f"task is ['classify']; expected {' or '.join(TASKS)}."),
            ({"pool": 1}, "pool is 1; expected last or mean."),
        ],
        ids=str,
    )  # fmt: skip
    def test_what_it_cannot_be_is_refused_in_a_sentence(self, setting: dict[str, Any], said: str) -> None:
        with pytest.raises(SettingsError) as caught:
            Settings(**setting)
        assert str(caught.value) == said

    def test_no_learning_rate_at_all(self) -> None:
        with pytest.raises(SettingsError, match="expected one or more finite ones above 0"):
            Settings(learning_rates=())

    @pytest.mark.parametrize("workers", [0, 1.5, "two"])
    def test_workers(self, workers: Any) -> None:
        with pytest.raises(SettingsError, match=r"^workers is .*Give another workers=\.$"):
            selfloop.compare([np.arange(60.0)], **{**QUICK, "workers": workers})


def ran(path: Path, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    path.write_text(text)
    return subprocess.run([sys.executable, *options, str(path)], capture_output=True, text=True, check=False)


SCRIPT = """
import numpy as np, selfloop
{guard}study = selfloop.compare([np.sin(np.arange(60.0))], workers={workers}, progress={progress}, seeds=1, folds=2,
    epochs=1, horizon=3, season=1, candidates="gru", params=200, explain=False, learning_rates=0.01, window=3)
{guard}print("pick", study.verdict.pick)
"""


class TestScripts:
    def test_a_call_without_a_guard_says_so_and_goes_on_with_one_process(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        text = SCRIPT.format(guard="", workers=None, progress=True)
        start = "import selfloop.study.compare as c\nc.cores = lambda: 2\n"
        done = ran(tmp_path / "open.py", start + text)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("pick ")
        assert done.stdout.count("pick") == 1
        said = [line for line in done.stderr.splitlines() if "process" in line]
        assert said == [
            "one process instead of 2: others would run this script again up to its call of compare; put it under "
            '`if __name__ == "__main__":`'
        ]
        assert "BrokenProcessPool" not in done.stderr
        assert done.stderr.startswith("one process")

    def test_where_processes_were_asked_for_it_is_an_error_in_one_sentence(self, tmp_path: Path) -> None:
        done = ran(tmp_path / "open.py", SCRIPT.format(guard="", workers=2, progress=False))
        assert done.returncode == 1
        assert done.stderr.strip().splitlines()[-1] == (
            "selfloop.errors.SettingsError: workers is 2, and each of these processes would run this script again up "
            "to its call of compare; expected a call that they do not come to: put it under `if __name__ == "
            '"__main__":`, or leave workers= out.'
        )
        assert "BrokenProcessPool" not in done.stderr

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("print(unguarded())", True),
            ("def work():\n    return unguarded()\nprint(work())", True),
            ("for _ in range(1):\n    print(unguarded())", True),
            ("if __name__ == '__main__':\n    print(unguarded())", False),
            ("def work():\n    return unguarded()\nif __name__ == '__main__':\n    print(work())", False),
            ("import threading\nt = threading.Thread(target=lambda: print(unguarded()))\nt.start()\nt.join()", False),
        ],
    )
    def test_what_stands_under_a_guard(self, tmp_path: Path, text: str, found: bool) -> None:
        done = ran(tmp_path / "script.py", f"from selfloop.engine.script import unguarded\n{text}\n")
        assert done.stdout == f"{found}\n", done.stderr

    def test_what_is_no_file_is_not_imported_again(self) -> None:
        text = "from selfloop.engine.script import unguarded\nprint(unguarded())"
        done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
        assert done.stdout == "False\n"
        done = subprocess.run([sys.executable], input=text, capture_output=True, text=True, check=True)
        assert done.stdout == "False\n"

    def test_a_guard_that_is_none_ends_in_a_sentence_as_well(self, tmp_path: Path) -> None:
        text = SCRIPT.format(guard="    ", workers=2, progress=False).replace(
            "import numpy", "if True:\n    import numpy"
        )
        done = ran(tmp_path / "odd.py", text)
        assert done.returncode == 1
        assert (
            done.stderr.strip()
            .splitlines()[-1]
            .startswith(
                "selfloop.errors.StudyError: a worker process was ended, or could not begin, before its work was done; "
            )
        )

    def test_a_script_tells_what_it_reads_and_does(self, capsys: pytest.CaptureFixture[str]) -> None:
        quick = {**QUICK, "progress": True}
        selfloop.compare([np.sin(np.arange(60.0))], **quick)
        lines = capsys.readouterr().err.splitlines()
        assert lines[0] == "using target=value"
        assert "task: forecast (there are no labels; task= changes it)" in lines
        assert any(line.startswith("[1/") for line in lines)
