"""Whether a path is a file that is read, and what to say where it is none."""

from __future__ import annotations

import difflib
from pathlib import Path

from selfloop.data.array_files import SUFFIXES as ARRAY_SUFFIXES
from selfloop.data.builtin import BUILTIN
from selfloop.data.conll import SUFFIXES as CONLL_SUFFIXES
from selfloop.data.files import SUFFIXES, suffix
from selfloop.data.rolls import SUFFIXES as ROLL_SUFFIXES
from selfloop.data.texts import SUFFIXES as TEXT_SUFFIXES
from selfloop.errors import DataError, nearest

ALL = (*SUFFIXES, *ARRAY_SUFFIXES, *TEXT_SUFFIXES, *CONLL_SUFFIXES, *ROLL_SUFFIXES)
KINDS = ", ".join(ALL)
"""Of files that are read, by their suffixes."""


def suffix_of(path: Path) -> str:
    """The suffix, if files of that kind are read.

    Raises:
        DataError: they are not.
    """
    found = suffix(path)
    if found not in ALL:
        builtin = f" {path.name!r} is also a built-in set: choose it with --builtin." if path.name in BUILTIN else ""
        raise DataError(f"{path.name} has the suffix {found!r}; expected one of {KINDS}: convert it.{builtin}")
    return found


def not_found(path: Path) -> DataError:
    """An error that names a near file or built-in set, or all built-in sets."""
    name = path.name[:80]
    try:
        if path.is_dir():
            return DataError(f"{path} is a folder; expected a file ({KINDS}) or a built-in set.")
        files = [file.name for file in path.parent.iterdir() if file.is_file()]
    except OSError:  # no such folder either, or one that may not be read
        files = []
    near = difflib.get_close_matches(name, files, n=1, cutoff=0.6)
    if near and not difflib.get_close_matches(name, BUILTIN, n=1, cutoff=0.6):
        remedy = nearest(name, near)
    else:
        remedy = nearest(name, BUILTIN).replace("There is:", "Built-in sets are:")
    return DataError(f"There is no file {str(path)[:200]!r} and no built-in set of that name. {remedy}")
