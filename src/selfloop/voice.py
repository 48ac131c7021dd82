"""How a message names a setting: everybody writes the command line's flag, and Python's users read their argument.

`--folds 4` is said so where a command runs, and `folds=4` where a function was called.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from contextlib import contextmanager

WORDS: dict[str, Container[str]] = {
    "direction": ("one", "both"),
    "init": ("chrono", "torch"),
    "missing": ("error", "drop", "interpolate"),
    "pool": ("last", "mean"),
    "time": ("none",),
    "unit": ("character", "word"),
}
"""Values that are words, by setting: a flag is followed by one of them, or by the next word of its sentence."""
ELSEWHERE = {"against": "peers=", "builtin": "selfloop.data.load_builtin(...)"}
"""Flags that bear another name in Python."""

_FLAG = re.compile(r"(?<![\w-])--([a-z][a-z-]*[a-z])(?: (\d+(?:\.\d+)?|[a-z]+)\b)?")
_in_shell = False


@contextmanager
def shell() -> Iterator[None]:
    """Inside, a command line is spoken to."""
    global _in_shell  # a process runs one command
    before, _in_shell = _in_shell, True
    try:
        yield
    finally:
        _in_shell = before


def spoken(text: str) -> str:
    """A message as its reader writes settings."""
    return text if _in_shell else in_python(text)


def in_python(text: str) -> str:
    """A message with arguments in the place of flags."""
    return _FLAG.sub(_argument, text)


def _argument(found: re.Match[str]) -> str:
    name, value = found[1].replace("-", "_"), found[2]
    if name in ELSEWHERE:
        return ELSEWHERE[name] + (f" {value}" if value else "")
    if value is None:
        return f"{name}="
    if value[0].isdigit():
        return f"{name}={value}"
    return f'{name}="{value}"' if value in WORDS.get(name, ()) else f"{name}= {value}"
