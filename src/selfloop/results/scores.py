"""Scores of runs and their means over seeds, from trials alone: what every table, chart and claim starts from."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from selfloop.results.study import Trial


@dataclass(frozen=True)
class FoldScore:
    """One candidate on one fold.

    Attributes:
        mean: over the seeds that did not diverge; None where all did.
        seeds: (seed, score) of each of them.
    """

    candidate: str
    fold: int
    mean: float | None
    seeds: tuple[tuple[int, float], ...]


def score_of(trial: Trial, metric: str) -> float | None:
    """One run's score; None where it diverged, or where its score is not finite, whatever its status says."""
    score = trial.metrics.get(metric, math.nan)
    return score if trial.status == "ok" and math.isfinite(score) else None


def means_over_seeds(trials: Iterable[Trial], metric: str) -> tuple[FoldScore, ...]:
    """Every candidate on every fold that it was tried on: candidates by name, folds rising."""
    groups: dict[tuple[str, int], list[tuple[int, float]]] = {}
    for trial in trials:
        runs = groups.setdefault((trial.candidate, trial.fold), [])
        if (score := score_of(trial, metric)) is not None:
            runs.append((trial.seed, score))
    return tuple(
        FoldScore(candidate, fold, math.fsum(score for _, score in runs) / len(runs) if runs else None, tuple(runs))
        for (candidate, fold), runs in sorted((key, sorted(runs)) for key, runs in groups.items())
    )
