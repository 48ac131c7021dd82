"""A table to a file, in the format that its name says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from selfloop.errors import SettingsError
from selfloop.files import whole

if TYPE_CHECKING:
    import polars as pl

SUFFIXES = (".csv", ".tsv", ".parquet")


def check_writable(path: Path) -> None:
    """Refuse early what could not be written after the work is done.

    Raises:
        SettingsError: an unknown suffix, or a folder that is not there.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise SettingsError(f"{path} has the suffix {path.suffix!r}; expected one of {', '.join(SUFFIXES)}.")
    if not path.parent.is_dir():
        raise SettingsError(f"{path.parent} is no folder; make it first, or name another file.")


def write_table(table: pl.DataFrame, path: Path) -> None:
    """Write a table as .csv, .tsv or .parquet; times without needless zeros.

    Raises:
        SettingsError: an unknown suffix, or a folder that is not there.
    """
    check_writable(path)
    with whole(path) as draft:
        if path.suffix.lower() == ".parquet":
            table.write_parquet(draft)
        else:
            separator = "\t" if path.suffix.lower() == ".tsv" else ","
            plain_times(table).write_csv(draft, separator=separator)


def plain_times(table: pl.DataFrame) -> pl.DataFrame:
    """The table with its datetimes as text, dates alone where it is always midnight, offsets where there is a zone."""
    import polars as pl

    for name, kind in table.schema.items():
        if isinstance(kind, pl.Datetime):
            midnight = bool((table[name] == table[name].dt.truncate("1d")).all())
            form = "%Y-%m-%d" if midnight and kind.time_zone is None else "%Y-%m-%d %H:%M:%S"
            form += "" if kind.time_zone is None else "%:z"
            table = table.with_columns(pl.col(name).dt.strftime(form))
    return table
