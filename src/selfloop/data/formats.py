"""Times in other spellings than ISO: one format for a whole column, found by trying a short list on every value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

NUMBERED = (
    "%d.%m.%Y",
    "%d.%m.%y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d/%m/%y",
    "%m/%d/%y",
    "%y/%m/%d",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d-%m-%y",
    "%m-%d-%y",
    "%y-%m-%d",
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y-%m",
    "%Y/%m",
    "%Y.%m",
    "%m/%Y",
    "%m-%Y",
    "%m.%Y",
    "%G-W%V",
    "%GW%V",
    "%G-W%V-%u",
)
NAMED: tuple[str, ...] = ("%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d. %b %Y", "%b %d, %Y", "%b %d %Y", "%Y %b %d")
NAMED += ("%b %Y", "%b-%Y", "%b-%y", "%Y %b", "%Y-%b")
DATES = (*NUMBERED, *NAMED, *(form.replace("%b", "%B") for form in NAMED))
"""As strptime reads them: leading zeros may be left out."""
CLOCKS: tuple[str, ...] = (
    " %H:%M",
    " %H:%M:%S",
    " %H:%M:%S%.f",
    " %I:%M %p",
    " %I:%M:%S %p",
    ", %H:%M",
    ", %H:%M:%S",
    ", %I:%M:%S %p",
)
CLOCKS += ("T%H:%M", "T%H:%M:%S", "T%H:%M:%S%.f")
ZONES = ("", "%#z", " %#z", "Z", " UTC", " GMT")
DIGITS = ("%Y%m%d", "%Y%m")
"""Of whole numbers, and of text that is nothing but digits, where the column is known as the time."""
LONGEST = 48  # characters of a time
YEARS = (np.datetime64("1000", "us"), np.datetime64("3000", "us"))  # a year of two digits is none of %Y
NAME, HALF = re.compile(r"[A-Za-z]{3}(?<!UTC)(?<!GMT)"), re.compile(r"\d ?[AaPp]\.?[Mm]")
SHORT_YEAR = re.compile(r"(?:^|\D)\d{2}(?:\D|$)")
OFFSET = re.compile(r"(?:Z|UTC|GMT|([+-])(\d{2}):?(\d{2})?)\s*$")


def fitting(texts: Sequence[str], *, digits: bool) -> list[str]:
    """The formats that read every one of the texts, one for each different reading.

    Args:
        texts: not empty.
        digits: whether bare digits may be dates.
    """
    different = list(dict.fromkeys(texts))
    found: dict[bytes, str] = {}
    for form in _opening(different[0], digits=digits):
        times = read_as(different, form)
        if not np.isnat(times).any():
            found.setdefault(times.tobytes(), form)
    return list(found.values())


def nearest_format(texts: Sequence[str], *, digits: bool) -> str | None:
    """The format that reads the first text and most of the others, or None where none reads the first."""
    forms = list(_opening(texts[0], digits=digits))
    return min(forms, key=lambda form: int(np.isnat(read_as(texts, form)).sum()), default=None)


def read_as(texts: Sequence[str], form: str) -> NDArray[Any]:
    """(steps,) datetime64[us] of texts in a strptime format; NaT where one has another, or its year has two digits.

    What the format leaves out is the first day of its month or week. Offsets are followed to UTC.

    Raises:
        ValueError: there is no such format.
    """
    import polars as pl

    form, more = _whole(form)
    column = pl.Series([text.strip() + more for text in texts], dtype=pl.String)
    try:
        read = column.str.to_datetime(form, strict=False, time_unit="us")
    except pl.exceptions.PolarsError as error:
        raise ValueError(str(error).splitlines()[0]) from error
    times = np.array(read.dt.replace_time_zone(None).to_numpy(), dtype="datetime64[us]")
    times[~((times >= YEARS[0]) & (times < YEARS[1]))] = np.datetime64("NaT")
    return times


def has_offset(form: str) -> bool:
    """Whether times of this format say how far from UTC they are."""
    return bool(re.search(r"%[:#]*z", form)) or form.endswith(ZONES[3:])


def offsets_of(texts: Sequence[str]) -> set[int]:
    """The different offsets that texts end with, in minutes east of UTC."""
    found = set()
    for text in {text[-8:] for text in texts}:
        match = OFFSET.search(text)
        if match is not None:
            sign, hours, minutes = match.groups()
            found.add(0 if sign is None else (1 if sign == "+" else -1) * (60 * int(hours) + int(minutes or 0)))
    return found


def _opening(text: str, *, digits: bool) -> Iterator[str]:
    """The formats that read one text."""
    text = text.strip()
    if len(text) > LONGEST or not any(letter.isdigit() for letter in text):
        return
    if text.isdecimal():
        length = {8: DIGITS[:1], 6: DIGITS[1:]}.get(len(text), ())
        tried = list(length) if digits else []
    elif ":" in text:
        tried = [date + clock + zone for date in DATES for clock in CLOCKS for zone in ZONES]
    else:
        tried = list(DATES)
    for form in tried:
        if _could(text, form) and not np.isnat(read_as([text], form)[0]):
            yield form


def _could(text: str, form: str) -> bool:
    """Whether what stands between a format's parts is in the text: what cannot be is not tried."""
    signs = re.sub(r"%[-#.]*[A-Za-z]", "", form)
    letters = bool(NAME.search(text)) == ("%b" in form or "%B" in form)
    halves = bool(HALF.search(text)) == ("%p" in form)
    short = "%y" not in form or SHORT_YEAR.search(text) is not None
    offset = "%#z" not in form or OFFSET.search(text) is not None
    return letters and halves and short and offset and all(text.count(sign) >= signs.count(sign) for sign in signs)


def _whole(form: str) -> tuple[str, str]:
    """The format with a day where it has none, and what its texts get for it."""
    if re.search(r"%[GVUW]", form) and not re.search(r"%[uwaA]", form):
        return f"{form} %u", " 1"
    if not re.search(r"%[-_0]?[mbBhjdeDFuwxcsv+]", form):
        return f"{form} %m-%d", " 1-1"
    if not re.search(r"%[-_0]?[deDFjuwxcsv+]", form):
        return f"{form} %d", " 1"
    return form, ""
