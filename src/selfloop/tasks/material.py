"""What a network learns from, in NumPy: the trainer makes tensors of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from selfloop.data.sequences import Floats, Ints
from selfloop.tasks.model import Pipeline


@dataclass(frozen=True, eq=False)
class Material:
    """What a network learns from on one fold.

    Attributes:
        pipeline: measured on the fold's training part.
        inputs: (steps, I) of all sequences one after the other.
        offsets: (sequences + 1,) where each begins.
        wanted: at each step (steps, K) values, NaN where they are not known or not to be learnt, or (steps,) classes,
            −1 there; or one a sequence: (sequences,) classes or (sequences, K) values.
        fit: (series,) steps that may be learnt from, where answers are asked for at every step; else the sequences.
        valid: where choices are made: a `Block` of steps, or sequences.
        judge: validation loss of linked scores at `valid`; None: the output's own loss.
        memory: steps over which something may have to be remembered.
    """

    pipeline: Pipeline
    inputs: Floats
    offsets: Ints
    wanted: NDArray[Any]
    fit: Ints
    valid: Any
    judge: Callable[[Floats], float] | None
    memory: int


@dataclass(frozen=True)
class Regime:
    """How networks are trained where the user does not say.

    Attributes:
        fewest: parameters of each, however short the data are.
        parameters: of each at most, however long they are.
        updates: that a run takes, while its learning rate falls to nothing; None: patience ends it, at a steady rate.
        dropout: share of what the head reads, and of what the encoder is fed, that is left out at random in training.
    """

    fewest: int = 4_000
    parameters: int = 40_000
    updates: int | None = None
    dropout: float = 0.0
