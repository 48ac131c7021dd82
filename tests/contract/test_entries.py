"""Entries of the user's own in a whole study: the same folds, seeds and report; a faulty one fails alone."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import selfloop
from own_entries import Answers, Attention, Breaks, Drawn, Greedy, Leaves, Means, Normed, Once, Pair, Peeks
from selfloop.cli.app import run
from selfloop.errors import SettingsError, StudyError
from selfloop.study.study import Study

pytestmark = pytest.mark.usefixtures("charts_left_out")

SMALL: dict[str, Any] = {
    "horizon": 3, "season": 1, "folds": 2, "seeds": 2, "epochs": 1, "params": 200, "learning_rates": 0.01, "window": 3,
    "workers": 1, "explain": False, "progress": False,
}  # fmt: skip
SERIES = np.random.default_rng(0).normal(size=90).cumsum()
FAULTY = (Breaks, Leaves, Greedy, LogisticRegression, Peeks, ("Short", lambda: Answers(lambda n: np.zeros(n - 1))))
SOUND = (
    Means,
    lambda: Means(),
    make_pipeline(StandardScaler(), Ridge()),
    GridSearchCV(Ridge(), {"alpha": [0.1, 1.0]}, cv=2),
    RandomForestRegressor(4),
    Pair,
    Attention,
    ("normed", lambda i, o: Normed(i, o)),
)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory, charts_left_out: None) -> Study:
    return selfloop.compare(SERIES, candidates=["gru", *SOUND, *FAULTY], out=tmp_path_factory.mktemp("own"), **SMALL)


def rows(study: Study) -> dict[str, Any]:
    return {row.candidate.name: row for row in study.result.leaderboard}


def test_all_that_can_take_part_does_under_the_same_folds_and_seeds(study: Study) -> None:
    found = rows(study)
    for name in ("Pair", "Attention", "normed", "RandomForestRegressor", "GridSearchCV", "Pipeline"):
        assert (found[name].trials, found[name].unscored) == (4, 0), name
    for name in ("Means", "Means-2"):
        assert (found[name].trials, found[name].unscored) == (2, 0)  # chance has no say: one run a fold
    assert found["Means"].score == found["Means-2"].score
    assert found["Means"].parameters is found["Means"].operations is found["Pair"].operations is None
    assert found["Pair"].parameters > found["gru"].parameters / 4
    assert all(found[name].step_microseconds > 0 for name in ("Means", "Pair"))


def test_a_faulty_one_fails_alone_with_its_own_error(study: Study) -> None:
    found = rows(study)
    said = {
        name: found[name].failure for name in ("Breaks", "Leaves", "Greedy", "LogisticRegression", "Peeks", "Short")
    }
    assert said["Breaks"] == "on fold 0: RuntimeError: no such luck at all"
    assert said["Leaves"] == "on fold 0: SystemExit: enough"
    assert said["Greedy"] == "on fold 0: MemoryError"
    assert "ValueError: Unknown label type" in said["LogisticRegression"]
    assert "looks ahead" in said["Peeks"]
    assert "predict gives an array of shape" in said["Short"]
    for name in said:
        assert found[name].score is None
        assert found[name].failed == found[name].trials
        assert any(note.startswith(f"{name} failed in every run (on fold 0: ") for note in study.verdict.notes)
        assert any(claim.other == name and claim.outcome == "no claim" for claim in study.verdict.claims)
    with (study.folder / "results.csv").open(encoding="utf-8") as file:
        ended = {(row["candidate"], row["status"]) for row in csv.DictReader(file)}
    assert {("Breaks", "failed"), ("Means", "ok"), ("Peeks", "failed")} <= ended


def test_terminal_report_notebook_and_frames_show_them(study: Study) -> None:
    page = (study.folder / "report.html").read_text(encoding="utf-8")
    assert "no such luck at all" in page
    assert "are not saved: entries of your own" in page
    assert "failed" in str(study)
    assert "–" in str(study)
    assert "Means" in study._repr_html_()
    board = {row["candidate"]: row for row in study.leaderboard.to_dicts()}
    assert (board["Breaks"]["failed"], board["Means"]["failed"]) == (2, 0)
    assert board["Means"]["operations"] is None


def test_a_finished_study_is_not_run_again_but_for_what_failed(study: Study) -> None:
    again = selfloop.compare(SERIES, candidates=["gru", *SOUND, *FAULTY], out=study.folder, **SMALL)
    one, two = ({(t.candidate, t.fold, t.seed): t for t in each.result.trials} for each in (study, again))
    assert one.keys() == two.keys()
    assert all(one[key] == two[key] for key in one if one[key].status == "ok")


def test_another_entry_is_another_study(study: Study) -> None:
    other = [each for each in SOUND if not isinstance(each, RandomForestRegressor)]
    with pytest.raises(StudyError, match="holds another study"):
        selfloop.compare(
            SERIES, candidates=["gru", *other, RandomForestRegressor(5), *FAULTY], out=study.folder, **SMALL
        )


def test_what_was_mended_is_tried_again(tmp_path: Path) -> None:
    class Mended(Means):
        broken = True

        def predict(self, X: Any) -> Any:
            if Mended.broken:
                raise ValueError("not yet")
            return super().predict(X)

    first = selfloop.compare(SERIES, candidates=[Mended], out=tmp_path, **SMALL)
    assert rows(first)["Mended"].failed == 2
    Mended.broken = False
    second = selfloop.compare(SERIES, candidates=[Mended], out=tmp_path, **SMALL)
    assert rows(second)["Mended"].unscored == 0


def test_where_an_entry_is_the_pick_the_best_of_the_others_is_saved_and_said(tmp_path: Path) -> None:
    future = np.lib.stride_tricks.sliding_window_view(SERIES, 3)

    class Knows(Means):
        """A cheat that no test can prevent: it has the data from elsewhere."""

        def fit(self, histories: Any) -> Knows:  # type: ignore[override]
            return self

        def predict(self, histories: Any) -> Any:
            return np.array([future[len(each.values)] for each in histories])

    cheat: Any = Knows()
    cheat.selfloop_reads = "histories"
    found = selfloop.compare(SERIES, candidates=["gru", cheat], out=tmp_path, **SMALL)
    assert found.verdict.pick == "Knows"
    assert "nobody counts" in found.verdict.headline
    best = next(row.candidate for row in found.result.leaderboard if row.candidate.saved)
    assert found.result.models["best_saved"] == f"{best.name}.safetensors"
    assert "pick" not in found.result.models
    assert found.best.card.candidate == best.name
    assert found.result.remarks[0].startswith("Knows is the pick and is not saved: an entry of your own")
    assert best.label in found.result.remarks[0]
    assert "was not saved: its training" not in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_an_entry_near_the_best_passes_for_the_dearest(tmp_path: Path) -> None:
    class Last(Means):
        def fit(self, histories: Any) -> Last:  # type: ignore[override]
            return self

        def predict(self, histories: Any) -> Any:
            return np.array([[each.values[-1] * (1 - 1e-9)] * 3 for each in histories])

    last: Any = Last()
    last.selfloop_reads = "histories"
    found = selfloop.compare(SERIES, candidates=[last], out=tmp_path, **SMALL)
    assert abs(rows(found)["Last"].score / rows(found)["naive"].score - 1) < 1e-6
    assert found.verdict.pick == "naive"


def test_sequences_with_classes(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    data = [rng.normal(size=(int(rng.integers(5, 9)), 2)) + k % 2 for k in range(40)]
    settings = {**SMALL, "horizon": None, "season": None}
    found = selfloop.compare(
        data, labels=["ab"[k % 2] for k in range(40)], axes="steps,channels",
        candidates=[LogisticRegression(), Once, ("two", lambda i, o: Once(i, o)), Ridge()], out=tmp_path, **settings,
    )  # fmt: skip
    board = rows(found)
    assert board["LogisticRegression"].score > 0.8
    assert board["Once"].unscored == board["two"].unscored == 0
    assert "expected numbers of classes" in board["Ridge"].failure


def test_other_processes_come_to_the_same_and_take_lambdas_along(tmp_path: Path) -> None:
    wanted = [("drawn", lambda: Drawn()), ("pair", lambda i, o: Pair(i, o)), Breaks]
    one, two = (
        selfloop.compare(SERIES, candidates=wanted, out=tmp_path / str(n), **{**SMALL, "workers": n, "seeds": 1})
        for n in (1, 2)
    )
    for a, b in zip(one.result.trials, two.result.trials, strict=True):
        assert (a.candidate, a.fold, a.seed, a.metrics, a.failure) == (
            b.candidate,
            b.fold,
            b.seed,
            b.metrics,
            b.failure,
        )


def test_what_cannot_travel_stays_in_this_process(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stuck = Means()
    stuck.file = (tmp_path / "open").open("w", encoding="utf-8")  # type: ignore[attr-defined]
    made = {**SMALL, "workers": 2, "progress": True, "seeds": 1}
    found = selfloop.compare(SERIES, candidates=[("stuck", lambda: Means() if stuck else None)], **made)
    assert rows(found)["stuck"].unscored == 0
    assert "one process instead of 2: stuck cannot be taken to others" in capsys.readouterr().err
    stuck.file.close()  # type: ignore[attr-defined]


def test_the_command_line_takes_them_by_module_and_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "my_rivals.py").write_text(
        "import numpy as np\nclass Zero:\n  def fit(self, X, y): print('hello'); self.k = y.shape[1]; return self\n"
        "  def predict(self, X): return np.zeros((len(X), self.k))\n"
    )
    np.save(tmp_path / "s.npy", SERIES)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [each for each in sys.path if each])
    quick = "--horizon 3 --season 1 --folds 2 --seeds 1 --epochs 1 --params 200 --window 3 --workers 1 --no-explain"
    line = ["compare", "s.npy", *quick.split(), "--quiet"]
    assert run([*line, "--json", "--candidates", "gru,my_rivals:Zero"]) == 0
    said = json.loads(capsys.readouterr().out)  # what it prints is not among it
    assert "Zero" in [row["candidate"]["name"] for row in said["leaderboard"]]
    assert run([*line, "--out", "b", "--candidates", "my_rivals:Hero"]) == 2
    assert "my_rivals has no 'Hero'. Did you mean 'Zero'?" in capsys.readouterr().err
    monkeypatch.delitem(sys.modules, "my_rivals")


def test_what_is_no_candidate_is_one_sentence() -> None:
    for wanted, said in (
        (Pair(1, 1), "is a module already"),
        (3, "expected a name or a list of names"),
        ([], "no candi"),
    ):
        with pytest.raises(SettingsError, match=said):
            selfloop.compare(SERIES, candidates=wanted, **SMALL)


def test_lightgbm_by_name(tmp_path: Path) -> None:
    pytest.importorskip("lightgbm")
    found = selfloop.compare(SERIES, candidates=["lightgbm"], out=tmp_path, **{**SMALL, "seeds": 1})
    assert rows(found)["LightGBM"].unscored == 0
    assert any("LightGBM answers one number at a time: 3 copies" in note for note in found.verdict.notes)


def test_statsforecast_by_name(tmp_path: Path) -> None:
    pytest.importorskip("statsforecast")
    found = selfloop.compare(SERIES, candidates=["autoets", "autotheta"], out=tmp_path, **SMALL)
    assert rows(found)["AutoETS"].unscored == rows(found)["AutoTheta"].unscored == 0


def test_minirocket_by_name(tmp_path: Path) -> None:
    pytest.importorskip("aeon")
    rng = np.random.default_rng(1)
    data = [np.sin(np.arange(20) * (1 + k % 2))[:, None] + rng.normal(size=(20, 1)) for k in range(30)]
    settings = {**SMALL, "horizon": None, "season": None}
    found = selfloop.compare(
        data, labels=["ab"[k % 2] for k in range(30)], candidates=["minirocket"], axes="steps,channels", out=tmp_path,
        **settings,
    )  # fmt: skip
    assert rows(found)["MiniRocket"].score > 0.7
