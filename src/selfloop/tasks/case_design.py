"""What estimators are handed of whole sequences: summaries, rows of one length, or arrays of one length."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from numpy.typing import NDArray

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.results.study import Setting
from selfloop.tasks.cases import CaseFold
from selfloop.tasks.design_matrix import Says
from selfloop.tasks.features.raw import Raw
from selfloop.tasks.features.summary import SUMMARIES, Summaries

FORMS = ("summary", "steps", "arrays")
MOST = 1 << 16  # values of a row


@dataclass(frozen=True, eq=False)
class CaseDesign(ABC):
    """Rows are cases, scaled by those that are learnt from.

    Attributes:
        data: all sequences.
        fold: of them.
        reads: "summary": (cases, 7 * channels + 1), see `summary`; "steps": (cases, steps * channels), stretched to one
            length, the channels of a step side by side; "arrays": (cases, channels, steps), the same.
    """

    data: Sequences
    fold: CaseFold
    reads: str

    @property
    @abstractmethod
    def says(self) -> Says:
        """What an answer is."""

    @property
    @abstractmethod
    def answers_each(self) -> int:
        """Numbers or classes of one answer."""

    @abstractmethod
    def wanted(self, cases: Ints) -> NDArray[Any]:
        """y of some cases."""

    @abstractmethod
    def answers(self, data: Sequences, where: Ints, outputs: Floats) -> Floats:
        """The task's answers."""

    @abstractmethod
    def loss(self, answers: Floats) -> float:
        """Of answers at `valid`: lower is better."""

    @property
    def settings(self) -> dict[str, Setting]:
        """The form."""
        return {"reads": self.reads}

    @property
    def facts(self) -> dict[str, int]:
        """None."""
        return {}

    @property
    def valid(self) -> Ints:
        """The cases that choices are made on."""
        return self.fold.valid

    def known(self) -> Sequences:
        """All sequences; cases of the test part are asked for by nobody but the test."""
        return self.data

    def learnt(self) -> tuple[Floats, NDArray[Any]]:
        """X and y of the cases that are learnt from."""
        return self._x(self.data, self.fold.fit), self.wanted(self.fold.fit)

    def rows(self, data: Sequences, where: Ints) -> Iterator[Floats]:
        """X of all cases at once."""
        yield self._x(data, where)

    @cached_property
    def _raw(self) -> Raw:
        return Raw.fit(self.data, self.fold.fit, MOST)

    @cached_property
    def _summaries(self) -> Summaries:
        return SUMMARIES.fit(self.data, self.fold.fit)

    def _x(self, data: Sequences, cases: Ints) -> Floats:
        if self.reads == "summary":
            return self._summaries.rows(data, cases)
        rows = self._raw.rows(data, cases)
        if self.reads == "steps":
            return rows
        return rows.reshape(len(cases), self._raw.steps, -1).transpose(0, 2, 1).copy()
