"""The indexes of pandas frames that have several levels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from selfloop.errors import DataError

MOST = 2  # levels without a name: a series and its time


def check_one_level(frame: Any) -> None:
    """Raise where columns have names of several levels.

    Raises:
        DataError: they have.
    """
    columns = getattr(frame, "columns", None)
    if columns is not None and columns.nlevels > 1:
        raise DataError(
            f"The frame has names of {columns.nlevels} levels over its columns, such as {columns[0]!r}; expected one "
            "name a column: flatten them, as frame.columns = ['_'.join(map(str, name)) for name in frame.columns] does."
        )


def level_names(frame: Any, free: Callable[[str, Any], str]) -> list[str]:
    """Names for the levels of a frame's index: those without one are a series and its time.

    Args:
        frame: with such an index.
        free: from a name and the frame to a name that no column has.

    Raises:
        DataError: there are more without a name.
    """
    names = list(frame.index.names)
    bare = [k for k, name in enumerate(names) if name is None]
    if len(bare) > MOST:
        raise DataError(
            f"The index of the frame has {len(bare)} levels without a name; expected two at most, a series and its "
            "time: name them with frame.index.names = [...]."
        )
    dated = [k for k, level in enumerate(frame.index.levels) if hasattr(level, "to_period") or hasattr(level, "asfreq")]
    time = dated[0] if dated else len(names) - 1  # the last one, as everywhere
    made = {k: free("time" if k == time else "unique_id", frame) for k in bare}
    return [made.get(k, str(name)) for k, name in enumerate(names)]
