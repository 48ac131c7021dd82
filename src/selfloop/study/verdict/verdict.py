"""The pick and the claims: two things. docs/evidence.md says what each is worth."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from selfloop.errors import SettingsError, StudyError
from selfloop.results.study import Candidate, Claim, Metric, Row, Trial, Verdict
from selfloop.study.verdict import statistics as st
from selfloop.study.verdict import text as say
from selfloop.study.verdict.leaderboard import fold_scores, leaderboard
from selfloop.study.verdict.text import Contest, Frame, Pair

Floats = NDArray[np.float64]


def verdict(
    trials: Sequence[Trial],
    candidates: Sequence[Candidate],
    metrics: Sequence[Metric],
    *,
    margin: float,
    test_to_train: float,
    data_phrase: str,
    naive_names: Sequence[str] = (),
    floor: float = 0.0,
    notes: Sequence[str] = (),
) -> Verdict:
    """The pick (cheapest within the margin of the best), and what the evidence says of it against each other one.

    Args:
        trials: of the study, in any order; every candidate on every fold.
        candidates: what was compared, baselines included.
        metrics: the first one decides; its scores are zero or more.
        margin: relative difference that matters, fixed before anything ran: 0.03 is 3 %.
        test_to_train: n_test / n_train, its mean over folds.
        data_phrase: "on this series" or "on these data".
        naive_names: Candidate.name of the naive baselines, which the headline compares with.
        floor: smallest score that counts: half a case over the number of test cases, for an accuracy.
        notes: more that a reader must know, put after the notes made here.

    Raises:
        SettingsError: the margin is not above 0, or nothing was compared.
        StudyError: a candidate lacks a fold, or every run of every candidate diverged.
    """
    if not (margin > 0 and math.isfinite(margin)):
        raise SettingsError(f"The margin is {margin}; expected a relative difference above 0, such as 0.03.")
    if not candidates or not trials:
        raise SettingsError("There is nothing to compare; expected at least one candidate with its trials.")
    rows = leaderboard(trials, candidates, metrics, naive_names)
    folds = len({trial.fold for trial in trials})
    frame = Frame(metrics[0], margin, data_phrase, folds, math.comb(len(candidates), 2))
    pick, best, near = _pick(rows, frame)
    others = [row for row in rows if row is not pick]
    pairs = _evidence(trials, (pick, *others), frame, test_to_train, floor)
    claims = tuple(_claim(Contest(frame, pick, other, pair)) for other, pair in zip(others, pairs, strict=True))
    naive = _best(row for row in rows if row.candidate.name in naive_names and row.diverged == 0)
    loop = _best(row for row in rows if row.candidate.family == "recurrent")
    return Verdict(
        metric=frame.metric,
        margin=margin,
        pick=pick.candidate.name,
        best=best.candidate.name,
        best_recurrent=loop.candidate.name if loop else None,
        headline=say.headline(frame, pick, others, claims, naive),
        pick_reason=say.pick_reason(frame, rows, pick, best, near, loop),
        claims=claims,
        notes=(*say.notes(frame, rows, claims, naive, loop), *notes),
    )


def _best(rows: Iterable[Row]) -> Row | None:
    """The first (rows come best first) that never diverged; failing that, the first with a score."""
    scored = [row for row in rows if row.score is not None]
    return next((row for row in scored if row.diverged == 0), scored[0] if scored else None)


def _pick(rows: Sequence[Row], frame: Frame) -> tuple[Row, Row, int]:
    """The pick, the best, and how many are within the margin of it; runs that diverged count only if all have some."""
    eligible = [row for row in rows if row.diverged == 0] or [row for row in rows if row.score is not None]
    if not eligible:
        raise StudyError("Every run of every candidate diverged; expected a finite score. Try a lower learning rate.")
    best = eligible[0]
    near = [row for row in eligible if _ratio_to(row, best, frame) <= 1 + frame.margin]
    return min(near, key=lambda row: (row.operations, eligible.index(row))), best, len(near)


def _ratio_to(row: Row, best: Row, frame: Frame) -> float:
    """How much worse than the best: 1 or more."""
    above, below = (row.score, best.score) if frame.metric.lower_is_better else (best.score, row.score)
    assert above is not None
    assert below is not None
    if above == below:
        return 1.0
    return above / below if below > 0 else math.inf


def _evidence(
    trials: Sequence[Trial], rows: Sequence[Row], frame: Frame, test_to_train: float, floor: float
) -> list[Pair]:
    """Of the first row against each other one; p is adjusted over *all* pairs, for any could have been the first."""
    scores = [fold_scores(trials, row.candidate.name, frame.metric.name) for row in rows]
    couples = list(itertools.combinations(range(len(rows)), 2))
    pairs = [_pair(scores[a], scores[b], frame, test_to_train, floor) for a, b in couples]
    # Finite runs alone flatter a candidate that diverges: the ratio is shown, but nothing is claimed from it.
    judged = [
        None if rows[a].diverged or rows[b].diverged else pair.estimate
        for (a, b), pair in zip(couples, pairs, strict=True)
    ]
    bound = math.log1p(frame.margin)
    different, equivalent = st.one_family(
        [1.0 if each is None else st.p_different(each) for each in judged],
        [1.0 if each is None else st.p_equivalent(each, bound=bound) for each in judged],
    )
    return [
        Pair(pairs[i].ratio, judged[i], pairs[i].interval, float(different[i]), float(equivalent[i]))
        for i in range(len(rows) - 1)  # combinations() gives the first row's pairs first
    ]


def _pair(a: Floats, b: Floats, frame: Frame, test_to_train: float, floor: float) -> Pair:
    both = np.isfinite(a) & np.isfinite(b)
    logs = st.log_ratios(a[both], b[both], floor=floor)
    if len(logs) == 0 or not np.isfinite(logs).all():
        return Pair(None)
    ratio = 1.0 if (np.abs(logs) < st.NO_SPREAD).all() else float(np.exp(logs.mean()))
    if len(logs) < st.FEWEST_FOLDS:
        return Pair(ratio)
    estimate = st.resampled_t(logs, test_to_train=test_to_train)
    ends = st.interval(estimate)
    effect = estimate if frame.metric.lower_is_better else replace(estimate, mean=-estimate.mean)
    return Pair(ratio, effect, None if ends is None else (math.exp(ends[0]), math.exp(ends[1])))


def _claim(contest: Contest) -> Claim:
    name, pair = contest.other.candidate.name, contest.pair
    estimate = pair.estimate
    if estimate is None:
        return Claim(name, "no claim", pair.ratio, None, None, None, None, say.unclaimed(contest))
    if estimate.error == 0:
        text = say.all_alike(contest)
        if pair.ratio == 1:
            return Claim(name, "no difference found", pair.ratio, None, None, None, None, text)
        return Claim(name, "no claim", pair.ratio, None, None, None, None, text)
    outcome: Literal["better", "worse", "equivalent", "no difference found"]
    p_value = pair.different
    if pair.equivalent <= st.ALPHA:  # looked at first: the margin, fixed beforehand, says what matters
        outcome, p_value, text = "equivalent", pair.equivalent, say.equivalent(contest)
    elif pair.different <= st.ALPHA and estimate.mean < 0:
        outcome, text = "better", say.better(contest)
    elif pair.different <= st.ALPHA:
        outcome, text = "worse", say.worse(contest)
    else:
        p_value = min(pair.different, pair.equivalent)
        outcome, text = "no difference found", say.none_found(contest)
    detectable = st.smallest_detectable(estimate, comparisons=contest.frame.comparisons)
    return Claim(name, outcome, pair.ratio, pair.interval, p_value, st.p_better(estimate), detectable, text)
