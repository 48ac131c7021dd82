"""How each candidate looks in every chart and table: one colour, one line, one name."""

from __future__ import annotations

from dataclasses import dataclass

from selfloop.kinds import kinds
from selfloop.kinds.colours import BASELINE, OTHER
from selfloop.results.study import Candidate, StudyResult


@dataclass(frozen=True)
class Look:
    """One candidate on the page.

    Attributes:
        label: unlike every other candidate's.
        colour: a CSS variable: it turns with the page, from light to dark to paper.
        fill: of its dots: its colour, or the page's for a baseline (hollow).
        dash: of its lines; empty is solid.
        width: of its lines, in px.
    """

    label: str
    colour: str
    fill: str
    dash: tuple[int, ...]
    width: float


def looks(result: StudyResult) -> dict[str, Look]:
    """The look of each candidate, by name, in the leaderboard's order."""
    candidates = [row.candidate for row in result.leaderboard]
    labels = [each.label.strip() or each.name for each in candidates]
    return {
        each.name: _look(each, label if labels.count(label) == 1 else f"{label} ({each.name})")
        for each, label in zip(candidates, labels, strict=True)
    }


def variables() -> dict[str, dict[str, str]]:
    """CSS variables of the candidates' colours for "light" and "dark" pages."""
    light = {f"--{kind.name}": kind.colour for kind in kinds()}
    dark = {f"--{kind.name}": kind.dark for kind in kinds()}
    return {
        "light": {**light, "--baseline": BASELINE[0], "--other": OTHER[0]},
        "dark": {**dark, "--baseline": BASELINE[1], "--other": OTHER[1]},
    }


def _look(candidate: Candidate, label: str) -> Look:
    if candidate.family == "baseline":
        return Look(label, "var(--baseline)", "var(--paper)", (3, 3), 1.25)
    known = any(kind.name == candidate.name for kind in kinds())
    colour = f"var(--{candidate.name})" if known else "var(--other)"
    return Look(label, colour, colour, (), 1.75)
