"""The evidence on every pair of candidates: effects, how sure they are, and p adjusted for the whole family."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from selfloop.results.study import Metric, Row, Trial
from selfloop.study.verdict import statistics as st
from selfloop.study.verdict.leaderboard import fold_scores
from selfloop.study.verdict.persistence import Persistence, persistence

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Folds:
    """How the folds were made.

    Attributes:
        test_to_train: n_test / n_train, its mean over folds.
        ordered: whether they follow each other in time.
        margin: difference that matters, in the metric's unit.
        right: by candidate, (cases,) the share of its runs that were right about each test case of all folds; empty
            where an answer is not right or wrong.
    """

    test_to_train: float
    ordered: bool
    margin: float
    right: Mapping[str, Floats]


@dataclass(frozen=True)
class Pair:
    """The evidence on two candidates, a and b.

    Attributes:
        effect: of a against b over the folds that both have; None where there is none.
        estimate: of it; None where nothing may be claimed.
        cases: where all folds are alike, the test cases on which they differ.
        different, equivalent: adjusted p.
    """

    effect: st.Effect | None
    estimate: st.Estimate | None = None
    cases: st.Discordant | None = None
    different: float = 1.0
    equivalent: float = 1.0

    def turned(self) -> Pair:
        """The same of b against a."""
        found, known, cases = self.effect, self.estimate, self.cases
        return replace(
            self,
            effect=found and st.Effect((found.scores[1], found.scores[0]), -found.size, -found.deviations),
            estimate=known and replace(known, mean=-known.mean),
            cases=cases and st.Discordant(cases.b, cases.a),
        )

    @property
    def p(self) -> float:
        """Of "no difference", of this pair alone."""
        if self.estimate is None:
            return 1.0
        if self.cases is None:
            return st.p_different(self.estimate)
        # Cases that speak against the scores (rare classes weigh more in a balanced one) decide nothing.
        return self.cases.p if (self.cases.b - self.cases.a) * self.estimate.mean > 0 else 1.0

    def likely(self, least: float) -> bool:
        """Whether a is the better one with that probability or more, as far as this pair alone tells."""
        better = self.estimate is not None and self.estimate.mean < 0
        return better and self.p / 2 <= 1 - least

    @property
    def shown(self) -> bool:
        """Whether a difference is shown, and not one within the margin."""
        return self.different <= st.ALPHA < self.equivalent


@dataclass(frozen=True)
class Evidence:
    """On all pairs.

    Attributes:
        pairs: by the names of a and b, in one of both orders.
        persistence: of effects from fold to fold; None where folds have no order, or say nothing of it.
    """

    pairs: Mapping[tuple[str, str], Pair]
    persistence: Persistence | None

    def on(self, a: str, b: str) -> Pair:
        """Of a against b."""
        return self.pairs[a, b] if (a, b) in self.pairs else self.pairs[b, a].turned()


def weigh(trials: Sequence[Trial], rows: Sequence[Row], metric: Metric, folds: Folds) -> Evidence:
    """Every pair of candidates; p is adjusted over all of them, for any could have been the pick and its rival.

    Args:
        trials: of the study.
        rows: the leaderboard.
        metric: that decides.
        folds: how they were made.
    """
    scores = {row.candidate.name: fold_scores(trials, row.candidate.name, metric.name) for row in rows}
    effects = {(a, b): _effect(scores[a], scores[b], metric) for a, b in itertools.combinations(scores, 2)}
    # Finite runs alone flatter a candidate that diverges: its effect is shown, but nothing is claimed from it.
    sound = {row.candidate.name for row in rows if row.unscored == 0}
    judged = {
        names: found
        for names, found in effects.items()
        if found is not None and len(found.deviations) >= st.FEWEST_FOLDS and sound.issuperset(names)
    }
    spread = {names: found for names, found in judged.items() if found.spread > 0}
    persists = None
    if folds.ordered:
        taking_part = {name for names in spread for name in names}
        persists = persistence([found.deviations for found in spread.values()], len(taking_part))
    count = len({trial.fold for trial in trials})
    widening = max(st.overlap(count, folds.test_to_train), persists.widening if persists else 1.0)
    pairs = {}
    for names, found in effects.items():
        known = st.estimate(found, widening=widening) if names in judged and found is not None else None
        pairs[names] = Pair(found, known, _cases(known, names, folds.right))
    return Evidence(_adjusted(pairs, st.bound_of(folds.margin, metric)), persists)


def _effect(a: Floats, b: Floats, metric: Metric) -> st.Effect | None:
    both = np.isfinite(a) & np.isfinite(b)
    return st.effect(a[both], b[both], metric) if both.any() else None


def _cases(known: st.Estimate | None, names: tuple[str, str], right: Mapping[str, Floats]) -> st.Discordant | None:
    """Folds that are all alike say nothing; the cases in them may."""
    if known is None or known.error > 0 or not all(name in right for name in names):
        return None
    return st.discordant(*(right[name] for name in names))


def _adjusted(pairs: Mapping[tuple[str, str], Pair], bound: float) -> dict[tuple[str, str], Pair]:
    # Two candidates that never differ cannot be told apart by any test, and are no chance of a false claim (Tarone
    # 1990): they do not count.
    counted = {names: pair for names, pair in pairs.items() if not _alike(pair)}
    different, equivalent = st.one_family(
        [pair.p for pair in counted.values()],
        [1.0 if p.estimate is None else st.p_equivalent(p.estimate, bound=bound) for p in counted.values()],
    )
    adjusted = {
        names: replace(pair, different=float(d), equivalent=float(e))
        for (names, pair), d, e in zip(counted.items(), different, equivalent, strict=True)
    }
    return {names: adjusted.get(names, pair) for names, pair in pairs.items()}


def _alike(pair: Pair) -> bool:
    if pair.estimate is None or pair.estimate.error > 0 or pair.estimate.mean != 0:
        return False
    return pair.cases is None or pair.cases.a + pair.cases.b == 0
