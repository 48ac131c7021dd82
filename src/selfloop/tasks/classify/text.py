"""What networks say of one sequence's class, in words."""

from __future__ import annotations

from collections.abc import Sequence

from selfloop.data.sequences import Floats, Sequences
from selfloop.words import listed, percent


def headline(one: Sequences, stop: int, labels: Sequence[str], said: Sequence[tuple[str, Floats]]) -> str:
    """What each network answers after `stop` steps, or how probable it finds the truth.

    Args:
        one: the sequence.
        stop: steps that were read.
        labels: names of the classes.
        said: the label and the probabilities of each network.
    """
    when = f"After {'all ' if stop == len(one.values) else ''}{stop:,} steps"
    if stop == 1:
        when = "After its one step"
    if one.labels is not None:
        right = int(one.labels[0])
        parts = listed([f"this {label} {percent(float(answer[right]))}" for label, answer in said])
        return f"{when} of sequence {one.ids[0]}, the probability of its true class, {labels[right]}: {parts}."
    parts = listed(
        [f"this {label} says {labels[int(answer.argmax())]} ({percent(float(answer.max()))})" for label, answer in said]
    )
    return f"{when} of sequence {one.ids[0]}, {parts}; its true class is not known."
