"""How the explorer looks and behaves: every width, dark, paper, still, by ear, and fast."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from browsing import COLLISIONS, WIDTHS, Visit, go, offences, opened, settle, still_clock
from explorer_samples import explore, random_exploration, recall_exploration, trace, untrained, with_extras
from selfloop.inside.explore.explore import exploration_of
from selfloop.report.explore import widget_facts, widget_module, widget_style, write_explorer
from selfloop.results.exploration import Exploration
from selfloop.results.study import to_json
from selfloop.words import three
from train_samples import made, series

PLACES = [
    f"scene={scene}&model={model}&op={op}&view={view}"
    for model, ops in (("lstm", "fgcoh"), ("gru", "znh"), ("rnn", "h"))
    for scene in ("cut", "closed", "unrolled", "cell", "operation", "answer")
    for op in (ops if scene == "operation" else "h")
    for view in (("forward", "backward") if scene in ("unrolled", "cell") else ("forward",))
]


pytestmark = pytest.mark.browser


def with_a_hole() -> Exploration:
    """An input that is not a number at step 21 of 30, and an infinite one at step 28."""
    x = torch.linspace(-2, 2, 90).reshape(30, 3)
    x[20, 1], x[27, 0] = float("nan"), float("inf")
    models = tuple(
        trace(
            kind, untrained(kind, input_size=3, hidden_size=6, classes=3, dtype=torch.float32), x,
            names=("x1", "x2", "x3"), labels=("red", "green", "blue"), target=1,
        )
        for kind in ("lstm", "gru", "rnn")
    )  # fmt: skip
    return explore(models, x, data="noise with a hole", target_class=1)


def forecasts() -> Exploration:
    lstm, *others = (made("forecast", name, kind="both", log=True, skip=True) for name in ("lstm", "gru", "rnn"))
    return exploration_of(lstm, series(90, 117), against=others, first=70, steps=40)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("explorers")
    made = {
        "recall": with_extras(recall_exploration()),
        "hole": with_a_hole(),
        "forecast": forecasts(),
        "one": random_exploration(("lstm", "gru", "rnn", "gru_reset_before"), T=1, input_size=2, hidden_size=3),
        "large": random_exploration(("lstm", "gru", "rnn"), T=500, input_size=20, hidden_size=128),
    }
    return {name: write_explorer(exploration, folder / f"{name}.html") for name, exploration in made.items()}


@pytest.mark.parametrize("width", [360, 660, 768, 1280])
@pytest.mark.parametrize("name", ["recall", "hole", "large", "forecast"])
def test_nothing_is_cut_and_no_words_lie_on_others(visit: Callable[..., Visit], name: str, width: int) -> None:
    page = visit(name, width=width).page
    for place in PLACES:
        for step in (1, 23) if name == "recall" else (23,):
            go(page, f"{place}&step={step}")
            assert page.evaluate(WIDTHS) == [width, width], place
            assert page.evaluate(COLLISIONS) == [], f"{place}&step={step}"


HOST = """<!DOCTYPE html><html><body><style>%s</style><div id="a"></div><div id="b"></div>
<script type="application/json" id="given">%s</script><script type="module">
%s
const given = JSON.parse(document.getElementById("given").textContent);
for (const id of ["a", "b"]) render({ model: { get: name => given[name] }, el: document.getElementById(id) });
</script></body></html>"""


def test_the_widget_is_the_same_explorer_and_two_of_them_do_not_meet(browser: Any, tmp_path: Path) -> None:
    exploration = recall_exploration()
    given = {"exploration_json": to_json(exploration).decode(), "facts_json": widget_facts()}
    page = tmp_path / "notebook.html"
    page.write_text(HOST % (widget_style(), json.dumps(given).replace("<", "\\u003c"), widget_module()), "utf-8")
    visited = opened(browser, page, reduced_motion="reduce")
    first, second = visited.page.locator("#a .explorer"), visited.page.locator("#b .explorer")
    first.locator("[data-act='scene:cell']").click()
    first.locator("[data-act='step:0']").first.click()
    visited.page.wait_for_function("() => document.querySelector('#a .step').textContent === 'step 1 of 26'")
    assert second.locator(".step").inner_text() != "step 1 of 26"
    assert first.locator("svg.stage [data-quantity*='/gate/f/0/']").count() == 1
    assert visited.page.evaluate(COLLISIONS) == []
    assert visited.page.evaluate("() => location.hash") == ""
    assert brightness(first.evaluate("e => getComputedStyle(e).backgroundColor")) > 700
    visited.went_well()
    visited.page.context.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_a_sequence_of_one_step_is_whole(visit: Callable[..., Visit], width: int) -> None:
    page = visit("one", width=width).page
    for place in [*PLACES, "scene=cell&model=gru_reset_before", "scene=operation&model=gru_reset_before&op=n"]:
        go(page, place)
        assert page.evaluate(COLLISIONS) == [], place
    assert page.locator(".transport .step").inner_text() == "step 1 of 1"


def test_what_is_not_finite_is_shown_as_such_at_its_place(visit: Callable[..., Visit]) -> None:
    page = visit("hole", "scene=cell&step=20").page
    assert page.locator("svg.stage .broken").count() == 0
    go(page, "scene=cell&step=21")
    assert set(page.locator("svg.stage [data-quantity*='/gate/']").all_text_contents()) == {"NaN"}
    assert page.locator(".inputs input").nth(1).input_value() == "NaN"
    go(page, "scene=operation&op=f&step=21")
    assert "not finite" in page.locator(".sentence").inner_text()
    go(page, "scene=closed&step=28")
    assert page.locator(".inputs input").first.input_value() == "∞"


def test_the_user_s_own_values_stand_beside_what_was_made_of_them(visit: Callable[..., Visit]) -> None:
    page, data = visit("forecast", "scene=cell&step=20").page, series(90, 117)
    now = f"channel_1 {three(data[0][69 + 19, 0])}, channel_2 {three(data[0][69 + 19, 1])}"
    assert page.locator(".transport .step").inner_text() == f"step 89 of 90 · {now}"
    assert page.locator(".inputs h3").inner_text() == "Input at step 89, as fed"
    assert visit("recall", "step=3").page.locator(".transport .step").inner_text() == "step 3 of 26"


def test_an_address_that_nobody_wrote_opens_the_page(visit: Callable[..., Visit]) -> None:
    for anchor in ("%", "scene=%E0%A4%A", "x=3.%26:1&hold=lstm:f:0:0"):
        assert visit("recall", anchor).page.locator(".scenes button[aria-current]").count() == 1


def brightness(colour: str) -> int:
    return sum(int(part) for part in colour[colour.index("(") + 1 : -1].split(",")[:3])


def test_the_dark_is_dark_and_its_words_are_light(visit: Callable[..., Visit]) -> None:
    seen = {}
    for scheme in ("light", "dark"):
        page = visit("recall", "scene=cell", color_scheme=scheme).page
        seen[scheme] = [
            brightness(page.evaluate("() => getComputedStyle(document.body).backgroundColor")),
            brightness(page.evaluate("() => getComputedStyle(document.querySelector('svg.stage .number')).fill")),
            # The heat map of the belt before anything is on it is as light as the paper around it.
            page.evaluate(CORNER),
        ]
    assert seen["light"][0] > 700 > 100 > seen["light"][1]
    assert seen["dark"][1] > 600 > 100 > seen["dark"][0]
    assert seen["light"][2] > 600 > 250 > seen["dark"][2]


def test_paper_shows_the_scene_and_what_happened_in_words(visit: Callable[..., Visit]) -> None:
    page = visit("recall", "scene=cell", color_scheme="dark").page
    page.set_viewport_size({"width": 718, "height": 1000})  # A4 between its margins
    page.emulate_media(media="print", color_scheme="dark")
    for _ in range(2):  # the room is measured, then what stands in it is drawn
        settle(page)
    assert brightness(page.evaluate("() => getComputedStyle(document.body).backgroundColor")) == 765
    assert page.evaluate(CORNER) > 600
    assert not page.locator(".transport").is_visible()
    assert not page.locator(".panel").is_visible()
    assert page.locator("svg.stage").is_visible()
    assert page.evaluate(COLLISIONS) == []
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_whoever_wants_no_motion_gets_none(visit: Callable[..., Visit]) -> None:
    assert len(set(positions(visit("recall", "scene=closed", before=still_clock).page))) == 1
    moving = visit("recall", "scene=closed", before=still_clock, reduced_motion="no-preference").page
    first, *_, last = seen = positions(moving)
    assert first != last
    assert seen[-3:] == [last] * 3


def positions(page: Any) -> list[str]:
    """Where things are, every tenth of a second after a click."""
    page.evaluate(UNROLL)
    seen = []
    for _ in range(10):
        page.clock.run_for(100)
        seen.append(page.evaluate(POSITIONS))
    return seen


@pytest.mark.parametrize(
    "place", ["scene=cut", "scene=cell", "scene=operation&op=c", "scene=answer", "scene=unrolled&view=backward"]
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit: Callable[..., Visit], place: str, scheme: str) -> None:
    assert offences(visit("recall", place, color_scheme=scheme).page) == []


# How bright the first pixel of the second heat map is: the belt before much is on it.
CORNER = """() => [...document.querySelectorAll('canvas.heat')][1].getContext('2d').getImageData(0, 0, 1, 1)
  .data.slice(0, 3).reduce((a, b) => a + b)"""
# Where everything on the stage is.
POSITIONS = "() => [...document.querySelectorAll('svg.stage rect')].map(e => e.getAttribute('x')).join()"
UNROLL = """() => document.querySelector('[data-act="scene:unrolled"]').click()"""
# The slider to a step, and the frame that shows it.
SCRUB = """async (step) => {
  const slider = document.querySelector('input.time');
  slider.value = step;
  slider.dispatchEvent(new Event('input', {bubbles: true}));
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())));
}"""
MOST_BLOCKS = 600_000  # of script a step; 480,000 at most, and with them a step took 5 to 10 ms on two quiet cores


class Work:
    """What a page does, counted by the browser: blocks of its script that ran, and times that it was laid out."""

    def begin(self, page: Any) -> None:
        """Before anything is loaded: script that was read earlier is not counted."""
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.enable")
        self._session.send("Profiler.enable")
        self._session.send("Profiler.startPreciseCoverage", {"callCount": True, "detailed": True})
        self._layouts = 0

    def blocks(self) -> int:
        """Since it was asked last."""
        scripts = self._session.send("Profiler.takePreciseCoverage")["result"]
        functions = [function for script in scripts for function in script["functions"]]
        return sum(block["count"] for function in functions for block in function["ranges"])

    def layouts(self) -> int:
        """Since it was asked last."""
        found = {each["name"]: each["value"] for each in self._session.send("Performance.getMetrics")["metrics"]}
        before, self._layouts = self._layouts, found["LayoutCount"]
        return int(self._layouts - before)


@pytest.mark.parametrize(
    "place", ["scene=closed", "scene=unrolled&view=backward", "scene=cell", "scene=operation&op=c"]
)
def test_scrubbing_500_steps_of_128_units_fits_into_a_frame(visit: Callable[..., Visit], place: str) -> None:
    """Its work does: one layout, and no more script than a sixtieth of a second holds."""
    work = Work()
    page = visit("large", f"{place}&step=90", before=work.begin).page
    page.evaluate(SCRUB, 100)
    work.layouts(), work.blocks()
    for step in range(101, 109):
        page.evaluate(SCRUB, step)
        assert work.layouts() == 1
        assert 1000 < work.blocks() < MOST_BLOCKS
    assert page.locator(".transport .step").inner_text() == "step 109 of 500"
