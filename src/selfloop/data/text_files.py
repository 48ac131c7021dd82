"""Tables of text: the header, the encoding, and which columns are numbers."""

from __future__ import annotations

import gzip
import zlib
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from selfloop.data.missing import MISSING_WORDS
from selfloop.data.numbers import without_marks
from selfloop.errors import DataError

if TYPE_CHECKING:
    import polars as pl

HEADER = "the header is row 1"


def table_of_text(path: Path, separator: str) -> tuple[pl.DataFrame, str]:
    """A table of text with its numbers as numbers, and what was decided for it in words.

    Args:
        path: of the file, gzipped or not.
        separator: between its fields.

    Raises:
        DataError: it has no header, a name twice, or is no table of text.
    """
    import polars as pl

    frame, note = _decoded(path, separator)
    some = ~pl.all_horizontal(pl.all().is_null())
    last = frame.select(some.arg_true().last()).item()  # blank lines at the end of a file say nothing
    frame = frame.head(0 if last is None else last + 1)
    typed = frame.with_columns(_typed(frame[name]) for name in frame.columns)
    typed, marks = without_marks(frame, typed, path.name, MISSING_WORDS)
    return typed, "; ".join(part for part in (note, marks) if part)


def _decoded(path: Path, separator: str) -> tuple[pl.DataFrame, str]:
    """All columns as text, from UTF-8 or else from what Windows calls Latin-1."""
    import polars as pl

    try:
        return _fields(path, path.name, separator), ""
    except pl.exceptions.NoDataError as error:
        raise DataError(f"{path.name} is empty; expected a header line and rows of values.") from error
    except (pl.exceptions.PolarsError, OSError) as error:
        text = _latin_file(path)
        if text is not None:
            return _fields(BytesIO(text.encode()), path.name, separator), "it is no UTF-8: read as Latin-1"
        raise DataError(
            f"{path.name} is not a readable table of text ({short(error)}); expected UTF-8 with a header line and as "
            "many fields in each row: write it again, or convert it to Parquet."
        ) from error


def _latin_file(path: Path) -> str | None:
    try:
        return latin(gzip.decompress(path.read_bytes()) if path.suffix.lower() == ".gz" else path.read_bytes())
    except (OSError, EOFError, zlib.error):
        return None


def latin(content: bytes) -> str | None:
    """The text, if it is no UTF-8 but may be Windows-1252; None if it is something else."""
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        return None
    try:
        content.decode()
    except UnicodeDecodeError:
        return text if all(sign.isprintable() or sign in "\t\r\n\xa0\xad" for sign in text) else None
    return None


def _fields(source: Path | BytesIO, title: str, separator: str) -> pl.DataFrame:
    """Every column as text, so that one rule decides what a number is, over all rows and not the first hundred."""
    import polars as pl

    header = pl.read_csv(source, separator=separator, infer_schema=False, glob=False, has_header=False, n_rows=1)
    if isinstance(source, BytesIO):
        source.seek(0)
    frame = pl.read_csv(source, separator=separator, infer_schema=False, glob=False)
    names = [" ".join((name or "").removeprefix("\ufeff").split()) for name in header.row(0)]
    bare = [k for k, name in enumerate(names) if not name and frame[:, k].null_count() < len(frame)]
    if len(bare) > 1:
        names = [f"column {k + 1}" if k in bare else name for k, name in enumerate(names)]
    kept = [k for k, name in enumerate(names) if name or k in bare]  # separators at the end of every row say nothing
    frame, names = frame[:, kept], [names[k] for k in kept]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise DataError(f"{title} has more than one column {twice!r}; expected different names: rename one.")
    frame.columns = names
    if all(is_number(name) for name in names):
        raise DataError(
            f"{title} starts with numbers ({', '.join(names[:3])}); expected a header line with the names "
            "of the columns: add one."
        )
    return frame


def _typed(column: pl.Series) -> pl.Series:
    """Text as whole numbers or decimals where every value is one; words for "missing" do not stand in the way."""
    import polars as pl

    text = column.str.strip_chars()
    missing = text.str.to_lowercase().is_in(MISSING_WORDS)
    text = text.set(missing, None)
    if text.null_count() == len(text) or text.str.contains(r"^[+-]?0\d").any():  # 007 is a name, not a number
        return column
    for kind in (pl.Int64, pl.Float64):
        number = text.cast(kind, strict=False)
        if number.null_count() == text.null_count():
            return number
    return column.str.strip_chars()


def is_number(name: str) -> bool:
    """Whether a text is a number."""
    try:
        float(name)
    except ValueError:
        return False
    return True


def short(error: BaseException) -> str:
    """The first line of another library's message; the rest is advice about its own options."""
    return str(error).strip().split("\n")[0].rstrip(".")[:160]
