"""What estimators are handed of steps with labels: what the linear model on a window sees."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.tasks.design_matrix import Says
from selfloop.tasks.step_design import StepDesign
from selfloop.tasks.tag.labels import tags_of
from selfloop.tasks.tag.pipeline import TagPipeline
from selfloop.tasks.tag.window import Window
from selfloop.tasks.window import StepWindow


@dataclass(frozen=True, eq=False)
class TagDesign(StepDesign):
    """The number of each step's class, where it has one; answers are probabilities."""

    says: Says = "classes"

    @property
    def answers_each(self) -> int:
        """The classes of the data."""
        return len(self.data.classes)

    @cached_property
    def pipeline(self) -> TagPipeline:
        """Scales and vocabularies of the steps that are learnt from."""
        return TagPipeline.fit(self.part, np.arange(len(self.part.values)), with_letters=True)

    def window(self) -> StepWindow:
        """Numbers and symbols around the step, the letters of its own words."""
        return Window(self.pipeline, self.span).seen

    def shown(self, data: Sequences) -> Floats:
        """(steps, columns)."""
        return self.pipeline.show(data)

    def wanted(self, data: Sequences) -> Ints:
        """(steps,) classes, −1 where there is no label."""
        return tags_of(data)

    def known(self) -> Sequences:
        """Without the steps that are tested."""
        valid = self.fold.valid
        return self.data.until(np.maximum(self.fold.fit, np.where(valid.stop > valid.first, valid.stop, 0)))

    def loss(self, answers: Floats) -> float:
        """Cross-entropy of the labels that are known."""
        tags = tags_of(self.data)[self.valid.flat(self.data)]
        right = answers[tags >= 0][np.arange(int((tags >= 0).sum())), tags[tags >= 0]]
        return float(-np.log(np.maximum(right, 2**-23)).mean())
