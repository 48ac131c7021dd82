"""A table of any library behind one small face: kinds of columns, numbers, texts, times, and names of places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from selfloop.data.draft import label_text, sorted_classes
from selfloop.data.missing import is_missing_word
from selfloop.data.sequences import Floats, Ints
from selfloop.data.time_column import is_text_of_times, zone_of
from selfloop.errors import DataError, nearest

if TYPE_CHECKING:
    import narwhals as nw

Kind = Literal["number", "yes or no", "text", "time", "empty", "other"]
TRUTHS = ("true", "false")


@dataclass(frozen=True, eq=False)
class Table:
    """A frame, and what to call it and its rows in messages."""

    name: str  # for people: "ETTh1"
    title: str  # in messages: "ETTh1.csv"
    frame: nw.DataFrame[Any]
    kinds: dict[str, Kind]  # of each column, in order
    first_row: int  # what the user calls the first row of values
    counted: str  # why: "the header is row 1"
    note: str = ""  # what was decided in reading it, in words
    own: bool = False  # the user's own frame, whose like predictions are
    lines: Ints | None = None  # (rows,) where each stands in a file that has lines beside rows, counted from 1
    numbered: str | None = None  # the column of ids that only count

    @classmethod
    def of(
        cls, frame: Any, *, name: str, title: str, first_row: int, counted: str, note: str = "", own: bool = False
    ) -> Table:
        """Wrap any eager frame that Narwhals knows.

        Args:
            frame: its columns become text where they are not.
            name: for people.
            title: in messages.
            first_row: what the user calls the first row of values.
            counted: why.
            note: what was decided in reading it.
            own: whether it is the user's own frame.

        Raises:
            DataError: there are no rows or no columns, or two columns have one name.
        """
        import narwhals as nw

        frame = nw.from_native(frame, eager_only=True)
        names = list(frame.columns)
        if not all(isinstance(column, str) for column in names):
            texts = [str(column) for column in names]
            if len(set(texts)) < len(texts):
                twice = next(text for text in texts if texts.count(text) > 1)
                raise DataError(
                    f"{title} has more than one column {twice!r}; expected different names, also as text: rename one."
                )
            frame = frame.rename(dict(zip(names, texts, strict=True)))
        if len(frame) == 0 or not names:
            raise DataError(
                f"{title} has no rows of values, only columns ({', '.join(map(str, names))}); nothing to read."
            )
        kinds = {column: _kind(frame[column]) for column in frame.columns}
        return cls(name, title, frame, kinds, first_row, counted, note, own)

    def of_kind(self, *kinds: Kind) -> list[str]:
        """Names of the columns of these kinds."""
        return [name for name, kind in self.kinds.items() if kind in kinds]

    def place(self, row: int) -> str:
        """Row `row` (from 0) as the user counts."""
        if self.lines is not None:
            return f"line {self.lines[row]:,}"
        return f"row {row + self.first_row} ({self.counted})"

    def require(self, names: Iterable[str], part: str) -> None:
        """Columns must be there.

        Raises:
            DataError: one is not; names the nearest.
        """
        for name in names:
            if name not in self.kinds:
                raise DataError(f"{self.title} has no column {name!r}, wanted as {part}. {nearest(name, self.kinds)}")

    def numbers(self, name: str, part: str) -> Floats:
        """(rows,) a column as float64, NaN where it is empty.

        Raises:
            DataError: the column holds no numbers.
        """
        import narwhals as nw

        column = self.frame[name]
        kind = self.kinds[name]
        if kind not in ("number", "yes or no"):
            others = [other for other in self.of_kind("number") if other != name]
            remedy = f"numeric columns are {', '.join(others)}" if others else "no other column is numeric"
            raise DataError(f"{self.title}: the {part} {name!r} is {self.what(name)}; expected numbers: {remedy}.")
        if kind == "yes or no" and not isinstance(column.dtype, nw.Boolean):
            true = np.asarray((_words(column) == "true").to_numpy(), dtype=object)
            return np.where(np.asarray(column.is_null().to_numpy(), dtype=bool), np.nan, true == True)  # noqa: E712
        if isinstance(column.dtype, nw.Object):  # Python's own numbers
            return np.array([np.nan if value is None else float(value) for value in column.to_list()])
        return np.asarray(column.cast(nw.Float64()).to_numpy(), dtype=np.float64)

    def codes(self, name: str, part: str) -> tuple[Ints, tuple[str, ...]]:
        """(rows,) which of the different values of a column each row has, and those as text, in order of appearance.

        Raises:
            DataError: a value is missing.
        """
        values = self.complete(name, part).to_list()
        index: dict[str, int] = {}
        known: dict[Any, int] = {}
        for value in values:
            if value not in known:
                known[value] = index.setdefault(label_text(value), len(index))
        return np.fromiter((known[value] for value in values), dtype=np.int64, count=len(values)), tuple(index)

    def symbols(self, name: str) -> tuple[Ints, tuple[str, ...]]:
        """(rows,) which of the different values of a column each row has, −1 for none; those as text, sorted.

        Raises:
            DataError: the column holds lists or the like.
        """
        column = self.frame[name]
        if column.dtype.is_nested():
            raise DataError(f"{self.title}: the column {name!r} is {self.what(name)}; expected names or whole numbers.")
        empty = np.asarray(column.is_null().to_numpy(), dtype=bool).tolist()
        values = [None if none else value for value, none in zip(column.to_list(), empty, strict=True)]
        texts = {value: "" if value is None or value != value else label_text(value).strip() for value in set(values)}
        names = sorted_classes({text for text in texts.values() if text})
        places = {"": -1, **{text: k for k, text in enumerate(names)}}
        index = {value: places[text] for value, text in texts.items()}
        return np.fromiter((index[value] for value in values), dtype=np.int64, count=len(values)), names

    def holds_symbols(self, name: str) -> bool:
        """Whether a column is categorical, or text that is not for the most part numbers."""
        import narwhals as nw

        if isinstance(self.frame[name].dtype, nw.Categorical | nw.Enum):
            return self.kinds[name] != "empty"
        if self.kinds[name] != "text":
            return False
        counts = Counter(self.frame[name].drop_nulls().to_list())
        return 2 * sum(n for value, n in counts.items() if _is_written_number(str(value).strip())) <= counts.total()

    def complete(self, name: str, part: str) -> nw.Series[Any]:
        """A column that has a value in every row.

        Raises:
            DataError: it has not.
        """
        column = self.frame[name]
        empty = np.asarray(column.is_null().to_numpy(), dtype=bool)
        if column.dtype.is_float():  # Polars tells NaN from null, others do not
            empty = empty | np.isnan(np.asarray(column.to_numpy(), dtype=np.float64))
        if empty.any():
            raise self.empty(name, part, int(np.argmax(empty)))
        return column

    def empty(self, name: str, part: str, row: int) -> DataError:
        """What is said of a column that has no value in a row."""
        return DataError(
            f"{self.title}: the {part} {name!r} is empty in {self.place(row)}; expected a value "
            "in every row: fill it in, or take the row out."
        )

    def what(self, name: str) -> str:
        """What a column holds, with an example."""
        kind = self.kinds[name]
        if kind == "empty":
            return "empty"
        if kind == "other":
            return f"of type {self.frame[name].dtype}"
        row = int(np.argmin(np.asarray(self.frame[name].is_null().to_numpy(), dtype=bool)))
        value = self.frame[name][row]
        return f"{kind} ({str(value)[:40]!r} in {self.place(row)})"


def _kind(column: nw.Series[Any]) -> Kind:
    """What a column holds. Of text and of a library's "object" the first value decides."""
    import narwhals as nw

    dtype = column.dtype
    if dtype.is_numeric():
        return "number"
    if isinstance(dtype, nw.Boolean):
        return "yes or no"
    if isinstance(dtype, nw.Date | nw.Datetime) or (isinstance(dtype, nw.Unknown) and zone_of(column)):
        return "time"
    if not isinstance(dtype, nw.String | nw.Categorical | nw.Enum | nw.Object):
        return "empty" if column.is_null().all() else "other"
    known = column.drop_nulls()
    if len(known) == 0:
        return "empty"
    if isinstance(dtype, nw.Object) and all(_is_number(each) for each in known.to_list()):
        return "number"
    values = (known if isinstance(dtype, nw.Object) else known.unique(maintain_order=True)).to_list()
    values = [value for value in values if not is_missing_word(value)]
    if not values or isinstance(values[0], str):
        return _kind_of_text(known, [str(value) for value in values])
    return "time" if isinstance(values[0], date) else "other"


def _kind_of_text(known: nw.Series[Any], texts: list[str]) -> Kind:
    import narwhals as nw

    if texts and texts[0].strip().lower() in TRUTHS and not isinstance(known.dtype, nw.Object):
        return "yes or no" if _words(known).is_in(TRUTHS).all() else "text"
    return "time" if texts and is_text_of_times(texts) else "text"


def _is_written_number(text: str) -> bool:
    """Whether a text is a number, and no name such as 007."""
    try:
        float(text)
    except ValueError:
        return False
    return not text.lstrip("+-")[:2].isdigit() or not text.lstrip("+-").startswith("0")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _words(column: nw.Series[Any]) -> nw.Series[Any]:
    import narwhals as nw

    return column.cast(nw.String()).str.strip_chars().str.to_lowercase()
