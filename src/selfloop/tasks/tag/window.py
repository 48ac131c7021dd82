"""What a linear model sees of a step and of those around it, as one sparse row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.tasks.model import Symbols
from selfloop.tasks.tag.pipeline import TagPipeline
from selfloop.tasks.vocabulary import NOTHING

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Span = tuple[int, int]  # steps that are seen behind a step and ahead of it


@dataclass(frozen=True)
class Window:
    """Columns of a step and its neighbours: the numbers, and a one for each symbol; the letters of the step alone.

    Beyond the ends of a sequence the symbols are nothing, which has a column as well, and numbers are zero.

    Attributes:
        pipeline: what is shown of each step.
        span: steps behind and ahead.
    """

    pipeline: TagPipeline
    span: Span

    @property
    def steps(self) -> int:
        """That are seen."""
        return sum(self.span) + 1

    @property
    def own(self) -> list[Symbols]:
        """Tables of symbols, letters apart."""
        return [each for each in self.pipeline.symbols if each.first < len(self.pipeline.vocabularies)]

    @property
    def apart(self) -> list[Symbols]:
        """Tables of letters."""
        return [each for each in self.pipeline.symbols if each.first >= len(self.pipeline.vocabularies)]

    @property
    def columns(self) -> int:
        """Of a row."""
        each = len(self.pipeline.numbers) + sum(table.rows for table in self.own)
        return each * self.steps + sum(table.rows for table in self.apart)

    @property
    def filled(self) -> int:
        """Entries of a row that may differ from zero."""
        return self.steps * len(self.pipeline.vocabularies) + sum(table.stop - table.first for table in self.apart)

    def rows(self, data: Sequences, steps: Ints) -> csr_matrix:
        """(steps, columns) of flat steps."""
        from scipy.sparse import csr_matrix

        shown, base = self.pipeline.show(data), 0
        of = np.searchsorted(data.offsets, steps, side="right") - 1
        first, stop = data.offsets[of], data.offsets[of + 1]
        places: list[Ints] = []
        values: list[Floats] = []
        for ahead in range(-self.span[0], self.span[1] + 1):
            there = (steps + ahead >= first) & (steps + ahead < stop)
            at = np.where(there, steps + ahead, steps)
            for k in self.pipeline.numbers:
                places.append(np.full(len(steps), base))
                values.append(np.where(there, shown[at, k], 0.0))
                base += 1
            for table in self.own:
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
