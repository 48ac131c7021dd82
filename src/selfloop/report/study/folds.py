"""Scores per fold, as the charts need them: from the trials alone, in the leaderboard's order."""

from __future__ import annotations

import math
from collections.abc import Mapping

from selfloop.results.scores import FoldScore, means_over_seeds
from selfloop.results.study import StudyResult


def fold_scores(result: StudyResult) -> tuple[FoldScore, ...]:
    """Every candidate on every fold it was tried on; candidates as on the leaderboard, folds rising."""
    order = {row.candidate.name: place for place, row in enumerate(result.leaderboard)}
    scores = means_over_seeds(result.trials, result.metrics[0].name)
    return tuple(sorted((s for s in scores if s.candidate in order), key=lambda s: (order[s.candidate], s.fold)))


def fold_ratios(result: StudyResult) -> dict[str, tuple[tuple[int, float], ...]]:
    """Each candidate's score over the pick's on the same fold: name -> (fold, ratio), where both have one above 0."""
    scores = fold_scores(result)
    pick = {s.fold: s.mean for s in scores if s.candidate == result.verdict.pick and s.mean is not None and s.mean > 0}
    ratios: dict[str, list[tuple[int, float]]] = {}
    for score in scores:
        base = pick.get(score.fold)
        if base is not None and score.mean is not None and score.mean > 0:
            ratios.setdefault(score.candidate, []).append((score.fold, score.mean / base))
    return {name: tuple(pairs) for name, pairs in ratios.items()}


def far(ratios: Mapping[str, tuple[tuple[int, float], ...]], margin: float) -> frozenset[str]:
    """Candidates so far from the rest that drawing them to scale would squeeze the rest into one spot.

    They are those behind the first fourfold jump in distance from the pick, small distances apart.

    Args:
        ratios: of `fold_ratios`.
        margin: the relative difference that matters.
    """
    distance = {
        name: abs(math.fsum(math.log(ratio) for _, ratio in pairs)) / len(pairs) for name, pairs in ratios.items()
    }
    reach = 2 * math.log1p(margin)
    beyond: set[str] = set()
    for name in sorted(distance, key=lambda each: distance[each]):
        if beyond or distance[name] > 4 * reach:
            beyond.add(name)
        else:
            reach = max(reach, distance[name])
    # Where only the pick itself would be left, nothing is squeezed.
    return frozenset(beyond) if len(distance) - len(beyond) > 1 else frozenset()
