"""Times on the command line: options reach the reading, models remember it, and what is wrong is one sentence."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from selfloop.cli.app import run

pytestmark = pytest.mark.usefixtures("charts_left_out")

SMALL = ["--folds", "1", "--seeds", "1", "--epochs", "1", "--candidates", "lstm", "--workers", "1", "--no-explain"]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def days(path: Path, first: date, count: int, form: str = "%m/%d/%Y") -> None:
    rows = [f"{first + timedelta(days=k):{form}},{10 + k % 7 + k % 3}" for k in range(count)]
    path.write_text("\n".join(["date,units", *reversed(rows)]) + "\n")


def test_what_was_named_is_remembered(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Forecasts go on where the data end, in the zone that was named; twelve rows alone could be read in two ways."""
    days(here / "x.csv", date(2021, 2, 1), 90)
    named = ["--time-format", "%m/%d/%Y", "--timezone", "America/New_York"]
    assert run(["compare", "x.csv", *named, *SMALL, "--out", "out"]) == 0
    assert "time=date (%m/%d/%Y, America/New_York), target=units; rows sorted by time" in capsys.readouterr().err
    days(here / "new.csv", date(2021, 3, 1), 12)
    assert run(["predict", "out/lstm.safetensors", "new.csv", "--out", "p.csv"]) == 0
    lines = (here / "p.csv").read_text().splitlines()[1:]
    assert [line.split(",")[1] for line in lines] == [
        "2021-03-13 00:00:00-05:00",
        "2021-03-14 00:00:00-05:00",
        *[f"2021-03-{day} 00:00:00-04:00" for day in range(15, 20)],
    ]


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("date,y\n01/02/2024,1\n02/02/2024,2\n", [], "may be 1 February 2024 (%d/%m/%Y) or 2 January 2024 (%m/%d/%Y)"),
        ("ds,y\nfoo,1\nbar,2\n", [], "name its format with --time-format"),
        ("ds,y\n2020-01-01,1\n2020-01-02,2\n", ["--timezone", "Europe/Berlinn"], "Did you mean 'Europe/Berlin'?"),
        ("ds,y\n2020-01-01,1\n2020-01-02,2\n", ["--time-format", "%d.%m.%Y"], "does not have the format '%d.%m.%Y'"),
        (
            "ds,y\n2021-10-31 01:00,1\n2021-10-31 02:00,2\n2021-10-31 02:00,2\n2021-10-31 03:00,2\n",
            [],
            "name its zone, as in --timezone Europe/Berlin",
        ),
        ("ds,y\n2020-01-01,1\n2020-01-02,2\n", ["--groups", "y"], "name the column of class labels with --label"),
        ("ds,y\n2020-01-01,1\n2020-01-02,2\n", ["--short", "keep"], "short is 'keep'; expected drop or error"),
    ],
)
def test_one_sentence(here: Path, capsys: pytest.CaptureFixture[str], text: str, options: list[str], said: str) -> None:
    (here / "x.csv").write_text(text)
    assert run(["compare", "x.csv", *options, "--out", "out"]) == 2
    sentence = capsys.readouterr().err.strip().splitlines()[-1]
    assert sentence.startswith("selfloop: ")
    assert said in sentence
    assert not (here / "out").exists()
