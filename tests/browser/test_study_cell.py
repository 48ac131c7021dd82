"""A study at the end of a notebook's cell, and its progress while it runs, on a page of somebody else's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from browsing import WIDTHS, Visit
from report_samples import classify_study, forecast_study
from selfloop.report.study.cell import study_cell
from selfloop.study import listener as listening
from selfloop.study.listener import Cell, listener

pytestmark = pytest.mark.browser
AROUND = "<!DOCTYPE html><html lang=en><meta charset=utf-8><title>a notebook</title><body style='{style}'>{cell}</body>"
DARK = "background: #111; color: #eee"


def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Everything that a cell's output was, one picture after the other."""
    pictures: list[str] = []

    class Handle:
        def update(self, page: Any) -> None:
            pictures.append(page.data)

    def display(page: Any, display_id: bool) -> Handle:
        assert display_id
        pictures.append(page.data)
        return Handle()

    monkeypatch.setattr("IPython.display.display", display)
    monkeypatch.setattr(listening, "EVERY", 0.0)
    return pictures


def told(cell: Cell) -> None:
    """A study's way through a listener."""
    result = forecast_study()
    cell.say("using time=ds, target=y; ignoring z (name them with --inputs to use them)")
    cell.choosing(2)
    cell.chose()
    cell.begin(dict.fromkeys(result.candidates, 2), (), 2)
    for trial in result.trials[:3]:
        cell.finished(trial)
    cell.end()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("cells")
    with pytest.MonkeyPatch.context() as patch:
        pictures = drawn(patch)
        told(Cell())
    cells = {
        "forecast": ("", study_cell(forecast_study(), "study/report.html")),
        "classify": (DARK, study_cell(classify_study())),
        "progress": (DARK, pictures[-1]),
    }
    for name, (style, cell) in cells.items():
        (folder / f"{name}.html").write_text(AROUND.format(style=style, cell=cell), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in cells}


@pytest.mark.parametrize("name", ["forecast", "classify"])
def test_the_verdict_and_the_leaderboard_are_read(visit: Callable[..., Visit], name: str) -> None:
    result = forecast_study() if name == "forecast" else classify_study()
    page = visit(name).page
    said = " ".join(page.inner_text("body").split())
    assert " ".join(result.verdict.headline.replace("\N{NO-BREAK SPACE}", " ").split()) in said
    rows = page.locator("tbody tr")
    assert rows.count() == len(result.leaderboard)
    for k, row in enumerate(result.leaderboard):
        assert rows.nth(k).locator("th").inner_text().startswith(row.candidate.label)
    assert page.locator("tbody th small").inner_text() == "the pick"
    assert ("study/report.html" in said) == (name == "forecast")


@pytest.mark.parametrize("name", ["classify", "progress"])
def test_its_words_have_the_colour_of_the_page_around_it(visit: Callable[..., Visit], name: str) -> None:
    page = visit(name).page
    first = "tbody td" if name == "classify" else "pre"
    assert page.locator(first).first.evaluate("e => getComputedStyle(e).color") == "rgb(238, 238, 238)"


def test_a_board_is_as_wide_as_a_window(visit: Callable[..., Visit]) -> None:
    wide, window = visit("forecast", width=900).page.evaluate(WIDTHS)
    assert wide <= window


def test_progress_is_one_output_that_is_drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = drawn(monkeypatch)
    told(Cell())
    assert len(pictures) > 6
    assert "name them with inputs= to use them" in pictures[0]
    for candidate in forecast_study().candidates:
        assert candidate.label in pictures[-1]
    assert "3/" in pictures[-1]


def test_a_notebook_gets_a_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "Console", lambda **_: SimpleNamespace(is_jupyter=True))
    monkeypatch.setattr(listening.Cell, "__init__", lambda self: None)
    assert isinstance(listener(True), Cell)
