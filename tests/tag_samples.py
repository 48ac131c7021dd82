"""Small data with a label at each step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from selfloop.data import Sequences


def tagged(
    lengths: Sequence[int],
    tags: Any = None,
    classes: tuple[str, ...] = ("hi", "lo", "mid"),
    seed: int = 0,
    **changes: Any,
) -> Sequences:
    """A number at each step, whose sign and that of the one before say the label; or the labels that are given."""
    rng, steps = np.random.default_rng(seed), sum(lengths)
    values = rng.normal(size=(steps, 1))
    before = np.concatenate([[0.0], values[:-1, 0]])
    own = np.where(values[:, 0] > 0, np.where(before > 0, 0, 2), 1)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    given: dict[str, Any] = {"ids": tuple(f"s{k}" for k in range(len(lengths))), "channels": ("x",)}
    given |= {"tags": own if tags is None else np.asarray(tags, dtype=np.int64), "classes": classes} | changes
    return Sequences("tagged", values, offsets, **given)


def worded(sentences: Sequence[str], name: str = "text", **changes: Any) -> Sequences:
    """Sentences of "word/LABEL" with blanks between; "word/" has no label."""
    pairs = [[each.rpartition("/") for each in sentence.split()] for sentence in sentences]
    words = sorted({word for sentence in pairs for word, _, _ in sentence})
    classes = sorted({label for sentence in pairs for _, _, label in sentence if label})
    values = np.array([[words.index(word)] for sentence in pairs for word, _, _ in sentence], dtype=np.float64)
    tags = [classes.index(label) if label else -1 for sentence in pairs for _, _, label in sentence]
    offsets = np.concatenate([[0], np.cumsum([len(sentence) for sentence in pairs])]).astype(np.int64)
    given: dict[str, Any] = {"ids": tuple(f"{name} {k}" for k in range(len(pairs)))} | changes
    return Sequences(
        name, values, offsets, ("word",), classes=tuple(classes), tags=np.array(tags), symbols=(tuple(words),), **given
    )
