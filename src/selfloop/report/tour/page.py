"""A tour as one HTML file: how far back each network remembers, why, and the explorer on some of them."""

from __future__ import annotations

from pathlib import Path

from selfloop.files import write_page
from selfloop.report.charts.memory import STARTS, memory_picture, signal_picture
from selfloop.report.explore.page import explorer_fragment, explorer_style
from selfloop.report.web.style import page_style
from selfloop.report.web.templates import template
from selfloop.results.tour import Start, Tour, Trained
from selfloop.words import count, listed, percent, three

REMEMBERS = 0.9  # share of tests answered right from which a network is said to remember


def write_tour(tour: Tour, path: str | Path) -> Path:
    """Writes `render_tour` to a file, whole or not at all.

    Raises:
        StudyError: the file cannot be written.
    """
    return write_page(render_tour(tour), path, "tour")


def render_tour(tour: Tour) -> str:
    """The whole page as HTML; charts and words need no JavaScript, the explorer does."""
    return template("explorer/tour.html.jinja").render(
        tour=tour,
        headline=headline(tour),
        trained=count(len(tour.trained), "network"),
        seconds=f"{tour.seconds:,.0f}",
        memory=memory_picture(tour),
        remembered=remembered(tour),
        signal=signal_picture(tour),
        reasons=reasons(tour),
        starts=STARTS,
        fragment=explorer_fragment(tour.exploration),
        css=f"{page_style()}\n{explorer_style()}",
    )


def headline(tour: Tour) -> str:
    """The first cell, chance and then right, where that came out; otherwise how far the best one got."""
    for lag in tour.lags:
        here = [each for each in tour.trained if (each.cell, each.lag) == (tour.first, lag)]
        pair: dict[Start, Trained] = {each.start: each for each in here}
        if len(pair) == len(STARTS) and pair["torch"].accuracy <= tour.guessing and right(pair["chrono"]):
            guessed, known = (percent(pair[start].accuracy) for start in ("torch", "chrono"))
            return (
                f"The same {here[0].label}, the same data, at most the same training: asked for a symbol {lag} steps "
                f"ago it guesses as torch starts it ({guessed} right), and knows with chrono biases ({known})."
            )
    best = max(tour.trained, key=lambda each: (right(each) * each.lag, each.accuracy))
    return f"Asked for a symbol {best.lag} steps ago, this {best.label} is right {percent(best.accuracy)} of the time."


def right(each: Trained) -> bool:
    """Whether it remembers."""
    return each.accuracy >= REMEMBERS


def remembered(tour: Tour) -> tuple[str, ...]:
    """A sentence for each cell and start: as far as it remembers, and from where it guesses."""
    return tuple(_remembered(tour, tour.of(cell, start)) for cell, start in tour.pairs)


def _remembered(tour: Tour, runs: tuple[Trained, ...]) -> str:
    who = f"This {runs[0].label} ({STARTS[runs[0].start]})"
    known = [each for k, each in enumerate(runs) if all(right(before) for before in runs[: k + 1])]
    lost = [each for each in runs if each.accuracy <= tour.guessing]
    said = f"recalls {known[-1].lag} steps ({percent(known[-1].accuracy)} right)" if known else "recalls none of them"
    if known and known[-1] is runs[-1]:
        return f"{who} {said}, the longest that was tried."
    if lost and _all_after(runs, lost[0], tour):
        return f"{who} {said} and is at chance from {lost[0].lag} steps on."
    if lost:
        return f"{who} {said} and is at chance at {listed([str(each.lag) for each in lost])} steps."
    return f"{who} {said}; at {runs[-1].lag} steps it is right {percent(runs[-1].accuracy)} of the time."


def _all_after(runs: tuple[Trained, ...], first: Trained, tour: Tour) -> bool:
    return all(each.accuracy <= tour.guessing for each in runs if each.lag >= first.lag)


def reasons(tour: Tour) -> tuple[str, ...]:
    """What is left of the gradient at the lag that tells the first cell's two starts apart, or at the last one."""
    telling = [
        lag for lag in tour.lags
        if len({right(each) for each in tour.trained if (each.cell, each.lag) == (tour.first, lag)}) > 1
    ]  # fmt: skip
    lag = telling[0] if telling else tour.lags[-1]
    parts = listed([f"{three(each.share(lag))} ({each.label}, {STARTS[each.start]})" for each in tour.signals])
    return (
        f"Before any training, this much of the learning signal at the end reaches {lag} steps back: {parts}.",
        "What does not arrive cannot be learnt from: training can only mend what the loss feels.",
        "With torch’s start a forget gate is about 0.5, so half of the belt is lost at every step, and half of the "
        f"gradient on its way back: 0.5 multiplied {lag} times is {three(0.5**lag)}. Chrono biases (Tallec & Ollivier "
        "2018) open each unit’s keeping gate for a time of its own, from a few steps to the length of the sequence.",
    )
