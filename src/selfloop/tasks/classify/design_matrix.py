"""What estimators are asked of sequences with classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.tasks.case_design import CaseDesign
from selfloop.tasks.classify.labels import labels_of
from selfloop.tasks.design_matrix import Says


@dataclass(frozen=True, eq=False)
class ClassDesign(CaseDesign):
    """The number of each sequence's class; answers are probabilities."""

    says: Says = "classes"

    @property
    def answers_each(self) -> int:
        """The classes of the data."""
        return len(self.data.classes)

    def wanted(self, cases: Ints) -> Ints:
        """(cases,) the numbers of their classes."""
        return labels_of(self.data)[cases]

    def answers(self, data: Sequences, where: Ints, outputs: Floats) -> Floats:
        """The probabilities as they are."""
        return outputs

    def loss(self, answers: Floats) -> float:
        """Log loss."""
        right = answers[np.arange(len(answers)), self.wanted(self.fold.valid)]
        return float(-np.log(np.maximum(right, 2**-23)).mean())
