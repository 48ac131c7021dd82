"""Sequences of symbols or numbers as lists in Python, and a label for each step, as sequence labelling has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from selfloop.data import Sequences, load
from selfloop.data.draft import label_text, sorted_classes
from selfloop.data.texts import words_of
from selfloop.errors import DataError

SYMBOL = "symbol"


def sequences_of(X: Any) -> Sequences:
    """Lists of symbols, or arrays of numbers (steps,) or (steps, channels), one a sequence.

    Raises:
        DataError: they are neither.
    """
    if isinstance(X, str):
        raise DataError("X is one text; expected a list of sequences: give [list(text)] or [text.split()].")
    cases = list(X)
    for k, case in enumerate(cases):
        if not hasattr(case, "__len__") or len(case) == 0:
            raise DataError(f"Sequence {k} (counted from 0) of X is {case!r}; expected one or more steps.")
    if all(_is_numbers(case) for case in cases):
        return replace(load([np.asarray(case) for case in cases], axes="steps,channels"), named=False)
    return spelt([[_text(symbol, k) for symbol in case] for k, case in enumerate(cases)])


def spelt(cases: Sequence[Sequence[str]]) -> Sequences:
    """Texts of symbols, one list a sequence."""
    flat = np.array([symbol for case in cases for symbol in case], dtype=object)
    names = tuple(sorted(set(flat.tolist())))
    number = {name: k for k, name in enumerate(names)}
    codes = np.array([number[symbol] for symbol in flat], dtype=np.float64)
    offsets = np.concatenate([[0], np.cumsum([len(case) for case in cases])]).astype(np.int64)
    ids = tuple(str(k) for k in range(len(cases)))
    return Sequences("X", codes[:, None], offsets, (SYMBOL,), ids, symbols=(names,), named=False)


def symbols_in(text: str, unit: str) -> list[str]:
    """A text as symbols."""
    return words_of(text) if unit == "word" else list(text)


def with_tags(data: Sequences, y: Any) -> tuple[Sequences, dict[str, Any]]:
    """With a label for each step, None where there is none; and what each label was before it became a text.

    Raises:
        DataError: there are not as many as steps, or none at all.
    """
    rows = [list(row) for row in y]
    if len(rows) != len(data):
        raise DataError(f"There are {len(rows)} lists of labels for {len(data)} sequences; expected one for each.")
    for k, (row, length) in enumerate(zip(rows, data.lengths.tolist(), strict=True)):
        if len(row) != length:
            raise DataError(
                f"Sequence {k} (counted from 0) has {length} steps and {len(row)} labels; expected one for each step, "
                "None where it is not known."
            )
    flat = [_plain(label) for row in rows for label in row]
    known = {label_text(label): label for label in flat if not _unknown(label)}
    if not known:
        raise DataError("No step has a label; expected a label for each step, None only where it is not known.")
    classes = sorted_classes(tuple(known))
    number = {name: k for k, name in enumerate(classes)}
    tags = np.array([-1 if _unknown(label) else number[label_text(label)] for label in flat], dtype=np.int64)
    return replace(data, tags=tags, classes=classes), {name: known[name] for name in classes}


def _plain(label: Any) -> Any:
    return label.item() if isinstance(label, np.generic) else label


def _unknown(label: Any) -> bool:
    return label is None or label != label


def _is_numbers(case: Any) -> bool:
    return not isinstance(case, str) and np.asarray(case).dtype.kind in "biuf"


def _text(symbol: Any, k: int) -> str:
    """A symbol as its name; numbers beside texts are names as well."""
    if symbol is None or symbol != symbol or isinstance(symbol, list | tuple | np.ndarray | dict):
        raise DataError(
            f"Sequence {k} (counted from 0) of X has the step {symbol!r}; expected symbols (texts, whole numbers), or "
            "arrays of numbers in all sequences."
        )
    return str(symbol)
