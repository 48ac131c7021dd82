"""What a model without a memory sees of a step and of those around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from selfloop.data.sequences import Ints, Sequences
from selfloop.tasks.tag.pipeline import TagPipeline
from selfloop.tasks.window import Span, StepWindow

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


@dataclass(frozen=True)
class Window:
    """Columns of a step and its neighbours: the numbers, and a one for each symbol; the letters of the step alone.

    Attributes:
        pipeline: what is shown of each step.
        span: steps behind and ahead.
    """

    pipeline: TagPipeline
    span: Span

    @property
    def seen(self) -> StepWindow:
        """Which columns, and how."""
        channels, tables = len(self.pipeline.vocabularies), self.pipeline.symbols
        own = tuple(each for each in tables if each.first < channels)
        letters = tuple(each for each in tables if each.first >= channels)
        return StepWindow(tuple(self.pipeline.numbers), own, self.span, letters)

    @property
    def steps(self) -> int:
        """That are seen."""
        return self.seen.steps

    @property
    def columns(self) -> int:
        """Of a row."""
        return self.seen.columns

    @property
    def filled(self) -> int:
        """Entries of a row that may differ from zero."""
        return self.seen.filled

    def rows(self, data: Sequences, steps: Ints) -> csr_matrix:
        """(steps, columns) of flat steps."""
        return self.seen.rows(self.pipeline.show(data), data.offsets, steps)
