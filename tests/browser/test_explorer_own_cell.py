"""Cells that the page has no drawing and no arithmetic for: shown from the table of cells and from their traces."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from browsing import COLLISIONS, WIDTHS, Visit, go, offences, settle
from own_cells import LEAKY, OWN, Sizes, beside, own_exploration, registered
from selfloop.kinds import kind_of
from selfloop.report.explore import write_explorer
from selfloop.results.exploration import Exploration, TracedModel
from selfloop.results.study import from_json

GOLDEN = Path(__file__).parent.parent / "golden" / "explorer" / "cells.json"
SCENES = {"leaky": "closed unrolled cell operation answer", "blob": "closed unrolled cell answer"}
SCENES["selective"] = SCENES["leaky"]
WHY = "this page cannot compute it anew, so inputs, gates and the loop stay as they were."
RECORDED = {"x", "gate", "state", "answer", "dh", "dc"}
NUMBERS = (
    "() => [...document.querySelectorAll('svg.stage [data-quantity]')].filter(e => !e.ariaHidden)"
    ".map(e => [e.dataset.quantity, e.dataset.value])"
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def explorations() -> Iterator[dict[str, Exploration]]:
    with registered(*OWN):
        golden = from_json(GOLDEN.read_bytes(), Exploration)
        yield {
            "own": own_exploration(*OWN),
            "one step": own_exploration(*OWN, sizes=Sizes(T=1, I=1, H=2)),
            "large": own_exploration(*OWN, sizes=Sizes(T=300, I=20, H=96)),
            "mixed": beside(golden, LEAKY),
        }


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, explorations: dict[str, Exploration]) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("own cells")
    return {name: write_explorer(each, folder / f"{name}.html") for name, each in explorations.items()}


PLACES = [
    f"model={name}&scene={scene}&view={view}"
    for name, scenes in SCENES.items()
    for scene in scenes.split()
    for view in (("forward", "backward") if scene in ("unrolled", "cell") else ("forward",))
] + [f"model={name}&scene=operation&op={op}" for name, ops in (("leaky", "avh"), ("selective", "asmvc")) for op in ops]


def share(model: TracedModel, what: str) -> np.ndarray:
    """(T, H) how much is kept or written."""
    part = getattr(kind_of(model.cell), what)
    gate = model.gates[part.gate.symbol].numpy().astype(float)
    return 1 - gate if part.rest else gate


def carried(model: TracedModel) -> tuple[np.ndarray, np.ndarray]:
    """(H,) before the first step and (T, H) after each of what rides the belt."""
    start, states = (model.c0, model.cell_state) if model.cell_state is not None else (model.h0, model.hidden)
    assert start is not None
    assert states is not None
    return start.numpy().astype(float), states.numpy().astype(float)


def summed(model: TracedModel, what: str, name: str, t: int, j: int) -> float:
    """A gate's sum, or a part of it: "a.input.1", "a.state.3" or "a.bias.0"."""
    symbol, *part = name.split(".")
    kind = kind_of(model.cell)
    row = [gate.symbol for gate in kind.gates].index(symbol) * model.hidden_size + j
    h = (model.hidden.numpy()[t - 1] if t else model.h0.numpy()).astype(float)
    if kind.reset and kind.candidate and symbol == kind.candidate.symbol:
        h = h * model.gates[kind.reset.gate.symbol].numpy()[t]
    sides = {
        "input": (model.W_ih.numpy()[row], model.inputs.numpy()[t].astype(float)),
        "state": (model.W_hh.numpy()[row], h),
    }
    if what == "before":
        return float(sum(weights @ values for weights, values in sides.values()))
    if part[0] == "bias":
        return 0.0
    weight, value = (side[int(part[1])] for side in sides[part[0]])
    return float({"weight": weight, "factor": value, "term": weight * value}[what])


def expected(model: TracedModel, address: str) -> float:
    """What stands at an address, from the trace alone."""
    _, kind, name, step, place = address.split("/")
    t, j, pull, head = int(step), int(place), model.gradients, model.head
    assert pull is not None
    assert head is not None
    arrays = {
        "x": model.inputs,
        "gate": model.gates.get(name),
        "answer": model.answers,
        "dh": pull.hidden,
        "dc": pull.cell,
    }
    if kind in arrays:
        return float(arrays[kind].numpy()[t, j])
    if kind == "state":
        start, states = (model.h0, model.hidden) if name == "h" else (model.c0, model.cell_state)
        return float((start.numpy()[j]) if t < 0 else states.numpy()[t, j])
    if name.startswith("answer") or kind == "score":
        W, h = head.W.numpy().astype(float), model.hidden.numpy().astype(float)[t]
        index = int(name.rsplit(".", 1)[-1]) if "." in name else 0
        bias = ".bias." in name
        whole = {"score": float(W[j] @ h), "weight": W[j, index], "factor": h[index]}
        return 0.0 if bias else whole.get(kind, W[j, index] * h[index])
    if kind in ("before", "term", "weight", "factor"):
        return summed(model, kind, name, t, j)
    if kind == "rest":
        return 1 - float(model.gates[name].numpy()[t, j])
    keep, write = share(model, "keep"), share(model, "write")
    candidate = kind_of(model.cell).candidate
    assert candidate is not None
    wrote = write * model.gates[candidate.symbol].numpy().astype(float)
    begun, after = carried(model)
    belt = (pull.hidden if pull.cell is None else pull.cell).numpy().astype(float)[t] * keep[t]
    if kind == "written":
        first = 0 if name == "start" else int(name) + 1
        return float(np.prod(keep[first : t + 1, j]) * (begun[j] if name == "start" else wrote[int(name), j]))
    made = {"keep": keep[t, j] * (begun if t == 0 else after[t - 1])[j], "write": wrote[t, j], "belt": belt[j]}
    return float(made[kind])


def test_every_number_is_the_trace_s_and_says_whether_it_was_recorded(
    visit: Callable[..., Visit], explorations: dict[str, Exploration]
) -> None:
    page = visit("own").page
    models = {model.name: model for model in explorations["own"].models}
    kinds = set()
    for place in PLACES:
        for step in (1, 14, 26):
            go(page, f"{place}&step={step}")
            numbers = page.evaluate(NUMBERS)
            assert numbers, place
            for address, value in numbers:
                kind, true = address.split("/")[1], expected(models[address.split("/")[0]], address)
                kinds.add(kind)
                if kind in RECORDED:
                    assert float(value) == true, address
                else:  # float64: a product, or a sum of 8
                    assert float(value) == pytest.approx(true, rel=1e-13, abs=1e-15), address
    assert kinds >= RECORDED - {"x"} | {"keep", "write", "rest", "written", "belt", "score", "before", "term"}
    assert "path" not in kinds  # that is of all units, and stands nowhere beside numbers of one
    for address, said in (("gate/a/13/", "recorded"), ("keep/-/13/", "computed here from recorded numbers")):
        go(page, "model=leaky&scene=cell&step=14" if "keep" in address else "model=selective&scene=cell&step=14")
        page.locator(f"svg.stage [data-quantity*='/{address}']:not([aria-hidden])").first.hover()
        assert page.locator(".reading .source").inner_text() == said


def test_all_gates_stand_under_their_names_in_their_colours_at_all_steps(visit: Callable[..., Visit]) -> None:
    page = visit("own", "model=selective&scene=cell&step=14").page
    gates = page.locator(".strips .gatelabel")
    assert gates.all_inner_texts() == ["leak a", "selector s", "mask m", "proposal v"]
    colour = "e => getComputedStyle(e).borderLeftColor"
    assert gates.nth(1).evaluate(colour) == "rgb(0, 158, 115)"
    # The strip, looked at: white to the gate's colour, the units that matter most first.
    pixel = page.evaluate(
        "() => { const c = document.querySelectorAll('.striprow:has(.gatelabel) canvas')[1];"
        " return [c.width, c.height, ...c.getContext('2d').getImageData(13, 0, 1, 1).data.slice(0, 3)]; }"
    )
    assert pixel[:2] == [26, 5]
    assert pixel[2] < pixel[3]  # green, not grey
    drawn = page.locator("svg.stage [data-key='gate:s']").evaluate("e => getComputedStyle(e).stroke")
    assert drawn == "rgb(0, 158, 115)"
    assert "a ⊙ c" in page.locator(".formula").inner_text()
    assert page.locator(".codebox").is_hidden()


def test_what_was_written_down_of_a_cell_is_shown(visit: Callable[..., Visit]) -> None:
    page = visit("own", "model=leaky&scene=cell&step=14").page
    assert page.locator(".reading .line").inner_text() == "h = (1 - a) * h + a * v"
    assert page.locator(".reading .place").inner_text().startswith("own_cells.py:")
    page.locator(".codebox summary").click()
    assert "v = np.tanh" in page.locator(".codebox").inner_text()
    go(page, "model=leaky&scene=operation&op=h&step=14")
    assert "Π (1 − a)" in page.locator(".formula").inner_text()
    assert page.locator(".ops button").all_inner_texts() == ["a leak gate", "v proposal", "h hidden state"]
    assert page.locator("svg.stage .ledger").count() == 15


@pytest.mark.parametrize("name", ["leaky", "selective", "blob"])
def test_what_would_have_to_be_computed_anew_is_off_and_one_sentence_says_why(
    visit: Callable[..., Visit], explorations: dict[str, Exploration], name: str
) -> None:
    page = visit("own", f"model={name}&scene=cell&step=14&x=13.x1:9&hold={name}:a:-1:-1:0").page
    assert page.locator(".fixed").inner_text().endswith(WHY)
    fields = page.locator(".inputs input")
    assert fields.count() == 3
    assert all(field.is_disabled() for field in fields.all())
    assert page.locator(".holds").is_hidden()
    assert page.locator("button.reset").is_hidden()
    model = next(each for each in explorations["own"].models if each.name == name)
    for address, value in page.evaluate(NUMBERS):
        if address.split("/")[1] in RECORDED:
            assert float(value) == expected(model, address)
    current = page.locator(".scenes button[aria-current]")
    off = [b.get_attribute("data-act") for b in page.locator(".scenes button").all() if b.is_disabled()]
    assert off == (["scene:cut", "scene:operation"] if name == "blob" else ["scene:cut"])
    page.keyboard.press("1")
    assert current.get_attribute("data-act") == "scene:cell"
    page.keyboard.press("2")
    page.wait_for_function(
        "() => document.querySelector('.scenes button[aria-current]').dataset.act === 'scene:closed'"
    )
    for key in ("ArrowRight", "ArrowDown", "b", "b", "4"):
        page.keyboard.press(key)
    page.wait_for_function("() => document.querySelector('.transport .step').textContent === 'step 15 of 26'")


def test_beside_a_cell_that_can_be_changed_it_stays_what_it_was(
    visit: Callable[..., Visit], explorations: dict[str, Exploration]
) -> None:
    page = visit("mixed", "model=lstm&scene=unrolled&step=3").page
    page.locator(".inputs input").first.fill("4")
    go(page, "model=lstm&scene=unrolled&step=5&x=2.x1:4")
    assert page.locator(".edited").inner_text().startswith("Changed")
    assert page.locator(".fixed").is_hidden()
    page.locator(".models [data-act='model:5']").click()
    page.wait_for_function("() => document.querySelector('.fixed').textContent !== ''")
    model = explorations["mixed"].models[5]
    numbers = page.evaluate(NUMBERS)
    assert numbers
    assert all(float(value) == expected(model, address) for address, value in numbers)
    assert page.locator(".edited").inner_text() == ""
    go(page, "model=lstm&scene=cut&step=3")
    page.locator(".models [data-act='model:5']").click()
    page.wait_for_function(
        "() => document.querySelector('.scenes button[aria-current]').dataset.act === 'scene:closed'"
    )


@pytest.mark.parametrize("width", [360, 660, 1280])
@pytest.mark.parametrize("name", ["own", "one step", "large"])
def test_nothing_is_cut_and_no_words_lie_on_others(visit: Callable[..., Visit], name: str, width: int) -> None:
    page = visit(name, width=width).page
    for place in PLACES:
        go(page, f"{place}&step=14")
        assert page.evaluate(WIDTHS) == [width, width], place
        assert page.evaluate(COLLISIONS) == [], place


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "place", ["scene=cell&model=leaky", "scene=cell&model=blob&view=backward", "scene=closed&model=selective"]
)
def test_axe_finds_nothing_serious(visit: Callable[..., Visit], place: str, scheme: str) -> None:
    assert offences(visit("own", place, color_scheme=scheme).page) == []


def test_paper_shows_it_too(visit: Callable[..., Visit]) -> None:
    page = visit("own", "scene=cell&model=selective", color_scheme="dark").page
    page.set_viewport_size({"width": 718, "height": 1000})
    page.emulate_media(media="print", color_scheme="dark")
    for _ in range(2):  # the room is measured, then what stands in it is drawn
        settle(page)
    assert not page.locator(".panel").is_visible()
    assert page.locator("svg.stage").is_visible()
    assert page.locator(".formula").is_visible()
    assert page.evaluate(COLLISIONS) == []
