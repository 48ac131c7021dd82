"""A text in the explorer: labels over the time axis, the text coloured by a unit, and what units go along with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from browsing import WIDTHS, Visit, go, offences, settle
from explorer_samples import random_exploration
from selfloop.report.explore import write_explorer
from selfloop.results.exploration import Exploration
from selfloop.results.responses import Response, Responses

TEXT = 'He said:\n"No (never)."\n' * 4  # 92 characters
COLOURS = "() => [...document.querySelectorAll('.reads span')].map(e => e.style.backgroundColor)"
LOUD = Responses("c", 20_000, 6, 0.11, (Response(3, "inside quotes", 0.61), Response(0, "inside brackets", -0.42)))

pytestmark = pytest.mark.browser


def text() -> Exploration:
    plain = random_exploration(("lstm", "gru"), T=len(TEXT), input_size=2, hidden_size=5)
    truths = tuple(int(each) for each in np.random.default_rng(0).integers(0, 3, len(TEXT)))
    lstm, gru = plain.models
    return replace(
        plain, models=(replace(lstm, responses=LOUD), gru), symbols=tuple(TEXT), time=tuple(TEXT), asked="step",
        true_classes=(*truths[:-1], -1), target_class=None,
    )  # fmt: skip


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {"text": write_explorer(text(), tmp_path_factory.mktemp("texts") / "text.html")}


def test_a_unit_colours_the_text_and_a_symbol_moves_the_cursor(visit: Callable[..., Visit]) -> None:
    page, exploration = visit("text").page, text()
    values = exploration.models[0].cell_state
    assert values is not None
    for unit in (3, 0):  # the page opens on the unit that goes along with something
        settle(page)
        colours = page.evaluate(COLOURS)
        assert len(colours) == len(TEXT)
        for value, colour in zip(values.numpy()[:, unit].tolist(), colours, strict=True):
            red, _, blue = (int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))
            assert np.sign(red - blue) in (0, np.sign(value)), (value, colour)
        largest = int(np.abs(values.numpy()[:, unit]).argmax())
        assert colours[largest] in ("rgb(43, 108, 176)", "rgb(197, 48, 48)")
        page.click(".responses tbody tr:nth-child(2) td:nth-child(2)")
    assert page.evaluate("() => document.querySelector('.units [aria-pressed=true]').textContent") == "1"
    before = page.evaluate(COLOURS)
    page.click(".texthead button:nth-child(2)")
    assert page.evaluate(COLOURS) != before
    page.click(".reads span:nth-of-type(11)")
    settle(page)
    assert page.inner_text(".step").startswith("step 11 of 92")
    page.keyboard.press("ArrowRight")
    settle(page)
    assert page.evaluate("() => document.querySelector('.reads [aria-current]').textContent") == TEXT[11]


def test_the_label_under_the_pointer_is_told_with_its_rivals(visit: Callable[..., Visit]) -> None:
    page, exploration = visit("text").page, text()
    go(page, "step=2")
    answers, labels = exploration.models[0].answers, ("red", "green", "blue")
    assert answers is not None
    for step in (1, 4):
        if step == 4:
            wide = page.evaluate(
                "() => parseFloat(getComputedStyle(document.querySelector('.rows')).getPropertyValue('--wide'))"
            )
            page.locator(".said canvas").first.hover(position={"x": 4.5 * wide / len(TEXT), "y": 5})
        said, best = page.inner_text(".likely"), int(answers.numpy()[step].argmax())
        assert said.startswith(f"Step {step + 1} “{TEXT[step].replace(' ', '␣')}”: {labels[best]} ")
        truth = exploration.true_classes[step]
        assert f"true label {labels[truth]}" in said
        assert said.endswith("right" if best == truth else "wrong")


@pytest.mark.parametrize("width", [360, 1280])
def test_it_fits_and_can_be_read_in_the_dark_and_on_paper(visit: Callable[..., Visit], width: int) -> None:
    page = visit("text", width=width, color_scheme="dark").page
    assert page.evaluate(WIDTHS) == [width, width]
    assert page.evaluate(COLOURS)[0] != ""
    assert offences(page) == []
    dark: Any = page.evaluate(COLOURS)
    page.emulate_media(media="print", color_scheme="light")
    settle(page)
    assert page.evaluate(COLOURS) != dark
    assert page.evaluate(WIDTHS) == [width, width]
