"""Frames of the library that the user's own data came in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

Library = Literal["pandas", "polars"]


def library_of(source: Any) -> Library:
    """Pandas for what is pandas; Polars for everything else, files and arrays too."""
    import narwhals as nw

    known = nw.dependencies.is_pandas_dataframe(source) or nw.dependencies.is_pandas_series(source)
    return "pandas" if known else "polars"


def frame_of(columns: Mapping[str, Sequence[object]], library: Library) -> Any:
    """Columns as a frame of a library.

    Args:
        columns: of equal length, by name.
        library: of the frame.
    """
    if library == "pandas":
        import pandas as pd

        return pd.DataFrame(dict(columns))
    import polars as pl

    return pl.DataFrame(dict(columns))
