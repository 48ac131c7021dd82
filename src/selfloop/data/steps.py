"""The step between times: increasing, regular, the same for all sequences; or an error that says where not."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfloop.data.clocks import put_back, put_forward, same_clock
from selfloop.data.draft import Draft
from selfloop.data.sequences import Ints
from selfloop.data.times import UNITS, day_in_month, month_anchor, split_every
from selfloop.data.weeks import days_of, every_of, steps_between, weekdays, weeks_of
from selfloop.errors import DataError

SHORT = ("ns", "us", "ms", "s", "m", "h")
"""Units of steps that a clock's change breaks."""


def check_increasing(draft: Draft) -> None:
    """Times, which are sorted, must increase within every sequence.

    Raises:
        DataError: two times of a sequence are equal; says which.
    """
    if draft.time is None:
        return
    inside, gaps = _gaps(draft.time, draft.offsets)
    bad = inside[gaps <= 0]
    if len(bad) == 0:
        return
    step = int(bad[0])
    who, first = draft.ids[draft.sequence_of(step)], draft.moment(step)
    where = f"{draft.place(step)} and {draft.place(step + 1)}"
    column = draft.time_name
    dated = draft.zone is None and draft.time.dtype.kind == "M" and not same_clock(draft.time)
    if dated and put_back(draft.time[bad]):
        raise DataError(
            f"{draft.name}: series {who!r} has the time {first} twice, in {where}, as on a clock that is put back when "
            f"summer time ends; expected each time once in column {column!r}: name its zone, as in --timezone "
            "Europe/Berlin."
        )
    raise DataError(
        f"{draft.name}: series {who!r} has the time {first} twice, in {where}; expected each time once in column "
        f"{column!r}: drop one of the rows, name the column that tells series apart with --id, or choose --time none."
    )


def regular_step(draft: Draft, known: str | None = None) -> str | None:
    """The step of all sequences as Polars writes it, or None where it is not regular or no sequence has two times.

    Args:
        draft: with times.
        known: of the data read before: three days of a working week say nothing of its end.
    """
    if draft.time is None:
        return None
    inside, gaps = _gaps(draft.time, draft.offsets)
    if len(gaps) == 0:
        return None
    if known is not None and _keeps_week(draft.time, inside, known):
        return known
    if draft.time.dtype.kind in "iu":
        return f"{gaps[0]}i" if (gaps == gaps[0]).all() else None
    if (gaps == gaps[0]).all() and gaps[0] * _nanoseconds(draft.time) < 28 * UNITS["d"]:
        return _fixed_text(int(gaps[0]), draft.time)
    months = _months(draft.time, draft.offsets)[inside]
    if (months == months[0]).all() and months[0] > 0:
        return _months_text(int(months[0]))
    if (gaps == gaps[0]).all():
        return _fixed_text(int(gaps[0]), draft.time)
    pairs = draft.time[inside], draft.time[inside + 1]
    weeks = (week for week in weeks_of(draft.time) if (steps_between(*pairs, week) == 1).all())
    return next(map(every_of, weeks), None)


def require_regular(draft: Draft, known: str | None = None) -> str | None:
    """The step as `regular_step` finds it; None only where there are no two times to tell it from.

    Args:
        draft: with times.
        known: of the data read before.

    Raises:
        DataError: the times are irregular; says where, and which step most of them have.
    """
    every = regular_step(draft, known)
    if every is not None or draft.time is None:
        return every
    inside, gaps = _gaps(draft.time, draft.offsets)
    if len(gaps) == 0:
        return None
    usual, odd = usual_steps(draft)[0]
    step = int(inside[np.argmax(odd)])
    first, second = draft.moment(step), draft.moment(step + 1)
    who = draft.ids[draft.sequence_of(step)]
    where = f"{first} ({draft.place(step)}) is followed by {second} ({draft.place(step + 1)})"
    by_clock = draft.zone is None and draft.time.dtype.kind == "M" and split_every(usual)[1] in SHORT
    if by_clock and put_forward(draft.time[inside[odd]], draft.time[inside[odd] + 1], _size(usual)):
        raise DataError(
            f"{draft.name}: the times of series {who!r} leave out an hour: {where}, as on a clock that is put forward "
            f"when summer time begins; expected steps of {usual} in column {draft.time_name!r}: name its zone, as in "
            "--timezone Europe/Berlin."
        )
    raise DataError(
        f"{draft.name}: the times of series {who!r} are irregular: {where}, but most steps are {_said(usual)}; "
        f"expected one step throughout in column {draft.time_name!r}: add the missing rows (--missing interpolate does "
        "where they are fewer than the others), or choose --time none to take the rows in order."
    )


def usual_steps(draft: Draft) -> list[tuple[str, NDArray[np.bool_]]]:
    """Steps that irregular times may be meant to have, the likeliest first, and which gaps do not have them."""
    assert draft.time is not None
    inside, gaps = _gaps(draft.time, draft.offsets)
    found = [_odd_one_out(gaps, draft.time)]
    if draft.time.dtype.kind in "iu":
        return found
    calendar = _months(draft.time, draft.offsets)[inside]
    if (calendar > 0).mean() > 0.5:
        values, counts = np.unique(calendar[calendar > 0], return_counts=True)
        usual = int(values[np.argmax(counts)])
        found.insert(0, (_months_text(usual), calendar != usual))
    for week in weeks_of(draft.time)[:1] if found[0][0] == "1d" else ():
        odd = steps_between(draft.time[inside], draft.time[inside + 1], week) != 1
        found.insert(0, (every_of(week), odd))
    return found


def _keeps_week(time: NDArray[Any], inside: Ints, every: str) -> bool:
    """Whether times go on from one working day to the next of a step that is one of these."""
    unit = split_every(every)[1]
    if not unit.startswith("b") or time.dtype.kind != "M":
        return False
    week, days = days_of(unit), time.astype("datetime64[D]")
    within = set(weekdays(days)) <= set(week) and bool((time - days == time[0] - days[0]).all())
    return within and bool((steps_between(time[inside], time[inside + 1], week) == 1).all())


def _gaps(time: NDArray[Any], offsets: Ints) -> tuple[Ints, Ints]:
    """Index of each step that has a successor in its sequence, and the gap to it in the unit of `time`."""
    has_next = np.ones(len(time), dtype=bool)
    has_next[offsets[1:] - 1] = False
    inside = np.flatnonzero(has_next)
    return inside, (time[inside + 1] - time[inside]).astype(np.int64)


def _months(time: NDArray[Any], offsets: Ints) -> Ints:
    """(steps,) whole calendar months to the next row, 0 where the two are not on the same day of the month.

    "The same day" is the sequence's own, or the last of a month too short to have it: monthly data on the 30th go from
    30 January to 28 February. It may also be the first or the last weekday.
    """
    if time.dtype.kind in "iu":
        return np.zeros(len(time), dtype=np.int64)
    days = time.astype("datetime64[D]")
    month = days.astype("datetime64[M]")
    anchor = np.repeat(month_anchor(days, offsets), np.diff(offsets))
    on_day = days == day_in_month(month, anchor)
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


def _size(every: str) -> np.timedelta64:
    number, unit = split_every(every)
    return np.timedelta64(number * UNITS[unit], "ns")


def _said(every: str) -> str:
    return {"1b": "business days"}.get(every, every)


def _odd_one_out(gaps: Ints, time: NDArray[Any]) -> tuple[str, NDArray[np.bool_]]:
    """The most common gap as text, and which gaps differ from it."""
    values, counts = np.unique(gaps, return_counts=True)
    usual = int(values[np.argmax(counts)])
    text = f"{usual}i" if time.dtype.kind in "iu" else _fixed_text(usual, time)
    return text, gaps != usual
