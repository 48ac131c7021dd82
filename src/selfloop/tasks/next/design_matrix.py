"""What estimators are handed of steps that something follows: the last symbols, or the last frames."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from numpy.typing import NDArray

from selfloop.data.sequences import Floats, Sequences
from selfloop.tasks.design_matrix import Says
from selfloop.tasks.model import numbers_of
from selfloop.tasks.next.material import Asks, pipeline_of
from selfloop.tasks.next.pipeline import NextPipeline
from selfloop.tasks.next.scores import losses_of
from selfloop.tasks.step_design import StepDesign
from selfloop.tasks.window import StepWindow


@dataclass(frozen=True, eq=False)
class NextDesign(StepDesign):
    """The number of the symbol that follows, or the frame that does.

    Attributes:
        asks: which of the two.
    """

    asks: Asks

    @property
    def says(self) -> Says:
        """A probability for each symbol, or for each channel."""
        return "chances" if self.asks.target is None else "classes"

    @property
    def answers_each(self) -> int:
        """Symbols with the unknown one, or channels."""
        return self.asks.size

    @cached_property
    def pipeline(self) -> NextPipeline:
        """Scales and vocabularies of the steps that are learnt from."""
        return pipeline_of(self.asks, self.part)

    def window(self) -> StepWindow:
        """All columns that a network is fed, of the last steps."""
        tables = self.pipeline.symbols
        columns = self.pipeline.features(self.data.values.shape[1])
        return StepWindow(tuple(numbers_of(columns, tables)), tables, self.span)

    def shown(self, data: Sequences) -> Floats:
        """(steps, columns)."""
        return self.pipeline.inputs(data)

    def wanted(self, data: Sequences) -> NDArray[Any]:
        """What follows each step."""
        return self.pipeline.wanted(data)

    def known(self) -> Sequences:
        """Without what is tested."""
        return self.data.until(self.fold.known)

    def loss(self, answers: Floats) -> float:
        """Nats."""
        known = self.known()
        return float(losses_of(answers, self.wanted(known)[self.valid.flat(known)]).mean())
