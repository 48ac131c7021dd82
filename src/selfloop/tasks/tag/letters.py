"""What a word is made of: its first letters, its last ones, its shape, each a row of one hashed table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from zlib import crc32

import numpy as np

from selfloop.data.sequences import Ints
from selfloop.tasks.vocabulary import FIRST, NOTHING

ROWS = 4096
FIRSTS, LASTS = (1, 2, 3), (1, 2, 3, 4)
COLUMNS = len(FIRSTS) + len(LASTS) + 1
LONGEST_SHAPE = 8


def letters(words: Sequence[str]) -> Ints:
    """(words, 8) rows: of the first 1 to 3 letters, of the last 1 to 4, and of the shape; 0 where a word is shorter."""
    return np.array([_rows(word) for word in words], dtype=np.int64).reshape(len(words), COLUMNS)


def _rows(word: str) -> list[int]:
    small = word.lower()
    firsts = [_row(f"first{k} {small[:k]}") if len(small) >= k else NOTHING for k in FIRSTS]
    lasts = [_row(f"last{k} {small[-k:]}") if len(small) >= k else NOTHING for k in LASTS]
    return [*firsts, *lasts, _row(f"shape {shape(word)}")]


def _row(part: str) -> int:
    """One of those of known symbols; several parts may share one."""
    return FIRST + crc32(part.encode("utf-8", "surrogatepass")) % (ROWS - FIRST)


def shape(word: str) -> str:
    """How a word is written: X for capitals, x for other letters, 0 for digits, other signs as they are.

    The same again is written once: "Obama" is Xx, "2,500" is 0,0.
    """
    kinds = "".join("X" if c.isupper() else "x" if c.isalpha() else "0" if c.isdigit() else c for c in word)
    return re.sub(r"(.)\1+", r"\1", kinds, flags=re.DOTALL)[:LONGEST_SHAPE]
