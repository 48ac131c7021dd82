"""The classes of sequences as numbers."""

from __future__ import annotations

from selfloop.data.sequences import Ints, Sequences
from selfloop.errors import DataError


def labels_of(data: Sequences) -> Ints:
    """(sequences,) class numbers.

    Raises:
        DataError: the data have no labels, or only one class.
    """
    if data.labels is None:
        raise DataError(
            f"{data.name} has no labels; a classification needs one a sequence: name the column with --label."
        )
    if len(data.classes) < 2:
        raise DataError(
            f"{data.name} has only one class, {data.classes[0]!r}; nothing to tell apart: expected two or more."
        )
    return data.labels
