"""Studies whose truth is known: candidates that are equal in expectation, and some that are not.

Scores alone, as a study would have them, and none of selfloop: what judges them is not to make them as well.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SEEDS = 3


@dataclass(frozen=True)
class Study:
    """Scores of one study and what its splits were."""

    scores: Floats  # (candidates, folds, seeds)
    test_to_train: float
    ordered: bool = True  # folds follow each other in time
    trained: bool = False  # there is luck in training, and the verdict knows of it


Generator = Callable[[np.random.Generator, int, int], Study]


def expanding(steps: int, folds: int) -> list[tuple[int, int]]:
    """(end of training, end of test) per fold: the second half in equal blocks, each after all that comes before."""
    edges = np.linspace(steps // 2, steps, folds + 1).astype(int)
    return list(itertools.pairwise(edges.tolist()))


def ratio(windows: list[tuple[int, int]]) -> float:
    return float(np.mean([(stop - start) / start for start, stop in windows]))


def itself(rng: np.random.Generator, candidates: int, folds: int) -> Study:
    """Stand-in scores: a fold's difficulty, shared; seed noise of 5 %, each run's own."""
    fold = rng.normal(0.0, 0.2, (1, folds, 1))
    seed = rng.normal(0.0, 0.05, (candidates, folds, SEEDS))
    return Study(np.exp(fold + seed), ratio(expanding(1200, folds)))


def itself_on_short_tests(rng: np.random.Generator, candidates: int, folds: int) -> Study:
    """The same with test blocks a fiftieth of the training window: the correction for overlap has little to add."""
    return replace(itself(rng, candidates, folds), test_to_train=0.02)


def hard_and_easy(rng: np.random.Generator, candidates: int, folds: int) -> Study:
    """The same with folds whose difficulty differs as much as a factor of four: a mean is made of a few of them."""
    fold = rng.normal(0.0, 0.7, (1, folds, 1))
    return Study(np.exp(fold + rng.normal(0.0, 0.05, (candidates, folds, SEEDS))), ratio(expanding(1200, folds)))


def cases(rng: np.random.Generator, candidates: int, folds: int) -> Study:
    """The same with folds that are parts of the cases: they have no order."""
    return replace(itself(rng, candidates, folds), test_to_train=1 / (folds - 1), ordered=False)


def persistent(correlation: float) -> Generator:
    """Each candidate's luck in a fold goes on into the next: an AR(1) of 5 %, no candidate better in expectation."""

    def generate(rng: np.random.Generator, candidates: int, folds: int) -> Study:
        luck = rng.standard_normal((candidates, folds, 1))
        for fold in range(1, folds):
            luck[:, fold] = correlation * luck[:, fold - 1] + np.sqrt(1 - correlation**2) * luck[:, fold]
        return Study(np.exp(rng.normal(0.0, 0.2, (1, folds, 1)) + 0.05 * luck), ratio(expanding(1200, folds)))

    return generate


def drifting(rng: np.random.Generator, candidates: int, folds: int) -> Study:
    """A random walk over the folds: on the span that is tested a difference, in the long run none."""
    luck = np.cumsum(rng.normal(0.0, 0.05, (candidates, folds, 1)), axis=1)
    return Study(np.exp(rng.normal(0.0, 0.2, (1, folds, 1)) + luck), ratio(expanding(1200, folds)))


def failing(share: float) -> Generator:
    """Candidates alike but for the first, of whose runs a share ends at twice the error."""

    def generate(rng: np.random.Generator, candidates: int, folds: int) -> Study:
        noise = rng.normal(0.0, 0.005, (candidates, folds, SEEDS))
        failed = rng.random((folds, SEEDS)) < share
        noise[0] += np.log(2.0) * failed
        scores = np.exp(rng.normal(0.0, 0.2, (1, folds, 1)) + noise)
        return Study(scores, ratio(expanding(1200, folds)), trained=True)

    return generate


def apart(gap: float, spread: float) -> Generator:
    """One candidate better than all others by `gap`; log ratios spread over folds with standard deviation `spread`."""

    def generate(rng: np.random.Generator, candidates: int, folds: int) -> Study:
        own = rng.normal(0.0, spread / np.sqrt(2), (candidates, folds, 1))
        own[1:] += np.log1p(gap)
        return Study(np.exp(rng.normal(0.0, 0.2, (1, folds, 1)) + own), ratio(expanding(1200, folds)))

    return generate


def ridge_study(strength: float, lags: int, steps: int) -> Generator:
    """Real models of equal expected skill: y depends on its past and, by `strength`, equally on each channel's.

    Candidate c sees the past of y and of channel c alone. With strength 0 its channel is noise that it must learn to
    leave alone, and training sets that overlap make the same mistake in fold after fold.
    """

    def generate(rng: np.random.Generator, candidates: int, folds: int) -> Study:
        u = rng.standard_normal((candidates, steps))
        y = np.zeros(steps)
        noise = rng.standard_normal(steps) + strength * np.roll(u, 1, axis=1).sum(axis=0)
        for t in range(2, steps):
            y[t] = 0.6 * y[t - 1] - 0.2 * y[t - 2] + noise[t]
        windows = expanding(steps, folds)
        scores = np.array([_ridge_scores(rng, y, channel, windows, lags) for channel in u])
        return Study(scores, ratio(windows))

    return generate


def _ridge_scores(rng: np.random.Generator, y: Floats, u: Floats, windows: list[tuple[int, int]], lags: int) -> Floats:
    """(folds, seeds) MAE of one step ahead; a seed draws the four fifths of the training rows that are fitted."""
    X = np.column_stack([np.ones(len(y)), np.roll(y, 1), np.roll(y, 2), *(np.roll(u, k) for k in range(1, lags + 1))])
    scores = np.empty((len(windows), SEEDS))
    for j, (start, stop) in enumerate(windows):
        for s in range(SEEDS):
            rows = rng.permutation(np.arange(lags, start))[: int(0.8 * start)]
            A = X[rows]
            w = np.linalg.solve(A.T @ A + 1.0 * np.eye(A.shape[1]), A.T @ y[rows])
            scores[j, s] = np.abs(X[start:stop] @ w - y[start:stop]).mean()
    return scores
