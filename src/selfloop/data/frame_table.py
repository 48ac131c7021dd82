"""Any frame as a table."""

from __future__ import annotations

from typing import Any

from selfloop.data.indexes import check_one_level, level_names
from selfloop.data.periods import period_starts, with_period_starts
from selfloop.data.table import Table
from selfloop.errors import DataError


def frame_table(source: Any) -> Table:
    """Any frame or column as a table; an index of times in pandas becomes a column.

    Raises:
        DataError: Narwhals does not know it.
    """
    import narwhals as nw
    from narwhals.exceptions import NarwhalsError

    if nw.dependencies.is_pandas_dataframe(source) or nw.dependencies.is_pandas_series(source):
        check_one_level(source)
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
    return Table.of(frame.to_native(), name="frame", title="the frame", first_row=0, counted="counted from 0", own=True)


def _free(name: str, frame: Any) -> str:
    return name if name not in frame.columns else f"index ({name})"


def _with_index(source: Any) -> Any:
    """A pandas frame whose index of dates or periods, or with names, is a column; other indexes only number rows."""
    frame = source if hasattr(source, "columns") else source.to_frame(name=source.name or "value")
    index = frame.index
    if index.nlevels > 1:
        return frame.reset_index(names=level_names(frame, _free))
    if hasattr(index, "to_timestamp"):
        frame = frame.set_axis(period_starts(index), axis=0)
        frame.index.name = index.name
    frame = with_period_starts(frame)
    if hasattr(index, "to_timestamp") or hasattr(index, "tz") or any(name is not None for name in index.names):
        return frame.reset_index(names=_free("time", frame)) if index.names == [None] else frame.reset_index()
    return frame
