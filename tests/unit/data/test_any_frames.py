"""A hundred small tables made by a generator: each reads as its maker knows, or is refused for what was put in.

It varies the library or the format, the types and names of ids, times, targets and inputs, the unit of the target, and
one fault in every third table. What is read comes back: ids and times with the types that they came with.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pytest

from selfloop.data import Columns, load
from selfloop.errors import DataError
from train_samples import made

STEPS, HORIZON = 12, 3
NAMES = ["shop", "Größe", "a b", "x,y", 'the "id"', "7", "id;", "日本"]
ID_TYPES = ["Int8", "UInt16", "Int64", "String", "Categorical", "Boolean", "Date", "none"]
TIME_TYPES = ["Date", "Datetime(ms)", "Datetime(us)", "Datetime(ns)", "Int16", "UInt32", "String", "none"]
TARGET_TYPES = ["Int8", "UInt8", "Int64", "Float32", "Float64", "Decimal"]
FRAMES = ["polars", "lazy", "pandas", "numpy pandas", "arrow"]
HOLDERS = [*FRAMES, ".csv", ".tsv", ".csv.gz", ".parquet", ".feather", ".jsonl"]
FAULTS = ["missing", "infinite", "text in the target", "too large", "empty id", "twice", "no such column"]
TYPED = ("polars", "lazy", ".parquet", ".feather")  # which keep every type of Polars


@dataclass
class Made:
    """A table and what its maker knows of it."""

    holder: str
    frame: pl.DataFrame
    columns: Columns
    ids: list[Any]
    values: np.ndarray  # (steps, 1 + inputs)
    fault: str | None = None
    said: list[str] = field(default_factory=list)  # in the refusal: the column, and what it is


def draw(rng: np.random.Generator, options: list[str]) -> str:
    return options[int(rng.integers(len(options)))]


def ids_of(kind: str) -> list[Any]:
    known: dict[str, list[Any]] = {
        "String": ["007", "7"],
        "Categorical": ["b", "a"],
        "Boolean": [True, False],
        "Date": [date(2020, 1, 2), date(2020, 1, 1)],
    }
    return known.get(kind, [7, 3])


def times_of(kind: str) -> list[Any]:
    days = [date(2024, 2, 20) + timedelta(days=k) for k in range(STEPS)]
    if kind in ("Int16", "UInt32"):
        return list(range(5, 5 + 2 * STEPS, 2))
    return [str(day) for day in days] if kind == "String" else days


def dtype_of(kind: str) -> Any:
    if kind.startswith("Datetime"):
        return pl.Datetime(kind[9:11])  # type: ignore[arg-type]  # ms, us or ns
    return pl.Decimal(scale=2) if kind == "Decimal" else getattr(pl, kind)


def generate(seed: int) -> Made:
    rng = np.random.default_rng(seed)
    names = rng.permutation(NAMES).tolist()
    id_kind, time_kind, target_kind = draw(rng, ID_TYPES), draw(rng, TIME_TYPES), draw(rng, TARGET_TYPES)
    shops = ids_of(id_kind) if id_kind != "none" else [names[2]]
    rows = STEPS * len(shops)
    unit = 10.0 ** int(rng.integers(-30, 31)) if target_kind == "Float64" else 1.0
    numbers = rng.integers(1, 100, size=rows) / (1 if "Int" in target_kind else 4) * unit
    flags = rng.integers(0, 2, size=rows).astype(bool)
    flags[:2] = [True, False]
    columns: dict[str, pl.Series] = {}
    if id_kind != "none":
        columns[names[0]] = pl.Series([k for k in shops for _ in range(STEPS)]).cast(dtype_of(id_kind))
    if time_kind != "none":
        columns[names[1]] = pl.Series(times_of(time_kind) * len(shops)).cast(dtype_of(time_kind))
    exact = [Decimal(f"{number:.2f}") for number in numbers.tolist()] if target_kind == "Decimal" else numbers
    holder = draw(rng, HOLDERS)
    columns[names[2]] = pl.Series(exact).cast(dtype_of("Float64" if holder == ".jsonl" else target_kind))
    columns[names[3]] = pl.Series(flags) if rng.random() < 0.5 else pl.Series(np.where(flags, "True", "false").tolist())
    asked = Columns(
        id=names[0] if id_kind != "none" else None,
        time=names[1] if time_kind != "none" else "none",
        target=names[2],
        inputs=(names[3],),
    )
    values = np.column_stack([columns[names[2]].cast(pl.Float64).to_numpy(), flags])
    made_ = Made(holder, pl.DataFrame(columns), asked, shops, values)
    return with_fault(made_, draw(rng, FAULTS), int(rng.integers(rows))) if seed % 3 == 0 else made_


def with_fault(made_: Made, fault: str, row: int) -> Made:
    frame, target = made_.frame, str(made_.columns.target)
    column, rows = frame[target], pl.Series(range(len(frame)))
    made_.fault, made_.said = fault, [target]
    if fault == "missing":
        made_.frame = frame.with_columns(column.set(rows == row, None))
        made_.said.append("missing")
    elif fault in ("infinite", "too large"):
        number = float("inf") if fault == "infinite" else -1e200
        made_.frame = frame.with_columns(column.cast(pl.Float64).set(rows == row, number))
        made_.said.append("infinite" if fault == "infinite" else "too large to calculate with")
        if fault == "infinite" and made_.holder == ".jsonl":  # JSON has no infinity
            made_.said[1] = "missing"
    elif fault == "text in the target":
        made_.frame = frame.with_columns(column.cast(pl.String).set(rows == row, "n/a yet"))
        made_.said.append("expected numbers")
    elif fault == "empty id" and made_.columns.id is not None:
        ids = frame[made_.columns.id].cast(pl.String).set(rows == row, None)
        made_.frame, made_.said = frame.with_columns(ids), [made_.columns.id, "is empty in row"]
    elif fault == "twice" and made_.holder in (".csv", ".tsv", ".csv.gz"):
        made_.said.append("more than one column")
    else:
        made_.fault, made_.columns = "no such column", Columns(target=f"{target}s")
        made_.said = [f"no column {target + 's'!r}, wanted as target. Did you mean {target!r}"]
    return made_


def held(made_: Made, folder: Path) -> Any:
    """As the holder has it."""
    frame, path = made_.frame, folder / f"table{made_.holder}"
    simple: dict[str, Callable[[], Any]] = {
        "polars": lambda: frame,
        "lazy": frame.lazy,
        "pandas": lambda: frame.to_pandas(),
        "numpy pandas": lambda: pd.DataFrame(frame.to_dict(as_series=False)),
        "arrow": frame.to_arrow,
    }
    if made_.holder in simple:
        return simple[made_.holder]()
    if made_.holder == ".parquet":
        frame.write_parquet(path)
    elif made_.holder == ".feather":
        frame.write_ipc(path)
    elif made_.holder == ".jsonl":
        frame.write_ndjson(path)
    else:
        text = frame.write_csv(separator="\t" if made_.holder == ".tsv" else ",")
        if made_.fault == "twice":  # an unquoted name first, as spreadsheets write it
            first, rest = text.split("\n", 1)
            separator = "\t" if made_.holder == ".tsv" else ","
            cells = "".join(f"{line}{separator}1\n" for line in rest.splitlines())
            quoted = str(made_.columns.target).replace('"', '""')
            text = f'{first}{separator}"{quoted}"\n{cells}'
        content = text.encode()
        if made_.holder.endswith(".gz"):
            import gzip

            content = gzip.compress(content)
        path.write_bytes(content)
    return path


@pytest.mark.parametrize("seed", range(100))
def test_it_reads_as_its_maker_knows_or_is_refused(seed: int, tmp_path: Path) -> None:
    made_ = generate(seed)
    source = held(made_, tmp_path)
    if made_.fault is not None:
        with pytest.raises(DataError) as refused:
            load(source, columns=made_.columns)
        for part in made_.said:
            assert part in str(refused.value)
        assert "\n" not in str(refused.value)
        return
    data = load(source, columns=made_.columns)
    text = made_.holder in (".csv", ".tsv", ".csv.gz")
    assert data.ids == tuple(str(each).lower() if text and isinstance(each, bool) else str(each) for each in made_.ids)
    np.testing.assert_array_equal(data.values, made_.values)
    assert data.lengths.tolist() == [STEPS] * len(made_.ids)
    got = made("forecast", "naive", data=longer(data)).predict(source)
    comes_back(made_, nw.from_native(got, eager_only=True), source)


def longer(data: Any) -> Any:
    """Long enough to learn from: the same columns, each series ten times over."""
    from dataclasses import replace

    values = np.concatenate([np.tile(series, (10, 1)) for series in data])
    return replace(data, values=values, offsets=data.offsets * 10, time=None, came=None)


def comes_back(made_: Made, got: nw.DataFrame[Any], source: Any) -> None:
    """In a frame of the same library, with ids and times of the same types."""
    pandas = made_.holder in ("pandas", "numpy pandas")
    arrow = made_.holder == "arrow"
    assert (got.implementation.is_pandas(), got.implementation.is_pyarrow()) == (pandas, arrow)
    if made_.columns.id is not None and made_.holder in (*TYPED, "arrow", "pandas", "numpy pandas"):
        assert got["unique_id"].to_list() == [each for each in made_.ids for _ in range(HORIZON)]
        if made_.holder in TYPED:
            assert got.to_native().schema["unique_id"] == made_.frame.schema[made_.columns.id]
    if made_.columns.time != "none" and made_.holder in (*TYPED, "arrow", "pandas", "numpy pandas"):
        native = source if made_.holder not in (*TYPED[1:],) else made_.frame
        was = nw.from_native(native, eager_only=True)[str(made_.columns.time)]
        step = was.to_list()
        if made_.holder in (".parquet", ".feather") and isinstance(step[0], str):
            assert got["ds"].dtype.is_temporal()  # the text of a file is nobody's type
            return
        assert got["ds"].dtype == was.dtype
        later = got["ds"].to_list()[:HORIZON]
        if isinstance(step[0], str):
            assert later == [str(date(2024, 2, 20) + timedelta(days=STEPS + k)) for k in range(HORIZON)]
        else:
            assert later == [step[STEPS - 1] + (k + 1) * (step[1] - step[0]) for k in range(HORIZON)]
