"""The UCR archive's .tsv files: no header, a case a row, its label first, then its values."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from selfloop.data.draft import Draft, channel_names, label_text
from selfloop.data.files import head_of, suffix
from selfloop.data.sequences import Ints
from selfloop.data.text_files import is_number, short
from selfloop.errors import DataError

FEWEST = 3  # columns: a label and two steps


def holds_cases(path: Path) -> bool:
    """Whether a file is such a one by its first line: numbers alone, the first of them whole."""
    if suffix(path) not in (".tsv", ".tsv.gz"):
        return False
    fields = head_of(path).decode("utf-8", errors="replace").strip().split("\t")
    return len(fields) >= FEWEST and all(map(is_number, fields)) and float(fields[0]).is_integer()


def draft_ucr(path: Path) -> Draft:
    """Its cases. NaN at the end of a row is what fills it up to the longest.

    Raises:
        DataError: a field is no number, or no label occurs twice: then the first column is something else.
    """
    import polars as pl

    try:
        frame = pl.read_csv(path, separator="\t", has_header=False, infer_schema=False, glob=False)
        table = frame.select(pl.all().str.strip_chars().cast(pl.Float64)).to_numpy()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(
            f"{path.name} starts with numbers, but is no table of numbers ({short(error)}); expected a header line, or "
            "a case a row as in the UCR archive, its label first."
        ) from error
    labels, values = table[:, 0], table[:, 1:]
    whole = np.isfinite(labels) & (np.rint(labels) == labels)
    if not whole.all() or len(np.unique(labels)) == len(labels):
        raise DataError(
            f"{path.name} starts with numbers ({', '.join(frame.row(0)[:3])}); expected a header line with the names "
            "of the columns, or a case a row as in the UCR archive, its label first: add one."
        )
    known = np.isfinite(values)
    lengths = np.where(known.any(1), values.shape[1] - known[:, ::-1].argmax(1), 1).astype(np.int64)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return Draft(
        name=path.name,
        values=np.concatenate([row[:stop] for row, stop in zip(values, lengths, strict=True)])[:, None],
        offsets=offsets,
        channels=channel_names(1),
        ids=tuple(str(k) for k in range(1, len(lengths) + 1)),
        place=lambda step: _place(step, offsets),
        labels=tuple(label_text(label) for label in labels.tolist()),
        notes=("a case a row, its label first",),
        class_type="whole",
    )


def _place(step: int, offsets: Ints) -> str:
    k = int(np.searchsorted(offsets, step, side="right")) - 1
    return f"row {k + 1}, step {step - offsets[k] + 1} (counted from 1)"
