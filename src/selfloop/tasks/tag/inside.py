"""What can be looked into: the losses of a trained tagger, one sequence as it reads it, and what it says, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from selfloop.data.sequences import Floats, Sequences
from selfloop.tasks.inside import Questions, View
from selfloop.tasks.model import Signature
from selfloop.tasks.places import pieces
from selfloop.tasks.tag.folds import whole
from selfloop.words import listed, percent

FREQUENCIES = "guessing by the labels’ frequencies"
OF = "cross-entropy of the answer at a step"


def questions(model: Any, data: Sequences, most: int, seed: int, ahead: bool) -> Questions:
    """Steps whose label is known, drawn from all; without labels, against the model's own answers.

    Args:
        model: with the network.
        data: of the user's.
        most: how many.
        seed: of what is drawn.
        ahead: whether an answer is made of later steps, too.
    """
    known = np.flatnonzero(data.tags >= 0) if data.tags is not None else np.zeros(0, dtype=np.int64)
    asked = known if len(known) else np.arange(len(data.values))
    steps = np.sort(np.random.default_rng(seed).permutation(asked)[:most])
    edges = pieces(data.offsets) if ahead else data.offsets
    of = np.searchsorted(edges, steps, side="right") - 1
    if data.tags is not None and len(known):
        wanted, truth, said = data.tags[steps], data.tags[steps], OF
    else:
        wanted, truth = model.predict(data, whole(data, np.arange(len(data)))).argmax(1)[steps], None
        said = f"{OF}, against the model’s own answer: the true labels are not known"
    stops = edges[of + 1] if ahead else steps + 1
    at = steps if ahead else None
    return Questions(model.pipeline.show(data), edges[of], stops, wanted, truth, said, "step", FREQUENCIES, at)


def view(model: Any, one: Sequences, signature: Signature) -> View:
    """One sequence as it is fed; classes are the answers, at every step."""
    names = model.pipeline.names(signature.channels)
    return View(model.pipeline.show(one), names, signature.classes, truths=one.tags, asked="step")


def headline(one: Sequences, stop: int, labels: Sequence[str], said: Sequence[tuple[str, Floats]]) -> str:
    """What each network says of the last step that was read, or how probable it finds the truth.

    Args:
        one: the sequence.
        stop: steps that were read.
        labels: names of the classes.
        said: the label and the probabilities of each network.
    """
    when = f"At step {stop:,} of sequence {one.ids[0]}{_symbols(one, stop - 1)}"
    tag = -1 if one.tags is None else int(one.tags[stop - 1])
    if tag >= 0:
        parts = listed([f"this {label} {percent(float(answer[tag]))}" for label, answer in said])
        return f"{when}, the probability of its true label, {labels[tag]}: {parts}."
    parts = listed(
        [f"this {label} says {labels[int(answer.argmax())]} ({percent(float(answer.max()))})" for label, answer in said]
    )
    return f"{when}, {parts}; its true label is not known."


def _symbols(one: Sequences, step: int) -> str:
    """The symbols of a step, in brackets."""
    found = [names[int(one.values[step, k])] for k, names in enumerate(one.symbols) if names]
    return f" ({', '.join(found)})" if found else ""
