"""How a model that says what comes next is looked into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from selfloop.data.sequences import Floats, Sequences
from selfloop.tasks.inside import Questions, View
from selfloop.tasks.model import Signature
from selfloop.tasks.next.design import Kind
from selfloop.tasks.next.pieces import spans
from selfloop.tasks.next.pipeline import NextPipeline
from selfloop.tasks.next.table import check_room, names_of
from selfloop.words import listed, percent

MOST_READ = 20_000  # steps at the end of long data that questions are asked of: they are read one by one
BASELINE = "guessing by frequency"


def questions(pipeline: NextPipeline, data: Sequences, most: int) -> Questions:
    """Steps that something follows.

    Args:
        pipeline: of the model.
        data: sequences.
        most: how many.

    Raises:
        DataError: nothing follows anything.
    """
    check_room(data)
    data = _end_of(data)
    wanted = pipeline.wanted(data)
    follows = np.ones(len(data.values), dtype=bool)
    follows[data.offsets[1:][data.lengths > 0] - 1] = False
    known = np.flatnonzero(follows)
    asked = known[np.unique(np.linspace(0, len(known) - 1, min(most, len(known))).astype(np.int64))]
    firsts = data.offsets[np.searchsorted(data.offsets, asked, side="right") - 1]
    what = "symbol" if pipeline.target is not None else "frame"
    of = f"negative log-likelihood of the next {what}"
    return Questions(pipeline.inputs(data), firsts, asked + 1, wanted[asked], wanted[asked], of, "step", BASELINE)


def _end_of(data: Sequences) -> Sequences:
    """The last steps of data that are too long to be read one by one: each sequence from where they begin."""
    begin = int(data.offsets[-1]) - MOST_READ
    if begin <= 0:
        return data
    starts = np.maximum(data.offsets[:-1], begin)
    kept = data.offsets[1:] - starts > 1
    return spans(data, starts[kept], data.offsets[1:][kept])


def view(pipeline: NextPipeline, one: Sequences, signature: Signature) -> View:
    """One sequence as it is fed.

    Args:
        pipeline: of the model.
        one: the sequence.
        signature: of the data that the model learnt from.
    """
    names = signature.channels if pipeline.gap is None else (*signature.channels, "time since the last step")
    inputs = pipeline.inputs(one)
    if pipeline.target is None:
        labels = tuple(f"log odds of {name}" for name in names)
        return View(inputs, names, labels, LogOdds(len(names)), first_of=f"the {labels[0]}", asked="after")
    return View(inputs, names, names_of(pipeline), truths=pipeline.wanted(one), asked="after")


@dataclass(frozen=True)
class LogOdds:
    """A `Frame` of channels that are on or off: the scores are what is shown, log(p / (1 − p)) of each.

    The truth of one is without end, so none is shown.
    """

    channels: int
    transform: Literal["identity", "exp"] = "identity"
    stands_on: str = "nothing"

    @property
    def scale(self) -> tuple[float, ...]:
        """Nothing is scaled."""
        return (1.0,) * self.channels

    def offset(self, first: int, stop: int) -> Floats:
        """Nothing is added."""
        return np.zeros((stop - first, self.channels))

    def answers(self, scores: Floats, first: int, stop: int) -> Floats:
        """The scores."""
        return scores

    def truth(self, first: int, stop: int) -> Floats:
        """None is finite."""
        return np.full((stop - first, self.channels), np.nan)

    def wanted(self, first: int, stop: int) -> Floats:
        """None is finite."""
        return np.full((stop - first, self.channels), np.nan)


def headline(kind: Kind, one: Sequences, stop: int, labels: Sequence[str], said: Sequence[tuple[str, Floats]]) -> str:
    """What each network finds likeliest after `stop` steps of one sequence.

    Args:
        kind: of what comes.
        one: the sequence.
        stop: steps that were read.
        labels: names of the answers.
        said: the label and the answer of each network.
    """
    when = f"After {stop:,} step{'s' if stop > 1 else ''} of sequence {one.ids[0]}"
    if kind == "frames":
        parts = [f"this {label} expects {_on(labels, answer)} next" for label, answer in said]
        return f"{when}, {listed(parts)}."
    parts = [
        f"this {label} finds {spelt(labels[int(answer.argmax())])} likeliest ({percent(float(answer.max()))})"
        for label, answer in said
    ]
    return f"{when}, {listed(parts)}."


def spelt(symbol: str) -> str:
    """A symbol in a sentence: in quotes, or by name where it is white."""
    return {" ": "a space", "\n": "a line break", "\t": "a tab"}.get(symbol, repr(symbol))


def _on(labels: Sequence[str], answer: Floats) -> str:
    on = [name for name, p in zip(labels, answer, strict=True) if p >= 0.5]
    return listed(on) if on else "nothing to be on"
