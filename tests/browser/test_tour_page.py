"""The tour's page in a real browser: words and charts at every width, and a live explorer in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from browsing import WIDTHS, offences, opened
from selfloop.inside.tour.tour import tour
from selfloop.report.tour.page import write_tour

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tour(tour((2, 7), most_updates=32), tmp_path_factory.mktemp("tour") / "tour.html")


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_tour_reads_well_and_its_explorer_lives(browser: Any, page: Path, width: int, scheme: str) -> None:
    visited = opened(browser, page, width=width, color_scheme=scheme, reduced_motion="reduce")
    shown = visited.page
    assert shown.evaluate(WIDTHS) == [width, width]
    edges = shown.evaluate(
        "() => [...document.querySelectorAll('figure svg')].filter(each => each.getClientRects().length)"
        ".map(each => each.getBoundingClientRect().right)"
    )
    assert len(edges) == 2
    assert max(edges) <= width
    assert "this RNN" in shown.locator("main").inner_text()
    shown.locator("[data-act='scene:cell']").click()
    shown.locator(".models button", has_text="torch’s start").click()
    shown.wait_for_function("() => document.querySelector('svg.stage').textContent.includes('torch’s start, unit')")
    assert shown.evaluate(WIDTHS) == [width, width]
    assert offences(shown) == []
    visited.went_well()
    shown.context.close()


def test_words_and_charts_need_no_javascript(browser: Any, page: Path) -> None:
    visited = opened(browser, page, java_script_enabled=False)
    assert visited.page.locator("h1").is_visible()
    assert visited.page.locator("#memory .drawing.wide svg").is_visible()
    assert "needs JavaScript" in visited.page.locator("#explorer").inner_text()
    visited.page.context.close()
