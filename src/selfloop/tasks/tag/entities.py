"""Entities in tags such as B-PER, I-PER and O, by the rules of conlleval (Tjong Kim Sang & Buchholz 2000).

A tag that does not continue what stands before it begins an entity of its own: I-PER after O, or after I-LOC, does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

Entity = tuple[int, int, str]  # first step, the step behind the last, type

FORM = re.compile(r"O|[BIES]-.+", re.DOTALL)
OUTSIDE = ("O", "")


def are_entities(classes: Sequence[str]) -> bool:
    """Whether classes are O and parts of entities: B-X and I-X, with or without E-X and S-X."""
    return all(FORM.fullmatch(name) for name in classes) and any(name[:2] in ("B-", "I-", "S-") for name in classes)


def entities(tags: Iterable[str]) -> set[Entity]:
    """Those of one sequence; what is neither O nor a part of an entity is outside."""
    found, first, before = set(), 0, OUTSIDE
    for step, tag in enumerate([*tags, "O"]):
        now = (tag[0], tag[2:]) if tag != "O" and FORM.fullmatch(tag) else OUTSIDE
        if before[0] != "O" and _ends(before, now):
            found.add((first, step, before[1]))
        if now[0] != "O" and _starts(before, now):
            first = step
        before = now
    return found


def _ends(before: tuple[str, str], now: tuple[str, str]) -> bool:
    """Whether an entity ends between two tags, the first of which is a part of one."""
    return before[0] in "ES" or now[0] in "BSO" or before[1] != now[1]


def _starts(before: tuple[str, str], now: tuple[str, str]) -> bool:
    """Whether an entity starts between two tags, the second of which is a part of one."""
    return now[0] in "BS" or before[0] in "ESO" or before[1] != now[1]


def entity_f1(truth: Iterable[Iterable[str]], answers: Iterable[Iterable[str]]) -> float:
    """The harmonic mean of the shares of entities found and of those said that are right; 0 where none is right.

    Args:
        truth: the tags of each sequence.
        answers: what was said of each, of the same length.
    """
    said = there = right = 0
    for true, answer in zip(truth, answers, strict=True):
        known, found = entities(true), entities(answer)
        there, said, right = there + len(known), said + len(found), right + len(known & found)
    return 2 * right / (there + said) if right else 0.0
