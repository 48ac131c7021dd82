"""`selfloop explain`: what it writes and says, and one sentence for what cannot be explained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import selfloop
from selfloop.cli.app import run
from selfloop.data import Columns
from selfloop.errors import SettingsError
from selfloop.inside.explain import measure
from selfloop.inside.explain.cases import Cases
from selfloop.inside.explain.measure import WORK
from selfloop.models.predictor import Predictor
from selfloop.results.explanation import HorizonCurve
from selfloop.tasks.output import Classes
from selfloop.train.encoder import RecurrentEncoder
from selfloop.train.model import NetworkModel
from selfloop.train.network import Network
from train_samples import cases, made, series


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def saved(name: str, *, task: str = "forecast", **settings: object) -> Path:
    """A model that learnt from a table with the columns id, y and x."""
    found = made(task, name, **settings)
    card = replace(found.card, columns=Columns(id="id", target="y", inputs=("x",)), channels=("y", "x"))
    return Predictor(card, found.task, found.model, found.half_widths).save(Path(f"{name}.safetensors"))


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """One sentence, exit code 2, nothing written."""
    code = run(["explain", *map(str, arguments)])
    said = capsys.readouterr()
    assert (code, said.out) == (2, ""), said.err
    assert not Path("selfloop-explain.html").exists()
    return said.err


@pytest.mark.usefixtures("brief_horizons")
def test_a_page_and_its_charts() -> None:
    explained = selfloop.explain(made("forecast", "gru"), series(90, 117), against=[made("forecast", "rnn")])
    page = explained.to_html("page.html")
    assert page.read_text().startswith("<!DOCTYPE html>")
    assert {path.suffix for path in explained.plots("plots")} == {".png", ".svg"}
    assert [model.label for model in explained.explanation.models] == ["GRU", "RNN"]
    assert explained.explanation.headline in repr(explained)


@pytest.mark.usefixtures("brief_horizons")
def test_the_command_says_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", str(saved("lstm")), str(write("id,y,x")), "--plots", "plots"]) == 0
    said = capsys.readouterr().out
    assert "LSTM, 5 hidden units" in said
    assert "The page is in selfloop-explain.html: open it in a browser." in said
    assert f"{len(list(Path('plots').iterdir()))} charts are in plots." in said


def write(header: str, broken: str = "") -> Path:
    """Two series as a table; `broken` is the y of the fifth row."""
    data = series(90, 117, channels=header.count(","))
    rows = [[name, *map(str, step)] for name, values in zip(data.ids, data, strict=True) for step in values]
    if broken:
        rows[4][1] = broken
    path = Path("data.csv")
    path.write_text("\n".join([header, *map(",".join, rows)]) + "\n")
    return path


def test_what_cannot_be_explained_is_refused_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    model, data = saved("gru"), write("id,y,x")
    assert "has no recurrent layer" in refused(capsys, saved("ridge_ar"), data)
    assert "has no sequence '3'. There is: " in refused(capsys, model, data, "--sequence", "3")
    assert "expected 2 steps or more" in refused(capsys, model, data, "--window", "1")
    assert "is a folder" in refused(capsys, model, data, "--out", ".")
    assert "gone.safetensors does not exist" in refused(capsys, "gone.safetensors", data)
    assert "data.csv has no column 'x', wanted as input." in refused(capsys, model, write("id,y"))
    assert "'y' is missing in row 6" in refused(capsys, model, write("id,y,x", broken="nan"))
    assert "'y' is infinite in row 6" in refused(capsys, model, write("id,y,x", broken="inf"))
    with pytest.raises(SettingsError, match="another task"):
        selfloop.explain(model, series(90, 117), against=[made("classify", "gru")])
    with pytest.raises(SettingsError, match=r"Look into modules of your own with selfloop\.trace"):
        selfloop.explain(torch.nn.LSTM(2, 3), series(90, 117))


@pytest.mark.usefixtures("brief_horizons")
def test_one_step_is_enough_to_look_at() -> None:
    """T = 1: nothing lies before it."""
    found = selfloop.explain(made("classify", "gru", direction="one"), [np.zeros((1, 2)), np.ones((1, 2))])
    (model,) = found.explanation.models
    assert model.horizon is not None
    assert model.horizon.horizon.window == 1
    found.to_html("page.html")


def test_how_many_cases_the_horizon_is_of_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all would take too long, it is measured on some."""
    said = selfloop.explain(made("forecast", "gru"), series(90, 117), window=8).explanation.facts
    monkeypatch.setattr("selfloop.inside.explain.measure.WORK", 1.0)
    fewer = selfloop.explain(made("forecast", "gru"), series(90, 117), window=8).explanation.facts
    assert "the horizon on" not in said[0]
    assert fewer[:2] == (f"{said[0]}, the horizon on 32 of them", "up to 8 steps back")
    assert "overlap" in fewer[2]


@pytest.mark.usefixtures("brief_horizons")
def test_both_directions_have_no_horizon_and_say_so() -> None:
    found = selfloop.explain(made("classify", "lstm"), cases())
    assert "reads in both directions" in found.explanation.models[0].findings[0].sentence
    found.to_html("page.html")


@pytest.mark.usefixtures("brief_horizons")
def test_a_hundred_thousand_steps_stay_a_small_page() -> None:
    found = selfloop.explain(made("forecast", "gru"), series(100_000))
    page = found.to_html("page.html").read_text()
    assert len(page.encode()) < 2_000_000
    assert "of 100,000" in page


def test_a_page_of_the_usual_size_takes_little_work_and_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """H = 64, T = 200, three models: what the horizons may take and little beside, which is seconds; under 2 MB.

    The horizons' work is counted, not done: for them one sequence is read in place of all.
    """
    rng = np.random.default_rng(0)
    data = selfloop.data.load(
        [rng.normal(size=(200, 2)) for _ in range(60)], labels=[f"{k % 3}" for k in range(60)], axes="steps,channels"
    )
    sample = made("classify", "gru", direction="one")
    assert isinstance(sample.model, NetworkModel)
    models = [
        Predictor(sample.card, sample.task, NetworkModel(sample.model.pipeline, network(kind), Classes(3)))
        for kind in ("rnn", "lstm", "gru")
    ]
    done, read, horizon_of, alike = 0, RecurrentEncoder.forward, measure.horizon_of, False

    def counted(self: RecurrentEncoder, x: torch.Tensor, state: Any = None, lengths: Any = None) -> object:
        nonlocal done
        done += 2 * self.operations * x.shape[0] * x.shape[1]
        if not alike:
            return read(self, x, state, lengths)
        first = None if state is None else [tuple(each[:, :1] for each in start) for start in state]
        features, after = read(self, x[:, :1], first, None if lengths is None else lengths[:1])
        each_alike = [tuple(state.expand(-1, x.shape[1], -1) for state in states) for states in after]
        return features.expand(-1, x.shape[1], -1), each_alike

    def quickly(cases: Cases) -> HorizonCurve:
        nonlocal alike
        alike = True
        curve = horizon_of(cases)
        alike = False
        return curve

    monkeypatch.setattr(RecurrentEncoder, "forward", counted)
    monkeypatch.setattr(measure, "horizon_of", quickly)
    found = selfloop.explain(models[0], list(data), against=models[1:])
    page = found.to_html("page.html")
    assert all(model.horizon is not None for model in found.explanation.models)
    assert 2.3 * WORK < done < 2.5 * WORK  # 0.96, 0.77 and 0.59 for the horizons: whole cases; and 0.1 for all else
    assert page.stat().st_size < 2_000_000


def network(kind: str) -> Network:
    """One that nobody trained, with answers of more than one class."""
    torch.manual_seed(0)
    found = Network(RecurrentEncoder(kind, 2, 64, layers=1, both=False), "last", Classes(3))
    for bias in (weight for name, weight in found.named_parameters() if "bias" in name):
        torch.nn.init.zeros_(bias)
    return found
