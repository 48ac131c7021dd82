"""Tables on disk: CSV, TSV and Parquet through Polars."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from selfloop.data.missing import MISSING_WORDS
from selfloop.data.table import Table
from selfloop.errors import DataError

if TYPE_CHECKING:
    import polars as pl

SUFFIXES = (".csv", ".tsv", ".parquet", ".ts")


def read_table(path: Path) -> Table:
    """A CSV, TSV or Parquet file as a table.

    Raises:
        DataError: the file is empty, has no rows, has no header, or is not what its suffix says.
    """
    try:
        with path.open("rb") as file:
            head = file.readline(65536)
    except OSError as error:
        raise DataError(
            f"{path.name} cannot be opened ({error.strerror}); expected a file that you may read."
        ) from error
    if not head:
        raise DataError(f"{path.name} is empty; expected a header line and rows of values.")
    if path.suffix.lower() != ".parquet" and b"\0" in head:
        raise DataError(
            f"{path.name} is not a readable table of text (it holds zero bytes); expected UTF-8: save it so."
        )
    if path.suffix.lower() == ".parquet":
        frame, first, counted = _read_parquet(path), 1, "counted from 1"
    else:
        frame, first, counted = _read_text(path, _separator(path, head)), 2, "the header is row 1"
    return Table.of(frame, name=path.stem, title=path.name, first_row=first, counted=counted)


def _read_parquet(path: Path) -> pl.DataFrame:
    import polars as pl

    try:
        return pl.read_parquet(path, glob=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(f"{path.name} is not a readable Parquet file ({_short(error)}); write it again.") from error


def _read_text(path: Path, separator: str) -> pl.DataFrame:
    import polars as pl

    try:
        # Every column as text, so that one rule decides what a number is, over all rows and not the first hundred.
        frame = pl.read_csv(path, separator=separator, infer_schema=False, glob=False)
    except pl.exceptions.NoDataError as error:
        raise DataError(f"{path.name} is empty; expected a header line and rows of values.") from error
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(
            f"{path.name} is not a readable table of text ({_short(error)}); expected UTF-8 with a header line and as "
            "many fields in each row: write it again, or convert it to Parquet."
        ) from error
    names = [" ".join(name.split()) for name in frame.columns]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise DataError(f"{path.name} has more than one column {twice!r}; expected different names: rename one.")
    frame.columns = names
    if all(_is_number(name) for name in frame.columns):
        raise DataError(
            f"{path.name} starts with numbers ({', '.join(frame.columns[:3])}); expected a header line with the names "
            "of the columns: add one."
        )
    some = ~pl.all_horizontal(pl.all().is_null())
    last = frame.select(some.arg_true().last()).item()  # blank lines at the end of a file say nothing
    frame = frame.head(0 if last is None else last + 1)
    return frame.with_columns(_typed(frame[name]) for name in frame.columns)


def _separator(path: Path, head: bytes) -> str:
    """A tab in .tsv; in .csv whichever of comma, semicolon and tab its first line has most of."""
    if path.suffix.lower() == ".tsv":
        return "\t"
    return max(",;\t", key=head.decode("utf-8", errors="replace").count)


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


def _is_number(name: str) -> bool:
    try:
        float(name)
    except ValueError:
        return False
    return True


def _short(error: Exception) -> str:
    """The first line of another library's message; the rest is advice about its own options."""
    return str(error).strip().split("\n")[0].rstrip(".")[:160]
