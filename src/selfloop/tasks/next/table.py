"""What a user gets of a model that says what comes next: a row a step."""

from __future__ import annotations

from typing import Any

import numpy as np

from selfloop.data.sequences import Sequences
from selfloop.errors import DataError
from selfloop.tasks.model import Model, Signature
from selfloop.tasks.next.pieces import answered
from selfloop.tasks.next.pipeline import NextPipeline
from selfloop.tasks.places import Block

UNKNOWN_NAME = "(unknown)"


def check_room(data: Sequences) -> None:
    """Raise unless something follows something.

    Raises:
        DataError: every sequence has one step.
    """
    if len(data) == 0 or int(data.lengths.max()) < 2:
        raise DataError(
            f"{data.name} has no sequence of two steps or more; a score needs what came next. Give more of it."
        )


def table(model: Model, data: Sequences, signature: Signature, size: int) -> dict[str, Any]:
    """The likeliest next symbol after each step with its probability, or each channel's probability of being on.

    Args:
        model: with its pipeline.
        data: of the user's.
        signature: of the data that it learnt from.
        size: numbers in an answer.
    """
    pipeline: NextPipeline = model.pipeline  # type: ignore[attr-defined]  # every model of this task has one
    block = Block(np.zeros(len(data), dtype=np.int64), data.lengths)
    likeliest, probable, frames = [], [], []
    for part in answered(model, data, block, size):
        if pipeline.target is None:
            frames.append(part.answers)
        else:
            likeliest.append(part.answers.argmax(1))
            probable.append(part.answers.max(1))
    steps = np.arange(len(data.values)) - np.repeat(data.offsets[:-1], data.lengths) + 1
    columns: dict[str, Any] = {"unique_id": np.repeat(np.array(data.ids, dtype=object), data.lengths).tolist()}
    columns["step"] = steps
    if pipeline.target is None:
        found = np.concatenate(frames)
        return {**columns, **{f"p_{name}": found[:, k] for k, name in enumerate(signature.channels)}}
    names = names_of(pipeline)
    columns["next"] = [names[k] for k in np.concatenate(likeliest)]
    return {**columns, "probability": np.concatenate(probable)}


def names_of(pipeline: NextPipeline) -> tuple[str, ...]:
    """Of the answers of a model of symbols."""
    return (UNKNOWN_NAME, *pipeline.names[1:])
