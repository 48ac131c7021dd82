"""How probable a model found what came."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfloop.data.sequences import Floats

LEAST = 2**-23  # twice float32's rounding: a probability of exactly zero for what came would make every mean infinite


def losses_of(answers: Floats, truth: NDArray[Any]) -> Floats:
    """(n,) nats of each answer.

    Args:
        answers: (n, K) probabilities.
        truth: (n,) classes, or (n, K) on or off.
    """
    if truth.ndim == 1:
        return np.asarray(-np.log(np.maximum(answers[np.arange(len(truth)), truth], LEAST)))
    right = np.where(truth > 0, answers, 1 - answers)
    return np.asarray(-np.log(np.maximum(right, LEAST)).sum(1))


def found_of(answers: Floats, truth: NDArray[Any]) -> tuple[float, float]:
    """How much was found, and of how much.

    Of symbols: steps whose likeliest one came, and steps. Of frames: channels that are on and were said to be, and
    those of which at least one is true (Bay, Ehmann & Downie 2009).
    """
    if truth.ndim == 1:
        return float((answers.argmax(1) == truth).sum()), float(len(truth))
    said, on = answers >= 0.5, truth > 0
    return float((said & on).sum()), float((said | on).sum())


def metrics_of(losses: Floats, found: Iterable[tuple[float, float]]) -> dict[str, float]:
    """Every metric.

    Args:
        losses: (n,) nats.
        found: of each part of the answers, as `found_of` has it.
    """
    hits, tries = np.sum([*found], axis=0)
    nats = float(losses.mean())
    return {
        "nats": nats,
        "bits": nats / float(np.log(2)),
        "perplexity": float(np.exp(min(nats, 700.0))),  # beyond it float64 has no number
        "accuracy": float(hits / tries) if tries else 1.0,
    }
