"""The front door: whatever the user has -> `Sequences`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from selfloop.data.alike import Recorded, in_order, renumbered, with_channels
from selfloop.data.array_files import SUFFIXES as ARRAY_SUFFIXES
from selfloop.data.array_files import read_arrays
from selfloop.data.arrays import NAME, draft_arrays
from selfloop.data.build import draft_table, finish
from selfloop.data.builtin import BUILTIN, load_builtin
from selfloop.data.conll import SUFFIXES as CONLL_SUFFIXES
from selfloop.data.conll import conll_columns, conll_table
from selfloop.data.draft import Draft
from selfloop.data.files import is_file, name_of, read_table
from selfloop.data.frame_table import frame_table
from selfloop.data.missing import Missing
from selfloop.data.outcomes import with_outcomes, without_unknown
from selfloop.data.paths import not_found, suffix_of
from selfloop.data.roles import describe, resolve, with_format, with_named
from selfloop.data.rolls import SUFFIXES as ROLL_SUFFIXES
from selfloop.data.rolls import holds_rolls, load_rolls
from selfloop.data.sequences import Columns, Sequences, Unit
from selfloop.data.table import Table
from selfloop.data.texts import SUFFIXES as TEXT_SUFFIXES
from selfloop.data.texts import load_text
from selfloop.data.ts import draft_ts
from selfloop.data.ucr import draft_ucr, holds_cases
from selfloop.errors import SettingsError

NOTHING = Columns()


def load(
    source: Any,
    *,
    columns: Columns = NOTHING,
    id: str | None = None,
    time: str | None = None,
    target: str | None = None,
    label: str | Sequence[str] | None = None,
    inputs: str | Sequence[str] = (),
    time_format: str | None = None,
    timezone: str | None = None,
    groups: str | None = None,
    unit: Unit | None = None,
    labels: Collection[object] | None = None,
    missing: Missing = "error",
    lag: int | None = None,
    axes: str | None = None,
) -> Sequences:
    """Read a user's sequences.

    Args:
        source: a path (.csv, .tsv, .parquet, .feather, .arrow, .json, .jsonl, .ts, .npy, .npz; text also gzipped); a
            file of text (.txt), sentences (.conllu, .conll, .bio, .iob) or piano rolls (.mat, .npz; without their part
            to test on); a name of `BUILTIN`, where there is no file of that name; any frame that Narwhals knows
            (pandas, Polars, Arrow); an array or a tensor of cases, steps and channels, or a list of one a case; one
            series (steps,); or `Sequences`, returned as they are.
        columns: which column of a table plays which part; what is None is inferred where there is one sensible reading,
            and `time="none"` takes the rows in order. The target makes a forecast, the label a classification or, of
            numbers, a regression.
        id: column that names the sequence; this and the next eight say the same as `columns`, one by one.
        time: column of times.
        target: column to forecast; one of text is a series of symbols.
        label: column with the class or the number of each sequence, or with the class of each step where that differs
            within a sequence; or several columns of numbers.
        inputs: columns to learn from; one, or several.
        time_format: how times are written, as strptime has it.
        timezone: zone of the times, such as Europe/Berlin.
        groups: column whose cases stay together, such as a person.
        unit: what one symbol of a text is; None: a character.
        labels: a class, a number or a row of numbers for each array; for arrays only.
        missing: empty, NaN and infinite values: "error"; "drop" those steps (of a series without labels, at its ends
            only); or "interpolate" (linear inside a sequence, the nearest value at its ends).
        lag: of the built-in sets "recall" and "adding".
        axes: which axis of an array is which, where its shape and labels do not decide: "cases,steps,channels" or
            "cases,channels,steps"; of a list of arrays, "steps,channels" or "channels,steps".

    Raises:
        DataError: the data cannot be read, or not in one way alone.
        SettingsError: settings that do not go with each other or with the source.
    """
    roles = {"id": id, "time": time, "target": target, "label": label, "inputs": inputs}
    columns = with_named(
        columns, {**roles, "time_format": time_format, "timezone": timezone, "groups": groups, "unit": unit}
    )
    if isinstance(source, Sequences):
        if columns != NOTHING:
            raise SettingsError(
                f"{source.name} has been read already, with its columns; leave --id and the others out."
            )
        return source
    if isinstance(source, str | Path):
        return _load_named(source, columns, missing, lag, Given(labels, axes))
    if lag is not None:
        raise SettingsError("lag goes with the built-in sets 'recall' and 'adding'; expected none for other data.")
    if _is_arrays(source):
        return _load_arrays(source, columns, missing, Given(labels, axes))
    Given(labels, axes).refuse("a frame: name its label column with columns")
    return _load_table(frame_table(source), columns, missing)


def load_like(
    source: Any,
    known: Recorded,
    *,
    labels: Collection[object] | None = None,
    missing: Missing = "error",
    lag: int | None = None,
    axes: str | None = None,
) -> Sequences:
    """Read other data the way some were read before: to test on, or to predict.

    Nothing is inferred that was recorded then. The label may be absent. Of a file that brings a part to test on, it is
    that part. Symbols that were not known follow those that were; a model knows its own by their names.

    Args:
        source: as for `load`.
        known: the data read before, or the model that learnt from them.
        labels: as for `load`.
        missing: as for `load`.
        lag: as for `load`.
        axes: as for `load`; the number of channels, too, may decide.

    Raises:
        DataError: a column is not there (names the nearest), the channels differ, or a class is unknown.
        SettingsError: as for `load`.
    """
    table = None
    if known.columns != NOTHING and known.columns.unit is None and labels is None:
        table = _table_of(source)
    if table is not None:
        Given(None, axes).refuse("a file of columns")
        return renumbered(in_order(_load_table_like(table, known, missing), known.channels), known)
    given = Given(labels, axes, len(known.channels))
    if isinstance(source, str | Path):
        read = Columns(unit=known.columns.unit) if _is_text(Path(source).expanduser()) else NOTHING
        data = _load_named(source, read, missing, lag, given)
    elif _is_arrays(source):
        data = _load_arrays(source, NOTHING, missing, given)
    else:
        data = load(source, labels=labels, missing=missing, lag=lag, axes=axes)
    like = data.columns if isinstance(source, Sequences) else known.columns  # what was made by hand says nothing
    return renumbered(with_channels(data, known.channels, like), known)


@dataclass(frozen=True, eq=False)
class Given:
    """What is said of arrays beside themselves: a class for each, their axes, the channels of the data read before."""

    labels: Collection[object] | None = None
    axes: str | None = None
    channels: int | None = None

    def refuse(self, what: str) -> None:
        """Raise where something is said of what is no array."""
        if self.labels is not None:
            raise SettingsError(f"labels go with arrays; expected none for {what}.")
        if self.axes is not None:
            raise SettingsError(f"axes go with arrays; expected none for {what.partition(':')[0]}.")


def _load_arrays(source: Any, columns: Columns, missing: Missing, said: Given, path: Path | None = None) -> Sequences:
    _no_columns(columns, "arrays")
    title, name = (NAME, None) if path is None else (path.name, path.stem)
    draft = draft_arrays(source, said.labels, axes=said.axes, channels=said.channels, name=title)
    return finish(draft, missing=missing, reading=_said(draft), name=name)


def _load_named(source: str | Path, columns: Columns, missing: Missing, lag: int | None, said: Given) -> Sequences:
    path = Path(source).expanduser()
    if not is_file(path):
        said.refuse("a file: name its label column with --label")
        if str(source) not in BUILTIN:
            raise not_found(path)
        _no_unit(columns, f"the built-in set {str(source)!r}")
        return load_builtin(str(source), columns=columns, lag=lag)
    if lag is not None:
        raise SettingsError(
            f"lag goes with the built-in sets 'recall' and 'adding'; expected none for the file {path.name}."
        )
    if holds_rolls(path):
        said.refuse("a file of piano rolls")
        _no_columns(columns, "a file of piano rolls")
        return load_rolls(path, test=said.channels is not None)
    if suffix_of(path) in ARRAY_SUFFIXES:
        array, labels = read_arrays(path)
        given = said if labels is None or said.labels is not None else replace(said, labels=labels)
        return _load_arrays(array, columns, missing, given, path)
    said.refuse("a file: name its label column with --label")
    if _is_text(path):
        _no_columns(replace(columns, unit=None), "a text")
        return load_text(path, columns.unit)
    if suffix_of(path) == ".ts":
        _no_columns(columns, "a .ts file")
        return _load_cases(draft_ts(path), path, missing)
    if holds_cases(path):
        _no_columns(columns, "a file of cases without a header")
        return _load_cases(draft_ucr(path), path, missing)
    return _load_table(_read_table(path), columns, missing)


def _read_table(path: Path) -> Table:
    return conll_table(path) if suffix_of(path) in CONLL_SUFFIXES else read_table(path)


def _load_cases(draft: Draft, path: Path, missing: Missing) -> Sequences:
    return finish(draft, missing=missing, reading=_said(draft), name=name_of(path))


def _is_text(path: Path) -> bool:
    return is_file(path) and suffix_of(path) in TEXT_SUFFIXES


def _load_table(table: Table, columns: Columns, missing: Missing) -> Sequences:
    _no_unit(columns, table.title)
    resolved = with_outcomes(table, resolve(table, conll_columns(columns, table) if table.numbered else columns))
    draft = draft_table(table, resolved)
    return finish(draft, missing=missing, columns=resolved, reading=describe(table, resolved), name=table.name)


def _load_table_like(table: Table, known: Recorded, missing: Missing) -> Sequences:
    columns = without_unknown(table, known.columns)
    if columns.label is not None and (columns.label not in table.kinds or table.kinds[columns.label] == "empty"):
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
    return finish(
        draft,
        missing=missing,
        columns=columns,
        reading=reading,
        name=table.name,
        classes=known.classes or None,
        every=known.every,
        whole=bool(known.columns.outcomes),
    )


def _table_of(source: Any) -> Table | None:
    """The source as a table, where it is one."""
    if isinstance(source, str | Path):
        path = Path(source).expanduser()
        others = (".ts", *ARRAY_SUFFIXES, *TEXT_SUFFIXES, *ROLL_SUFFIXES)
        tabular = is_file(path) and suffix_of(path) not in others and not holds_cases(path)
        return _read_table(path) if tabular else None
    return None if isinstance(source, Sequences) or _is_arrays(source) else frame_table(source)


def _no_unit(columns: Columns, what: str) -> None:
    if columns.unit is not None:
        raise SettingsError(f"unit goes with a file of text (.txt); expected none for {what}: leave --unit out.")


def _no_columns(columns: Columns, what: str) -> None:
    _no_unit(columns, what)
    if columns != NOTHING:
        raise SettingsError(f"Columns are named for {what}, which has none; leave --id, --time, --target out.")


def _said(draft: Draft) -> str:
    channels = draft.channels
    if draft.labels is not None or draft.outcomes is not None:
        several = draft.outcomes is not None and len(draft.outcome_names) > 1
        answer = f"{len(draft.outcome_names)} numbers" if several else "a label"
        return f"using {len(channels)} channel{'s' if len(channels) > 1 else ''} and {answer} for each sequence"
    inputs = f", inputs={', '.join(channels[1:])}" if len(channels) > 1 else ""
    return f"using target={channels[0]}{inputs}"


def _is_arrays(source: Any) -> bool:
    """A list of arrays, or an array or tensor, but not a frame or one of its columns."""
    if isinstance(source, list | tuple):
        return True
    return hasattr(source, "ndim") and hasattr(source, "dtype") and not hasattr(source, "to_frame")
