"""What estimators are handed of steps: a window of steps a row."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.results.study import Setting
from selfloop.tasks.design_matrix import Says
from selfloop.tasks.places import Block
from selfloop.tasks.window import Span, StepWindow

FORMS = ("windows",)
MOST = 50_000  # rows to learn from
ROOM = 1 << 25  # numbers of them that may differ from zero: 256 MB
AT_ONCE = 1 << 22  # the same of rows that are answered at once


@dataclass(frozen=True, eq=False)
class StepDesign(ABC):
    """Rows are steps: X is the window of each; sparse where there are symbols, an array where all are numbers.

    Attributes:
        data: all sequences.
        fold: learns from the first `fit` steps of each sequence, and chooses at the steps `valid`.
        span: steps that are seen behind and ahead.
    """

    data: Sequences
    fold: Any
    span: Span

    @property
    @abstractmethod
    def says(self) -> Says:
        """What an answer is."""

    @property
    @abstractmethod
    def answers_each(self) -> int:
        """Classes or channels of one answer."""

    @abstractmethod
    def window(self) -> StepWindow:
        """Columns, and how they are seen."""

    @abstractmethod
    def shown(self, data: Sequences) -> Floats:
        """(steps, ...) what a window is cut from, measured on what is learnt from."""

    @abstractmethod
    def wanted(self, data: Sequences) -> NDArray[Any]:
        """(steps,) classes, below 0 where nothing is known; or (steps, channels), NaN there."""

    @abstractmethod
    def loss(self, answers: Floats) -> float:
        """Of answers at `valid`: lower is better."""

    @abstractmethod
    def known(self) -> Sequences:
        """The data without what is tested."""

    @property
    def settings(self) -> dict[str, Setting]:
        """The window; and how many rows were learnt from, where those are not all."""
        kept, there = len(self._rows_learnt), len(self._rows_there)
        thinned = {"examples": kept} if kept < there else {}
        return {"window": self.window().steps, **thinned}

    @property
    def facts(self) -> dict[str, int]:
        """None."""
        return {}

    @property
    def valid(self) -> Block:
        """The steps that choices are made on."""
        block: Block = self.fold.valid
        return block

    @cached_property
    def part(self) -> Sequences:
        """The steps that are learnt from, and no others."""
        return self.data.until(self.fold.fit)

    def learnt(self) -> tuple[Any, NDArray[Any]]:
        """X of the steps whose answer is known, evenly thinned where they are many, and y: whole numbers."""
        rows = self._rows_learnt
        return self._x(self.part, self.shown(self.part), rows), self.wanted(self.part)[rows].astype(np.int64)

    def rows(self, data: Sequences, where: Block) -> Iterator[Any]:
        """X of some steps after the others."""
        shown, flat = self.shown(data), where.flat(data)
        size = max(AT_ONCE // max(self.window().filled, 1), 1)
        for start in range(0, len(flat), size):
            yield self._x(data, shown, flat[start : start + size])

    def answers(self, data: Sequences, where: Block, outputs: Floats) -> Floats:
        """The probabilities as they are."""
        return outputs

    @cached_property
    def _rows_there(self) -> Ints:
        wanted = self.wanted(self.part)
        return np.flatnonzero(wanted >= 0 if wanted.ndim == 1 else ~np.isnan(wanted).any(1))

    @cached_property
    def _rows_learnt(self) -> Ints:
        most = min(MOST, max(ROOM // max(self.window().filled, 1), 1))
        return self._rows_there[:: max(-(-len(self._rows_there) // most), 1)]

    def _x(self, data: Sequences, shown: Floats, steps: Ints) -> Any:
        window = self.window()
        made = window.rows if window.tables else window.dense
        return made(shown, data.offsets, steps)
