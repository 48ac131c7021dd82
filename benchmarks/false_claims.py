"""How often does a verdict claim what is not so, and how often does it see what is?

Three kinds of study, each judged by `selfloop.study.verdict.verdict.verdict` itself:

- one model against itself: scores that differ by seed noise alone, under fold noise that all candidates share;
- equal expected skill, for real: ridge autoregressions on generated series, expanding windows. Each candidate sees an
  input channel of its own, and the channels are exchangeable, so that no candidate is better in expectation;
- effects that persist: what favours a candidate in one fold goes on into the next, as an AR(1) from fold to fold; and a
  slow drift, which no fold of the same series can tell from skill;
- training that fails now and then: a run in twenty or in ten ends at twice the error;
- a true difference: the same stand-in scores with one candidate better by 5, 10 or 20 %, or the margin apart.

All candidates cost the same here, so that the pick is the one with the best score: selection at its strongest.

    python benchmarks/false_claims.py [--studies 1000] [--write docs/evidence.md]

One core, a few minutes. Exit code 1 if a share of false claims that is promised to be at most 5 % is above it.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from known_studies import (
    SEEDS,
    Generator,
    Study,
    apart,
    cases,
    drifting,
    failing,
    hard_and_easy,
    itself,
    itself_on_short_tests,
    persistent,
    ridge_study,
)
from scipy import stats
from tables import put

from selfloop.results.study import Candidate, Curve, Metric, Trial, Verdict
from selfloop.study.verdict import statistics as st
from selfloop.study.verdict.verdict import Rules, verdict

MARGIN = 0.03
SIZES = ((2, 5), (2, 10), (6, 5), (6, 10))  # candidates, folds
METRIC = Metric("mae", "MAE", True, "mean absolute error")


def judge(study: Study) -> Verdict:
    names = [f"model_{c}" for c in range(len(study.scores))]
    curve = Curve((), (), 0) if study.trained else None
    trials = [
        Trial(names[c], fold, seed, "ok", {"mae": float(score)}, 1000, 1000, 0.0, 0.0, {}, curve)
        for (c, fold, seed), score in np.ndenumerate(study.scores)
    ]
    candidates = [Candidate(name, name, "baseline", streams=True) for name in names]
    return verdict(trials, candidates, [METRIC], Rules(MARGIN, study.test_to_train, "on this series", study.ordered))


def differs(result: Verdict) -> bool:
    return any(claim.outcome in ("better", "worse") for claim in result.claims)


def own_pairs(study: Study, pick: int, test_to_train: float) -> list[int]:
    """What would be claimed different if the pick's own comparisons were the whole family: Holm over them."""
    means, p = study.scores.mean(axis=2), {}
    for c, own in enumerate(means):
        found = st.effect(means[pick], own, METRIC)
        if c != pick and found is not None:
            p[c] = st.p_different(st.estimate(found, widening=st.overlap(len(own), test_to_train)))
    claimed: list[int] = []
    for c in sorted(p, key=lambda c: p[c]):
        if p[c] * (len(p) - len(claimed)) > st.ALPHA:
            break
        claimed.append(c)
    return claimed


@dataclass(frozen=True)
class Share:
    """Of studies, with its 95 % binomial interval."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        return self.hits / self.of

    def __str__(self) -> str:
        low, high = stats.binomtest(self.hits, self.of).proportion_ci(0.95)
        return f"{100 * self.value:.1f} ({100 * low:.1f}–{100 * high:.1f})"


def false_differences(generate: Generator, candidates: int, folds: int, studies: int, seed: int) -> list[Share]:
    """As selfloop judges; with the pick's pairs as the family; and with folds taken as independent besides."""
    hits = np.zeros(3, dtype=int)
    for study in _studies(generate, candidates, folds, studies, seed):
        result = judge(study)
        pick = int(result.pick.removeprefix("model_"))
        hits += (
            differs(result),
            bool(own_pairs(study, pick, study.test_to_train)),
            bool(own_pairs(study, pick, 0.0)),
        )
    return [Share(int(count), studies) for count in hits]


def _studies(generate: Generator, candidates: int, folds: int, studies: int, seed: int) -> Iterator[Study]:
    for child in np.random.SeedSequence((seed, candidates, folds)).spawn(studies):
        yield generate(np.random.default_rng(child), candidates, folds)


def false_equivalence(candidates: int, folds: int, studies: int, seed: int) -> Share:
    """Candidates exactly the margin apart, and a spread small enough that tests of equivalence could pass."""
    hits = 0
    for study in _studies(apart(MARGIN, 0.005), candidates, folds, studies, seed):
        # The others equal each other, so only a claim about model_0, the better one, can be false.
        result = judge(study)
        wrong = [c for c in result.claims if (result.pick == "model_0") != (c.other == "model_0")]
        hits += any(claim.outcome == "equivalent" for claim in wrong)
    return Share(hits, studies)


@dataclass(frozen=True)
class Power:
    """Share of the better candidate's comparisons shown in its favour."""

    ours: float
    own_pairs: float
    detectable: float  # median over studies of the smallest difference that they said they would show


def power(gap: float, spread: float, candidates: int, folds: int, studies: int, seed: int) -> Power:
    shown, shortcut, detectable = 0, 0, []
    for study in _studies(apart(gap, spread), candidates, folds, studies, seed):
        result = judge(study)
        if result.pick == "model_0":
            shown += sum(claim.outcome == "better" for claim in result.claims)
            shortcut += len(own_pairs(study, 0, study.test_to_train))
        detectable += [claim.smallest_detectable for claim in result.claims if claim.smallest_detectable is not None]
    of = studies * (candidates - 1)
    return Power(shown / of, shortcut / of, float(np.median(detectable)))


FAMILIES: dict[str, Generator] = {
    "one model against itself": itself,
    "the same, folds are parts of the cases": cases,
    "the same, hard and easy folds": hard_and_easy,
    "the same, test blocks 1/50 of training": itself_on_short_tests,
    "ridge, irrelevant inputs (240 steps)": ridge_study(strength=0.0, lags=12, steps=240),
    "ridge, equally relevant inputs (600 steps)": ridge_study(strength=0.5, lags=3, steps=600),
    "effects that persist, correlation 0.3": persistent(0.3),
}
BEYOND: dict[str, Generator] = {  # what is said to be approximate, or excluded in words
    "effects that persist, correlation 0.5": persistent(0.5),
    "effects that persist, correlation 0.8": persistent(0.8),
    "a slow drift (random walk from fold to fold)": drifting,
}


def tables(studies: int) -> tuple[str, bool]:
    """Markdown, and whether every share of false claims is at most 5 %."""
    differences, no_difference = _differences(studies)
    equivalence, no_equivalence = _equivalences(studies)
    about = f"{studies:,} studies a line, {SEEDS} seeds a fold, margin {100 * MARGIN:.0f} %."
    text = "\n".join([about, "", *differences, "", *equivalence, "", *_failures(studies), "", *_powers(studies)])
    return text, no_difference and no_equivalence


def _differences(studies: int) -> tuple[list[str], bool]:
    head = ["| what is compared | candidates | folds | selfloop | family: the pick's pairs | and overlap ignored |"]
    head.append("|---|---|---|---|---|---|")
    promised, fine = _false(FAMILIES, studies, 0)
    beyond, _ = _false(BEYOND, studies, 100)
    text = "**False claims of a difference** between candidates of equal expected skill: % of studies with any "
    text += "(95 % binomial interval)."
    more = (
        "**The same beyond what is promised**: where effects persist more than that, the 5 % is approximate, and the "
    )
    more += "verdict says so; a slow drift over the tested span is excluded in words."
    return [text, "", *head, *promised, "", more, "", *head, *beyond], fine


def _false(families: dict[str, Generator], studies: int, first_seed: int) -> tuple[list[str], bool]:
    lines, fine = [], True
    for seed, (name, generate) in enumerate(families.items(), first_seed):
        for candidates, folds in SIZES:
            rates = false_differences(generate, candidates, folds, studies, seed)
            fine &= rates[0].value <= st.ALPHA
            lines.append(f"| {name} | {candidates} | {folds} | {' | '.join(map(str, rates))} |")
    return lines, fine


def _equivalences(studies: int) -> tuple[list[str], bool]:
    lines = [
        "**False claims of equivalence** where one candidate is better by exactly the margin: % of studies with any.",
        "",
        "| candidates | folds | selfloop |",
        "|---|---|---|",
    ]
    shares = [false_equivalence(candidates, folds, studies, 10) for candidates, folds in SIZES]
    lines += [f"| {size[0]} | {size[1]} | {share} |" for size, share in zip(SIZES, shares, strict=True)]
    return lines, all(share.value <= st.ALPHA for share in shares)


def _failures(studies: int) -> list[str]:
    lines = [
        "**Equivalence over training that fails now and then**: one of two candidates ends at twice the error in a "
        'share of its runs. % of studies that say "shown equivalent in these N runs", and the share of failing runs '
        "that they say may have gone unseen.",
        "",
        "| runs that fail | folds | runs | said | may have gone unseen |",
        "|---|---|---|---|---|",
    ]
    for share, folds in itertools.product((0.05, 0.10), (5, 10)):
        found = [judge(study) for study in _studies(failing(share), 2, folds, studies, 30)]
        said = Share(sum(each.claims[0].outcome == "equivalent" for each in found), studies)
        runs = folds * SEEDS
        lines.append(f"| {100 * share:.0f} % | {folds} | {runs} | {said} | fewer than 1 in {runs // 3} |")
    return lines


def _powers(studies: int) -> list[str]:
    lines = [
        "**Power**: one candidate is truly better than all others; % of its comparisons shown in its favour (in "
        "brackets: with the pick's pairs as the family), and the smallest difference that the studies said they would "
        "show with a probability of 80 % (median). The spread is the standard deviation over folds of log ratios.",
        "",
        "| spread | candidates | folds | better by 5 % | by 10 % | by 20 % | smallest shown |",
        "|---|---|---|---|---|---|---|",
    ]
    for spread, (candidates, folds) in itertools.product((0.03, 0.06), SIZES):
        found = [power(gap, spread, candidates, folds, max(studies // 2, 1), 20) for gap in (0.05, 0.10, 0.20)]
        shares = " | ".join(f"{100 * each.ours:.0f} ({100 * each.own_pairs:.0f})" for each in found)
        lines.append(f"| {spread} | {candidates} | {folds} | {shares} | {100 * found[0].detectable:.1f} % |")
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description="False claims and power of a verdict.")
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--write", type=Path, help="a page with the markers, docs/evidence.md")
    given = parser.parse_args()
    start = time.perf_counter()
    text, fine = tables(given.studies)
    print(text)
    print(f"\n{time.perf_counter() - start:.0f} s; {'all at most 5 %' if fine else 'ABOVE 5 %'}", file=sys.stderr)
    if given.write:
        put(given.write, "false-claims", f"\n{text}\n")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
