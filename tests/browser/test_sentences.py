"""What the explorer says, in a real browser, against the models and data that it speaks of.

The oracles are a model's own predictions of what it has read so far, and a linear forecast reckoned here by hand.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from browsing import COLLISIONS, Visit, go, settle
from explorer_samples import recall_exploration, with_extras
from selfloop.data import Sequences, load
from selfloop.inside.explore.explore import exploration_of, explore
from selfloop.models.predictor import Predictor
from selfloop.report.explore import write_explorer
from selfloop.words import three
from train_samples import made, series

pytestmark = pytest.mark.browser

STEPS = np.linspace(-1, 2, 22).reshape(11, 2)
NUMBER = r"−?[\d,.]+(?: × 10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?"
ANSWERS = """() => [...document.querySelectorAll('svg.stage [data-quantity*="/answer/"]')]
  .map(e => Number(e.dataset.value))"""
OVERLAPPING = """() => {
  const words = [...document.querySelectorAll('svg.lagchart text')];
  const meet = (p, q) => Math.min(p.right, q.right) - Math.max(p.left, q.left) > 1
    && Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top) > 5;
  return words.flatMap((a, k) => words.slice(k + 1)
    .filter(b => meet(a.getBoundingClientRect(), b.getBoundingClientRect()))
    .map(b => `${a.textContent} on ${b.textContent}`));
}"""
CLIPPED = """() => [...document.querySelectorAll('.inputs input')]
  .filter(e => e.scrollWidth > e.clientWidth).map(e => e.value)"""


def raw() -> Predictor:
    return made("forecast", "lstm", kind="changes", skip=True, season=1)


def both(layers: int = 1) -> Predictor:
    return made("classify", "gru", direction="both", pool="mean", layers=layers)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("sentences")
    labelled = load([STEPS], labels=["class 2"], axes="steps,channels")
    made_of = {
        "raw": exploration_of(raw(), series(90, 117), sequence_id="1"),
        "log": exploration_of(
            made("forecast", "gru", kind="both", log=True, skip=True), series(90, 117), sequence_id="1"
        ),
        "both": exploration_of(both(), labelled),
        "stacked": exploration_of(made("forecast", "lstm", layers=2), series(90, 117)),
        "alone": explore(torch.nn.LSTM(3, 5), torch.linspace(-2, 2, 21).reshape(7, 3)).exploration,
        "recall": with_extras(recall_exploration()),
    }
    return {name: write_explorer(found, folder / f"{name}.html") for name, found in made_of.items()}


def sentence(page: Any) -> str:
    return str(page.locator(".sentence").inner_text()).replace("\u00a0", " ")


def words(page: Any) -> str:
    return str(page.locator(".wordsbox").evaluate("box => box.textContent")).replace("\u00a0", " ")


def texts(page: Any, key: str) -> list[str]:
    found = page.evaluate(
        "key => [...document.querySelectorAll('svg.stage text')].filter(e => new RegExp(key).test(e.dataset.key))"
        ".map(e => e.textContent)",
        key,
    )
    assert isinstance(found, list)
    return found


def linear_by_hand(predictor: Predictor, data: Sequences, step: int) -> np.ndarray:
    """(K,) the linear model's forecast after `step`, from its weights and the user's values alone."""
    pipeline: Any = predictor.model.pipeline  # type: ignore[attr-defined]
    skip, scale, values = pipeline.skip, pipeline.fitted.scales[data.ids[0]], data.values
    seen = []
    for channel in range(values.shape[1]):
        for back in range(skip.window - 1, -1, -1):
            t = step - back
            seen.append((values[t, channel] - values[t - 1, channel]) / scale.change[channel] if t >= 1 else 0.0)
    found = values[step, data.target] + (skip.weight @ np.array(seen) + skip.bias) * scale.answer
    return np.asarray(found)


@pytest.mark.parametrize("step", [20, 65, 117])
def test_a_forecast_is_the_linear_one_and_the_network_s_part(visit: Callable[..., Visit], step: int) -> None:
    predictor, data = raw(), series(90, 117).take([1])
    page = visit("raw", f"scene=answer&step={step}&output=2").page
    linear = linear_by_hand(predictor, data, step - 1)[2]
    found = re.fullmatch(
        rf"The answer, ({NUMBER}), is a sum: ({NUMBER}) is (.+), ({NUMBER}) is what the head makes of h of this step\.",
        sentence(page),
    )
    assert found, sentence(page)
    assert found[2] == three(linear)
    window = predictor.model.pipeline.skip.window  # type: ignore[attr-defined]
    assert found[3] == f"a linear forecast from the last {window} steps"
    if step == 117:
        whole = predictor.predict(data)["selfloop"].to_numpy()[2]
        assert (found[1], found[4]) == (three(whole), three(whole - linear))
    read = page.locator(".reading .numbers").inner_text()
    assert read.startswith(f"{found[2]} + {found[4]} = {found[1]}")


def test_of_a_logarithm_the_parts_are_factors(visit: Callable[..., Visit]) -> None:
    page = visit("log", "scene=answer&step=117&output=0").page
    whole = made("forecast", "gru", kind="both", log=True, skip=True).predict(series(90, 117).take([1]))["selfloop"][0]
    found = re.fullmatch(rf"The answer, ({NUMBER}), is a product: ({NUMBER}) is .+, ({NUMBER}) is .+", sentence(page))
    assert found, sentence(page)
    assert found[1] == three(whole)
    assert float(found[2]) * float(found[3]) == pytest.approx(whole, rel=0.01)  # each in three digits


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", ["raw", "log", "both", "stacked", "alone"])
def test_nothing_is_cut_and_nothing_collides(visit: Callable[..., Visit], name: str, width: int) -> None:
    page = visit(name, width=width).page
    for scene in ("cut", "closed", "unrolled", "cell", "answer"):
        for view in ("forward", "backward"):
            go(page, f"scene={scene}&view={view}&step=6")
            assert page.evaluate(COLLISIONS) == [], (scene, view)


def test_the_loop_cut_and_closed_are_told_of_the_network_s_part(visit: Callable[..., Visit]) -> None:
    page = visit("raw", "scene=cut&step=65").page
    cut = texts(page, r"^past:\d+:answer$")
    assert len(cut) == 5
    assert len(set(cut)) == 1
    said = words(page)
    assert "stands on a linear forecast from the last" in said
    assert "the past cannot get in" not in said
    go(page, "scene=closed&step=65")
    closed = texts(page, r"^past:\d+:answer$")
    assert len(set(closed)) > 1
    assert "now gets another part of the answer after another past" in words(page)
    (whole,) = texts(page, "^answer:best$")
    base, sign, part, _, answer = whole.split(" ")
    assert f"{sign} {part}" == closed[-1]
    linear = linear_by_hand(raw(), series(90, 117).take([1]), 64)[0]
    assert base == three(linear)
    assert float(answer) == pytest.approx(linear + float(sign.replace("−", "-") + part), rel=0.01)


def test_a_network_that_reads_both_ways_answers_and_says_what_it_needs(visit: Callable[..., Visit]) -> None:
    page = visit("both").page
    for step in (1, 4, 11):
        go(page, f"scene=answer&step={step}")
        own = both().predict([STEPS[:step]]).select("p_class 0", "p_class 1", "p_class 2").row(0)
        shown = page.evaluate(ANSWERS)
        assert sorted(shown) == pytest.approx(sorted(own), rel=1e-5)
        assert "the same of the reading backwards" in sentence(page)
        assert "feeds another layer" not in words(page)
    assert page.locator("button[data-act='view:backward']").is_visible()
    go(page, "scene=cut&step=5")
    assert "needs the reading backwards, too" in words(page)
    # After a change its answer and its way back are not known, and that is what is said.
    go(page, "scene=answer&step=5&x=4.channel_1:9")
    assert texts(page, "^no:head$") == [sentence(page)]
    assert "the reading backwards adds to it" in sentence(page)
    assert page.locator("button[data-act='view:backward']").count() == 0
    assert "the reading backwards" in page.locator(".noway").inner_text()
    assert "the answer is not known" in page.locator(".edited").inner_text()


def test_why_a_layer_has_no_answer(visit: Callable[..., Visit]) -> None:
    page = visit("stacked", "scene=answer&model=lstm-1").page
    assert sentence(page) == "This layer feeds layer 2; it has no answer of its own."
    go(page, "scene=cell&view=backward&model=lstm-1&step=80")
    assert page.locator(".views button[aria-pressed=true]").inner_text() == "backward"
    assert page.locator(".noway").inner_text() == ""
    go(page, "scene=cell&view=backward&model=lstm-1&step=80&x=70.channel_1 change:3")
    assert page.locator(".views button[aria-pressed=true]").inner_text() == "forward"
    assert "comes from layer 2" in page.locator(".noway").inner_text()
    alone = visit("alone", "scene=answer").page
    assert sentence(alone) == "This is a layer alone: no head came with it that would answer."
    assert "No gradient was recorded" in alone.locator(".noway").inner_text()


def test_an_edited_symbol_leaves_no_truth_behind(visit: Callable[..., Visit]) -> None:
    page = visit("recall", "scene=answer&step=14").page
    strip = page.locator(".striplabel", has_text="P(")
    assert strip.inner_text() == "P(true answer)"
    page.locator(".inputs label", has_text="symbol_3").locator("input").fill("1")
    settle(page)
    assert re.fullmatch(r"P\(.+\), true before your change", strip.inner_text())
    assert texts(page, "^class:truth$") == ["✓ the true answer before your change"]
    page.locator("button.reset").click()
    settle(page)
    assert strip.inner_text() == "P(true answer)"


@pytest.mark.parametrize("width", [360, 1280])
def test_a_field_shows_all_of_its_number(visit: Callable[..., Visit], width: int) -> None:
    page = visit(
        "raw", "scene=cut&step=5&x=4.channel_1 change:-0.0000612&x=4.channel_2 change:-123456789", width=width
    ).page
    fields = page.locator(".inputs input")
    assert [fields.nth(k).input_value() for k in range(2)] == ["−6.12e−5", "−1.23e8"]
    assert page.evaluate(CLIPPED) == []


@pytest.mark.parametrize("width", [360, 1280])
def test_the_lines_by_lag_are_told_and_their_words_stand_apart(visit: Callable[..., Visit], width: int) -> None:
    """Only the first model has a line there: an LSTM's, of c."""
    page = visit("recall", width=width).page
    assert "pulls at c of k steps before" in page.locator(".lags p").first.inner_text()
    assert page.evaluate(OVERLAPPING) == []
