"""Numbers with commas: 3,5 and 1.234,5 have decimal commas, 1,234.5 and 12,345,678 commas between thousands.

1,234 alone is either: what the other numbers of the file have decides, and where nothing does it is refused.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from selfloop.errors import DataError

if TYPE_CHECKING:
    import polars as pl

GROUPS = "[ '’\u00a0\u202f]"
COMMA = rf"^[+-]?(\d+|\d{{1,3}}(\.\d{{3}})+|\d{{1,3}}({GROUPS}\d{{3}})+)(,\d+)?([eE][+-]?\d+)?$"
POINT = rf"^[+-]?(\d+|\d{{1,3}}(,\d{{3}})+|\d{{1,3}}({GROUPS}\d{{3}})+)(\.\d+)?([eE][+-]?\d+)?$"
WORDS = {COMMA: "numbers are read with decimal commas", POINT: "numbers are read with commas between thousands"}


@dataclass(frozen=True)
class Marked:
    """A column of text that may be numbers with marks: its values, None where one is missing, and how they may be read.

    Attributes:
        name: of the column.
        text: values.
        forms: `COMMA`, `POINT` or both.
    """

    name: str
    text: pl.Series
    forms: tuple[str, ...]

    def numbers(self, form: str) -> pl.Series:
        """The values, read in a form."""
        import polars as pl

        plain = self.text.str.replace_all(GROUPS, "")
        plain = plain.str.replace_all(".", "", literal=True).str.replace(",", ".") if form == COMMA else plain
        plain = plain.str.replace_all(",", "", literal=True)
        whole = plain.cast(pl.Int64, strict=False)
        return whole if whole.null_count() == plain.null_count() else plain.cast(pl.Float64)


def without_marks(
    raw: pl.DataFrame, typed: pl.DataFrame, title: str, missing: Collection[str]
) -> tuple[pl.DataFrame, str]:
    """The table with such columns as numbers, and how they were read, in words.

    Args:
        raw: all columns as text.
        typed: the same with plain numbers as numbers.
        title: in messages.
        missing: words for a missing value, in lower case.

    Raises:
        DataError: nothing decides what a comma means.
    """
    import polars as pl

    texts = [name for name in raw.columns if typed[name].dtype == pl.String]
    marked = [found for name in texts if (found := _marked(raw[name], missing)).forms]
    if not marked:
        return typed, ""
    decimals = [name for name in raw.columns if typed[name].dtype == pl.Float64]
    plain = [_marked(raw[name], missing) for name in decimals]
    certain = {column.forms[0] for column in (*marked, *plain) if len(column.forms) == 1}
    form = next(iter(certain)) if len(certain) == 1 else None
    if form == COMMA:  # then 1.234 is a thousand
        marked += [column for column in plain if COMMA in column.forms]
    used: dict[str, None] = {}
    for column in marked:
        own = column.forms[0] if len(column.forms) == 1 else form or _only_groups(column, title)
        typed = typed.with_columns(column.numbers(own).alias(column.name))
        if column.text.str.contains("[.,]").any():
            used[own] = None
    return typed, "; ".join(WORDS[own] for own in used)


def _marked(column: pl.Series, missing: Collection[str]) -> Marked:
    text = column.str.strip_chars()
    text = text.set(text.str.to_lowercase().is_in(list(missing)), None)
    named = text.null_count() == len(text) or text.str.contains(r"^[+-]?0\d").any()
    forms = () if named else tuple(form for form in (COMMA, POINT) if text.str.contains(form).all())
    return Marked(column.name, text, forms)


def _only_groups(column: Marked, title: str) -> str:
    """Either form, where they come to the same.

    Raises:
        DataError: they do not.
    """
    row = column.text.str.contains(",", literal=True).fill_null(False).arg_max() or 0
    value = column.text[row]
    if value is None or "," not in value:
        return POINT
    raise DataError(
        f"{title}: the column {column.name!r} holds {value!r}, which is {column.numbers(POINT)[row]:,} with a comma "
        f"between thousands or {column.numbers(COMMA)[row]} with a decimal comma; expected numbers that show which: "
        "write them with a decimal point and without a mark between thousands."
    )
