"""A fold as estimators are handed it: rows to learn from, rows to answer, and the way back to the task's answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, Protocol

from selfloop.data.sequences import Floats, Sequences
from selfloop.results.study import Setting

Says = Literal["values", "classes", "chances"]
"""What an answer is: numbers; a probability for each class; or the chance that each of several channels is on."""


class DesignMatrix(Protocol):
    """Measured on the fold's training part; its test part is not looked at before it is asked for.

    Attributes:
        settings: how it was made, as recorded with a trial; validation chooses among several.
        facts: of the task, handed to estimators that have parameters of these names: horizon, season.
        says: what an answer is.
        answers_each: numbers, classes or channels of one answer.
        valid: the places that choices are made on.
    """

    @property
    def settings(self) -> dict[str, Setting]:
        """How it was made."""
        ...

    @property
    def facts(self) -> dict[str, int]:
        """Of the task."""
        ...

    @property
    def says(self) -> Says:
        """What an answer is."""
        ...

    @property
    def answers_each(self) -> int:
        """Numbers, classes or channels of one answer."""
        ...

    @property
    def valid(self) -> Any:
        """Places."""
        ...

    def learnt(self) -> tuple[Any, Any]:
        """X and y of the part that is learnt from: y is None where X holds all."""
        ...

    def known(self) -> Sequences:
        """The data up to the test part."""
        ...

    def rows(self, data: Sequences, where: Any) -> Iterator[Any]:
        """X at `where`, in parts that fit in memory, in order."""
        ...

    def answers(self, data: Sequences, where: Any, outputs: Floats) -> Floats:
        """The task's answers from an estimator's, (places, answers_each)."""
        ...

    def loss(self, answers: Floats) -> float:
        """Of answers at `valid`: lower is better."""
        ...
