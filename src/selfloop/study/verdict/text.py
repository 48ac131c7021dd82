"""The headline, the reason of the pick, and what a reader must know besides: in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from selfloop.results.differences import against, direction
from selfloop.results.study import Claim, Row
from selfloop.study.verdict import statistics as st
from selfloop.study.verdict.claims import ended
from selfloop.study.verdict.frame import Frame, cost, the
from selfloop.study.verdict.persistence import Persistence
from selfloop.words import count, listed, sentence, three

MOST_NAMES = 2  # in a headline
APPROXIMATE = 0.3  # correlation from fold to fold up to which the 5 % was measured to hold


@dataclass(frozen=True)
class Picked:
    """What was picked, and out of what.

    Attributes:
        pick: the row.
        best: what scored best of those that may be picked.
        near: how many of those that may be picked are within the margin of the best.
        naive: the best naive baseline that never diverged.
        loop: the best recurrent network.
        passed_over: a naive baseline that is cheaper and as near, but likely beaten.
        beats_naive: whether anything is shown better than the naive baseline.
    """

    pick: Row
    best: Row
    near: int
    naive: Row | None = None
    loop: Row | None = None
    passed_over: Row | None = None
    beats_naive: bool = False


def headline(frame: Frame, rows: Sequence[Row], picked: Picked, claims: Sequence[Claim]) -> str:
    """Two sentences: which and by how much; how sure and at what cost.

    Args:
        frame: of the study.
        rows: the leaderboard.
        picked: what was picked.
        claims: about the pick against each other candidate.
    """
    pick, naive, metric = picked.pick, picked.naive, frame.metric.label
    a = the(pick.candidate)
    assert pick.score is not None
    if naive is pick and claims:
        first = f"Nothing here is shown to beat {a} {frame.on}: its {metric} is {three(pick.score)}."
    elif naive is not None and naive is not pick:
        assert naive.score is not None
        gap = _gap(pick.score, naive.score, frame)
        first = f"{a} is the pick {frame.on}: its {metric} is {three(pick.score)} against {three(naive.score)} for "
        first += f"{the(naive.candidate)}{f', {gap}' if gap else ''}."
    else:
        first = f"{a} is the pick {frame.on}: its {metric} is {three(pick.score)}."
    return f"{sentence(first)} {_how_sure(frame, rows, picked, claims)}"


def _gap(score: float, other: float, frame: Frame) -> str:
    """Of two mean scores: "41 % lower"; nothing where there is no ratio."""
    size = against(frame.metric, score, other)
    return "" if size is None else direction(frame.metric, size)


def _how_sure(frame: Frame, rows: Sequence[Row], picked: Picked, claims: Sequence[Claim]) -> str:
    """Names where they are few, numbers where they are many; then the cost."""
    price = f"takes {cost(picked.pick.operations)}"
    if not claims:
        return f"It {price}."
    if frame.folds < st.FEWEST_FOLDS:
        return f"It {price}; nothing is claimed from {count(frame.folds, 'fold')}."
    openings = {
        "better": "shown better than",
        "equivalent": "shown equivalent to",
        "worse": "shown worse than",
        "no difference found": "not told apart from",
        "no claim": "not judged against",
    }
    labels = {row.candidate.name: the(row.candidate) for row in rows}
    parts: list[str] = []
    left = len(claims)
    for outcome, opening in openings.items():
        group = [labels[claim.other] for claim in claims if claim.outcome == outcome]
        left -= len(group)
        if group:
            rest = "the rest" if left == 0 and parts else f"{len(group)} of the {len(claims)} others"
            every = "all" if outcome in ("better", "equivalent", "worse") else "any of the"
            rest = f"{every} {len(claims)} others" if len(group) == len(claims) else rest
            parts.append(f"{opening} {listed(group) if len(group) <= MOST_NAMES else rest}")
    return f"It is {listed(parts)}, and {price}."


def pick_reason(frame: Frame, rows: Sequence[Row], picked: Picked, claims: Sequence[Claim]) -> str:
    """Why this one: the cheapest of the candidates within the margin of the best; and what that says of a self loop.

    Args:
        frame: of the study.
        rows: the leaderboard.
        picked: what was picked.
        claims: about the pick against each other candidate.
    """
    pick, best, metric = picked.pick, picked.best, frame.metric.label
    a = the(pick.candidate)
    assert pick.score is not None
    assert best.score is not None
    if frame.comparisons == 0:
        text = f"{a} is the only candidate."
    elif pick is best:
        among = "" if pick.unscored or not any(row.unscored for row in rows) else f" of those that never {_all(rows)}"
        text = f"{a} has the best mean {metric}{among} ({three(pick.score)})"
        text += "." if picked.passed_over else f", and no cheaper one comes within {frame.within} of it."
    else:
        gap = _gap(pick.score, best.score, frame)
        text = f"{a} has a mean {metric} of {three(pick.score)} against {three(best.score)} of the best, "
        likely = f" that likely beats {the(picked.passed_over.candidate)}" if picked.passed_over else ""
        text += f"{the(best.candidate)} ({gap}); of the {picked.near} candidates within {frame.within} of it, it is "
        text += f"the cheapest{likely}, with {cost(pick.operations)}{_against(picked)}."
    if picked.passed_over is not None and pick is best:
        text += f" {sentence(the(picked.passed_over.candidate))} is as near and cheaper, but likely beaten."
    return sentence(text) + _of_a_loop(frame, picked, claims)


def _of_a_loop(frame: Frame, picked: Picked, claims: Sequence[Claim]) -> str:
    """What a baseline as the pick says of a self loop: no more than was shown."""
    pick, loop, naive = picked.pick, picked.loop, picked.naive
    if pick.candidate.family != "baseline" or loop is None or loop.score is None:
        return ""
    named = f"{the(loop.candidate)} ({frame.metric.label} {three(loop.score)})"
    if naive is not None and not picked.beats_naive:
        return f" The best recurrent network is {named}, and nothing is shown to beat {the(naive.candidate)}."
    outcome = next(claim.outcome for claim in claims if claim.other == loop.candidate.name)
    if outcome in ("better", "equivalent"):
        return f" A model without a self loop suffices {frame.on}: the best recurrent network is {named}."
    if outcome == "worse":
        return f" A self loop helps {frame.on}, but by little: the best recurrent network is {named}."
    return f" Whether a self loop helps {frame.on} is undecided: the best recurrent network is {named}."


def notes(
    frame: Frame, rows: Sequence[Row], picked: Picked, claims: Sequence[Claim], persists: Persistence | None
) -> list[str]:
    """What a reader must know besides: few folds, diverged runs, networks no better than naive.

    Args:
        frame: of the study.
        rows: the leaderboard.
        picked: what was picked.
        claims: about the pick against each other candidate.
        persists: of effects from fold to fold; None: folds have no order, or say nothing of it.
    """
    said = []
    if frame.folds < st.FEWEST_FOLDS:
        said.append(
            f"A pick, but no claim: {count(frame.folds, 'fold')} cannot show how far scores vary; "
            f"{st.FEWEST_FOLDS} or more can."
        )
    elif any(claim.p_value is not None for claim in claims):
        said.append(_family(frame, persists))
    if persists is not None and persists.clear:
        said.append(
            "What favours a candidate in one fold tends to favour it in the next: the correlation is "
            f"{_correlation(persists)}. Such folds show less than their number says, so that differences must be "
            "larger to be shown here; a slow drift can still look like skill."
        )
    said += [_ended(row) for row in rows if row.unscored]
    loop, naive = picked.loop, picked.naive
    if loop is not None and naive is not None and loop.score is not None and naive.score is not None:
        gained = loop.score < naive.score if frame.metric.lower_is_better else loop.score > naive.score
        if not gained:
            text = f"the best recurrent network, {the(loop.candidate)}, does not score better than "
            said.append(sentence(f"{text}{the(naive.candidate)} {frame.on}."))
    return said


def _family(frame: Frame, persists: Persistence | None) -> str:
    """How often a study like this one makes a false claim, and on what condition."""
    chance = (
        f"All {count(frame.comparisons, 'pair')} of candidates form one family, since any could have been the pick: "
        "the chance that this study makes a false claim at all is at most 5 %"
        if frame.comparisons > 1
        else "The chance that this study makes a false claim is at most 5 %"
    )
    if persists is None:
        return f"{chance}."
    if persists.clear:
        return chance.replace("at most", "about") + "."
    condition = "as long as what favours a candidate in one fold hardly goes on into the next"
    return f"{chance}, {condition} (a correlation up to {APPROXIMATE}; here it is {_correlation(persists)})."


def _correlation(persists: Persistence) -> str:
    low, high = (f"{end:.2f}" for end in (persists.low, persists.high))
    return f"{persists.correlation:.2f}, anywhere from {low} to {high}"


def _ended(row: Row) -> str:
    name, how = the(row.candidate), ended(row)
    why = f" ({row.failure})" if row.failure else ""
    if row.unscored == row.trials:
        return sentence(f"{name} {how} in every run{why} and has no score.")
    text = (
        f"{name} {how} in {row.unscored} of {count(row.trials, 'run')}{why}; its scores are means over the rest, and "
    )
    return sentence(f"{text}it cannot be the pick unless every candidate {how} somewhere.")


def _all(rows: Sequence[Row]) -> str:
    """How runs of any of them ended."""
    failed, diverged = any(row.failed for row in rows), any(row.diverged for row in rows)
    return "diverged" if not failed else "failed" if not diverged else "diverged or failed"


def _against(picked: Picked) -> str:
    """What the best one takes; of one whose multiply-adds nobody counts, what that means."""
    if picked.best.operations is not None:
        return f" against {picked.best.operations:,}"
    return ": nobody counts those of an entry of your own, so it passes for dearer than any that is counted"
