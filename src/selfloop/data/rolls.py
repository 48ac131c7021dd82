"""Piano rolls: which notes sound at each step, in files that hold a part to learn from and one to test on.

Such as those of Boulanger-Lewandowski et al. 2012: .mat with `traindata`, `validdata` and `testdata`; or .npz.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from selfloop.data.build import finish
from selfloop.data.draft import Draft
from selfloop.data.files import is_file, name_of, suffix
from selfloop.data.sequences import Floats, Sequences
from selfloop.data.text_files import short
from selfloop.errors import DataError
from selfloop.words import count, listed

SUFFIXES = (".mat",)
Part = Literal["train", "valid", "test"]
NAMES: dict[Part, tuple[str, ...]] = {
    "train": ("train", "traindata"),
    "valid": ("valid", "validdata", "val", "dev"),
    "test": ("test", "testdata"),
}
"""Under which names a file holds each part; train_0, train_1 and so on hold one piece each."""
KEYS, LOWEST = 88, 21  # of a piano, and the MIDI number of its lowest note
ROLL, STACK = 2, 3  # dimensions of one piece, and of several of one length
WANTED = "arrays of 0 and 1, steps by notes, named train (or traindata), valid and test"
OTHERS = "of other numbers, one array a file, with its labels as 'y'"


@dataclass(frozen=True, eq=False)
class Rolls:
    """The pieces of a file by part."""

    title: str
    parts: Mapping[Part, Sequence[Floats]]

    def draft(self, test: bool) -> Draft:
        """The part to test on, where that is asked for and there is one; else all others.

        Args:
            test: whether it is.
        """
        tested = test and "test" in self.parts
        chosen = {part: pieces for part, pieces in self.parts.items() if (part == "test") == tested}
        cases = [case for pieces in chosen.values() for case in pieces]
        ids = tuple(f"{part} {k}" for part, pieces in chosen.items() for k in range(1, len(pieces) + 1))
        offsets = np.concatenate([[0], np.cumsum([len(case) for case in cases])]).astype(np.int64)
        notes = [listed(f"{count(len(pieces), 'piece')} of {part}" for part, pieces in chosen.items())]
        if not tested and "test" in self.parts:
            notes.append(f"{count(len(self.parts['test']), 'piece')} of test set apart, to be tested")
        return Draft(
            name=self.title,
            values=np.concatenate(cases),
            offsets=offsets,
            channels=_notes(cases[0].shape[1]),
            ids=ids,
            place=lambda step: _place(step, offsets, ids),
            notes=tuple(notes),
        )


def load_rolls(path: Path, *, test: bool) -> Sequences:
    """The pieces of a file: its part to test on, where that is asked for and there is one; else all others.

    Args:
        path: of the file.
        test: whether it is asked for.

    Raises:
        DataError: it cannot be read, or does not hold such parts.
    """
    draft = read_rolls(path).draft(test)
    reading = f"using {count(len(draft.channels), 'channel')} that are on or off"
    return finish(draft, missing="error", reading=reading, name=name_of(path))


def holds_test(source: Any) -> bool:
    """Whether data bring a part to test on, which `load` leaves out and `load_like` reads.

    Args:
        source: as for `load`.

    Raises:
        DataError: a file that should hold one cannot be read.
    """
    path = Path(source).expanduser() if isinstance(source, str | Path) else None
    return path is not None and is_file(path) and holds_rolls(path) and "test" in read_rolls(path).parts


def holds_rolls(path: Path) -> bool:
    """Whether a file has parts by name: every .mat that is read, and such an .npz."""
    if suffix(path) in SUFFIXES:
        return True
    if suffix(path) != ".npz":
        return False
    try:
        with zipfile.ZipFile(path) as held:
            names = [name.removesuffix(".npy") for name in held.namelist()]
    except (OSError, zipfile.BadZipFile):
        return False  # whoever reads it says so
    parts = [_part(name) for name in names]
    return "train" in parts and None not in parts


def read_rolls(path: Path) -> Rolls:
    """The pieces of a file.

    Raises:
        DataError: it cannot be read, or does not hold such parts.
    """
    arrays = _mat(path) if suffix(path) in SUFFIXES else _npz(path)
    parts: dict[Part, list[Floats]] = {}
    for name, array in arrays.items():
        part = _part(name)
        if part is not None:
            parts.setdefault(part, []).extend(_pieces(array, f"{path.name}: {name}"))
    if not parts.get("train"):
        raise DataError(f"{path.name} holds the arrays {', '.join(arrays) or '(none)'}; expected {WANTED}.")
    widths = {case.shape[1] for pieces in parts.values() for case in pieces}
    if len(widths) > 1:
        raise DataError(
            f"{path.name} holds pieces of {listed(map(str, sorted(widths)))} notes; expected the same number in each."
        )
    return Rolls(path.name, {part: parts[part] for part in NAMES if parts.get(part)})


def _part(name: str) -> Part | None:
    """Which part an array of this name holds, or holds a piece of."""
    word, _, number = name.lower().rpartition("_")
    bare = word if word and number.isdigit() else name.lower().replace("_", "")
    return next((part for part, names in NAMES.items() if bare in names), None)


def _mat(path: Path) -> dict[str, NDArray[Any]]:
    import scipy.io

    try:
        held = scipy.io.loadmat(path)
    except NotImplementedError as error:
        raise DataError(
            f"{path.name} is a MATLAB file of version 7.3; expected 7 or older: save it with -v7."
        ) from error
    except Exception as error:  # whatever a damaged file makes SciPy's reader stumble over
        raise DataError(
            f"{path.name} is not a readable MATLAB file ({short(error)}); expected {WANTED}: write it again."
        ) from error
    return {name: np.asarray(array) for name, array in held.items() if not name.startswith("__")}


def _npz(path: Path) -> dict[str, NDArray[Any]]:
    try:
        with np.load(path, allow_pickle=False) as held:
            names = sorted(held.files, key=lambda name: (len(name), name))  # train_10 comes after train_9
            return {name: held[name] for name in names}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(
            f"{path.name} is not a readable file of NumPy arrays ({short(error)}); expected numbers that np.savez "
            "wrote, without Python objects: save pieces of unequal length as train_0, train_1 and so on."
        ) from error


def _pieces(array: NDArray[Any], what: str) -> list[Floats]:
    """Each piece as (steps, notes)."""
    cases = list(array.flat) if array.dtype == object else list(array) if array.ndim == STACK else [array]
    pieces = []
    for k, case in enumerate(cases, start=1):
        plain = np.asarray(case)
        if plain.dtype.kind not in "biuf" or plain.ndim != ROLL or 0 in plain.shape:
            raise DataError(f"{what}, piece {k}, is {plain.dtype} of shape {plain.shape}; expected {WANTED}; {OTHERS}.")
        floats = plain.astype(np.float64)
        odd = floats[(floats != 0) & (floats != 1)]
        if len(odd):
            raise DataError(f"{what}, piece {k}, holds {odd[0]:g}; expected {WANTED}; {OTHERS}.")
        pieces.append(floats)
    return pieces


def _notes(number: int) -> tuple[str, ...]:
    if number == KEYS:
        return tuple(f"note_{k}" for k in range(LOWEST, LOWEST + KEYS))
    return tuple(f"channel_{k}" for k in range(1, number + 1))


def _place(step: int, offsets: NDArray[np.int64], ids: Sequence[str]) -> str:
    k = int(np.searchsorted(offsets, step, side="right")) - 1
    return f"step {step - offsets[k]} of {ids[k]!r} (counted from 0)"
