"""Which model a study leaves for use: the pick's; where no file can hold that, the best of the others'."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from selfloop.results.study import Metric, Row
from selfloop.study.verdict.frame import the
from selfloop.words import listed, sentence, three


@dataclass(frozen=True)
class Kept:
    """The model.

    Attributes:
        role: "pick", or "best_saved".
        name: of the candidate.
        remarks: what is not saved, and why, in sentences.
    """

    role: str
    name: str
    remarks: tuple[str, ...] = ()


def kept(rows: Sequence[Row], pick: str, metric: Metric) -> Kept:
    """The pick, or the best that can be saved: of those that never diverged, if there are any.

    Args:
        rows: the leaderboard.
        pick: name of the candidate.
        metric: that decides.
    """
    own = [row.candidate for row in rows if not row.candidate.saved]
    if not own:
        return Kept("pick", pick)
    if pick not in [candidate.name for candidate in own]:
        many = len(own) > 1
        why = (
            "entries of your own, which no model file can hold" if many else "an entry of your own, no file can hold it"
        )
        names = listed([candidate.label for candidate in own])
        return Kept("pick", pick, (sentence(f"{names} {'are' if many else 'is'} not saved: {why}."),))
    able = [row for row in rows if row.candidate.saved and row.score is not None]
    best = min(able, key=lambda row: row.unscored > 0)
    return Kept(
        "best_saved",
        best.candidate.name,
        (
            sentence(
                f"{pick} is the pick and is not saved: an entry of your own, no file can hold it. In its place "
                f"{the(best.candidate)} is saved, the best of those that a file can hold ({metric.label} "
                f"{three(best.score)})."
            ),
        ),
    )
