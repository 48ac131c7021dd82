"""Tables on disk: text, Parquet, Feather, Arrow and JSON through Polars."""

from __future__ import annotations

import gzip
import zlib
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from selfloop.data.table import Table
from selfloop.data.text_files import HEADER, short, table_of_text
from selfloop.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

TEXT = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
ARROW = (".feather", ".arrow", ".ipc")
JSON_LINES = (".jsonl", ".ndjson", ".jsonl.gz")
SUFFIXES = (*TEXT, ".parquet", *ARROW, ".json", *JSON_LINES, ".ts")
HEAD = 65536  # bytes of a first line that are looked at


def is_file(path: Path) -> bool:
    """Whether there is such a file."""
    try:
        return path.is_file()
    except OSError:  # a name that no file can have, such as a whole table pasted as text
        return False


def suffix(path: Path) -> str:
    """In lower case, with what stands before .gz."""
    ends = [end.lower() for end in path.suffixes[-2:]]
    return "".join(ends) if len(ends) == 2 and ends[1] == ".gz" else path.suffix.lower()


def name_of(path: Path) -> str:
    """What data are called that a file holds: its name without suffixes."""
    return path.name[: len(path.name) - len(suffix(path))] if suffix(path) else path.name


def read_table(path: Path) -> Table:
    """A file as a table.

    Raises:
        DataError: the file is empty, has no rows, has no header, or is not what its suffix says.
    """
    kind = suffix(path)
    head = head_of(path)
    if not head:
        raise DataError(f"{path.name} is empty; expected a header line and rows of values.")
    if kind in TEXT:
        if b"\0" in head:
            raise DataError(
                f"{path.name} is not a readable table of text (it holds zero bytes); expected UTF-8: save it so."
            )
        frame, note = table_of_text(path, "\t" if kind.startswith(".tsv") else _separator(head))
        return Table.of(frame, name=name_of(path), title=path.name, first_row=2, counted=HEADER, note=note)
    frame = _read(path, kind)
    return Table.of(frame, name=name_of(path), title=path.name, first_row=1, counted="counted from 1")


def head_of(path: Path) -> bytes:
    """The first line, or as much of it as is looked at.

    Raises:
        DataError: the file cannot be opened, or is not compressed as its suffix says.
    """
    try:
        with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
            return file.readline(HEAD)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(f"{path.name} is not a readable gzip file ({short(error)}); compress it again.") from error
    except OSError as error:
        raise DataError(
            f"{path.name} cannot be opened ({error.strerror}); expected a file that you may read."
        ) from error


def _separator(head: bytes) -> str:
    """Whichever of comma, semicolon and tab a .csv file's first line has most of."""
    return max(",;\t", key=head.decode("utf-8", errors="replace").count)


def _read(path: Path, kind: str) -> pl.DataFrame:
    import polars as pl

    ways: dict[str, tuple[str, Callable[[], pl.DataFrame]]] = {
        ".parquet": ("Parquet", lambda: pl.read_parquet(path, glob=False)),
        ".json": ("JSON", lambda: pl.read_json(path, infer_schema_length=None)),
        **dict.fromkeys(JSON_LINES, ("JSON Lines", lambda: _json_lines(path))),
        **dict.fromkeys(ARROW, ("Arrow", lambda: _arrow(path))),
    }
    name, read = ways[kind]
    try:
        frame = read()
    except (pl.exceptions.PolarsError, OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path.name} is not a readable {name} file ({short(error)}); write it again.") from error
    if kind == ".json" and len(frame) <= 1 and any(dtype.is_nested() for dtype in frame.dtypes):
        raise DataError(
            f"{path.name} holds one object, not rows; expected a list of records, one a row: write it so (pandas: "
            "orient='records')."
        )
    return frame


def _json_lines(path: Path) -> pl.DataFrame:
    import polars as pl

    content = gzip.decompress(path.read_bytes()) if path.suffix.lower() == ".gz" else path.read_bytes()
    return pl.read_ndjson(BytesIO(content), infer_schema_length=None)


def _arrow(path: Path) -> pl.DataFrame:
    """Arrow's file format, which Feather is, or its stream format."""
    import polars as pl

    content = path.read_bytes()
    return (pl.read_ipc if content.startswith(b"ARROW1") else pl.read_ipc_stream)(BytesIO(content))
