"""NumPy's own files: .npy holds one array; .npz one as well, or one and its labels. Never pickles."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from selfloop.errors import DataError

SUFFIXES = (".npy", ".npz")
LABELS = ("y", "label", "labels", "class", "classes")
"""Names under which an array of a .npz file holds the labels of the other one."""


def read_arrays(path: Path) -> tuple[Any, Any]:
    """The array of a file, and the labels beside it or None.

    Raises:
        DataError: the file cannot be read, or holds other arrays than that.
    """
    try:
        with path.open("rb") as file:
            held = np.load(file, allow_pickle=False)
            if isinstance(held, np.ndarray):
                return held, None
            return _pair(path.name, {name: held[name] for name in held.files})
    except DataError:
        raise
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        said = str(error).split("\n")[0].rstrip(".")[:160]
        raise DataError(
            f"{path.name} is not a readable file of NumPy arrays ({said}); expected numbers that np.save or np.savez "
            "wrote, without Python objects: write it again."
        ) from error


def _pair(name: str, arrays: dict[str, Any]) -> tuple[Any, Any]:
    labels = [key for key in arrays if key.lower() in LABELS and 1 <= arrays[key].ndim <= 2]
    others = [key for key in arrays if key not in labels]
    if len(arrays) == 1:
        return next(iter(arrays.values())), None
    if len(labels) == 1 and len(others) == 1:
        return arrays[others[0]], arrays[labels[0]]
    raise DataError(
        f"{name} holds the arrays {', '.join(arrays) or '(none)'}; expected one, or one and its labels as 'y': save "
        "these alone."
    )
