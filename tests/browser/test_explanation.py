"""The page of explain in a real browser: charts at every width, in the dark, on paper, and a live explorer in it."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from browsing import WIDTHS, offences, opened
from explain_samples import sample_explanation
from selfloop.report.explain.page import write_explanation

FIGURES = 10
SHOWN = "[...document.querySelectorAll('figure .drawing > svg')].filter(each => each.getClientRects().length)"

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_explanation(sample_explanation(T=60), tmp_path_factory.mktemp("explain") / "explain.html")


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_reads_well_and_its_explorer_lives(browser: Any, page: Path, width: int, scheme: str) -> None:
    visited = opened(browser, page, width=width, color_scheme=scheme, reduced_motion="reduce")
    shown = visited.page
    assert shown.evaluate(WIDTHS) == [width, width]
    edges = shown.evaluate(f"() => {SHOWN}.map(each => each.getBoundingClientRect().right)")
    assert len(edges) == FIGURES
    assert max(edges) <= width
    # Browsers cut off what is drawn beyond an SVG: no word may stand there.
    assert shown.evaluate(
        f"() => {SHOWN}.flatMap(svg => [...svg.querySelectorAll('text')].filter(text => {{"
        " const [a, b] = [text, svg].map(each => each.getBoundingClientRect());"
        " return a.left < b.left - 1 || a.right > b.right + 1 || a.top < b.top - 1 || a.bottom > b.bottom + 1;"
        " }).map(text => text.textContent))"
    ) == []  # fmt: skip
    shown.locator("[data-act='scene:cell']").click()
    shown.wait_for_function("() => document.querySelector('svg.stage').textContent.includes('LSTM, unit')")
    shown.evaluate("() => document.querySelectorAll('details').forEach(each => { each.open = true; })")
    assert shown.evaluate(WIDTHS) == [width, width]
    assert offences(shown) == []
    visited.went_well()
    shown.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_heat_maps_are_drawn_in_the_gates_colours(browser: Any, page: Path, width: int, scheme: str) -> None:
    """The forget gate's map, seen: vermilion over the page's own colour, sharp between two units."""
    visited = opened(browser, page, width=width, color_scheme=scheme)
    place = visited.page.locator("#explain-gates-lstm .drawing:visible use[href^='#explain-image']").first
    assert place.evaluate("each => each.getBBox().width") == 1
    pixels = visited.page.evaluate(
        """async (shot) => {
          const image = new Image();
          image.src = `data:image/png;base64,${shot}`;
          await image.decode();
          const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
          canvas.drawImage(image, 0, 0);
          return [...canvas.getImageData(0, 0, image.width, image.height).data];
        }""",
        _shot(place),
    )
    colours = {tuple(pixels[k : k + 3]) for k in range(0, len(pixels), 4)}
    paper = (255, 255, 255) if scheme == "light" else (0x14, 0x16, 0x1A)
    gate = (0xD5, 0x5E, 0x00)
    # Each is a mixture of both, by 32 steps of opacity; no other colours, since nothing is smoothed.
    steps = [[p + (g - p) * k / 31 for p, g in zip(paper, gate, strict=True)] for k in range(32)]
    off = [min(max(abs(x - y) for x, y in zip(colour, step, strict=True)) for step in steps) for colour in colours]
    assert 8 < len(colours) <= 32
    assert max(off) < 2
    visited.went_well()
    visited.page.context.close()


def _shot(place: Any) -> str:
    box = place.evaluate(
        "each => { each.scrollIntoView({block: 'center'}); const b = each.getBoundingClientRect();"
        " return {x: b.x + 4, y: b.y + 4, width: b.width - 8, height: b.height - 8}; }"
    )
    return base64.b64encode(place.page.screenshot(clip=box)).decode()


def test_words_and_charts_need_no_javascript(browser: Any, page: Path) -> None:
    visited = opened(browser, page, java_script_enabled=False)
    assert visited.page.locator("h1").is_visible()
    drawings = visited.page.locator("figure .drawing.wide > svg")
    assert drawings.count() == FIGURES
    assert all(drawing.is_visible() for drawing in drawings.all())
    assert "needs JavaScript" in visited.page.locator("#explorer").inner_text()
    visited.page.context.close()


def test_on_paper_everything_is_there_in_dark_ink(browser: Any, page: Path) -> None:
    visited = opened(browser, page, color_scheme="dark")
    shown = visited.page
    shown.emulate_media(media="print", color_scheme="dark")
    assert shown.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert shown.evaluate("() => getComputedStyle(document.querySelector('h1')).color") == "rgb(0, 0, 0)"
    assert shown.evaluate(f"() => {SHOWN}.length") == FIGURES
    strokes = shown.evaluate(
        "() => [...document.querySelectorAll('#explain-gradient-by-lag .wide path')]"
        ".map(each => getComputedStyle(each).stroke)"
    )
    assert "rgb(51, 34, 136)" in strokes
    assert shown.locator("nav[aria-label='Contents']").is_hidden()
    assert len(shown.pdf(format="A4")) > 50_000
    visited.went_well()
    shown.context.close()
