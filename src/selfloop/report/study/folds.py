"""Scores per fold, as the charts need them: from the trials alone, in the leaderboard's order."""

from __future__ import annotations

import math

from selfloop.results.differences import against, distance, same
from selfloop.results.scores import FoldScore, means_over_seeds
from selfloop.results.study import StudyResult


def fold_scores(result: StudyResult) -> tuple[FoldScore, ...]:
    """Every candidate on every fold it was tried on; candidates as on the leaderboard, folds rising."""
    order = {row.candidate.name: place for place, row in enumerate(result.leaderboard)}
    scores = means_over_seeds(result.trials, result.metrics[0].name)
    return tuple(sorted((s for s in scores if s.candidate in order), key=lambda s: (order[s.candidate], s.fold)))


def fold_gaps(result: StudyResult) -> dict[str, tuple[tuple[int, float], ...]]:
    """Each candidate's score against the pick's on the same fold, in the metric's unit: name -> (fold, gap).

    Only where both have a score, and a ratio of them exists and is above 0.
    """
    scores, metric = fold_scores(result), result.metrics[0]
    pick = {s.fold: s.mean for s in scores if s.candidate == result.verdict.pick}
    gaps: dict[str, list[tuple[int, float]]] = {}
    for score in scores:
        base = pick.get(score.fold)
        gap = None if base is None or score.mean is None else against(metric, score.mean, base)
        if gap is not None and (metric.effect == "difference" or (gap > 0 and base)):
            gaps.setdefault(score.candidate, []).append((score.fold, gap))
    return {name: tuple(pairs) for name, pairs in gaps.items()}


def far(result: StudyResult) -> frozenset[str]:
    """Candidates so far from the rest that drawing them to scale would squeeze the rest into one spot.

    They are those behind the first fourfold jump in distance from the pick, small distances apart.
    """
    metric, margin = result.metrics[0], result.verdict.margin
    away = {name: _mean_distance(result, [gap for _, gap in pairs]) for name, pairs in fold_gaps(result).items()}
    # Without a margin, the nearest candidate that is not level (but for rounding) says what is near.
    nearest = min((each for each in away.values() if each > 1e-9), default=0.0)
    reach = 2 * distance(metric, same(metric) + margin) or nearest
    beyond: set[str] = set()
    for name in sorted(away, key=lambda each: away[each]):
        if beyond or away[name] > 4 * reach:
            beyond.add(name)
        else:
            reach = max(reach, away[name])
    # Where only the pick itself would be left, nothing is squeezed.
    return frozenset(beyond) if len(away) - len(beyond) > 1 else frozenset()


def _mean_distance(result: StudyResult, gaps: list[float]) -> float:
    ratio = result.metrics[0].effect == "ratio"
    return abs(math.fsum(math.log(gap) if ratio else gap for gap in gaps)) / len(gaps)
