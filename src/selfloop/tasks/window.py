"""A step and those around it as one row: numbers side by side, and a one for each symbol."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from selfloop.data.sequences import Floats, Ints
from selfloop.tasks.model import Symbols
from selfloop.tasks.vocabulary import NOTHING

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Span = tuple[int, int]  # steps that are seen behind a step and ahead of it


@dataclass(frozen=True)
class StepWindow:
    """Columns of a step and its neighbours, the first step's first; then what is seen of the step alone.

    Beyond the ends of a sequence the symbols are nothing, which has a column as well, and numbers are zero.

    Attributes:
        numbers: columns of what is shown that hold numbers.
        tables: columns that hold symbols, one each.
        apart: those that are seen of the step alone: the letters of a word.
        span: steps behind and ahead.
    """

    numbers: tuple[int, ...]
    tables: tuple[Symbols, ...]
    span: Span
    apart: tuple[Symbols, ...] = ()

    @property
    def steps(self) -> int:
        """That are seen."""
        return sum(self.span) + 1

    @property
    def columns(self) -> int:
        """Of a row."""
        each = len(self.numbers) + sum(table.rows for table in self.tables)
        return each * self.steps + sum(table.rows for table in self.apart)

    @property
    def filled(self) -> int:
        """Entries of a row that may differ from zero."""
        each = len(self.numbers) + len(self.tables)
        return each * self.steps + sum(table.stop - table.first for table in self.apart)

    def rows(self, shown: Floats, offsets: Ints, steps: Ints) -> csr_matrix:
        """(steps, columns) of some steps.

        Args:
            shown: (all steps, ...) numbers and rows of tables, as a pipeline shows them.
            offsets: (sequences + 1,) where each begins.
            steps: which of all.
        """
        from scipy.sparse import csr_matrix

        base = 0
        places: list[Ints] = []
        values: list[Floats] = []
        for at, there in self._neighbours(offsets, steps):
            for k in self.numbers:
                places.append(np.full(len(steps), base))
                values.append(np.where(there, shown[at, k], 0.0))
                base += 1
            for table in self.tables:
                places.append(base + np.where(there, shown[at, table.first].astype(np.int64), NOTHING))
                values.append(np.ones(len(steps)))
                base += table.rows
        for table in self.apart:
            for column in range(table.first, table.stop):
                row = shown[steps, column].astype(np.int64)
                places.append(base + row)
                values.append((row != NOTHING).astype(np.float64))
            base += table.rows
        index = np.repeat(np.arange(len(steps)), len(places))
        entries = np.stack(values, axis=1).ravel(), (index, np.stack(places, axis=1).ravel())
        return csr_matrix(entries, shape=(len(steps), base))

    def dense(self, shown: Floats, offsets: Ints, steps: Ints) -> Floats:
        """The same where all columns are numbers, with its zeros.

        Args:
            shown: (all steps, ...) numbers.
            offsets: (sequences + 1,) where each begins.
            steps: which of all.
        """
        numbers = list(self.numbers)
        x: Floats = np.empty((len(steps), self.steps, len(numbers)))
        for k, (at, there) in enumerate(self._neighbours(offsets, steps)):
            x[:, k] = np.where(there[:, None], shown[at][:, numbers], 0.0)
        return x.reshape(len(steps), self.columns)

    def _neighbours(self, offsets: Ints, steps: Ints) -> Iterator[tuple[Ints, NDArray[np.bool_]]]:
        """For each step of the window its places, and whether they are in the same sequence; the step itself if not."""
        of = np.searchsorted(offsets, steps, side="right") - 1
        first, stop = offsets[of], offsets[of + 1]
        for ahead in range(-self.span[0], self.span[1] + 1):
            there = (steps + ahead >= first) & (steps + ahead < stop)
            yield np.where(there, steps + ahead, steps), there
