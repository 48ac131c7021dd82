"""The explorer in a real browser, from a file with the network off: every number it shows is the trace's."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from browsing import Visit, go, opened, settle, still_clock
from explorer_oracle import RECORDED, expected
from explorer_samples import recall_exploration, with_extras
from selfloop import cells
from selfloop.inside.explore.explore import exploration_of
from selfloop.report.explore import write_explorer
from selfloop.results.exploration import Exploration, TracedModel
from selfloop.words import three
from train_samples import made, series

SCENES = ("cut", "closed", "unrolled", "cell", "operation", "answer")
OPERATIONS = {"lstm": "figoch", "gru": "zrnh", "rnn": "h"}
EPSILON = float(np.finfo(np.float32).eps)
NUMBERS = (
    "() => [...document.querySelectorAll('svg.stage [data-quantity]')].filter(e => !e.ariaHidden)"
    ".map(e => ({address: e.dataset.quantity, value: e.dataset.value, text: e.textContent, label: e.ariaLabel}))"
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", params=["recall"])
def exploration(request: pytest.FixtureRequest) -> Exploration:
    if request.param == "recall":
        return with_extras(recall_exploration())
    lstm, *others = (made("forecast", name, kind="both", log=True, skip=True) for name in ("lstm", "gru", "rnn"))
    return exploration_of(lstm, series(90, 117), against=others, steps=40)


@pytest.fixture
def visit(browser: Any, exploration: Exploration, tmp_path: Path) -> Iterator[Callable[..., Visit]]:
    path = write_explorer(exploration, tmp_path / "explorer.html")
    visits: list[Visit] = []

    def open_explorer(anchor: str = "", **context: Any) -> Visit:
        visits.append(opened(browser, path, anchor, **context))
        return visits[-1]

    yield open_explorer
    for visited in visits:
        visited.went_well()
        visited.page.context.close()


def shown(page: Any) -> list[dict[str, str]]:
    found = page.evaluate(NUMBERS)
    assert isinstance(found, list)
    return found


def as_text(value: float, text: str) -> str:
    """As the page writes numbers, long or short."""
    if not math.isfinite(value):
        return {math.inf: "∞", -math.inf: "−∞"}.get(value, "NaN")
    long = three(value)
    return (
        f"{value:.2e}".replace("e-0", "e−").replace("e-", "e−").replace("e+0", "e").replace("-", "−")
        if ("×" in long and "×" not in text and "e" in text)
        else long
    )


PLACES = [
    (model, scene, op, view, step)
    for model in OPERATIONS
    for scene in SCENES
    for op in (OPERATIONS[model] if scene == "operation" else "h")
    for view in (("forward", "backward") if scene in ("unrolled", "cell") else ("forward",))
    for step in (1, 14, 26)
]


def largest_pull(model: TracedModel) -> float:
    assert model.gradients is not None
    found = [each.numpy() for each in (model.gradients.hidden, model.gradients.cell) if each is not None]
    return max(float(np.abs(each).max()) for each in found)


@pytest.mark.parametrize("exploration", ["recall", "forecast"], indirect=True)
def test_every_number_on_the_stage_is_the_trace_s(visit: Callable[..., Visit], exploration: Exploration) -> None:
    """Recorded ones to the bit; what the page computes from them, to rounding in float64."""
    page = visit(reduced_motion="reduce").page
    kinds = set()
    pulls = {each.name: largest_pull(each) for each in exploration.models}
    for model, scene, op, view, step in PLACES:
        go(page, f"scene={scene}&model={model}&op={op}&view={view}&step={step}")
        numbers = shown(page)
        assert numbers or scene in ("cut", "answer")
        for number in numbers:
            kind, value = number["address"].split("/")[1], float(number["value"])
            if kind == "alone":
                continue
            kinds.add(kind)
            true = expected(exploration, number["address"])
            if kind in RECORDED:
                assert value == true, number
            else:
                # Sums of up to 14 float64 terms; gradients of gates come from the page's own float64 way back, and the
                # oracle's from recorded float32 ones: 26 steps of 4 units round about 64 times.
                most = pulls[model] if kind in ("dgate", "sent", "belt") else 0
                assert value == pytest.approx(true, rel=1e-11, abs=1e-13 + 64 * EPSILON * most), number
            assert as_text(value, number["text"]) in f"{number['text']} {number['label']}", number
    assert kinds >= RECORDED - {"x"} | {
        "keep",
        "write",
        "before",
        "term",
        "weight",
        "written",
        "score",
        "dgate",
        "sent",
        "belt",
    }
    if exploration.targets is not None:  # forecasts beside a linear one
        assert kinds >= {"base", "part"}


def run_again(exploration: Exploration, name: str, x: np.ndarray, held: dict[str, float]) -> dict[str, np.ndarray]:
    """The cells' own forward in float64, with gates of all units held at every step."""
    model = next(each for each in exploration.models if each.name == name)
    weights = [
        torch.tensor(each.numpy(), dtype=torch.float64) for each in (model.W_ih, model.W_hh, model.b_ih, model.b_hh)
    ]
    kinds: dict[str, Callable[..., cells.Cell]] = {"lstm": cells.LSTM, "gru": cells.GRU, "rnn": cells.RNN}
    cell = kinds[name](*weights)
    states = {state: torch.zeros(1, model.hidden_size, dtype=torch.float64) for state in cell.kind.states}
    rows: dict[str, list[np.ndarray]] = {state: [] for state in states}
    for row in torch.tensor(x, dtype=torch.float64):
        gates = {gate.symbol: value for gate, value in cell.step(row[None], **states).gates.items()}
        gates.update({symbol: torch.full_like(gates[symbol], value) for symbol, value in held.items()})
        if name == "lstm":
            c = gates["f"] * states["c"] + gates["i"] * gates["g"]
            states = {"h": gates["o"] * torch.tanh(c), "c": c}
        elif name == "gru":
            states = {"h": (1 - gates["z"]) * gates["n"] + gates["z"] * states["h"]}
        else:
            states = {"h": gates["h"]}
        for state, value in states.items():
            rows[state].append(value[0].numpy())
    return {state: np.array(values) for state, values in rows.items()}


def test_an_edited_input_changes_everything_after_it(visit: Callable[..., Visit], exploration: Exploration) -> None:
    page = visit("scene=unrolled&step=14", reduced_motion="reduce").page
    x = exploration.models[0].inputs.numpy().copy()
    x[13, 2] = -1.5
    page.locator(".inputs label", has_text="symbol_3").locator("input").fill("−1,5")
    settle(page)
    assert page.locator(".edited").inner_text().startswith("Changed")
    for name in OPERATIONS:
        page.locator(f"button[data-act='model:{list(OPERATIONS).index(name)}']").first.click()
        settle(page)
        again = run_again(exploration, name, x, {})
        states = [each for each in shown(page) if "/state/" in each["address"]]
        assert len(states) > 4
        moved = 0.0
        for number in states:
            _, _, state, t, j = number["address"].split("/")
            assert float(number["value"]) == pytest.approx(again[state][int(t), int(j)], rel=1e-10, abs=1e-12)
            moved = max(moved, abs(float(number["value"]) - expected(exploration, number["address"])))
        assert moved > 1e-3
    page.locator("button.reset").click()
    settle(page)
    assert all(float(each["value"]) == expected(exploration, each["address"]) for each in shown(page))
    assert not page.locator("button.reset").is_visible()


@pytest.mark.parametrize(
    ("name", "gate", "value"), [("lstm", "f", 0), ("lstm", "i", 1), ("gru", "z", 1), ("gru", "r", 0)]
)
def test_a_held_gate_changes_everything(
    visit: Callable[..., Visit], exploration: Exploration, name: str, gate: str, value: int
) -> None:
    page = visit(f"scene=unrolled&step=20&model={name}", reduced_motion="reduce").page
    page.locator("button[data-act='reach:units']").click()
    page.locator(f"button[data-act='hold:{gate}:{value}']").click()
    settle(page)
    # The candidate reads the reset gate: for it the cells run with r as it is held, not as they made it.
    model = next(each for each in exploration.models if each.name == name)
    if gate == "r":
        states = without_reset(model)
    else:
        states = run_again(exploration, name, model.inputs.numpy(), {gate: float(value)})
    numbers = [each for each in shown(page) if "/state/" in each["address"]]
    assert len(numbers) >= 4
    for number in numbers:
        _, _, state, t, j = number["address"].split("/")
        assert float(number["value"]) == pytest.approx(states[state][int(t), int(j)], rel=1e-9, abs=1e-12)
    page.locator("button[data-act='scene:cell']").click()
    settle(page)
    held = [each for each in shown(page) if f"/gate/{gate}/" in each["address"]]
    assert [float(each["value"]) for each in held] == [float(value)]


def without_reset(model: Any) -> dict[str, np.ndarray]:
    """A GRU whose reset gate is shut: n = tanh(W x + b), nothing of the past in it."""
    W, U, b, b_hh = (each.numpy().astype(float) for each in (model.W_ih, model.W_hh, model.b_ih, model.b_hh))
    H, h, rows = model.hidden_size, np.zeros(model.hidden_size), []
    for x in model.inputs.numpy().astype(float):
        z = 1 / (1 + np.exp(-(W @ x + b + U @ h + b_hh)[H : 2 * H]))
        n = np.tanh((W @ x + b)[2 * H :])
        h = (1 - z) * n + z * h
        rows.append(h)
    return {"h": np.array(rows)}


def test_the_keyboard_alone_goes_everywhere(visit: Callable[..., Visit]) -> None:
    page = visit(reduced_motion="reduce").page
    page.keyboard.press("End")  # nothing has the focus: the page's own key
    page.keyboard.press("2")
    settle(page)
    assert page.locator(".scenes button[aria-current]").get_attribute("data-act") == "scene:closed"
    assert page.locator(".transport .step").inner_text() != "step 26 of 26"
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.className") == "skip"
    before = page.locator(".scenes button[aria-current]").get_attribute("data-act")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.id === 'explorer'")
    settle(page)
    assert page.locator(".scenes button[aria-current]").get_attribute("data-act") == before
    page.keyboard.press("Home")
    settle(page)
    step = page.locator(".transport .step")
    assert step.inner_text() == "step 1 of 26"
    for key, said in (("ArrowRight", 2), ("ArrowRight", 3), ("ArrowLeft", 2), ("End", 26), ("ArrowRight", 26)):
        page.keyboard.press(key)
        settle(page)
        assert step.inner_text() == f"step {said} of 26"
    for number, scene in enumerate(SCENES, start=1):
        page.keyboard.press(str(number))
        settle(page)
        current = page.locator(".scenes button[aria-current]")
        assert current.get_attribute("data-act") == f"scene:{scene}"
    page.keyboard.press("4")
    unit = page.locator(".units button[aria-pressed=true]")
    before = unit.inner_text()
    page.keyboard.press("ArrowDown")
    settle(page)
    assert unit.inner_text() != before
    page.keyboard.press("b")
    settle(page)
    assert page.locator(".views button[aria-pressed=true]").inner_text() == "backward"
    page.keyboard.press("b")
    # Every number and every gate on the stage can be reached; a number tells its formula, a gate opens.
    read = set()
    for _ in range(120):
        page.keyboard.press("Tab")
        read.add(page.locator(".reading .symbols").inner_text())
        if page.evaluate("() => (document.activeElement.getAttribute('data-act') ?? '') === 'op:o'"):
            break
    assert len(read) >= 6
    page.keyboard.press("Enter")
    settle(page)
    assert page.locator(".scenes button[aria-current]").get_attribute("data-act") == "scene:operation"
    assert page.locator(".ops button[aria-pressed=true]").get_attribute("data-act") == "op:o"
    assert "sigmoid" in page.locator(".reading .line").inner_text()


def test_play_stops_by_itself_and_never_starts_by_itself(visit: Callable[..., Visit]) -> None:
    page = visit("step=24", reduced_motion="reduce", before=still_clock).page
    step, play = page.locator(".transport .step"), page.locator("button[data-act=play]")
    page.clock.run_for(60_000)
    assert step.inner_text() == "step 24 of 26"
    play.click()
    seen = []
    for _ in range(4):
        page.clock.run_for(720)  # a step of so short a sequence takes 700, and a frame to be seen
        seen.append((step.inner_text(), play.get_attribute("aria-pressed")))
    assert seen[:2] == [("step 25 of 26", "true"), ("step 26 of 26", "true")]
    assert seen[2:] == [("step 26 of 26", "false")] * 2


def test_the_address_brings_everything_back(visit: Callable[..., Visit]) -> None:
    page = visit(reduced_motion="reduce").page
    for act in ("model:1", "scene:cell", "unit:2", "step:0", "by:1"):
        page.locator(f"[data-act='{act}']").first.click()
    page.locator(".inputs input").first.fill("2.5")
    page.locator("button[data-act='hold:z:1']").click()
    page.wait_for_function("() => location.hash.includes('hold')")
    numbers = shown(page)
    address = page.evaluate("() => location.hash.slice(1)")
    assert {"scene=cell", "model=gru", "step=2"} <= set(address.split("&"))
    again = visit(address, reduced_motion="reduce").page
    settle(again)
    assert shown(again) == numbers
    assert json.dumps(numbers) != json.dumps(shown(visit("scene=cell&model=gru&step=2", reduced_motion="reduce").page))
    # Nonsense in the address leads to the start, and to no error.
    odd = visit("scene=nowhere&model=x&step=1e9&unit=-3&hold=a:b:c&x=9:9", reduced_motion="reduce").page
    assert odd.locator(".scenes button[aria-current]").get_attribute("data-act") == "scene:cut"


def test_words_say_what_a_reader_must_know(visit: Callable[..., Visit]) -> None:
    """What a gate is, what 0 and 1 mean, why h goes two ways, why it is one unit, what z does."""
    page = visit(reduced_motion="reduce").page
    said = {}
    for model in OPERATIONS:
        for scene in SCENES:
            go(page, f"scene={scene}&model={model}")
            said[model, scene] = page.locator(".wordsbox").evaluate("box => box.textContent")
    assert "0 lets nothing through, 1 lets everything through" in said["lstm", "cell"]
    assert "h goes two ways" in said["lstm", "unrolled"]
    assert "not a cascade" in said["lstm", "unrolled"]
    assert "z keeps and 1 − z writes" in said["gru", "cell"]
    assert "swap" in said["gru", "cell"]
    assert "This RNN may still" in said["rnn", "cell"]
    assert not any("RNNs cannot" in words for words in said.values())
