"""The report in a real browser, opened from a file with the network off: as a reader meets it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from browsing import WIDTHS, Visit, opened
from report_samples import classify_page, forecast_page, forecast_study
from selfloop.report import write_report
from selfloop.results.study import StudyResult

SHOWN = "[...document.querySelectorAll('[data-chart]')].filter(each => each.getClientRects().length)"
ALL_LIVE = f"() => {SHOWN}.length && {SHOWN}.every(each => each.dataset.live === 'yes')"

pytestmark = pytest.mark.browser


def wide_study() -> StudyResult:
    """Numbers with as many digits as there are, some runs diverged everywhere, a headline that goes on."""
    result = forecast_study()
    rows = tuple(
        replace(
            row, score=1234.5, spread=123.4, relative={"mase": 0.07}, parameters=1_234_567, operations=2_345_678,
            train_seconds=754.0, search_seconds=4520.0, step_microseconds=1234.5, diverged=7,
        )
        for row in result.leaderboard
    )  # fmt: skip
    words = result.verdict.headline.replace("this LSTM", "this LSTM or that feed-forward network")
    return replace(result, leaderboard=rows, verdict=replace(result.verdict, headline=words), examples=())


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    made = {name: folder / f"{name}.html" for name in ("forecast", "classify", "wide")}
    made["forecast"].write_text(forecast_page(), encoding="utf-8")
    made["classify"].write_text(classify_page(), encoding="utf-8")
    write_report(wide_study(), made["wide"])
    return made


@pytest.fixture
def visit(browser: Any, reports: dict[str, Path]) -> Iterator[Callable[..., Visit]]:
    """Opens a report; at the end, whatever it was: nothing was asked for and nothing went wrong."""
    visits: list[Visit] = []

    def open_report(name: str, **context: Any) -> Visit:
        visits.append(opened(browser, reports[name], **context))
        return visits[-1]

    yield open_report
    for visited in visits:
        visited.went_well()
    for visited in visits:
        visited.page.context.close()


def charts(page: Any) -> int:
    count = page.evaluate(f"() => {SHOWN}.length")
    assert isinstance(count, int)
    return count


@pytest.mark.parametrize(("name", "count"), [("forecast", 6), ("classify", 6)])
@pytest.mark.parametrize("width", [1280, 360])
def test_every_chart_comes_alive_and_nothing_overflows(
    visit: Callable[..., Visit], name: str, count: int, width: int
) -> None:
    page = visit(name, width=width).page
    page.wait_for_function(ALL_LIVE)
    assert charts(page) == count
    scrolled, seen = page.evaluate(WIDTHS)
    assert scrolled == seen == width
    edges = page.evaluate(f"() => {SHOWN}.map(each => each.querySelector('svg').getBoundingClientRect().right)")
    assert max(edges) <= width
    page.evaluate("() => document.querySelectorAll('details').forEach(each => { each.open = true; })")
    assert page.evaluate(WIDTHS) == [width, width]


@pytest.mark.parametrize("name", ["forecast", "classify", "wide"])
def test_on_a_desk_the_headline_is_short_and_no_column_is_cut(visit: Callable[..., Visit], name: str) -> None:
    page = visit(name).page
    height = "() => { const h = document.querySelector('h1'), s = getComputedStyle(h); "
    assert (
        page.evaluate(height + "return Math.round(h.getBoundingClientRect().height / parseFloat(s.lineHeight)); }") <= 4
    )
    page.evaluate("() => document.querySelectorAll('details').forEach(each => { each.open = true; })")
    inside = "() => [...document.querySelectorAll('.scroll')].filter(e => e.scrollWidth > e.clientWidth).map(e => e.id)"
    assert page.evaluate(inside) == []


def test_live_charts_stand_where_the_drawings_stood(visit: Callable[..., Visit]) -> None:
    box = "each.querySelector('svg').getBoundingClientRect()"
    sizes = f"() => {SHOWN}.map(each => [{box}.width, {box}.height])"
    still = visit("forecast", java_script_enabled=True).page
    still.wait_for_function(ALL_LIVE)
    alive = still.evaluate(sizes)
    drawn = [
        [float(svg.get_attribute("width")), float(svg.get_attribute("height"))]
        for svg in visit("forecast", java_script_enabled=False).page.locator(".drawing.wide > svg").all()
    ]
    # Fonts are measured by the browser here and by the renderer there: a few pixels, no jump.
    assert len(alive) == len(drawn)
    for live, static in zip(alive, drawn, strict=True):
        assert live == pytest.approx(static, abs=24)


@pytest.mark.parametrize("name", ["forecast", "classify"])
def test_tables_and_drawings_need_no_javascript(visit: Callable[..., Visit], name: str) -> None:
    page = visit(name, java_script_enabled=False).page
    assert page.locator("h1").is_visible()
    assert page.locator("#leaderboard table").is_visible()
    drawings = page.locator(".drawing.wide > svg")
    assert drawings.count() == 6
    for drawing in drawings.all():
        assert drawing.is_visible()
        assert drawing.bounding_box()["width"] > 300
    assert not page.locator(".drawing.narrow").first.is_visible()


def test_a_dot_tells_its_numbers(visit: Callable[..., Visit]) -> None:
    page = visit("forecast").page
    page.wait_for_function(ALL_LIVE)
    dot = page.locator("#cost .drawing.wide .mark-symbol path").last
    dot.scroll_into_view_if_needed()
    # Scrolling puts a tip away, and a frame sends its scroll events before it calls back.
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    dot.hover()
    tip = page.locator(".tip")
    tip.wait_for(state="visible")
    assert {"candidate", "MASE", "multiply-adds", "training"} == set(tip.locator("span").all_inner_texts())
    page.mouse.move(5, 5)
    tip.wait_for(state="hidden")


def test_the_dark_has_light_words_and_lines(visit: Callable[..., Visit]) -> None:
    style = "() => { const s = getComputedStyle(document.body); return [s.color, s.backgroundColor]; }"
    lines = "() => getComputedStyle(document.querySelector('#verdict .drawing.wide svg .role-axis-label text')).fill"
    seen = {}
    for scheme in ("light", "dark"):
        page = visit("forecast", color_scheme=scheme).page
        page.wait_for_function(ALL_LIVE)
        seen[scheme] = [*page.evaluate(style), page.evaluate(lines)]
    brightness = {scheme: [sum(rgb(colour)) for colour in colours] for scheme, colours in seen.items()}
    assert brightness["light"][1] > 700 > 150 > brightness["light"][0]
    assert brightness["dark"][0] > 650 > 100 > brightness["dark"][1]
    assert brightness["dark"][2] > 400 > brightness["light"][2]


def rgb(colour: str) -> list[int]:
    return [int(part) for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]


def test_paper_is_white_open_and_uncut(visit: Callable[..., Visit], tmp_path: Path) -> None:
    page = visit("forecast", color_scheme="dark").page
    page.wait_for_function(ALL_LIVE)
    page.set_viewport_size({"width": 718, "height": 1000})  # A4 between its margins
    page.emulate_media(media="print", color_scheme="dark")
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    assert rgb(page.evaluate("() => getComputedStyle(document.body).backgroundColor")) == [255, 255, 255]
    assert rgb(page.evaluate("() => getComputedStyle(document.body).color")) == [0, 0, 0]
    assert page.locator("details:not([open])").count() == 0
    assert page.locator(".drawing.wide").first.is_visible()
    assert not page.locator("nav").is_visible()
    assert page.evaluate(WIDTHS)[0] <= 718
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_the_keyboard_reaches_what_scrolls_and_what_folds(visit: Callable[..., Visit]) -> None:
    page = visit("forecast").page
    page.wait_for_function(ALL_LIVE)
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.className") == "skip"
    focused = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        focused.add(page.evaluate("() => document.activeElement.id || document.activeElement.tagName"))
    assert {"leaderboard", "claims-table", "SUMMARY", "A", "PRE"} <= focused
    assert page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle") == "solid"
