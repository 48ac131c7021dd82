"""How a user's frame holds ids, times and labels, so that what is said of them comes back as they came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import narwhals as nw

ClassType = Literal["text", "whole", "decimal", "yes or no", "category"]
Library = Literal["polars", "pandas", "pyarrow"]
FORMS = [(unit, between, dash) for unit in "MDms" for between in " T" for dash in "-/"]


@dataclass(frozen=True, eq=False)
class Came:
    """What predictions on a frame give back.

    Attributes:
        library: whose frames the user has.
        ids: the ids of the sequences, a column of that library; None where there is no such column.
        time: a column of one time; None where there is none.
        time_format: how times are written that are texts, as strptime has it; None: ISO, or no texts.
    """

    library: Library
    ids: Any = None
    time: Any = None
    time_format: str | None = None

    def take(self, which: Sequence[int] | NDArray[np.int64]) -> Came:
        """Of the sequences `which`."""
        return self if self.ids is None else replace(self, ids=_gather(self.ids, which))


def came_of(
    frame: nw.DataFrame[Any], id_: str | None, time: str | None, firsts: NDArray[np.int64], time_format: str | None
) -> Came:
    """How a frame holds its ids and times.

    Args:
        frame: of the user's, or read from a file.
        id_: its column of ids.
        time: its column of times.
        firsts: (sequences,) a row of each.
        time_format: how times are written that are texts.
    """
    ids = None if id_ is None else _gather(frame[id_].to_native(), firsts)
    return Came(_library(frame), ids, None if time is None else frame[time].head(1).to_native(), time_format)


def given_back(columns: Mapping[str, Any], ids: Sequence[str], came: Came | None, class_type: ClassType) -> Any:
    """A table of predictions as a frame of the user's library (Polars where there is none).

    Args:
        columns: of predictions; `unique_id` holds texts, `ds` times, `label` the texts of classes.
        ids: the texts of all ids, in the order of the sequences.
        came: how the user's frame holds them; None for arrays.
        class_type: what the labels were that the classes were learnt from.
    """
    import narwhals as nw

    held = dict(columns)
    if "label" in held:
        held["label"] = [label_of(text, class_type) for text in held["label"]]
    if came is not None:
        held = _plain(held, came)
    frame = nw.from_dict(held, backend=came.library if came else "polars")
    if class_type == "category" and "label" in held:
        frame = frame.with_columns(frame["label"].cast(nw.Categorical()))
    return frame.to_native() if came is None else _as_they_came(frame, ids, came)


def _plain(held: dict[str, Any], came: Came) -> dict[str, Any]:
    """Columns that the library can be given."""
    import narwhals as nw

    if came.time is not None and "ds" in held:
        first = nw.from_native(came.time, series_only=True)
        held["ds"] = _times(held["ds"], first, came.time_format)
    if came.library == "polars":
        return held
    return {name: column.to_list() if hasattr(column, "to_list") else column for name, column in held.items()}


def _as_they_came(frame: nw.DataFrame[Any], ids: Sequence[str], came: Came) -> Any:
    """The user's own ids, and times in their type."""
    import narwhals as nw

    if came.ids is not None and "unique_id" in frame.columns:
        place = {text: k for k, text in enumerate(ids)}
        rows = _gather(came.ids, [place[text] for text in frame["unique_id"].to_list()])
        frame = frame.with_columns(nw.from_native(rows, series_only=True).alias("unique_id"))
    if came.time is None or "ds" not in frame.columns:
        return frame.to_native()
    frame = frame.with_columns(_typed(frame["ds"], nw.from_native(came.time, series_only=True).dtype))
    native = frame.to_native()
    if str(getattr(came.time, "dtype", "")) == "object":
        native["ds"] = native["ds"].astype(object)  # dates and times of Python's own, which pandas makes times of
    return native


def class_type_of(column: nw.Series[Any]) -> ClassType:
    """What the labels in a column are."""
    import narwhals as nw

    dtype = column.dtype
    if dtype.is_integer():
        return "whole"
    if dtype.is_numeric():
        return "decimal"
    if isinstance(dtype, nw.Boolean):
        return "yes or no"
    if not isinstance(dtype, nw.Categorical | nw.Enum):
        return "text"
    values = column.head(1).to_list()
    return "category" if isinstance(values[0], str) else class_type_of_values(values)


def class_type_of_values(labels: Sequence[object]) -> ClassType:
    """What labels beside arrays are."""
    kinds = {type(label) for label in labels}
    if kinds == {bool}:
        return "yes or no"
    if kinds == {int}:
        return "whole"
    return "decimal" if kinds <= {int, float} else "text"


def label_of(text: str, class_type: ClassType) -> object:
    """A label as it was before it became the text of a class."""
    if class_type == "whole":
        return int(text)
    if class_type == "decimal":
        return float(text)
    return text == "True" if class_type == "yes or no" else text


def _library(frame: nw.DataFrame[Any]) -> Library:
    found = frame.implementation
    return "pandas" if found.is_pandas() else "pyarrow" if found.is_pyarrow() else "polars"


def _gather(native: Any, which: Sequence[int] | NDArray[np.int64]) -> Any:
    import narwhals as nw

    series = nw.from_native(native, series_only=True)
    if series.implementation.is_pandas():  # whose rows have names of their own
        return native.iloc[np.asarray(which, dtype=np.int64)].reset_index(drop=True)
    return series[np.asarray(which, dtype=np.int64).tolist()].to_native()


def _times(times: Any, came: nw.Series[Any], time_format: str | None) -> Any:
    """Times as Python's own dates or as text, where the user has them so and a type cannot say it."""
    from datetime import date

    first = came.to_list()[0]
    if not isinstance(times, np.ndarray) or times.dtype.kind != "M":
        return times
    if isinstance(first, str):
        return _texts(times, first.strip(), time_format)
    if type(first) is date and not came.dtype.is_temporal():
        return times.astype("datetime64[D]").astype(object)
    return times


def _texts(times: NDArray[Any], example: str, time_format: str | None) -> Any:
    """Times written as the example is, or as they are where it is written in no plain form."""
    from selfloop.data.times import parse_times

    if time_format is not None:
        return _formatted(times, example, time_format)
    try:
        known = parse_times([example])
    except ValueError:
        return times
    for unit, between, dash in FORMS:
        if example == _written(known, unit, between, dash)[0]:
            return _written(times, unit, between, dash)
    return times


def _formatted(times: NDArray[Any], example: str, time_format: str) -> Any:
    """By a format, where it writes the example as it came: 5/1/2024 has none that leaves the zeros out."""
    from datetime import datetime

    moments = times.astype("datetime64[us]").astype(object).tolist()
    try:
        same = datetime.strptime(example, time_format).strftime(time_format) == example
    except ValueError:
        return times
    plain = same and all(isinstance(moment, datetime) for moment in moments)  # none beyond the year 9999
    return [moment.strftime(time_format) for moment in moments] if plain else times


def _written(times: NDArray[Any], unit: Any, between: str, dash: str) -> list[str]:
    texts = np.datetime_as_string(times, unit=unit, casting="unsafe").tolist()
    return [text.replace("-", dash).replace("T", between) for text in texts]


def _typed(times: nw.Series[Any], dtype: Any) -> nw.Series[Any]:
    """Times in the type that the user's have, if it holds them; those of another zone are left as they are."""
    import narwhals as nw

    if isinstance(dtype, nw.Datetime):
        same = isinstance(times.dtype, nw.Datetime) and times.dtype.time_zone == dtype.time_zone
        return times.cast(dtype) if same else times
    if isinstance(dtype, nw.Date):
        return times.cast(dtype) if isinstance(times.dtype, nw.Datetime) else times
    if not (dtype.is_numeric() and times.dtype.is_integer()):
        return times
    if dtype.is_integer():
        kind = np.dtype(str(dtype).lower())
        fits = np.iinfo(kind).min <= times.min() and times.max() <= np.iinfo(kind).max
        return times.cast(dtype) if fits else times
    return times.cast(dtype)
