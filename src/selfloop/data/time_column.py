"""A table's column as times: what format they have, where they are at home, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from selfloop.data.formats import fitting, has_offset, nearest_format, offsets_of, read_as
from selfloop.data.missing import is_missing_word
from selfloop.data.sequences import Ints
from selfloop.data.times import is_time, is_zoned, parse_times, whole_times
from selfloop.data.zones import GREENWICH, zone_at, zone_name
from selfloop.errors import DataError, SettingsError

if TYPE_CHECKING:
    import narwhals as nw

    from selfloop.data.table import Table

EXPECTED = "expected ISO dates such as 1949-01 or 2016-07-01 13:00:00, or whole numbers"
COUNTERS = ("t", "step", "timestep")
"""Names under which whole numbers of six digits count steps and are no months."""


@dataclass(frozen=True, eq=False)
class Moments:
    """The times of all rows.

    Attributes:
        values: (rows,) int64, or datetime64 in microseconds (nanoseconds where there are any), in UTC with a zone.
        zone: where they are at home; None where nothing says so.
    """

    values: NDArray[Any]
    zone: str | None = None


def is_text_of_times(texts: Sequence[str]) -> bool:
    """Whether a column of text holds times: the first is an ISO date, or one format fits them all."""
    return is_time(texts[0]) or bool(fitting(texts, digits=False))


def zone_of(column: nw.Series[Any]) -> str | None:
    """The zone of a column of times, also where Narwhals does not know the type."""
    native = column.to_native()
    zone = getattr(getattr(native, "dt", None), "tz", None) or getattr(column.dtype, "time_zone", None)
    return None if zone is None else zone_name(zone)


def format_of(table: Table, name: str) -> str | None:
    """The format of a column known as the time; None where it is ISO, of a type of its own, or whole numbers.

    Raises:
        DataError: no format fits all values, or more than one does.
    """
    if table.kinds[name] == "number":
        numbers = _whole_numbers(table, name)
        return next(iter(fitting(_digits(numbers), digits=True)), None) if _may_be_dates(numbers, name) else None
    values = _texts(table, name)
    if values is None or all(map(is_time, values)):
        return None
    found = fitting(values, digits=True)
    if len(found) == 1:
        return found[0]
    if found:
        raise _ambiguous(table, name, values, found)
    raise _unreadable(table, name, values)


def moments(table: Table, name: str, form: str | None) -> Moments:
    """A column as times.

    Args:
        table: that has it.
        name: of the column.
        form: of its text, as strptime reads it; None: ISO.

    Raises:
        DataError: a time is missing or has another form.
        SettingsError: there is no such form.
    """
    column, kind = table.complete(name, "time column"), table.kinds[name]
    if kind == "number":
        numbers = _whole_numbers(table, name)
        return Moments(numbers) if form is None else _formatted(table, name, _digits(numbers), form)
    texts = _texts(table, name)
    if texts is not None and form is not None:
        return _formatted(table, name, texts, form)
    if kind != "time":
        raise _unreadable(table, name, texts)
    return _typed(column) if texts is None else _iso(table, name, texts)


def _texts(table: Table, name: str) -> list[str] | None:
    """The values of a column of text; None where it is of another type.

    Raises:
        DataError: one is missing.
    """
    column = table.complete(name, "time column")
    if table.kinds[name] not in ("time", "text") or column.dtype.is_temporal():
        return None
    values = column.to_list()
    if not isinstance(values[0], str):
        return None
    texts = [str(value) for value in values]
    for row, text in enumerate(texts):
        if is_missing_word(text):
            raise table.empty(name, "time column", row)
    return texts


def _whole_numbers(table: Table, name: str) -> Ints:
    """(rows,) a column of numbers, which must be whole.

    Raises:
        DataError: one is missing or is not whole.
    """
    column = table.complete(name, "time column")
    if column.dtype.is_integer():
        return np.asarray(column.to_numpy()).astype(np.int64)
    return whole_times(table.numbers(name, "time column"), f"{table.title}: the time column {name!r}")


def _digits(numbers: Ints) -> list[str]:
    return [str(number) for number in numbers.tolist()]


def _may_be_dates(numbers: Ints, name: str) -> bool:
    """Whether whole numbers are in the range of yyyymmdd, or of yyyymm where they do not count steps."""
    low, high = int(numbers.min()), int(numbers.max())
    if low >= 1000_01_01 and high <= 2999_12_31:
        return True
    return low >= 1600_01 and high <= 2299_12 and name.lower() not in COUNTERS


def _typed(column: nw.Series[Any]) -> Moments:
    """Of a type of dates, or of Python's dates."""
    zone = zone_of(column)
    if zone is not None:
        native: Any = column.to_native()
        if hasattr(getattr(native, "dt", None), "tz_convert"):
            values = native.dt.tz_convert(GREENWICH).dt.tz_localize(None).to_numpy()
        else:
            values = column.dt.convert_time_zone(GREENWICH).dt.replace_time_zone(None).to_numpy()
        return Moments(_microseconds(values), zone)
    if column.dtype.is_temporal():
        return Moments(_microseconds(column.to_numpy()))
    values = column.to_list()
    homes = {getattr(value, "tzinfo", None) for value in values}
    plain = [value.astimezone(UTC).replace(tzinfo=None) if _has_zone(value) else value for value in values]
    names = {zone_name(home) for home in homes if home is not None}
    home = None if not names else names.pop() if len(names) == 1 else GREENWICH
    return Moments(np.array(plain, dtype="datetime64[us]"), home)


def _has_zone(value: date) -> bool:
    return isinstance(value, datetime) and value.tzinfo is not None


def _iso(table: Table, name: str, texts: list[str]) -> Moments:
    try:
        values = parse_times(texts)
    except ValueError as error:
        row = int(error.args[0])
        raise DataError(
            f"{table.title}: the time {texts[row]!r} in {table.place(row)} of column {name!r} is no ISO date; "
            "expected a form such as 1949-01 or 2016-07-01 13:00:00."
        ) from None
    zoned = [is_zoned(text) for text in texts]
    if any(zoned) and not all(zoned):
        row = zoned.index(not zoned[0])
        raise DataError(
            f"{table.title}: the time {texts[row]!r} in {table.place(row)} of column {name!r} has "
            f"{'no' if zoned[0] else 'a'} zone and {texts[0]!r} has {'one' if zoned[0] else 'none'}; expected all with "
            "a zone or all without: rewrite them."
        )
    return Moments(values, _home(texts) if zoned[0] else None)


def _formatted(table: Table, name: str, texts: list[str], form: str) -> Moments:
    try:
        values = read_as(texts, form)
    except ValueError as error:
        raise SettingsError(
            f"The time format {form!r} is none ({error}); expected one of strptime, such as '%d.%m.%Y %H:%M'."
        ) from None
    wrong = np.flatnonzero(np.isnat(values))
    if len(wrong):
        row = int(wrong[0])
        raise DataError(
            f"{table.title}: the time {texts[row]!r} in {table.place(row)} of column {name!r} does not have the "
            f"format {form!r}; expected it in every row: rewrite it, or name another format with --time-format."
        )
    return Moments(values, _home(texts) if has_offset(form) else None)


def _home(texts: Sequence[str]) -> str:
    """The zone of one offset for all; UTC where there are several, as where summer time comes and goes."""
    offsets = offsets_of(texts)
    return zone_at(offsets.pop()) if len(offsets) == 1 else GREENWICH


def _ambiguous(table: Table, name: str, texts: Sequence[str], forms: Sequence[str]) -> DataError:
    """Two readings, spelt out at the first value that they read differently."""
    first, second = forms[:2]
    one, other = read_as(texts, first), read_as(texts, second)
    row = int(np.argmax(one != other))
    days = [f"{day.day} {day:%B %Y}" for day in (times[row].item() for times in (one, other))]
    return DataError(
        f"{table.title}: the time {texts[row]!r} in {table.place(row)} of column {name!r} may be {days[0]} ({first}) "
        f"or {days[1]} ({second}), and so may all others; expected one reading: name it with --time-format {first!r} "
        f"or --time-format {second!r}."
    )


def _unreadable(table: Table, name: str, texts: Sequence[str] | None) -> DataError:
    """No format fits all: the row that does not fit the first one's, or that nothing does."""
    form = None if texts is None else nearest_format(texts, digits=True)
    if texts is None or (form is None and not is_time(texts[0])):
        return DataError(
            f"{table.title}: the time column {name!r} is {table.what(name)}; {EXPECTED}: rewrite it so, name its "
            "format with --time-format, or choose --time none to take the rows in order."
        )
    row = next((k for k, text in enumerate(texts) if not is_time(text)), 0)
    if form is None or is_time(texts[0]):
        return DataError(
            f"{table.title}: the time {texts[row]!r} in {table.place(row)} of column {name!r} is no ISO date; "
            "expected a form such as 1949-01 or 2016-07-01 13:00:00."
        )
    row = int(np.argmax(np.isnat(read_as(texts, form))))
    return DataError(
        f"{table.title}: the time {texts[row]!r} in {table.place(row)} of column {name!r} does not have the format "
        f"{form!r} of the first row; expected one format throughout: rewrite it, or name the format with --time-format."
    )


def _microseconds(times: NDArray[Any]) -> NDArray[Any]:
    """datetime64[us], or [ns] where microseconds would lose something."""
    rounded = times.astype("datetime64[us]")
    return rounded if (rounded == times).all() else times
