"""Time zones: a clock on the wall to UTC and back. Polars knows the zones."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from selfloop.errors import SettingsError, nearest

if TYPE_CHECKING:
    import polars as pl

GREENWICH = "UTC"
FIXED = re.compile(r"[+-]\d{2}:\d{2}")
"""An offset for which no zone is named."""


@dataclass(frozen=True)
class Zone:
    """Where the times of data are at home.

    Attributes:
        name: as in the IANA database.
        local: times are held as its wall clock, so that days of 23 and 25 hours are steps like others; else in UTC.
    """

    name: str
    local: bool = False


def check_zone(name: str) -> None:
    """A zone must be known.

    Raises:
        SettingsError: it is not; names the nearest.
    """
    from zoneinfo import available_timezones

    if not _is_known(name):
        known = sorted(available_timezones())
        raise SettingsError(f"There is no time zone {name!r}; expected one such as Europe/Berlin. {_near(name, known)}")


def _near(name: str, known: list[str]) -> str:
    said = nearest(name, known)
    return said if said.startswith("Did") else "The IANA database lists them."


def zone_name(zone: tzinfo | str) -> str:
    """The name of a zone that another library holds; UTC for an offset that has none."""
    name = zone if isinstance(zone, str) else getattr(zone, "key", None) or getattr(zone, "zone", None) or str(zone)
    if _is_known(name):
        return name
    if isinstance(zone, str):
        return GREENWICH
    offset = zone.utcoffset(None)
    return GREENWICH if offset is None else zone_at(offset // timedelta(minutes=1))


def zone_at(minutes: int) -> str:
    """The zone that is always so many minutes east of UTC; "+05:30" where there is none of a name."""
    hours, rest = divmod(minutes, 60)
    if minutes == 0:
        return GREENWICH
    if not rest and -12 <= hours <= 14:
        return f"Etc/GMT{-hours:+d}"  # the sign is POSIX's: west of Greenwich is positive
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    return f"{sign}{hours:02d}:{rest:02d}"


def to_wall(utc: NDArray[Any], name: str) -> NDArray[Any]:
    """What the clock of a zone shows at times in UTC."""
    if FIXED.fullmatch(name):
        return utc + _fixed(name)
    return _numbers(
        _series(utc).dt.replace_time_zone(GREENWICH).dt.convert_time_zone(name).dt.replace_time_zone(None), utc
    )


def to_utc(wall: NDArray[Any], name: str, later: NDArray[np.bool_] | None = None) -> NDArray[Any]:
    """Times in UTC when the clock of a zone shows `wall`.

    Args:
        wall: (steps,) datetime64; NaT comes back where the clock leaves a time out.
        name: of the zone.
        later: (steps,) of a time that the clock shows twice, whether the second one is meant; None: the first one.
    """
    import polars as pl

    if FIXED.fullmatch(name):
        return wall - _fixed(name)
    which: Any = "earliest"
    if later is not None:
        which = pl.Series(np.where(later, "latest", "earliest"))
    zoned = _series(wall).dt.replace_time_zone(name, ambiguous=which, non_existent="null")
    return _numbers(zoned.dt.convert_time_zone(GREENWICH).dt.replace_time_zone(None), wall)


def from_clock(wall: NDArray[Any], codes: NDArray[np.int64], name: str) -> NDArray[Any]:
    """Times in UTC of what sequences read from a clock: where it shows an hour twice, the first row is the first one.

    Args:
        wall: (rows,) datetime64, in the order of the rows; newest first is understood.
        codes: (rows,) the sequence of each.
        name: of the zone; NaT comes back where its clock leaves a time out.
    """
    import polars as pl

    twice = to_utc(wall, name) != to_utc(wall, name, np.ones(len(wall), dtype=bool))
    twice &= ~np.isnat(to_utc(wall, name))
    if not twice.any():
        return to_utc(wall, name)
    same = codes[1:] == codes[:-1]
    steps = np.sign(np.diff(wall).astype(np.int64))[same]
    rows = np.arange(len(wall))
    if steps.sum() < 0:
        rows = rows[::-1]
    frame = pl.DataFrame({"code": codes[rows], "wall": _series(wall[rows])})
    seen = frame.select(pl.int_range(pl.len()).over("code", "wall")).to_series().to_numpy()
    later = np.zeros(len(wall), dtype=bool)
    later[rows] = seen > 0
    return to_utc(wall, name, later & twice)


def first_in_disorder(wall: NDArray[Any], utc: NDArray[Any], codes: NDArray[np.int64]) -> int | None:
    """A row of an hour that is there twice, in a sequence whose rows do not tell which is which; None: there is none.

    Args:
        wall: (rows,) as `from_clock` takes them.
        utc: (rows,) as it gives them.
        codes: (rows,) the sequence of each.
    """
    order = np.lexsort((utc, wall, codes))
    same = (codes[order][1:] == codes[order][:-1]) & (wall[order][1:] == wall[order][:-1])
    for code in np.unique(codes[order][1:][same]):
        steps = np.diff(utc[codes == code]).astype(np.int64)
        if not ((steps >= 0).all() or (steps <= 0).all()):
            return int(order[1:][same & (codes[order][1:] == code)][0])
    return None


def in_utc(time: NDArray[Any], zone: Zone) -> NDArray[Any]:
    """Times in UTC, as a zone holds them or as its clock shows them; what follows a time that the clock leaves out."""
    if not zone.local:
        return time
    utc = to_utc(time, zone.name)
    gap = np.isnat(utc)
    if gap.any():  # a day that begins at one o'clock: the clock as it was shortly before, put forward
        before = time[gap] - np.timedelta64(1, "D")
        utc[gap] = to_utc(before, zone.name) + np.timedelta64(1, "D")
    return utc


def as_held(time: NDArray[Any], zone: Zone | None, wanted: Zone | None) -> NDArray[Any]:
    """Times that one zone holds, as another does."""
    if zone is None or wanted is None or zone == wanted:
        return time
    utc = in_utc(time, zone)
    return to_wall(utc, wanted.name) if wanted.local else utc


def shown(time: NDArray[Any], zone: Zone | None) -> NDArray[Any] | pl.Series:
    """Times as a user gets them: with their zone, where they have one; in UTC where it is an offset without a name."""
    if zone is None or time.dtype.kind != "M":
        return time
    name = GREENWICH if FIXED.fullmatch(zone.name) else zone.name
    return _series(in_utc(time, zone)).dt.replace_time_zone(GREENWICH).dt.convert_time_zone(name)


def offsets(time: NDArray[Any], zone: Zone) -> list[str]:
    """How far from UTC the zone is at each time, as in +02:00; nothing where its clock alone is kept."""
    if zone.local:
        return [""] * len(time)
    if FIXED.fullmatch(zone.name):
        return [zone.name] * len(time)
    utc = _series(time).dt.replace_time_zone(GREENWICH)
    return utc.dt.convert_time_zone(zone.name).dt.strftime("%:z").to_list()


def _fixed(name: str) -> np.timedelta64:
    minutes = 60 * int(name[1:3]) + int(name[4:])
    return np.timedelta64(-minutes if name[0] == "-" else minutes, "m")


def _is_known(name: str) -> bool:
    import polars as pl

    if FIXED.fullmatch(name):
        return True
    try:
        pl.Series([datetime(2000, 1, 1)]).dt.replace_time_zone(name)
    except pl.exceptions.PolarsError:
        return False
    return True


def _series(times: NDArray[Any]) -> pl.Series:
    import polars as pl

    unit = "ns" if np.datetime_data(times.dtype)[0] == "ns" else "us"
    return pl.Series(times.astype(f"datetime64[{unit}]"))


def _numbers(series: pl.Series, like: NDArray[Any]) -> NDArray[Any]:
    return np.array(series.to_numpy(), dtype=like.dtype)
