"""How each candidate looks in every chart and table: one colour, one line, one name."""

from __future__ import annotations

from dataclasses import dataclass

from selfloop.gates import BASELINE_COLOUR, BASELINE_COLOUR_DARK, CANDIDATE_COLOURS, CANDIDATE_COLOURS_DARK
from selfloop.results.study import Candidate, StudyResult

# A recurrent network that the palette does not name: ink, so that it is not mistaken for one that it does.
_OTHER = ("#444444", "#D0D0D0")


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
    light = {f"--{name}": colour for name, colour in CANDIDATE_COLOURS.items()}
    dark = {f"--{name}": colour for name, colour in CANDIDATE_COLOURS_DARK.items()}
    return {
        "light": {**light, "--baseline": BASELINE_COLOUR, "--other": _OTHER[0]},
        "dark": {**dark, "--baseline": BASELINE_COLOUR_DARK, "--other": _OTHER[1]},
    }


def _look(candidate: Candidate, label: str) -> Look:
    if candidate.family == "baseline":
        return Look(label, "var(--baseline)", "var(--paper)", (3, 3), 1.25)
    known = next((name for name in CANDIDATE_COLOURS if candidate.name.lower().startswith(name)), None)
    colour = f"var(--{known})" if known else "var(--other)"
    return Look(label, colour, colour, (), 1.75)
