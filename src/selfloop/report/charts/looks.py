"""How each candidate looks in every chart and table: one colour, one line, one name."""

from __future__ import annotations

from dataclasses import dataclass

from selfloop.kinds import kinds
from selfloop.kinds.colours import BASELINE, OTHER
from selfloop.results.study import Candidate, StudyResult

HEAT = "var(--heat)"


@dataclass(frozen=True)
class Look:
    """One candidate on the page.

    Attributes:
        label: unlike every other candidate's.
        colour: a CSS variable: it turns with the page, from light to dark to paper.
        fill: of its dots: its colour, or the page's for a baseline (hollow).
        area: of what has numbers on it: its colour, unless that is a middle grey, which carries neither dark nor light.
        dash: of its lines; empty is solid.
        width: of its lines, in px.
    """

    label: str
    colour: str
    fill: str
    area: str
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
    light = {variable(kind.name): kind.colour for kind in kinds()}
    dark = {variable(kind.name): kind.dark for kind in kinds()}
    return {
        "light": {**light, "--baseline": BASELINE[0], "--other": OTHER[0]},
        "dark": {**dark, "--baseline": BASELINE[1], "--other": OTHER[1]},
    }


def variable(cell: str) -> str:
    """The CSS variable of a cell's colour; a cell of a user's own may bear any name, "ink" and "paper" as well."""
    return f"--cell-{cell}"


def _look(candidate: Candidate, label: str) -> Look:
    if candidate.family == "baseline":
        return Look(label, "var(--baseline)", "var(--paper)", HEAT, (3, 3), 1.25)
    kind = next((kind for kind in kinds() if kind.name == candidate.name), None)
    colour = f"var({variable(kind.name)})" if kind else "var(--other)"
    area = HEAT if kind and kind.colour == BASELINE[0] else colour
    return Look(label, colour, colour, area, (), 1.75)
