"""The pick and the claims: two things. docs/evidence.md says what each is worth."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from selfloop.errors import SettingsError, StudyError
from selfloop.results.study import Candidate, Claim, Metric, Row, Trial, Verdict
from selfloop.study.verdict import claims as say
from selfloop.study.verdict import statistics as st
from selfloop.study.verdict import text
from selfloop.study.verdict.claims import Contest
from selfloop.study.verdict.evidence import Evidence, Floats, Folds, weigh
from selfloop.study.verdict.frame import Frame
from selfloop.study.verdict.leaderboard import leaderboard
from selfloop.study.verdict.text import Picked

LIKELY = 0.9  # a probability that keeps a naive baseline from being the pick
FEWEST_RUNS = 10  # of each trained candidate, for a claim of equivalence


@dataclass(frozen=True)
class Rules:
    """What was fixed before anything ran.

    Attributes:
        margin: difference that matters: 0.03 is 3 %, or 3 percentage points where scores are compared by difference.
        test_to_train: n_test / n_train, its mean over folds.
        data_phrase: "on this series" or "on these data".
        ordered: whether folds follow each other in time.
        naive_names: Candidate.name of the naive baselines, which the headline compares with.
    """

    margin: float
    test_to_train: float
    data_phrase: str
    ordered: bool = False
    naive_names: Sequence[str] = ()


def verdict(
    trials: Sequence[Trial],
    candidates: Sequence[Candidate],
    metrics: Sequence[Metric],
    rules: Rules,
    *,
    right: Mapping[str, Floats] | None = None,
    notes: Sequence[str] = (),
) -> Verdict:
    """The pick (cheapest within the margin of the best), and what the evidence says of it against each other one.

    Args:
        trials: of the study, in any order; every candidate on every fold.
        candidates: what was compared, baselines included.
        metrics: the first one decides; its scores are zero or more.
        rules: fixed before anything ran.
        right: by candidate, (cases,) the share of its runs that were right about each test case of all folds.
        notes: more that a reader must know, put after the notes made here.

    Raises:
        SettingsError: the margin is below 0, or nothing was compared.
        StudyError: a candidate lacks a fold, or every run of every candidate diverged.
    """
    if not (rules.margin >= 0 and math.isfinite(rules.margin)):
        raise SettingsError(f"The margin is {rules.margin}; expected a difference of 0 or more, such as 0.03.")
    if not candidates or not trials:
        raise SettingsError("There is nothing to compare; expected at least one candidate with its trials.")
    rows = leaderboard(trials, candidates, metrics, rules.naive_names)
    folds = len({trial.fold for trial in trials})
    evidence = weigh(trials, rows, metrics[0], Folds(rules.test_to_train, rules.ordered, rules.margin, right or {}))
    trained = frozenset(trial.candidate for trial in trials if trial.curve is not None or trial.seed > 0)
    frame = Frame(metrics[0], rules.margin, rules.data_phrase, folds, math.comb(len(candidates), 2), trained)
    picked = _pick(rows, frame, evidence, rules.naive_names)
    pick = picked.pick
    contests = [
        Contest(frame, pick, row, evidence.on(pick.candidate.name, row.candidate.name))
        for row in rows
        if row is not pick
    ]
    claims = tuple(map(_claim, contests))
    return Verdict(
        metric=frame.metric,
        margin=frame.margin,
        pick=pick.candidate.name,
        best=picked.best.candidate.name,
        best_recurrent=picked.loop.candidate.name if picked.loop else None,
        headline=text.headline(frame, rows, picked, claims),
        pick_reason=text.pick_reason(frame, rows, picked, claims),
        claims=claims,
        notes=(*text.notes(frame, rows, picked, claims, evidence.persistence), *notes),
    )


def _best(rows: Iterable[Row]) -> Row | None:
    """The first (rows come best first) that never diverged; failing that, the first with a score."""
    scored = [row for row in rows if row.score is not None]
    return next((row for row in scored if row.unscored == 0), scored[0] if scored else None)


def _pick(rows: Sequence[Row], frame: Frame, evidence: Evidence, naive_names: Sequence[str]) -> Picked:
    """The cheapest within the margin of the best; runs that diverged count only if all have some.

    A naive baseline is it only where nothing is shown or likely better: what costs nothing must not win by being near.
    """
    eligible = [row for row in rows if row.unscored == 0] or [row for row in rows if row.score is not None]
    if not eligible:
        raise StudyError("Every run of every candidate diverged; expected a finite score. Try a lower learning rate.")
    best = eligible[0]
    near = [row for row in eligible if _behind(row, best, frame) <= frame.margin]
    passed_over: Row | None = None
    pick = _cheapest(near)
    while pick.candidate.name in naive_names:
        rivals = [row for row in near if row is not pick and _beats(evidence, row, pick)]
        if not rivals:
            break
        passed_over, pick = pick, _cheapest(rivals)
    known = [row for row in rows if row.candidate.name in naive_names]
    naive = _best(row for row in known if row.unscored == 0)
    others = [row for row in rows if row.candidate.name not in naive_names and row.unscored == 0]
    return Picked(
        pick=pick,
        best=best,
        near=len(near),
        naive=naive,
        loop=_best(row for row in rows if row.candidate.family == "recurrent"),
        passed_over=passed_over,
        beats_naive=naive is not None and any(_shown_better(evidence, row, naive) for row in others),
    )


def _cheapest(rows: Sequence[Row]) -> Row:
    """The first of these, where several cost the same: rows come best first. What nobody counts is dearest."""
    return min(rows, key=lambda row: math.inf if row.operations is None else row.operations)


def _beats(evidence: Evidence, row: Row, naive: Row) -> bool:
    return _shown_better(evidence, row, naive) or evidence.on(row.candidate.name, naive.candidate.name).likely(LIKELY)


def _shown_better(evidence: Evidence, row: Row, naive: Row) -> bool:
    pair = evidence.on(row.candidate.name, naive.candidate.name)
    return pair.shown and pair.estimate is not None and pair.estimate.mean < 0


def _behind(row: Row, best: Row, frame: Frame) -> float:
    """How much worse than the best, in the margin's unit: 0 or more."""
    assert row.score is not None
    assert best.score is not None
    above, below = (row.score, best.score) if frame.metric.lower_is_better else (best.score, row.score)
    if frame.metric.effect == "difference":
        return above - below
    if above == below:
        return 0.0
    return above / below - 1 if below > 0 else math.inf


def _claim(contest: Contest) -> Claim:
    name, pair, metric = contest.other.candidate.name, contest.pair, contest.frame.metric
    found, estimate = pair.effect, pair.estimate
    scores = found.scores if found else None
    size = st.against(found.size, metric) if found else None
    if estimate is None:
        return Claim(name, "no claim", scores, size, None, None, None, say.unclaimed(contest))
    if estimate.error == 0:
        return _claim_of_cases(contest, scores, size)
    ends = st.interval(estimate, metric)
    detectable = st.smallest_detectable(estimate, metric, comparisons=contest.frame.comparisons)
    outcome: Literal["better", "worse", "equivalent", "no difference found"]
    p_value = pair.different
    if pair.equivalent <= st.ALPHA and _runs_enough(contest):  # looked at first: the margin says what matters
        outcome, p_value, said = "equivalent", pair.equivalent, say.equivalent(contest)
    elif pair.different <= st.ALPHA and estimate.mean < 0:
        outcome, said = "better", say.better(contest)
    elif pair.different <= st.ALPHA:
        outcome, said = "worse", say.worse(contest)
    else:
        p_value = min(pair.different, pair.equivalent)
        outcome, said = "no difference found", say.none_found(contest)
    return Claim(name, outcome, scores, size, ends, p_value, detectable, said)


def _runs_enough(contest: Contest) -> bool:
    runs = contest.runs
    return runs is None or runs >= FEWEST_RUNS


def _claim_of_cases(contest: Contest, scores: tuple[float, float] | None, size: float | None) -> Claim:
    """Folds are all alike: the test cases on which the two differ decide, where there are any."""
    name, pair = contest.other.candidate.name, contest.pair
    assert pair.estimate is not None
    if pair.estimate.mean == 0:
        return Claim(name, "no difference found", scores, size, None, None, None, say.all_alike(contest))
    if pair.cases is None:
        return Claim(name, "no claim", scores, size, None, None, None, say.all_alike(contest))
    if pair.different > st.ALPHA:
        said = say.cases_alike(contest)
        return Claim(name, "no difference found", scores, size, None, pair.different, None, said)
    better = pair.estimate.mean < 0
    said = say.better(contest) if better else say.worse(contest)
    return Claim(name, "better" if better else "worse", scores, size, None, pair.different, None, said)
