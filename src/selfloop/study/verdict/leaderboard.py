"""From trials to one row a candidate: means over folds of means over seeds."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from selfloop.errors import StudyError
from selfloop.results.differences import against
from selfloop.results.scores import means_over_seeds, score_of
from selfloop.results.study import Candidate, Metric, Row, Trial

Floats = NDArray[np.float64]


def fold_scores(trials: Sequence[Trial], candidate: str, metric: str) -> Floats:
    """Mean over seeds per fold: what every statistic starts from.

    Args:
        trials: of the study, in any order.
        candidate: Candidate.name.
        metric: Metric.name.

    Returns:
        (folds,) in the order of the folds' numbers; a mean of the runs that did not diverge, NaN where all did.

    Raises:
        StudyError: the candidate lacks a fold that another one has, so that the pairs would not be pairs.
    """
    folds = sorted({trial.fold for trial in trials})
    own = [trial for trial in trials if trial.candidate == candidate]
    scores = {score.fold: score.mean for score in means_over_seeds(own, metric)}
    missing = [fold for fold in folds if fold not in scores]
    if missing:
        raise StudyError(
            f"{candidate} has no trial on fold {missing[0]}, expected all {len(folds)} folds for every candidate; "
            "finish the study first."
        )
    return np.array([scores[fold] for fold in folds], dtype=np.float64)  # None becomes NaN


def leaderboard(
    trials: Sequence[Trial],
    candidates: Sequence[Candidate],
    metrics: Sequence[Metric],
    naive_names: Sequence[str],
) -> tuple[Row, ...]:
    """One row a candidate, best first by the first metric; equal scores by cost, then name.

    A candidate with diverged runs keeps the mean of its finite ones and counts the others; one whose runs all
    diverged comes last.

    Args:
        trials: of the study, in any order; every candidate on every fold.
        candidates: what was compared.
        metrics: the first one orders the rows.
        naive_names: Candidate.name of the naive baselines; `Row.relative` is against the best of them, a metric at a
            time.

    Raises:
        StudyError: a candidate lacks a fold.
    """
    naive = {metric.name: _best_naive(trials, candidates, metric, naive_names) for metric in metrics}
    rows = [_row(trials, candidate, metrics, naive) for candidate in candidates]
    first = metrics[0]

    def place(row: Row) -> tuple[float, float, str]:
        cost = math.inf if row.operations is None else row.operations
        if row.score is None:
            return math.inf, cost, row.candidate.name
        return (row.score if first.lower_is_better else -row.score), cost, row.candidate.name

    return tuple(sorted(rows, key=place))


def _row(
    trials: Sequence[Trial], candidate: Candidate, metrics: Sequence[Metric], naive: dict[str, Floats | None]
) -> Row:
    own = [trial for trial in trials if trial.candidate == candidate.name]
    folds = {metric.name: fold_scores(trials, candidate.name, metric.name) for metric in metrics}
    means = {name: float(np.nanmean(scores)) for name, scores in folds.items() if not np.isnan(scores).all()}
    against_naive = {m.name: _against(folds[m.name], naive[m.name], m) for m in metrics}
    first, failed = folds[metrics[0].name], [trial for trial in own if trial.status == "failed"]
    finite = first[~np.isnan(first)]
    return Row(
        candidate=candidate,
        score=means.get(metrics[0].name),
        spread=float(finite.std(ddof=1)) if len(finite) > 1 else None,
        metrics=means,
        relative={name: value for name, value in against_naive.items() if value is not None},
        parameters=_whole(_mean([trial.parameters for trial in own if trial.status != "failed"])),
        operations=_whole(_mean([trial.operations for trial in own if trial.status != "failed"])),
        train_seconds=float(np.mean([trial.train_seconds for trial in own])),
        search_seconds=sum(trial.search_seconds for trial in own) / len(first),
        step_microseconds=_mean([trial.step_microseconds for trial in own if trial.status != "failed"]),
        trials=len(own),
        diverged=sum(score_of(trial, metrics[0].name) is None for trial in own) - len(failed),
        failed=len(failed),
        failure=f"on fold {failed[0].fold}: {failed[0].failure}" if failed else "",
    )


def _mean(values: Sequence[float | None]) -> float | None:
    """None where one is not known, or there is none."""
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known and len(known) == len(values) else None


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _best_naive(
    trials: Sequence[Trial], candidates: Sequence[Candidate], metric: Metric, naive_names: Sequence[str]
) -> Floats | None:
    """(folds,) scores of the best naive baseline by that metric; None where there is none with every fold."""
    known = [candidate.name for candidate in candidates if candidate.name in naive_names]
    scores = [fold_scores(trials, name, metric.name) for name in known]
    whole = [each for each in scores if np.isfinite(each).all()]
    if not whole:
        return None
    return min(whole, key=lambda each: float(each.mean()) * (1 if metric.lower_is_better else -1))


def _against(scores: Floats, reference: Floats | None, metric: Metric) -> float | None:
    """Mean score against mean reference, on the folds that have both; None where that does not exist."""
    usable = ~np.isnan(scores)
    if reference is None or not usable.any():
        return None
    return against(metric, float(scores[usable].mean()), float(reference[usable].mean()))
