"""Which column of a table plays which part: named by the user, or inferred where there is one sensible reading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from selfloop.data.ids import IDS, id_by_times
from selfloop.data.sequences import Columns
from selfloop.data.step_labels import is_one_sequence, label_of, symbol_channels
from selfloop.data.table import Table
from selfloop.data.time_column import format_of
from selfloop.errors import DataError, SettingsError

LABELS = ("label", "class", "tag")
TIMES = ("ds", "time", "t", "step", "timestep", "timestamp", "date", "datetime", "year")
"""Names under which whole numbers are taken for times."""
CALLED_TIMES = ("ds", "date", "datetime", "time", "timestamp")
"""Names under which a column is the time whatever it holds: it is read or refused, and never ignored."""
NO_TIME = "none"
LISTED = 6  # of more columns than these the rest is counted


def with_named(columns: Columns, roles: Mapping[str, Any]) -> Columns:
    """Columns with the parts that were named one by one, by the name of the part; None names none.

    Inputs are one or several, and so are labels, which are numbers then; a frame's names may be numbers.
    """
    listed = ("inputs", "label")
    given: dict[str, Any] = {part: str(name) for part, name in roles.items() if part not in listed and name is not None}
    if inputs := _several(roles.get("inputs", ())):
        given["inputs"] = inputs
    labels = _several(roles.get("label"))
    if len(labels) == 1:
        given["label"] = labels[0]
    elif labels:
        given["outcomes"] = labels
    return replace(columns, **given)


def _several(names: Any) -> tuple[str, ...]:
    if names is None:
        return ()
    listed = [names] if isinstance(names, str) or not isinstance(names, Iterable) else names
    return tuple(str(name) for name in listed)


def resolve(table: Table, asked: Columns) -> Columns:
    """All parts, each a column that the table has; `target` for a series, or `label` for classes.

    Raises:
        DataError: a column is not there, or there is more than one sensible reading.
        SettingsError: the user's choices contradict each other.
    """
    _check_asked(table, asked)
    columns = _with_id_and_label(table, asked)
    columns = with_format(table, replace(columns, time=_time(table, columns)))
    if columns.id is None:
        columns = replace(columns, id=id_by_times(table, columns, _named(columns)))
    if not _labels(columns):
        if columns.groups is not None:
            raise SettingsError(
                f"{table.title}: groups ({columns.groups!r}) are named and no label; expected both, for groups keep "
                "cases together: name the column of class labels with --label, or leave --groups out."
            )
        columns = replace(columns, target=columns.target or _target(table, columns))
    elif not columns.inputs:
        columns = replace(columns, inputs=_channels(table, columns))
    columns = replace(columns, symbols=symbol_channels(table, columns), label_of=label_of(table, columns))
    parts = [part for part in (*_parts(columns), columns.groups) if part]
    for part in parts:
        if parts.count(part) > 1:
            raise SettingsError(f"The column {part!r} is named for two parts; expected a different column for each.")
    return columns


def describe(table: Table, columns: Columns) -> str:
    """The reading as one line for the user."""
    read = ", ".join(each for each in (columns.time_format, columns.timezone) if each)
    time = columns.time and (f"{columns.time} ({read})" if read else columns.time)
    labels = _labels(columns)
    label = ("label" if len(labels) == 1 else "labels", _few(list(labels)) or None)
    said = [("id", columns.id), ("time", time), ("target", columns.target), label]
    used = [f"{part}={name}" for part, name in (*said, ("groups", columns.groups)) if name is not None]
    if columns.inputs:
        used.append(f"inputs={_few(list(columns.inputs))}")
    named = _named(columns)
    free = [name for name in table.kinds if name not in named]
    usable = set(table.of_kind("number", "yes or no"))
    usable |= {name for name in free if columns.symbols and table.holds_symbols(name)}
    others = [name for name in free if name not in usable]
    ignored = []
    if numbers := [name for name in free if name in usable]:
        ignored.append(f"{_few(numbers)} (name them with --inputs to use them)")
    if others:
        ignored.append(f"{_few(others)} (not numbers)")
    return "using " + ", ".join(used) + (f"; ignoring {', '.join(ignored)}" if ignored else "")


def _few(names: list[str]) -> str:
    if len(names) <= LISTED:
        return ", ".join(names)
    return f"{', '.join(names[: LISTED - 1])}, ... and {len(names) - LISTED + 1} more"


def _check_asked(table: Table, asked: Columns) -> None:
    """What the user named must be there and make sense together."""
    labels = _labels(asked)
    if asked.target is not None and labels:
        raise SettingsError(
            f"Both a target ({asked.target!r}) and a label ({labels[0]!r}) are named; expected a target for a "
            "forecast or a label for a classification: leave one out."
        )
    named = {"id": asked.id, "time": asked.time, "target": asked.target, "groups": asked.groups}
    for part, name in named.items():
        if name is not None and not (part == "time" and name == NO_TIME):
            table.require([name], part)
    table.require(labels, "label")
    table.require(asked.inputs, "input")


def _with_id_and_label(table: Table, asked: Columns) -> Columns:
    """The id by its usual names; the label by its usual names where there is an id and nothing to forecast."""
    if _labels(asked):
        return replace(asked, id=asked.id or _id_of_cases(table, asked))
    usual = "unique_id" if "unique_id" in table.kinds and "unique_id" not in _named(asked) else None
    columns = replace(asked, id=asked.id or usual)
    if columns.target is not None or "y" in table.kinds:
        return columns
    labels = [name for name in LABELS if name in table.kinds and name not in _named(columns)]
    ids = [name for name in IDS if name in table.kinds and name not in _named(asked)]
    if len(labels) == 1 and (columns.id is not None or len(ids) == 1):
        return replace(columns, label=labels[0], id=columns.id or ids[0])
    return columns


def _id_of_cases(table: Table, asked: Columns) -> str | None:
    """The column that names the cases; None: the table is one sequence."""
    found = [name for name in IDS if name in table.kinds and name not in _named(asked)]
    if len(found) == 1:
        return found[0]
    if "unique_id" in found:
        return "unique_id"
    if not found and is_one_sequence(table, asked, [name for name in table.kinds if name not in _named(asked)]):
        return None
    raise DataError(
        f"{table.title}: it is not clear which rows with a label make one sequence; expected a column that is the same "
        f"in all rows of a sequence: name it with --id (columns are {', '.join(table.kinds)})."
    )


def _time(table: Table, columns: Columns) -> str | None:
    """The time column: as named, else by type, else whole numbers under a usual name, else what is called a time."""
    if columns.time is not None:
        return None if columns.time == NO_TIME and NO_TIME not in table.kinds else columns.time
    free = [name for name in table.kinds if name not in _named(columns)]
    found = [name for name in free if table.kinds[name] == "time"]
    if found:
        return _sole(table, found)
    numbered = [name for name in free if name.lower() in TIMES and table.kinds[name] == "number"]
    called = [name for name in free if name.lower() in CALLED_TIMES]
    others = [name for name in free if table.kinds[name] == "number" and name not in numbered]
    clear = len(numbered) == 1 or bool(set(numbered) & set(called))
    if clear and (columns.target or columns.inputs or others):
        return _sole(table, numbered)
    called = [name for name in called if name not in numbered]
    return _sole(table, called) if called else None


def _sole(table: Table, found: list[str]) -> str:
    """The one column of times: ds, the only one, or the only one that is called a time.

    Raises:
        DataError: there are more.
    """
    called = [name for name in found if name.lower() in CALLED_TIMES]
    if "ds" in found:
        return "ds"
    if len(found) > 1 and len(called) != 1:
        raise DataError(
            f"{table.title} has more than one column of times ({', '.join(found)}); expected one: name it with --time."
        )
    return found[0] if len(found) == 1 else called[0]


def _target(table: Table, columns: Columns) -> str:
    """What to forecast: y, or the sole numeric column that has no other part."""
    found = [name for name in table.of_kind("number") if name not in _named(columns)]
    if "y" in found:
        return "y"
    if len(found) == 1:
        return found[0]
    if found:
        raise DataError(
            f"{table.title} has {len(found)} numeric columns ({', '.join(found)}); expected to know which one to "
            "forecast: name it with --target (or name the column of class labels with --label)."
        )
    raise DataError(
        f"{table.title} has no numeric column to forecast; its columns are "
        f"{', '.join(f'{name} ({kind})' for name, kind in table.kinds.items())}: check separator and decimal point."
    )


def _channels(table: Table, columns: Columns) -> tuple[str, ...]:
    """What a classification reads: all numeric columns that have no other part, else the sole one of symbols."""
    found = tuple(name for name in table.of_kind("number") if name not in _named(columns))
    words = [name for name in table.kinds if name not in _named(columns) and table.holds_symbols(name)]
    if not found and len(words) == 1:
        return (words[0],)
    if not found:
        raise DataError(
            f"{table.title} has no numeric column to classify by; its columns are "
            f"{', '.join(f'{name} ({kind})' for name, kind in table.kinds.items())}."
        )
    return found


def _named(columns: Columns) -> set[str]:
    """The columns that have a part already."""
    return {name for name in (*_parts(columns), columns.groups) if name is not None}


def _parts(columns: Columns) -> tuple[str | None, ...]:
    return (columns.id, columns.time, columns.target, *_labels(columns), *columns.inputs)


def _labels(columns: Columns) -> tuple[str, ...]:
    """The columns of answers of whole sequences, each once."""
    if columns.label is None or columns.label in columns.outcomes:
        return columns.outcomes
    return (columns.label, *columns.outcomes)


def with_format(table: Table, columns: Columns) -> Columns:
    """The format of the times' text, as named or found; nothing of the kind goes without times.

    Raises:
        DataError: there is no one format.
        SettingsError: a format or a zone is named for nothing.
    """
    for option, value in (("time-format", columns.time_format), ("timezone", columns.timezone)):
        if value is not None and columns.time is None:
            raise SettingsError(
                f"{table.title} has no column of times for --{option} {value!r}; expected one: name it with --time."
            )
    if columns.time is None or columns.time_format is not None:
        return columns
    return replace(columns, time_format=format_of(table, columns.time))
