"""A classifier on one sequence."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from selfloop.inside.explore.shown_steps import Part
from selfloop.inside.explore.subject import Subject
from selfloop.inside.explore.traced import Loss
from selfloop.results.array import Array
from selfloop.results.exploration import Head
from selfloop.train.classifying import SequenceClassifier


@dataclass(frozen=True, eq=False)
class ClassifierSubject(Subject):
    """A `SequenceClassifier` with the scaled sequence.

    Attributes:
        network: encoder, pool and head.
        classes: K names.
        truth: the true class, or None where it is not known.
    """

    network: SequenceClassifier
    classes: tuple[str, ...]
    truth: int | None

    @property
    def from_start(self) -> bool:
        """A mean is one over all steps so far."""
        return self.both or self.network.pool == "mean"

    @property
    def outputs(self) -> int:
        """K."""
        return len(self.classes)

    def head(self, part: Part) -> Head | None:
        """The linear layer; none where it reads both directions."""
        if self.both:
            return None
        linear = self.network.head
        W, b = (Array.of(each.detach().numpy()) for each in (linear.weight, linear.bias))
        return Head("classes", self.network.pool, W, b, self.classes)

    @torch.no_grad()
    def answers(self, y: Tensor, part: Part) -> Array | None:
        """Probabilities if the sequence ended at each step; a reading in both directions knows its end alone."""
        if self.both:
            return None
        rows = self._pooled(y)[:, None]  # one at a time, as a prediction is made: a product of many rounds otherwise
        return Array.of(torch.cat([torch.softmax(self.network.head(row), dim=-1) for row in rows]).numpy())

    def loss(self, part: Part) -> Loss | None:
        """Cross-entropy of the last answer shown against the truth, or against itself where that is not known."""
        if self.both:
            return None
        target = self.truth if self.truth is not None else self._own(part)
        against = "against the true class" if self.truth is not None else "against its own answer"
        of = f"the cross-entropy of the answer at the last step shown, {against}, {self.classes[target]}"
        return Loss(
            of, "cross_entropy", part.steps - 1, target,
            lambda scores: functional.cross_entropy(scores[None], torch.tensor([target])),
        )  # fmt: skip

    def scores(self, y: Tensor, step: int) -> Tensor:
        """(K,) of the answer after `step`."""
        seen = y[: step + 1]
        pooled = seen[-1] if self.network.pool == "last" else seen.sum(0) / len(seen)
        return self.network.head(pooled)  # type: ignore[no-any-return]

    @torch.no_grad()
    def _own(self, part: Part) -> int:
        inputs = self.inputs[: part.stop, None]
        return int(self.network(inputs, torch.tensor([part.stop])).argmax())

    def _pooled(self, y: Tensor) -> Tensor:
        if self.network.pool == "last":
            return y
        return y.cumsum(0) / torch.arange(1, len(y) + 1)[:, None]
