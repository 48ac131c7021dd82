"""What estimators are asked of sequences with numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.tasks.case_design import CaseDesign
from selfloop.tasks.design_matrix import Says
from selfloop.tasks.regress.values import in_units, measured, outcomes_of
from selfloop.tasks.scaler import Scaler


@dataclass(frozen=True, eq=False)
class ValueDesign(CaseDesign):
    """Numbers scaled by those of the sequences that are learnt from; answers are in the user’s units."""

    says: Says = "values"

    @property
    def answers_each(self) -> int:
        """The numbers of a sequence."""
        return int(outcomes_of(self.data).shape[1])

    def wanted(self, cases: Ints) -> Floats:
        """(cases, K), or (cases,) of one number."""
        y = self._target.scale(outcomes_of(self.data)[cases])
        return y[:, 0] if self.answers_each == 1 else y

    def answers(self, data: Sequences, where: Ints, outputs: Floats) -> Floats:
        """(cases, K) in the user's units."""
        return in_units(self._target, outputs)

    def loss(self, answers: Floats) -> float:
        """RMSE."""
        return measured(outcomes_of(self.data)[self.fold.valid], answers, self._target)["rmse"]

    @cached_property
    def _target(self) -> Scaler:
        return Scaler.fit(outcomes_of(self.data)[self.fold.fit])
