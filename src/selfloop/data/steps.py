"""The step between times: increasing, regular, the same for all sequences; or an error that says where not."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfloop.data.draft import Draft
from selfloop.data.sequences import Ints
from selfloop.data.times import UNITS, days_in_month, month_anchor, one_time_text
from selfloop.errors import DataError


def check_increasing(draft: Draft) -> None:
    """Times must increase within every sequence.

    Raises:
        DataError: two times of a sequence are equal, or go back; says which.
    """
    if draft.time is None:
        return
    inside, gaps = _gaps(draft.time, draft.offsets)
    bad = inside[gaps <= 0]
    if len(bad) == 0:
        return
    step = int(bad[0])
    first, second = (one_time_text(draft.time[k]) for k in (step, step + 1))
    who = draft.ids[draft.sequence_of(step)]
    where = f"{draft.place(step)} and {draft.place(step + 1)}"
    if first == second:
        raise DataError(
            f"{draft.name}: series {who!r} has the time {first} twice, in {where}; expected each time once: "
            "drop one of the rows, name the column that tells series apart with --id, or choose --time none."
        )
    raise DataError(
        f"{draft.name}: the times of series {who!r} go back from {first} to {second}, between {where}; expected "
        "increasing times: sort the rows by time, or name the column that tells series apart with --id."
    )


def regular_step(draft: Draft) -> str | None:
    """The step of all sequences as Polars writes it, or None where it is not regular or no sequence has two times."""
    if draft.time is None:
        return None
    inside, gaps = _gaps(draft.time, draft.offsets)
    if len(gaps) == 0:
        return None
    if draft.time.dtype.kind in "iu":
        return f"{gaps[0]}i" if (gaps == gaps[0]).all() else None
    if (gaps == gaps[0]).all() and gaps[0] * _nanoseconds(draft.time) < 28 * UNITS["d"]:
        return _fixed_text(int(gaps[0]), draft.time)
    months = _months(draft.time, draft.offsets)[inside]
    if (months == months[0]).all() and months[0] > 0:
        return _months_text(int(months[0]))
    return _fixed_text(int(gaps[0]), draft.time) if (gaps == gaps[0]).all() else None


def require_regular(draft: Draft) -> str | None:
    """The step as `regular_step` finds it; None only where there are no two times to tell it from.

    Raises:
        DataError: the times are irregular; says where, and which step most of them have.
    """
    every = regular_step(draft)
    if every is not None or draft.time is None:
        return every
    inside, gaps = _gaps(draft.time, draft.offsets)
    if len(gaps) == 0:
        return None
    calendar = _months(draft.time, draft.offsets)[inside]
    usual, odd = _odd_one_out(gaps, draft.time)
    if draft.time.dtype.kind not in "iu" and (calendar > 0).mean() > 0.5:
        values, counts = np.unique(calendar[calendar > 0], return_counts=True)
        usual, odd = _months_text(int(values[np.argmax(counts)])), calendar != values[np.argmax(counts)]
    step = int(inside[np.argmax(odd)])
    first, second = (one_time_text(draft.time[k]) for k in (step, step + 1))
    who = draft.ids[draft.sequence_of(step)]
    raise DataError(
        f"{draft.name}: the times of series {who!r} are irregular: {first} ({draft.place(step)}) is followed "
        f"by {second} ({draft.place(step + 1)}), but most steps are {usual}; expected one step throughout: add the "
        "missing rows (--missing interpolate fills in empty values), or choose --time none to take the rows in order."
    )


def _gaps(time: NDArray[Any], offsets: Ints) -> tuple[Ints, Ints]:
    """Index of each step that has a successor in its sequence, and the gap to it in the unit of `time`."""
    has_next = np.ones(len(time), dtype=bool)
    has_next[offsets[1:] - 1] = False
    inside = np.flatnonzero(has_next)
    return inside, (time[inside + 1] - time[inside]).astype(np.int64)


def _months(time: NDArray[Any], offsets: Ints) -> Ints:
    """(steps,) whole calendar months to the next row, 0 where the two are not on the same day of the month.

    "The same day" is the sequence's own, or the last of a month too short to have it: monthly data on the 30th go from
    30 January to 28 February.
    """
    if time.dtype.kind in "iu":
        return np.zeros(len(time), dtype=np.int64)
    days = time.astype("datetime64[D]")
    month = days.astype("datetime64[M]")
    of_month = (days - month.astype("datetime64[D]")).astype(np.int64) + 1
    anchor = np.repeat(month_anchor(days, offsets), np.diff(offsets))
    on_day = of_month == np.minimum(anchor, days_in_month(month))
    of_day = time - days
    months = np.zeros(len(time), dtype=np.int64)
    same = on_day[:-1] & on_day[1:] & (of_day[:-1] == of_day[1:])
    months[:-1] = np.where(same, np.diff(month.astype(np.int64)), 0)
    return months


def _months_text(months: int) -> str:
    if months % 12 == 0:
        return f"{months // 12}y"
    return "1q" if months == 3 else f"{months}mo"


def _nanoseconds(time: NDArray[Any]) -> int:
    """Nanoseconds in the unit of `time`."""
    return {"us": 1000, "ns": 1}[np.datetime_data(time.dtype)[0]]  # the two that readers hand over


def _fixed_text(gap: int, time: NDArray[Any]) -> str:
    nanoseconds = gap * _nanoseconds(time)
    unit, size = next((unit, size) for unit, size in UNITS.items() if nanoseconds % size == 0)
    return f"{nanoseconds // size}{unit}"


def _odd_one_out(gaps: Ints, time: NDArray[Any]) -> tuple[str, NDArray[np.bool_]]:
    """The most common gap as text, and which gaps differ from it."""
    values, counts = np.unique(gaps, return_counts=True)
    usual = int(values[np.argmax(counts)])
    text = f"{usual}i" if time.dtype.kind in "iu" else _fixed_text(usual, time)
    return text, gaps != usual
