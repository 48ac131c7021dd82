"""A column of a library that is one series, and what goes on after it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from selfloop.data.sequences import Columns, Floats

UNNAMED = "value"


@dataclass(frozen=True, eq=False)
class Column:
    """One series of pandas or Polars.

    Attributes:
        native: the column itself.
    """

    native: Any

    @property
    def name(self) -> str:
        """What its values are called when they are read."""
        return UNNAMED if self.native.name is None or self.native.name == "" else str(self.native.name)

    def called(self, columns: Columns) -> Any:
        """The column, and its index of times, under the names that others bore."""
        named = self.native if columns.target is None else self.native.rename(columns.target)
        index = getattr(named, "index", None)
        if columns.time is None or index is None or not hasattr(index, "freq"):
            return named
        named = named.copy(deep=False)
        named.index = index.rename(columns.time)
        return named

    def going_on(self, values: Floats, times: Any) -> Any:
        """The next values, as a column of the same library; in pandas its index goes on.

        Args:
            values: (horizon,).
            times: a column of their times, or of places counted from 0.
        """
        import narwhals as nw

        like = nw.from_native(self.native, series_only=True)
        if not like.implementation.is_pandas():
            return nw.new_series(like.name, values, nw.Float64(), backend=like.implementation).to_native()
        import pandas as pd

        return pd.Series(values, index=_index_after(self.native.index, len(values), times), name=self.native.name)


def _index_after(index: Any, steps: int, times: Any) -> Any:
    """The index of so many further rows: periods, times, whole numbers at the same distance; else places."""
    import pandas as pd

    if isinstance(index, pd.PeriodIndex):
        return pd.period_range(index[-1] + 1, periods=steps, freq=index.freq, name=index.name)
    if isinstance(index, pd.DatetimeIndex):
        further = pd.DatetimeIndex(times).rename(index.name)
        with suppress(ValueError):  # where the times are of another pattern, they bear none
            further.freq = index.freq
        return further
    distances = np.unique(np.diff(index)) if pd.api.types.is_integer_dtype(index) else np.zeros(0)
    if len(distances) == 1:
        first, every = int(index[-1]), int(distances[0])
        return pd.RangeIndex(first + every, first + every * (steps + 1), every, name=index.name)
    return pd.RangeIndex(len(index), len(index) + steps)
