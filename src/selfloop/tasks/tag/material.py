"""What a tagging network learns from: steps of a fold, in whole sequences, in pieces, or with the state carried on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.tasks.material import Material
from selfloop.tasks.places import Block, pieces
from selfloop.tasks.tag.folds import TagFold
from selfloop.tasks.tag.pipeline import TagPipeline


def until(fit: Ints) -> Block:
    """The first `fit` steps of each sequence."""
    return Block(np.zeros_like(fit), fit)


def carried(data: Sequences, tags: Ints, fold: TagFold, pipeline: TagPipeline, memory: int) -> Material:
    """Long sequences with the state carried on.

    Args:
        data: all of them.
        tags: (steps,).
        fold: one of its folds.
        pipeline: measured on what is learnt from.
        memory: steps over which something may have to be remembered.
    """
    wanted = np.full(len(tags), -1)
    for block in (until(fold.fit), fold.valid):
        wanted[block.flat(data)] = tags[block.flat(data)]
    return Material(pipeline, pipeline.show(data), data.offsets, wanted, fold.fit, fold.valid, None, memory)


def in_pieces(data: Sequences, tags: Ints, fold: TagFold, pipeline: TagPipeline, memory: int) -> Material:
    """Whole sequences, long ones in pieces: first those to learn from, then those to choose on.

    Args:
        data: all of them.
        tags: (steps,).
        fold: one of its folds.
        pipeline: measured on what is learnt from.
        memory: steps over which something may have to be remembered.
    """
    fit, valid = cut(data, until(fold.fit)), cut(data, fold.valid)
    steps = np.concatenate([until(fold.fit).flat(data), fold.valid.flat(data)])
    offsets = np.concatenate([[0], np.cumsum([*fit, *valid])]).astype(np.int64)
    which, inputs = np.arange(len(fit) + len(valid)), _inputs(data, pipeline, steps)
    longest = min(memory, max(fit))
    first, rest = which[: len(fit)], which[len(fit) :]
    return Material(pipeline, inputs, offsets, tags[steps], first, rest, None, longest)


def cut(data: Sequences, block: Block) -> list[int]:
    """Steps of each piece of what a block has of each sequence."""
    edges = np.concatenate([[0], np.cumsum(block.stop - block.first)])
    return [length for length in np.diff(pieces(edges)).tolist() if length]


def _inputs(data: Sequences, pipeline: TagPipeline, steps: Ints) -> Floats:
    """What is fed at some steps: what the others hold is not looked at."""
    one = np.array([0, len(steps)])
    return pipeline.show(replace(data, values=data.values[steps], offsets=one, ids=("",), time=None, tags=None))
