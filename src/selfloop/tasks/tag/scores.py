"""How well steps were tagged."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.tasks.places import Block
from selfloop.tasks.tag.entities import are_entities, entity_f1


def score(data: Sequences, tags: Ints, where: Block, answers: Floats) -> dict[str, float]:
    """Every metric that these classes have, of (places, classes) probabilities at some steps.

    Args:
        data: with the classes.
        tags: (steps,) of the data; −1 where there is none, and nothing is asked.
        where: the steps.
        answers: at those.
    """
    truth, found = tags[where.flat(data)], answers.argmax(1)
    known = truth >= 0
    scores = {
        "accuracy": float((found == truth)[known].mean()),
        "macro_f1": macro_f1(truth[known], found[known], len(data.classes)),
    }
    if are_entities(data.classes):
        scores["entity_f1"] = _entity_f1(data.classes, truth, np.where(known, found, -1), where)
    return scores


def macro_f1(truth: Ints, found: Ints, classes: int) -> float:
    """The mean F1 over the classes that are in the truth or in the answers."""
    right = np.bincount(truth[truth == found], minlength=classes)
    both = np.bincount(truth, minlength=classes) + np.bincount(found, minlength=classes)
    there = both > 0
    return float((2 * right[there] / both[there]).mean())


def _entity_f1(classes: tuple[str, ...], truth: Ints, found: Ints, where: Block) -> float:
    """Sequence by sequence; a step without a label is outside of every entity."""
    names = (*classes, "O")  # which −1 picks
    edges = np.concatenate([[0], np.cumsum(where.stop - where.first)]).tolist()
    cuts = [slice(first, stop) for first, stop in pairwise(edges)]
    return entity_f1(*([[names[k] for k in each[cut]] for cut in cuts] for each in (truth, found)))
