"""A claim in words: the pick against one other candidate. None says more than its numbers do."""

from __future__ import annotations

from dataclasses import dataclass

from selfloop.results.differences import amount, direction
from selfloop.results.study import Row
from selfloop.study.verdict import statistics as st
from selfloop.study.verdict.evidence import Pair
from selfloop.study.verdict.frame import Frame, cost, the
from selfloop.words import count, sentence


@dataclass(frozen=True)
class Contest:
    """The pick against one other candidate, and the evidence on them."""

    frame: Frame
    pick: Row
    other: Row
    pair: Pair

    @property
    def names(self) -> tuple[str, str]:
        """Of both, as a sentence has them."""
        return the(self.pick.candidate), the(self.other.candidate)

    @property
    def runs(self) -> int | None:
        """The fewest training runs of those that are trained; None where neither is."""
        trained = [row.trials for row in (self.pick, self.other) if row.candidate.name in self.frame.trained]
        return min(trained, default=None)


def better(contest: Contest) -> str:
    """A difference is shown, for the pick."""
    frame = contest.frame
    a, b = contest.names
    text = f"{a} is shown better than {b} {frame.on}: {frame.metric.label} {frame.sure(contest.pair)}."
    return sentence(text) + _counted(contest)


def worse(contest: Contest) -> str:
    """A difference is shown, against the pick, which its price or the margin made the pick."""
    frame, pick, other = contest.frame, contest.pick, contest.other
    a, b = contest.names
    text = f"{a} is shown worse than {b} {frame.on}: {frame.metric.label} {frame.sure(contest.pair)}."
    why = f"its mean {frame.metric.label} is within {frame.within} of the best"
    if pick.operations is not None and other.operations is None:
        why += f", and it takes {cost(pick.operations)}, while nobody counts those of {b}"
    elif pick.operations is not None and other.operations is not None and pick.operations < other.operations:
        why += f", and it takes {cost(pick.operations)} against {other.operations:,}"
    return sentence(f"{text}{_counted(contest)} It is the pick all the same: {why}.")


def equivalent(contest: Contest) -> str:
    """Both one-sided tests pass: the two are less than the margin apart, in the runs that were made."""
    frame, pair, runs = contest.frame, contest.pair, contest.runs
    a, b = contest.names
    among = f" in these {count(runs, 'run')}" if runs else ""
    text = f"{a} and {b} are shown equivalent (within {frame.within}){among} {frame.on}: "
    text += f"{frame.metric.label} {frame.sure(pair)}."
    if pair.different <= st.ALPHA:
        text += " So small a difference is shown too, but it does not matter."
    if runs:
        # None seen in n runs: at 95 % confidence, fewer than 3 in n fail.
        text += f" Training that fails in fewer than 1 of {runs // 3} runs may have gone unseen."
    return sentence(text)


def none_found(contest: Contest) -> str:
    """Neither a difference nor equivalence is shown."""
    frame, pair = contest.frame, contest.pair
    a, b = contest.names
    assert pair.estimate is not None
    text = f"No difference found between {a} and {b} {frame.on}: {frame.metric.label} {frame.sure(pair)}."
    text += f" {_could_show(contest)}"
    if pair.equivalent <= st.ALPHA and contest.runs:
        runs = count(contest.runs, "run")
        return f"{text} They would pass as equivalent, but {runs} of training are too few to say so."
    if pair.p <= st.ALPHA:
        text += f" This comparison alone would pass, but among {frame.comparisons} pairs of candidates such a gap can "
        text += "come by chance."
    return text


def _could_show(contest: Contest) -> str:
    """The smallest difference that such a study shows, in the direction of the one that was seen."""
    frame, pair, metric = contest.frame, contest.pair, contest.frame.metric
    assert pair.estimate is not None
    assert pair.effect is not None
    detectable = st.smallest_detectable(pair.estimate, metric, comparisons=frame.comparisons)
    assert detectable is not None
    seen = st.against(pair.effect.size, metric)
    if metric.effect == "ratio":
        said = direction(metric, 1 / (1 + detectable) if seen < 1 else 1 + detectable)
    elif detectable > max(pair.effect.scores[1], 1 - pair.effect.scores[1]):
        return "No difference that is possible at such scores would have been shown with a probability of 80 %."
    else:
        said = amount(metric, detectable)
    return f"The smallest difference that this study would have shown with a probability of 80 %: {said}."


def all_alike(contest: Contest) -> str:
    """Every fold has the same effect, so that its spread measures nothing."""
    frame, pair = contest.frame, contest.pair
    a, b = contest.names
    assert pair.effect is not None
    if pair.effect.size == 0:
        text = f"No difference found between {a} and {b} {frame.on}: they scored the same in every fold, which also "
        return text + "leaves nothing to measure a chance difference by."
    text = f"{frame.metric.label} of {a} against {b} {frame.on}: {frame.gap(pair)} in every fold alike; folds without "
    return sentence(f"{text}any spread are no ground for a claim.")


def cases_alike(contest: Contest) -> str:
    """Folds are all alike, and the cases on which the two differ are too few."""
    frame = contest.frame
    a, b = contest.names
    text = f"No difference found between {a} and {b} {frame.on}: {frame.metric.label} {frame.sure(contest.pair)}."
    text += _counted(contest)
    if contest.pair.p <= st.ALPHA:
        text += f" This comparison alone would pass, but not among {frame.comparisons} pairs of candidates."
    return text


def unclaimed(contest: Contest) -> str:
    """Nothing may be claimed: runs diverged, the folds are too few, or a score of zero has no ratio."""
    frame, pick, other, pair = contest.frame, contest.pick, contest.other, contest.pair
    a, b = contest.names
    gap = f"{frame.metric.label} of {a} against {b}: {frame.gap(pair)}" if pair.effect is not None else ""
    for row in (other, pick):
        name = the(row.candidate)
        how = ended(row)
        if row.unscored == row.trials:
            return sentence(f"{name} {how} in every run {frame.on}; nothing is claimed about its skill.")
        if row.unscored:
            text = f"{name} {how} in {row.unscored} of {count(row.trials, 'run')} {frame.on}, so that nothing is "
            return sentence(f"{text}claimed about its skill{f'; over the rest, {gap}' if gap else ''}.")
    if not gap:
        return f"No claim about {a} and {b} {frame.on}: a {frame.metric.label} of zero has no ratio."
    return sentence(f"{gap} {frame.on}; nothing is claimed from {count(frame.folds, 'fold')}.")


def ended(row: Row) -> str:
    """How runs without a score ended."""
    return "diverged" if not row.failed else "failed" if not row.diverged else "diverged or failed"


def _counted(contest: Contest) -> str:
    """What decides where folds do not: the cases."""
    cases = contest.pair.cases
    if cases is None:
        return ""
    a, b = contest.names
    text = f" Over all folds, {a} is right more often on {count(cases.a, 'case')} and {b} on {cases.b:,} (McNemar's "
    return f"{text}exact test)."
