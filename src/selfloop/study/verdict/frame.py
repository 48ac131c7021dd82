"""What every sentence of a verdict shares: how candidates, costs, margins and differences are written."""

from __future__ import annotations

from dataclasses import dataclass

from selfloop.results.differences import amount, direction, interval
from selfloop.results.study import Candidate, Metric
from selfloop.study.verdict import statistics as st
from selfloop.study.verdict.evidence import Pair
from selfloop.words import count, three


@dataclass(frozen=True)
class Frame:
    """Of one study.

    Attributes:
        metric: that decides.
        margin: difference that matters, in its unit.
        on: "on this series".
        folds: how many.
        comparisons: pairs of candidates: the family.
        trained: names of the candidates whose training has luck in it.
    """

    metric: Metric
    margin: float
    on: str
    folds: int
    comparisons: int
    trained: frozenset[str] = frozenset()

    @property
    def within(self) -> str:
        """The margin: "3 %", "0.8 percentage points"."""
        return amount(self.metric, self.margin)

    def gap(self, pair: Pair) -> str:
        """Both scores and what they come to: "0.741 against 1.25, 41 % lower"; `pair` has an effect."""
        found = pair.effect
        assert found is not None
        size = direction(self.metric, st.against(found.size, self.metric))
        return f"{three(found.scores[0])} against {three(found.scores[1])}, {size}"

    def sure(self, pair: Pair) -> str:
        """The same with its interval, or the cases that stand in for one."""
        if pair.cases is not None:
            return f"{self.gap(pair)} in every fold alike"
        assert pair.estimate is not None
        ends = st.interval(pair.estimate, self.metric)
        assert ends is not None
        return f"{self.gap(pair)} (95 % interval {interval(self.metric, *ends)})"


def the(candidate: Candidate) -> str:
    """How a sentence names it: "this LSTM", since another could do otherwise; "the ridge autoregression"; a name."""
    if candidate.family == "entry":
        return candidate.label
    return f"{'this' if candidate.family == 'recurrent' else 'the'} {candidate.label}"


def cost(operations: int | None) -> str:
    """What one new step takes, in a measure that is the same on every machine."""
    if operations is None:
        return "a number of multiply-adds that nobody counts"
    return f"{count(operations, 'multiply-add')} a step"
