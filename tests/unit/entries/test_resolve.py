"""What may be entered, what it is called, and one sentence for everything else."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from torch import nn

import own_entries
from own_entries import Drawn, Means, Pair
from selfloop.engine.additions import Additions
from selfloop.entries import ready
from selfloop.entries.resolve import described, divided, entries
from selfloop.errors import SettingsError
from selfloop.tasks.classify.task import Classify
from selfloop.tasks.entry import Packed
from selfloop.tasks.forecast.task import Forecast

FORECAST = Forecast(3, 12)


def one(value: Any, task: Any = FORECAST) -> Any:
    (entry,) = entries([value], task)
    return entry


@pytest.mark.parametrize(
    ("given", "name", "kind", "seeded"),
    [
        (Means(), "Means", "estimator", False),
        (Means, "Means", "estimator", False),
        (lambda: Means(), "Means", "estimator", False),
        (("mine", Means), "mine", "estimator", False),
        (Drawn, "Drawn", "estimator", True),
        (make_pipeline(Ridge()), "Pipeline", "estimator", True),
        (make_pipeline(GridSearchCV(Ridge(), {})), "Pipeline", "estimator", True),
        (partial(RandomForestRegressor, n_estimators=3), "RandomForestRegressor", "estimator", True),
        (Pair, "Pair", "module", True),
        (partial(Pair), "Pair", "module", True),
        (lambda i, o: Pair(i, o), "module", "module", True),
        (lambda i=1, o=1: Pair(i, o), "module", "module", True),
        ("own_entries:Means", "Means", "estimator", False),
        (("theirs", "own_entries:Pair"), "theirs", "module", True),
    ],
)
def test_what_may_be_entered(given: Any, name: str, kind: str, seeded: bool) -> None:
    entry = one(given)
    assert (entry.name, entry.kind, entry.seeded) == (name, kind, seeded)
    assert entry.candidate.family == "entry"
    assert not entry.candidate.saved
    assert not entry.candidate.streams


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (Pair(1, 1), "Pair is a module already; expected what makes one"),
        (lambda a, b, c: a, "cannot be made without arguments"),
        (lambda: 3, "makes something of type int, which has no fit and predict"),
        (("gru", Means), "'gru' of an entry is taken"),
        (("Ridge autoregression", Means), "is taken by another candidate"),
        ((" ", Means), "expected 1 to 60 printable characters"),
        (("a,b", Means), "without a comma"),
        (("x", 3), "is of type int; expected a name, an object with fit and predict"),
        ("no_such_module:thing", "cannot be imported (ModuleNotFoundError: No module named 'no_such_module')"),
        ("own_entries:Mean", "own_entries has no 'Mean'. Did you mean 'Means'?"),
        ("minirocket", "candidate 'minirocket' answers classes, and this task asks for numbers"),
    ],
)
def test_everything_else_is_one_sentence(given: Any, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready, "find_spec", lambda package: package)
    with pytest.raises(SettingsError) as caught:
        one(given)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_package_that_is_missing_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready, "find_spec", lambda package: None)
    with pytest.raises(SettingsError, match=r"candidate 'autoets' needs the package statsforecast: pip install"):
        one("autoets")


def test_names_are_told_apart() -> None:
    class LSTM(nn.Module):
        pass

    found = entries([Means, Means(), ("Means-3", Means), Means, LSTM], FORECAST)
    assert [entry.name for entry in found] == ["Means", "Means-2", "Means-3", "Means-4", "LSTM-2"]


def test_names_of_networks_and_entries_are_divided() -> None:
    forest = RandomForestRegressor()  # has a length and can be walked through
    assert divided("gru") == ("gru", ())
    assert divided(["gru", Means, "lstm"]) == (["gru", "lstm"], (Means,))
    assert divided(forest) == ((), (forest,))
    assert divided(Pair) == ((), (Pair,))
    assert divided("m:f") == ((), ("m:f",))
    assert divided(["lightgbm", ("a", Means)]) == ([], ("lightgbm", ("a", Means)))
    assert divided(3) == (3, ())
    assert divided([3, "gru"]) == ([3, "gru"], ())


def test_the_form_of_the_data_is_asked_for_by_an_attribute() -> None:
    forest = RandomForestRegressor()
    assert one(forest).reads == "windows"
    assert one(forest, Classify()).reads == "summary"
    forest.selfloop_reads = "steps"
    assert one(forest, Classify()).reads == "steps"
    with pytest.raises(SettingsError, match=r"reads 'steps'; for the task forecast expected windows or histories"):
        one(forest)


def test_a_task_that_hands_nothing_to_estimators_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Forecast, "estimator_forms", ())
    with pytest.raises(SettingsError, match=r"the task forecast hands nothing to such an entry; enter a factory"):
        one(Means)
    assert one(Pair).kind == "module"


def test_what_it_is_recorded_as_is_its_class_and_settings() -> None:
    assert described(Ridge(alpha=2.0)) != described(Ridge(alpha=3.0))
    assert described(Ridge(alpha=2.0)) == described(Ridge(alpha=2.0))
    assert described(make_pipeline(Ridge(alpha=2.0))) != described(make_pipeline(Ridge(alpha=3.0)))
    assert described(Ridge(alpha=object())) == described(Ridge(alpha=object()))  # no addresses
    assert described(partial(Pair, 3)) != described(partial(Pair, 4))
    assert len(described(Ridge(alpha=list(range(9999))))) <= 2000


def test_lambdas_travel_to_other_processes_and_open_there(tmp_path: Path) -> None:
    import pickle

    size = 7
    packed = pickle.dumps(Packed(lambda: size))
    (tmp_path / "packed").write_bytes(packed)
    code = f"import pickle; print(pickle.load(open({str(tmp_path / 'packed')!r}, 'rb')).open()())"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, check=True)
    assert said.stdout.strip() == "7"
    assert pickle.loads(pickle.dumps(pickle.loads(packed))).open()() == 7  # handed on unopened


def test_an_import_looks_in_the_current_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rivals_of_mine.py").write_text("class Mine:\n  def fit(s, X, y): pass\n  def predict(s, X): pass\n")
    (tmp_path / "broken_rivals.py").write_text("import rivals_of_nobody\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    assert one("rivals_of_mine:Mine").name == "Mine"
    with pytest.raises(SettingsError, match=r"ModuleNotFoundError: No module named 'rivals_of_nobody'"):
        one("broken_rivals:Mine")
    monkeypatch.delitem(sys.modules, "rivals_of_mine")


def test_entries_need_no_table(tmp_path: Path) -> None:
    one(own_entries.Means)
    assert Additions.here() == Additions.here()
