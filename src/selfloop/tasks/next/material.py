"""What a network learns from that says what comes next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfloop.data.sequences import Floats, Sequences
from selfloop.tasks.material import Material
from selfloop.tasks.next.folds import NextFold
from selfloop.tasks.next.pipeline import NextPipeline, gaps
from selfloop.tasks.scaler import Scaler
from selfloop.tasks.vocabulary import Vocabulary, vocabularies_of

MOST_SYMBOLS = 10_000  # known ones: an answer is a number for each


@dataclass(frozen=True)
class Asks:
    """What is asked: the next symbol of a channel, or the next frame of all.

    Attributes:
        target: the channel of symbols; None: frames.
        size: numbers in an answer.
    """

    target: int | None
    size: int


def learnt(symbols: tuple[str, ...], values: Floats, most: int) -> Vocabulary:
    """The vocabulary of a training part, its `most` frequent symbols where there are more.

    Args:
        symbols: names of all symbols of the data.
        values: (steps,) index into them.
        most: symbols.
    """
    known = Vocabulary.fit(symbols, values)
    if len(known.names) <= most:
        return known
    counts = np.bincount(values.astype(np.int64), minlength=len(symbols))
    often = np.sort(np.argsort(-counts, kind="stable")[:most])
    return Vocabulary(tuple(symbols[k] for k in often))


def pipeline_of(asks: Asks, part: Sequences) -> NextPipeline:
    """Measured on a training part."""
    known: list[Vocabulary | None] = list(vocabularies_of(part.symbols, part.values))
    for k, each in enumerate(known):
        if each is not None:
            most = asks.size - 1 if k == asks.target else MOST_SYMBOLS
            known[k] = learnt(part.symbols[k], part.values[:, k], most)
    gap = usual_gap(part) if asks.target is not None and looks_at_time(part) else None
    return NextPipeline(tuple(known), Scaler.fit(part.values), asks.target, asks.size, gap)


def looks_at_time(data: Sequences) -> bool:
    """Whether the time since the last step says something: there are times, and they are not evenly spaced."""
    return data.time is not None and data.every is None


def usual_gap(data: Sequences) -> float:
    """The median time between two steps, of those that are not at the same time; 1 where all are."""
    steps = gaps(data)
    return float(np.median(steps[steps > 0])) if (steps > 0).any() else 1.0


def fold_material(asks: Asks, data: Sequences, fold: NextFold, memory: int) -> Material:
    """On what a fold may know.

    Args:
        asks: what is asked.
        data: all sequences.
        fold: one of them.
        memory: steps over which something may have to be remembered.
    """
    known = data.until(fold.known)
    return _material(pipeline_of(asks, data.until(fold.fit)), known, fold, memory)


def final_material(asks: Asks, data: Sequences, whole: NextFold, memory: int) -> Material:
    """On all data.

    Args:
        asks: what is asked.
        data: all sequences.
        whole: says where validation would be.
        memory: as for a fold.
    """
    everything = NextFold(0, data.lengths, whole.valid, whole.test)
    return _material(pipeline_of(asks, data), data, everything, memory)


def _material(pipeline: NextPipeline, known: Sequences, fold: NextFold, memory: int) -> Material:
    wanted = pipeline.wanted(known)
    judge = judge_of(wanted[fold.valid.flat(known)])
    steps = np.arange(len(known.values)) - np.repeat(known.offsets[:-1], known.lengths)
    beyond = steps + 1 >= np.repeat(fold.fit, known.lengths)
    wanted[beyond] = np.nan if pipeline.target is None else -1
    inputs = pipeline.inputs(known)
    return Material(pipeline, inputs, known.offsets, wanted, fold.fit, fold.valid, judge, memory)


def judge_of(wanted: NDArray[Any]) -> Callable[[Floats], float]:
    """Nats of a network's (places, K) scores, given the truth there: (places,) classes, or (places, K) on or off."""
    return _frame_nats(wanted) if wanted.ndim > 1 else _symbol_nats(wanted)


def _symbol_nats(wanted: NDArray[Any]) -> Callable[[Floats], float]:
    def nats(scores: Floats) -> float:
        top = scores.max(1)
        total = np.log(np.exp(scores - top[:, None]).sum(1)) + top
        return float((total - scores[np.arange(len(wanted)), wanted]).mean())

    return nats


def _frame_nats(wanted: NDArray[Any]) -> Callable[[Floats], float]:
    return lambda scores: float((np.logaddexp(0.0, scores) - scores * wanted).sum(1).mean())
