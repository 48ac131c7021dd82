"""`selfloop generate`: a text as it is made, frames in a file, and what is said of bad requests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import selfloop
from next_samples import frames, pattern, text_of, words_of
from selfloop.cli.app import run
from selfloop.models.predictor import Predictor
from selfloop.results.study import Candidate
from selfloop.study.refit import card_of
from selfloop.tasks.asked import Asked
from selfloop.tasks.registry import TASKS
from selfloop.train.budget import Budget, Option
from selfloop.train.fitter import Fitter


def saved(data: Any, name: str, path: Path, task: str = "next") -> Path:
    """A model that has hardly learnt, as a study leaves it."""
    asked = Asked(folds=2) if task == "next" else Asked(horizon=2, season=1, folds=2)
    experiment = TASKS[task].design(data, None, asked)
    budget = Budget(3, 3, (0.02,), 1, "chrono", {"gru": 8}, experiment.task.variants(data, experiment.folds[0])[0])
    fitter, option = Fitter(experiment.task, experiment.data, experiment.folds[0], budget), Option(0.02, 8)
    row = fitter.closed_form(name)
    model: Any = fitter.train(name, option, 0)[0] if row is None else fitter.fit(row)[0]
    family: Any = "recurrent" if row is None else "baseline"
    card = card_of(experiment, budget, Candidate(name, name, family, True), model, option if row is None else None)
    return Predictor(card, experiment.task, model).save(path / f"{name}-{task}.safetensors")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("generate")


@pytest.fixture(scope="module")
def network(folder: Path) -> Path:
    return saved(text_of(pattern(200)), "gru", folder)


@pytest.fixture(scope="module")
def counts(folder: Path) -> Path:
    return saved(text_of(pattern(200)), "ngrams", folder)


def test_a_text_goes_on_from_its_prompt(counts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["generate", str(counts), "--prompt", "abc", "--length", "12", "--temperature", "0"]) == 0
    assert capsys.readouterr().out == "abcdeabcdeabcde\n"


@pytest.mark.parametrize("kind", ["network", "counts"])
def test_a_seed_is_a_text_and_another_seed_another(kind: str, request: pytest.FixtureRequest) -> None:
    model = selfloop.load_model(request.getfixturevalue(kind))
    one, again, other = ("".join(model.generate("ab", length=40, temperature=2, seed=k).pieces) for k in (1, 1, 2))
    assert one == again != other
    assert len(one) == 40
    assert set(one) <= set("abcde")


def test_what_is_drawn_next_is_what_the_model_says_of_all_before(network: Path) -> None:
    model = selfloop.load_model(network)
    made = "".join(model.generate("abcab", length=25, temperature=0).pieces)
    said = model.predict(text_of("abcab" + made))["next"].to_list()
    assert said[4:-1] == list(made)


def test_symbols_come_as_they_are_asked_for(counts: Path) -> None:
    pieces = selfloop.load_model(counts).generate(length=10**9).pieces
    assert len([next(pieces) for _ in range(3)]) == 3


def test_unknown_symbols_in_the_prompt_are_told(network: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["generate", str(network), "--prompt", "aßcß!", "--length", "3"]) == 0
    out, told = capsys.readouterr()
    assert told == "not known to the model, and read as such: 'ß', '!'\n"
    assert out.startswith("aßcß!")
    assert len(out) == 5 + 3 + 1


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--temperature", "-1"], "temperature is -1; expected 0 or more"),
        (["--top-k", "0"], "top_k is 0; expected 1 or more. Give another --top-k."),
        (["--top-p", "1.5"], "top_p is 1.5; expected a share above 0, up to 1"),
        (["--length", "0"], "length is 0; expected 1 or more"),
        (["--seed", "-1"], "seed is -1; expected 0 or more"),
        (["--out", "."], ". is a folder; expected the name of a file"),
    ],
)
def test_bad_requests_are_one_sentence(
    counts: Path, asked: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["generate", str(counts), *asked]) == 2
    out, told = capsys.readouterr()
    assert out == ""
    assert told.startswith(f"selfloop: {said}")
    assert told.count("\n") == 1


def test_a_model_that_does_not_say_what_comes_next_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    series = selfloop.data.load([np.cumsum(np.random.default_rng(0).normal(size=(80, 1)), 0)])
    assert run(["generate", str(saved(series, "naive", folder, task="forecast"))]) == 2
    assert "naive answers to forecast and does not say what comes next" in capsys.readouterr().err


def test_a_text_goes_to_a_file(counts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "made.txt"
    assert (
        run(["generate", str(counts), "--prompt", "ab", "--length", "5", "--temperature", "0", "--out", str(out)]) == 0
    )
    assert out.read_text(encoding="utf-8") == "abcdeab\n"
    assert "5 symbols in" in capsys.readouterr().out
    assert run(["generate", str(counts), "--out", str(counts)]) == 2


def test_ctrl_c_ends_the_line_and_the_command(
    counts: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from selfloop.tasks.next.sampling import Sampler

    draws, plain = iter("ab"), Sampler.draw

    def draw(self: Sampler, *given: Any) -> int:
        if next(draws, None) is None:
            raise KeyboardInterrupt
        return plain(self, *given)

    monkeypatch.setattr(Sampler, "draw", draw)
    assert run(["generate", str(counts), "--prompt", "ab", "--temperature", "0"]) == 130
    out, told = capsys.readouterr()
    assert out == "abcd\n"
    assert told == "selfloop: stopped.\n"


def test_words_are_written_apart(tmp_path: Path) -> None:
    from selfloop.data.sequences import Sequences

    names = ("the", "cat", "sat")
    codes = np.array([[k % 3.0] for k in range(90)])
    data = Sequences("prose", codes, np.array([0, 90]), ("word",), ("prose",), symbols=(names,))
    model = selfloop.load_model(saved(data, "ngrams", tmp_path))
    made = model.generate("the  cat", length=4, temperature=0)
    assert made.start + "".join(made.pieces) == "the  cat sat the cat sat"
    assert model.generate("the dog", length=1).unknown == ("dog",)
    assert "".join(model.generate(length=2, temperature=0).pieces) == "cat sat"


@pytest.fixture(scope="module")
def player(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(frames(), "gru", tmp_path_factory.mktemp("frames"))


class TestFrames:
    def test_they_go_to_a_file(self, player: Path, tmp_path: Path) -> None:
        table, held = tmp_path / "made.csv", tmp_path / "made.npz"
        for out in (table, held):
            assert run(["generate", str(player), "--length", "7", "--out", str(out)]) == 0
        lines = table.read_text(encoding="utf-8").splitlines()
        assert lines[0] == "C,E,G"
        read = np.array([[int(each) for each in line.split(",")] for line in lines[1:]])
        with np.load(held) as arrays:
            assert np.array_equal(arrays["frames"], read)
            assert arrays["channels"].tolist() == ["C", "E", "G"]
        assert read.shape == (7, 3)
        assert set(read.flat) <= {0, 1}

    @pytest.mark.parametrize(
        ("asked", "said"),
        [
            ([], "this model makes frames, and --out is none; expected a file for them"),
            (["--out", "made.txt"], "this model makes frames, and --out is made.txt"),
            (["--out", "m.csv", "--prompt", "abc"], "a prompt is text, and this model makes frames"),
            (["--out", "m.csv", "--top-k", "2"], "top_k and top_p choose among symbols"),
        ],
    )
    def test_what_is_for_texts_is_refused(
        self, player: Path, asked: list[str], said: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(["generate", str(player), *asked]) == 2
        assert said in capsys.readouterr().err


def test_many_short_texts_go_on_too(folder: Path) -> None:
    data = words_of([pattern(9, n) for n in range(20)])
    made = selfloop.load_model(saved(data, "ngrams", folder)).generate("a", length=4, temperature=0)
    assert "".join(made.pieces) == "bcde"
