"""Simple features of what was read, step by step: what the units of a network may go along with.

The first of them are those that Karpathy, Johnson & Fei-Fei 2015 ("Visualizing and Understanding Recurrent Networks")
found single units of character models to follow: quotes, brackets, the position in the line. NumPy and text alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from selfloop.data.sequences import Floats, Sequences

OPENING, CLOSING = "([{", ")]}"
QUOTES = {'"': 0, "\N{LEFT DOUBLE QUOTATION MARK}": 1, "\N{RIGHT DOUBLE QUOTATION MARK}": -1}
BESIDE = "'\N{RIGHT SINGLE QUOTATION MARK}-"  # part of a word beside letters and digits

Walk = Callable[[Sequence[str]], Iterator[float]]


def symbols_of(data: Sequences) -> tuple[str, ...]:
    """(steps,) the symbol of each step, of the first channel that holds such; none where all are numbers."""
    for k, names in enumerate(data.symbols):
        if names:
            return tuple(names[int(value)] for value in data.values[:, k])
    return ()


def are_characters(symbols: Sequence[str]) -> bool:
    """Whether they are the characters of a text, and not words or events."""
    kinds = set(symbols)
    return all(len(each) == 1 for each in kinds) and (" " in kinds or "\n" in kinds)


def in_quotes(symbols: Sequence[str]) -> Iterator[float]:
    """After a quotation mark, before the next one; an empty line ends what nobody closed."""
    inside, before = False, ""
    for each in symbols:
        sign = QUOTES.get(each)
        if each == before == "\n":
            inside = False
        elif sign is not None:
            inside = not inside if sign == 0 else sign > 0
        before = each
        yield float(inside)


def in_brackets(symbols: Sequence[str]) -> Iterator[float]:
    """After an opening bracket whose closing one has not come; an empty line ends what nobody closed."""
    depth, before = 0, ""
    for each in symbols:
        if each == before == "\n":
            depth = 0
        depth = max(depth + (each in OPENING) - (each in CLOSING), 0) if each else depth
        before = each
        yield float(depth > 0)


def in_line(symbols: Sequence[str]) -> Iterator[float]:
    """Characters since the line began."""
    place = 0
    for each in symbols:
        place = 0 if each == "\n" else place + 1
        yield float(place)


def in_word(symbols: Sequence[str]) -> Iterator[float]:
    """Characters of the word so far; 0 between words."""
    place = 0
    for each in symbols:
        place = place + 1 if each.isalnum() or (place and each in BESIDE) else 0
        yield float(place)


def _each(holds: Callable[[str], bool | int]) -> Walk:
    return lambda symbols: (float(holds(each)) for each in symbols)


def _before(holds: Callable[[str], bool]) -> Walk:
    """Of the symbol that comes next; of the last one nobody knows it."""
    return lambda symbols: iter([*(float(holds(each)) for each in symbols[1:]), np.nan][: len(symbols)])


OF_TEXT: dict[str, Walk] = {
    "inside quotes": in_quotes,
    "inside brackets": in_brackets,
    "position in the line": in_line,
    "letters of the word so far": in_word,
    "just after a digit": _each(str.isdigit),
    "just after an upper-case letter": _each(str.isupper),
    "just after a space": _each(lambda each: each == " "),
    "before a space": _before(lambda each: each == " "),
    "before the end of a line": _before(lambda each: each == "\n"),
}
OF_WORDS: dict[str, Walk] = {
    "inside quotes": in_quotes,
    "inside brackets": in_brackets,
    "length of the word": _each(len),
    "a word with an upper-case first letter": _each(lambda each: each[:1].isupper()),
    "a word with a digit": _each(lambda each: any(letter.isdigit() for letter in each)),
}


def indicators(data: Sequences) -> dict[str, Floats]:
    """(steps,) of each feature by its name, NaN where it is not known; each sequence begins anew.

    Args:
        data: with symbols, labels of steps, or both; else there are none.
    """
    symbols, found = symbols_of(data), {}
    walks = {} if not symbols else OF_TEXT if are_characters(symbols) else OF_WORDS
    parts = [symbols[a:b] for a, b in zip(data.offsets[:-1], data.offsets[1:], strict=True)]
    for name, walk in walks.items():
        found[name] = np.array([value for part in parts for value in walk(part)])
    if data.tags is not None:
        for k, label in enumerate(data.classes):
            found[f"true label {label}"] = np.where(data.tags < 0, np.nan, data.tags == k)
    return found
