"""What estimators are handed of sequences with classes: summaries, rows of one length, or arrays of one length."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.results.study import Setting
from selfloop.tasks.cases import CaseFold
from selfloop.tasks.classify.labels import labels_of
from selfloop.tasks.features.raw import Raw
from selfloop.tasks.features.summary import summary
from selfloop.tasks.scaler import Scaler

if TYPE_CHECKING:
    from selfloop.tasks.classify.task import Classify

FORMS = ("summary", "steps", "arrays")
MOST = 1 << 16  # values of a row


@dataclass(frozen=True, eq=False)
class CaseDesign:
    """Rows are cases, scaled by those that are learnt from.

    Attributes:
        task: scores answers.
        data: all sequences.
        fold: of them.
        reads: "summary": (cases, 7 * channels + 1), see `summary`; "steps": (cases, steps * channels), stretched to one
            length, the channels of a step side by side; "arrays": (cases, channels, steps), the same.
    """

    task: Classify
    data: Sequences
    fold: CaseFold
    reads: str

    @property
    def settings(self) -> dict[str, Setting]:
        """The form."""
        return {"reads": self.reads}

    @property
    def facts(self) -> dict[str, int]:
        """None."""
        return {}

    @property
    def classes(self) -> int:
        """Of the data."""
        return len(self.data.classes)

    @property
    def answers_each(self) -> int:
        """A probability a class."""
        return self.classes

    @property
    def valid(self) -> Ints:
        """The cases that choices are made on."""
        return self.fold.valid

    def known(self) -> Sequences:
        """All sequences; cases of the test part are asked for by nobody but the test."""
        return self.data

    def learnt(self) -> tuple[Floats, Ints]:
        """X, and (cases,) the numbers of their classes."""
        return self._x(self.data, self.fold.fit), labels_of(self.data)[self.fold.fit]

    def rows(self, data: Sequences, where: Ints) -> Iterator[Floats]:
        """X of all cases at once."""
        yield self._x(data, where)

    def answers(self, data: Sequences, where: Ints, outputs: Floats) -> Floats:
        """The probabilities as they are."""
        return outputs

    def loss(self, answers: Floats) -> float:
        """Log loss."""
        return self.task.score(self.data, self.fold.valid, answers)["log_loss"]

    @cached_property
    def _raw(self) -> Raw:
        return Raw.fit(self.data, self.fold.fit, MOST)

    @cached_property
    def _scaler(self) -> Scaler:
        return Scaler.fit(summary(self.data, self.fold.fit))

    def _x(self, data: Sequences, cases: Ints) -> Floats:
        if self.reads == "summary":
            return self._scaler.scale(summary(data, cases))
        rows = self._raw.rows(data, cases)
        if self.reads == "steps":
            return rows
        return rows.reshape(len(cases), self._raw.steps, -1).transpose(0, 2, 1).copy()
