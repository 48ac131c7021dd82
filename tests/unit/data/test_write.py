"""Tables to files."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from selfloop.data import write_table
from selfloop.errors import SettingsError

TABLE = pl.DataFrame({"ds": pl.Series(["2024-01-31"]).str.to_datetime(), "y": [1.5]})


@pytest.mark.parametrize(("name", "text"), [("a.csv", "ds,y\n2024-01-31,1.5\n"), ("a.TSV", "ds\ty\n2024-01-31\t1.5\n")])
def test_text_has_dates_without_needless_zeros(tmp_path: Path, name: str, text: str) -> None:
    write_table(TABLE, tmp_path / name)
    assert [each.name for each in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text(encoding="utf-8") == text


def test_parquet_keeps_the_table(tmp_path: Path) -> None:
    write_table(TABLE, tmp_path / "a.parquet")
    assert pl.read_parquet(tmp_path / "a.parquet").equals(TABLE)


def test_a_table_that_fails_half_way_leaves_the_file_that_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_half(_: pl.DataFrame, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError("No space left on device")

    path = tmp_path / "a.parquet"
    path.write_bytes(b"before")
    monkeypatch.setattr(pl.DataFrame, "write_parquet", write_half)
    with pytest.raises(OSError, match="No space left on device"):
        write_table(TABLE, path)
    assert [each.name for each in tmp_path.iterdir()] == ["a.parquet"]
    assert path.read_bytes() == b"before"


def test_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"has the suffix '\.txt'; expected one of \.csv, \.tsv, \.parquet\."):
        write_table(TABLE, tmp_path / "a.txt")
    with pytest.raises(SettingsError, match="is no folder; make it first"):
        write_table(TABLE, tmp_path / "none" / "a.csv")
