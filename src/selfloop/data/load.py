"""The front door: whatever the user has -> `Sequences`."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from selfloop.data.arrays import draft_arrays
from selfloop.data.build import channels_of, draft_table, finish
from selfloop.data.builtin import BUILTIN, load_builtin
from selfloop.data.draft import encode
from selfloop.data.files import SUFFIXES, read_table
from selfloop.data.missing import Missing
from selfloop.data.periods import period_starts, with_period_starts
from selfloop.data.roles import describe, resolve, with_format
from selfloop.data.sequences import Columns, Sequences
from selfloop.data.table import Table
from selfloop.data.ts import draft_ts
from selfloop.errors import DataError, SettingsError, nearest

NOTHING = Columns()


def load(
    source: Any,
    *,
    columns: Columns = NOTHING,
    labels: Collection[object] | None = None,
    missing: Missing = "error",
    lag: int | None = None,
) -> Sequences:
    """Read a user's sequences.

    Args:
        source: a path (.csv, .tsv, .parquet, .ts); a name of `BUILTIN`, where there is no file of that name; any
            frame that Narwhals knows (pandas, Polars, Arrow); a numpy3D array (cases, channels, steps); one series
            (steps,); a list of arrays, each (steps, channels) or (steps,); or `Sequences`, returned as they are.
        columns: which column of a table plays which part; what is None is inferred where there is one sensible reading,
            and `time="none"` takes the rows in order. The target makes a forecast, the label a classification.
        labels: a class for each array; for arrays only.
        missing: empty, NaN and infinite values: "error"; "drop" those steps (of a series without labels, at its ends
            only); or "interpolate" (linear inside a sequence, the nearest value at its ends).
        lag: of the built-in set "recall".

    Raises:
        DataError: the data cannot be read, or not in one way alone.
        SettingsError: settings that do not go with each other or with the source.
    """
    if isinstance(source, Sequences):
        return source
    if isinstance(source, str | Path):
        if labels is not None:
            raise SettingsError("labels go with arrays; expected none for a file: name its label column with --label.")
        return _load_named(source, columns, missing, lag)
    if lag is not None:
        raise SettingsError("lag goes with the built-in set 'recall'; expected none for other data.")
    if _is_arrays(source):
        _no_columns(columns, "arrays")
        draft = draft_arrays(source, labels)
        return finish(draft, missing=missing, reading=_said(draft.channels, draft.labels is not None))
    if labels is not None:
        raise SettingsError("labels go with arrays; expected none for a frame: name its label column with columns.")
    return _load_table(_frame_table(source), columns, missing)


def load_like(
    source: Any,
    columns: Columns,
    *,
    channels: Sequence[str],
    classes: tuple[str, ...] = (),
    labels: Collection[object] | None = None,
    missing: Missing = "error",
    lag: int | None = None,
    every: str | None = None,
) -> Sequences:
    """Read other data the way some were read before: to test on, or to predict.

    Nothing is inferred that was recorded then. The label may be absent.

    Args:
        source: as for `load`.
        columns: of the data read before: `Sequences.columns`.
        channels: of the data read before.
        classes: of the data read before; labels are numbered by them. Empty for a forecast.
        labels: as for `load`.
        missing: as for `load`.
        lag: as for `load`.
        every: the step of the data read before: that of a few rows may be less than clear.

    Raises:
        DataError: a column is not there (names the nearest), the channels differ, or a class is unknown.
        SettingsError: as for `load`.
    """
    table = None
    if columns != NOTHING and labels is None:
        table = _table_of(source)
    if table is not None:
        return _in_order(_load_table_like(table, columns, classes, missing, every), tuple(channels))
    data = load(source, labels=labels, missing=missing, lag=lag)
    return _with_classes(_with_channels(data, tuple(channels)), classes)


def _load_named(source: str | Path, columns: Columns, missing: Missing, lag: int | None) -> Sequences:
    path = Path(source).expanduser()
    if not _is_file(path):
        if str(source) not in BUILTIN:
            raise _not_found(path)
        return load_builtin(str(source), columns=columns, lag=lag)
    if lag is not None:
        raise SettingsError(f"lag goes with the built-in set 'recall'; expected none for the file {path.name}.")
    if _suffix(path) == ".ts":
        _no_columns(columns, "a .ts file")
        draft = draft_ts(path)
        return finish(draft, missing=missing, reading=_said(draft.channels, draft.labels is not None), name=path.stem)
    return _load_table(read_table(path), columns, missing)


def _load_table(table: Table, columns: Columns, missing: Missing) -> Sequences:
    resolved = resolve(table, columns)
    draft = draft_table(table, resolved)
    return finish(draft, missing=missing, columns=resolved, reading=describe(table, resolved), name=table.name)


def _load_table_like(
    table: Table, columns: Columns, classes: tuple[str, ...], missing: Missing, every: str | None
) -> Sequences:
    if columns.label is not None and columns.label not in table.kinds:
        columns = replace(columns, label=None)
    if columns.groups is not None and columns.groups not in table.kinds:
        columns = replace(columns, groups=None)
    for part, name in (("id", columns.id), ("time", columns.time), ("target", columns.target)):
        table.require([] if name is None else [name], part)
    table.require(columns.inputs, "input")
    if columns.time is not None and table.kinds[columns.time] != "number":
        columns = with_format(table, columns)  # text in the place of dates
    draft = draft_table(table, columns)
    reading = describe(table, columns)
    known = classes or None
    return finish(draft, missing=missing, columns=columns, reading=reading, name=table.name, classes=known, every=every)


def _table_of(source: Any) -> Table | None:
    """The source as a table, where it is one."""
    if isinstance(source, str | Path):
        path = Path(source).expanduser()
        return read_table(path) if _is_file(path) and _suffix(path) != ".ts" else None
    return None if isinstance(source, Sequences) or _is_arrays(source) else _frame_table(source)


def _with_channels(data: Sequences, channels: tuple[str, ...]) -> Sequences:
    """The same data under the names of `channels`, where they bring no other names of their own."""
    own = data.channels if channels_of(data.columns) else ()
    if len(data.channels) != len(channels) or (own and own != channels):
        raise DataError(
            f"{data.name} has the channels {', '.join(data.channels)}; expected {', '.join(channels)}, as in the data "
            "read before."
        )
    return replace(data, channels=channels)


def _in_order(data: Sequences, channels: tuple[str, ...]) -> Sequences:
    """The same data with its channels in the order of `channels`, where it has these: a table's target stands first."""
    if data.channels == channels or sorted(data.channels) != sorted(channels):
        return data
    order = [data.channels.index(name) for name in channels]
    return replace(data, values=data.values[:, order], channels=channels)


def _with_classes(data: Sequences, classes: tuple[str, ...]) -> Sequences:
    """The same data with labels numbered by `classes`."""
    if not classes or data.labels is None:
        return replace(data, classes=classes, labels=None)
    return replace(data, labels=encode((data.classes[k] for k in data.labels), classes, data.name), classes=classes)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that no file can have, such as a whole table pasted as text
        return False


def _suffix(path: Path) -> str:
    """The suffix, if files of that kind are read.

    Raises:
        DataError: they are not.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        builtin = f" {path.name!r} is also a built-in set: choose it with --builtin." if path.name in BUILTIN else ""
        raise DataError(
            f"{path.name} has the suffix {suffix!r}; expected one of {', '.join(SUFFIXES)}: convert it.{builtin}"
        )
    return suffix


def _not_found(path: Path) -> DataError:
    """An error that names a near file or built-in set, or all built-in sets."""
    name = path.name[:80]
    try:
        if path.is_dir():
            return DataError(f"{path} is a folder; expected a file ({', '.join(SUFFIXES)}) or a built-in set.")
        files = [file.name for file in path.parent.iterdir() if file.is_file()]
    except OSError:  # no such folder either, or one that may not be read
        files = []
    near = difflib.get_close_matches(name, files, n=1, cutoff=0.6)
    if near and not difflib.get_close_matches(name, BUILTIN, n=1, cutoff=0.6):
        remedy = nearest(name, near)
    else:
        remedy = nearest(name, BUILTIN).replace("There is:", "Built-in sets are:")
    return DataError(f"There is no file {str(path)[:200]!r} and no built-in set of that name. {remedy}")


def _no_columns(columns: Columns, what: str) -> None:
    if columns != NOTHING:
        raise SettingsError(f"Columns are named for {what}, which has none; leave --id, --time, --target out.")


def _said(channels: tuple[str, ...], labelled: bool) -> str:
    if labelled:
        return f"using {len(channels)} channel{'s' if len(channels) > 1 else ''} and a label for each sequence"
    inputs = f", inputs={', '.join(channels[1:])}" if len(channels) > 1 else ""
    return f"using target={channels[0]}{inputs}"


def _is_arrays(source: Any) -> bool:
    """A list of arrays, or an array or tensor, but not a frame or one of its columns."""
    if isinstance(source, list | tuple):
        return True
    return hasattr(source, "ndim") and hasattr(source, "dtype") and not hasattr(source, "to_frame")


def _frame_table(source: Any) -> Table:
    """Any frame or column as a table; an index of times in pandas becomes a column.

    Raises:
        DataError: Narwhals does not know it.
    """
    import narwhals as nw
    from narwhals.exceptions import NarwhalsError

    if nw.dependencies.is_pandas_dataframe(source) or nw.dependencies.is_pandas_series(source):
        source = _with_index(source)
    try:
        frame: Any = nw.from_native(source, allow_series=True)
        if isinstance(frame, nw.LazyFrame):
            frame = frame.collect()
        elif isinstance(frame, nw.Series):
            frame = (frame if frame.name else frame.alias("value")).to_frame()
    except (TypeError, NarwhalsError) as error:
        raise DataError(
            f"The data are a {type(source).__name__} that cannot be read ({str(error).splitlines()[0]}); expected a "
            "file, the name of a built-in set, a frame (pandas, Polars, Arrow), or arrays."
        ) from error
    return Table.of(frame.to_native(), name="frame", title="the frame", first_row=0, counted="counted from 0")


def _free(name: str, frame: Any) -> str:
    return name if name not in frame.columns else f"index ({name})"


def _with_index(source: Any) -> Any:
    """A pandas frame whose index of dates or periods, or with names, is a column; other indexes only number rows."""
    frame = source if hasattr(source, "columns") else source.to_frame(name=source.name or "value")
    index = frame.index
    if hasattr(index, "to_timestamp"):
        frame = frame.set_axis(period_starts(index), axis=0)
        frame.index.name = index.name
    frame = with_period_starts(frame)
    if hasattr(index, "to_timestamp") or hasattr(index, "tz") or any(name is not None for name in index.names):
        return frame.reset_index(names=_free("time", frame)) if index.names == [None] else frame.reset_index()
    return frame
