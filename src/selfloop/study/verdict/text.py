"""What a verdict says, in words. Each sentence stands alone; none claims more than its numbers do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from selfloop.results.study import Candidate, Claim, Metric, Row
from selfloop.study.verdict import statistics as st
from selfloop.words import change, count, listed, percent, probability, sentence, span, three


@dataclass(frozen=True)
class Frame:
    """What every sentence of one study shares."""

    metric: Metric
    margin: float  # 0.03: 3 %
    on: str  # "on this series"
    folds: int
    comparisons: int  # pairs of candidates: the family


@dataclass(frozen=True)
class Pair:
    """The evidence on the pick and one other candidate.

    Attributes:
        ratio: pick's score over the other's, geometric mean over the folds that both have; None where it has none.
        estimate: of the effect (negative: the pick is better); None where nothing may be claimed.
        interval: 95 %, of the ratio; None without spread.
        different, equivalent: adjusted p.
    """

    ratio: float | None
    estimate: st.Estimate | None = None
    interval: tuple[float, float] | None = None
    different: float = 1.0
    equivalent: float = 1.0


def better(frame: Frame, pick: Row, other: Row, pair: Pair) -> str:
    """A difference is shown, for the pick.

    Args:
        frame: what holds for the whole study.
        pick: whose sentence it is.
        other: what it is compared with.
        pair: what was found about the two.
    """
    a, b = the(pick.candidate), the(other.candidate)
    return sentence(f"{a} is shown better than {b} {frame.on}: its {frame.metric.label} is {_gap(pair)}.")


def worse(frame: Frame, pick: Row, other: Row, pair: Pair) -> str:
    """A difference is shown, against the pick, which its price or the margin made the pick.

    Args:
        frame: what holds for the whole study.
        pick: whose sentence it is.
        other: what it is compared with.
        pair: what was found about the two.
    """
    a, b = the(pick.candidate), the(other.candidate)
    text = f"{a} is shown worse than {b} {frame.on}: its {frame.metric.label} is {_gap(pair)}."
    why = f"its mean {frame.metric.label} is within {percent(frame.margin)} of the best"
    if pick.operations < other.operations:
        why += f", and it takes {cost(pick.operations)} against {other.operations:,}"
    return sentence(f"{text} It is the pick all the same: {why}.")


def equivalent(frame: Frame, pick: Row, other: Row, pair: Pair) -> str:
    """Both one-sided tests pass: the two are less than the margin apart.

    Args:
        frame: what holds for the whole study.
        pick: whose sentence it is.
        other: what it is compared with.
        pair: what was found about the two.
    """
    a, b = the(pick.candidate), the(other.candidate)
    text = f"{a} and {b} are shown equivalent (within {percent(frame.margin)}) {frame.on}: "
    text += f"the {frame.metric.label} of {a} is {_gap(pair)}."
    if pair.different <= st.ALPHA:
        text += " So small a difference is shown too, but it does not matter."
    return sentence(text)


def none_found(frame: Frame, pick: Row, other: Row, pair: Pair) -> str:
    """Neither a difference nor equivalence is shown.

    Args:
        frame: what holds for the whole study.
        pick: whose sentence it is.
        other: what it is compared with.
        pair: what was found about the two.
    """
    a, b = the(pick.candidate), the(other.candidate)
    assert pair.estimate is not None
    p = st.p_better(pair.estimate)
    detectable = st.smallest_detectable(pair.estimate, comparisons=frame.comparisons)
    assert p is not None
    assert detectable is not None
    likelier = f"{a} is the better one with probability {probability(p)}"
    if p < 0.5:
        likelier = f"{b} is the better one with probability {probability(1 - p)}"
    text = f"No difference found between {a} and {b} {frame.on}: the {frame.metric.label} of {a} is {_gap(pair)}, and "
    text += f"{likelier}. The smallest difference that this study would have shown with a probability of 80 % is "
    text += f"{percent(detectable) if detectable < 1 else f'a factor of {three(1 + detectable)}'}."
    if st.p_different(pair.estimate) <= st.ALPHA:
        text += f" This comparison alone would pass, but among {frame.comparisons} pairs of candidates such a gap can "
        text += "come by chance."
    return text


def all_alike(frame: Frame, pick: Row, other: Row, pair: Pair) -> str:
    """Every fold has the same ratio, so that its spread measures nothing.

    Args:
        frame: what holds for the whole study.
        pick: whose sentence it is.
        other: what it is compared with.
        pair: what was found about the two.
    """
    a, b = the(pick.candidate), the(other.candidate)
    assert pair.ratio is not None
    if pair.ratio == 1:
        text = f"No difference found between {a} and {b} {frame.on}: they scored the same in every fold, which also "
        return text + "leaves nothing to measure a chance difference by."
    text = f"the {frame.metric.label} of {a} is {change(pair.ratio)}{_than(pair.ratio, b)} in every fold alike "
    return sentence(f"{text}{frame.on}; folds without any spread are no ground for a claim.")


def unclaimed(frame: Frame, pick: Row, other: Row, pair: Pair) -> str:
    """Nothing may be claimed: runs diverged, the folds are too few, or a score of zero has no ratio.

    Args:
        frame: what holds for the whole study.
        pick: whose sentence it is.
        other: what it is compared with.
        pair: what was found about the two.
    """
    a, b = the(pick.candidate), the(other.candidate)
    gap = ""
    if pair.ratio is not None:
        gap = f"the {frame.metric.label} of {a} is {change(pair.ratio)}{_than(pair.ratio, b)}"
    for row in (other, pick):
        name = the(row.candidate)
        if row.diverged == row.trials:
            return sentence(f"{name} diverged in every run {frame.on}; nothing is claimed about its skill.")
        if row.diverged:
            text = f"{name} diverged in {row.diverged} of {count(row.trials, 'run')} {frame.on}, so that nothing is "
            return sentence(f"{text}claimed about its skill{f'; over the rest, {gap}' if gap else ''}.")
    if not gap:
        return f"No claim about {a} and {b} {frame.on}: a {frame.metric.label} of zero in some fold has no ratio."
    return sentence(f"{gap} {frame.on}; nothing is claimed from {count(frame.folds, 'fold')}.")


def headline(frame: Frame, pick: Row, others: Sequence[Row], claims: Sequence[Claim], naive: Row | None) -> str:
    """One sentence: which, by how much, how sure, at what cost.

    Args:
        frame: what holds for the whole study.
        pick: of which it speaks.
        others: all but the pick.
        claims: about the pick and each of them.
        naive: the baseline that scores are set against; None where there is none.
    """
    assert pick.score is not None
    score = f"its {frame.metric.label} is {three(pick.score)}"
    relative = pick.relative.get(frame.metric.name)
    if naive is not None and naive is not pick and relative is not None:
        gap = f"{change(relative)}{_than(relative, the(naive.candidate))}"
        score = f"its {frame.metric.label} of {three(pick.score)} is {gap}"
    parts = [score, *_how_sure(frame, others, claims)]
    return sentence(
        f"{the(pick.candidate)} is the pick {frame.on}: {', '.join(parts)}, and it takes {cost(pick.operations)}."
    )


def pick_reason(frame: Frame, rows: Sequence[Row], pick: Row, best: Row, near: int, loop: Row | None) -> str:
    """Why this one: the cheapest of the candidates within the margin of the best.

    Args:
        frame: what holds for the whole study.
        rows: of all candidates.
        pick: the chosen one.
        best: the one with the best score.
        near: how many are within the margin.
        loop: the best recurrent network; None where there is none.
    """
    metric, a, margin = frame.metric.label, the(pick.candidate), percent(frame.margin)
    assert pick.score is not None
    assert best.score is not None
    if frame.comparisons == 0:
        text = f"{a} is the only candidate."
    elif pick is best:
        among = "" if pick.diverged or not any(row.diverged for row in rows) else " of those that never diverged"
        text = f"{a} has the best mean {metric}{among} ({three(pick.score)}), and no cheaper one comes within {margin} "
        text += "of it."
    else:
        text = f"{a} has a mean {metric} of {three(pick.score)}, {change(pick.score / best.score)} than the best "
        text += f"({the(best.candidate)}, {three(best.score)}); of the {near} candidates within {margin} of the best "
        text += f"it is the cheapest, with {cost(pick.operations)} against {best.operations:,}."
    if pick.candidate.family == "baseline" and loop is not None and loop.score is not None:
        text += f" As far as these scores go, a model without a self loop suffices {frame.on}; the best recurrent "
        text += f"network is {the(loop.candidate)} ({metric} {three(loop.score)})."
    return sentence(text)


def notes(frame: Frame, rows: Sequence[Row], claims: Sequence[Claim], naive: Row | None, loop: Row | None) -> list[str]:
    """What a reader must know besides: few folds, diverged runs, networks no better than naive.

    Args:
        frame: what holds for the whole study.
        rows: of all candidates.
        claims: about the pick and each other one.
        naive: the baseline that scores are set against; None where there is none.
        loop: the best recurrent network; None where there is none.
    """
    said = []
    if frame.folds < st.FEWEST_FOLDS:
        said.append(
            f"A pick, but no claim: {count(frame.folds, 'fold')} cannot show how far scores vary; "
            f"{st.FEWEST_FOLDS} or more can."
        )
    elif any(claim.p_value is not None for claim in claims):
        said.append(
            f"All {count(frame.comparisons, 'pair')} of candidates form one family, since any could have been the "
            "pick: the chance that this study makes a false claim at all is at most 5 %."
            if frame.comparisons > 1
            else "The chance that this study makes a false claim is at most 5 %."
        )
    for row in rows:
        if row.diverged == row.trials:
            said.append(sentence(f"{the(row.candidate)} diverged in every run and has no score."))
        elif row.diverged:
            runs = f"{row.diverged} of {count(row.trials, 'run')}"
            text = f"{the(row.candidate)} diverged in {runs}; its scores are means over the rest, and it cannot be the "
            said.append(sentence(f"{text}pick unless every candidate diverged somewhere."))
    relative = loop.relative.get(frame.metric.name) if loop is not None else None
    if loop is not None and naive is not None and relative is not None:
        gained = relative < 1 if frame.metric.lower_is_better else relative > 1
        if not gained:
            text = f"the best recurrent network, {the(loop.candidate)}, does not score better than "
            said.append(sentence(f"{text}{the(naive.candidate)} {frame.on}."))
    return said


def the(candidate: Candidate) -> str:
    """How a sentence names it: "this LSTM", since another one could do otherwise; "the ridge autoregression"."""
    return f"{'this' if candidate.family == 'recurrent' else 'the'} {candidate.label}"


def cost(operations: int) -> str:
    """What one new step takes, in a measure that is the same on every machine."""
    return f"{count(operations, 'multiply-add')} a step"


def _gap(pair: Pair) -> str:
    assert pair.ratio is not None
    assert pair.interval is not None
    return f"{change(pair.ratio)} (95 % interval {span(*pair.interval)})"


def _than(ratio: float, name: str) -> str:
    """Completes `change`: "12 % lower than that of X", "the same as that of X"."""
    return f" {'as' if ratio == 1 or ratio >= 2 else 'than'} that of {name}"


def _how_sure(frame: Frame, others: Sequence[Row], claims: Sequence[Claim]) -> list[str]:
    """The claims by outcome: names where they are few, numbers where they are many."""
    if not claims:
        return []
    if frame.folds < st.FEWEST_FOLDS:
        return [f"nothing is claimed from {count(frame.folds, 'fold')}"]
    openings = {  # as the first, as a later one
        "better": ("it is shown better than", ""),
        "equivalent": ("it is shown equivalent to", "shown equivalent to"),
        "worse": ("it is shown worse than", "shown worse than"),
        "no difference found": ("no difference is found between it and", "with no difference found between it and"),
        "no claim": ("nothing is claimed about", "with no claim about"),
    }
    outcomes = {claim.other: claim.outcome for claim in claims}
    parts: list[str] = []
    left = len(others)
    for outcome, (first, later) in openings.items():
        group = [row.candidate for row in others if outcomes[row.candidate.name] == outcome]
        left -= len(group)
        if group:
            rest = f"the other {len(group)}" if left == 0 and parts else f"{len(group)} of the {len(others)} others"
            rest = f"all {len(others)} others" if len(group) == len(others) else rest
            names = listed([the(each) for each in group]) if len(group) <= 2 else rest
            parts.append(f"{later if parts else first} {names}")
    return parts
