"""Scores per fold, as the charts need them: from the trials alone, in the leaderboard's order."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from selfloop.results.study import StudyResult, Trial


@dataclass(frozen=True)
class FoldScore:
    """One candidate on one fold, on the first metric.

    Attributes:
        mean: over the seeds that did not diverge; None where all did.
        seeds: (seed, score) of each finite run.
    """

    candidate: str
    fold: int
    mean: float | None
    seeds: tuple[tuple[int, float], ...]


def fold_scores(result: StudyResult) -> tuple[FoldScore, ...]:
    """Every candidate on every fold it was tried on; candidates as on the leaderboard, folds rising."""
    metric = result.metrics[0].name
    groups: dict[tuple[str, int], list[Trial]] = {}
    for trial in result.trials:
        groups.setdefault((trial.candidate, trial.fold), []).append(trial)
    order = {row.candidate.name: place for place, row in enumerate(result.leaderboard)}
    scores = []
    for name, fold in sorted(groups, key=lambda key: (order.get(key[0], len(order)), key[1])):
        runs = [(t.seed, t.metrics[metric]) for t in groups[name, fold] if t.status == "ok" and metric in t.metrics]
        finite = tuple(sorted(run for run in runs if math.isfinite(run[1])))
        mean = math.fsum(value for _, value in finite) / len(finite) if finite else None
        scores.append(FoldScore(name, fold, mean, finite))
    return tuple(score for score in scores if score.candidate in order)


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
