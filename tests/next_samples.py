"""Texts, events and frames for tests of what comes next, built by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from selfloop.data.sequences import Columns, Sequences

ALPHABET = "abcde"


def text_of(text: str, *, known: str = "", name: str = "text") -> Sequences:
    """One long text, a symbol a character; `known` ones come first among its symbols."""
    names = tuple(dict.fromkeys(known + text))
    codes = np.array([[float(names.index(each))] for each in text])
    return Sequences(name, codes, np.array([0, len(text)]), ("character",), (name,), symbols=(names,))


def pattern(steps: int, seed: int = 0) -> str:
    """Mostly a cycle through the alphabet, with slips."""
    rng, place, made = np.random.default_rng(seed), 0, []
    for _ in range(steps):
        place = (place + 1) % 5 if rng.random() < 0.9 else int(rng.integers(5))
        made.append(ALPHABET[place])
    return "".join(made)


def words_of(texts: list[str], **changed: Any) -> Sequences:
    """Many short texts, a symbol a character."""
    names = tuple(sorted(set("".join(texts))))
    codes = np.array([[float(names.index(each))] for text in texts for each in text])
    offsets = np.concatenate([[0], np.cumsum([len(text) for text in texts])]).astype(np.int64)
    ids = tuple(str(k) for k in range(len(texts)))
    return Sequences("words", codes, offsets, ("character",), ids, symbols=(names,), **changed)


def events(steps: int = 300) -> Sequences:
    """One stream of kinds at uneven times: after a long wait comes an "x", whatever came before."""
    rng = np.random.default_rng(2)
    gaps = np.where(rng.random(steps) < 0.4, rng.integers(50, 60, steps), rng.integers(1, 5, steps))
    kinds = np.where(gaps >= 50, 0, rng.integers(1, 3, steps))
    gaps[:-1] = gaps[1:]  # an event tells how long its own wait was, and the next one is of a kind that follows from it
    time = np.cumsum(gaps)
    values = np.stack([kinds.astype(float), rng.normal(size=steps)], axis=1)
    return Sequences(
        "events", values, np.array([0, steps]), ("kind", "size"), ("events",), symbols=(("x", "y", "z"), ()),
        time=time, columns=Columns(time="when", target="kind", inputs=("size",)),
    )  # fmt: skip


def frames(pieces: int = 24, seed: int = 0) -> Sequences:
    """Pieces of 3 channels: the first alternates, the second follows it, the third is by chance."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(6, 15, size=pieces)
    each = []
    for steps in lengths:
        first = (np.arange(steps) + rng.integers(2)) % 2
        each.append(np.stack([first, np.roll(first, 1), rng.random(steps) < 0.2], axis=1))
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    ids = tuple(f"piece {k}" for k in range(pieces))
    return Sequences("pieces", np.concatenate(each).astype(float), offsets, ("C", "E", "G"), ids)
