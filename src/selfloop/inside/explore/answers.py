"""How a network's head answers on one sequence, and what a loss asks of it there: one kind for each output."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from selfloop.inside.explore.shown_steps import Part
from selfloop.inside.explore.traced import Loss
from selfloop.results.array import Array
from selfloop.results.exploration import Head
from selfloop.tasks.asked import Pool
from selfloop.tasks.inside import Frame, View
from selfloop.tasks.output import Output
from selfloop.train.encoder import RecurrentEncoder
from selfloop.train.network import Network

AT_ONCE = 64  # sequences that are read for their ends: the memory of that many


@dataclass(frozen=True, eq=False)
class Answers:
    """A network's answers on one sequence.

    Attributes:
        network: encoder, readout and head.
        output: what its scores say.
        view: the sequence as it reads it.
    """

    network: Network
    output: Output
    view: View

    @property
    def from_start(self) -> bool:
        """Whether an answer is a mean over all steps so far."""
        return self.network.readout == "mean"

    @property
    def both(self) -> bool:
        """Whether the head reads a reading backwards, too."""
        return isinstance(self.network.encoder, RecurrentEncoder) and self.network.encoder.both

    def said(self, y: Tensor, part: Part, inputs: Tensor) -> tuple[Head, Array]:
        """The head, and (T, K) what it answers if the sequence ended at each step.

        Args:
            y: (T, D) outputs of the last layer on the steps shown.
            part: those steps.
            inputs: (steps, I) of the whole sequence, as the first layer is fed.
        """
        if not self.both:
            return self._head(part), self._answers(y, part)
        scores = self._ended(inputs[: part.stop]) if self.network.readout != "step" else self._each(y)
        H = y.shape[1] // 2
        with torch.no_grad():
            own = nn.functional.linear(self._pooled(y[:, :H]), self.network.head.weight[:, :H], self.network.head.bias)
        head = replace(self._head(part), others=Array.of((scores - own).numpy()))
        frame = self.view.frame
        if frame is None:
            return head, Array.of(self.output.link(scores).numpy())
        return head, Array.of(frame.answers(scores.numpy().astype(np.float64), part.first, part.stop))

    def _head(self, part: Part) -> Head:
        """The linear layer on what is shown; of values, what brings its scores into the user's units."""
        linear, frame = self.network.head, self.view.frame
        shown = linear.weight.shape[1] // 2 if self.both else linear.weight.shape[1]
        W, b = (Array.of(each.detach().numpy()) for each in (linear.weight[:, :shown], linear.bias))
        pool: Pool = "mean" if self.from_start else "last"
        if frame is None:
            return Head("classes", pool, W, b, self.view.labels)
        offset = Array.of(frame.offset(part.first, part.stop))
        return Head(
            "values", pool, W, b, self.view.labels, scale=frame.scale, transform=frame.transform, offset=offset,
            stands_on=frame.stands_on,
        )  # fmt: skip

    @torch.no_grad()
    def _answers(self, y: Tensor, part: Part) -> Array:
        """(T, K) from (T, H) outputs of the last layer."""
        if self.view.frame is not None:
            scores = self.network.head(self._pooled(y)).numpy().astype(np.float64)
            return Array.of(self.view.frame.answers(scores, part.first, part.stop))
        rows = self._pooled(y)[:, None]  # one at a time, as a prediction is made: a product of many rounds otherwise
        return Array.of(torch.cat([self.output.link(self.network.head(row)) for row in rows]).numpy())

    @torch.no_grad()
    def _each(self, y: Tensor) -> Tensor:
        """(T, K) scores of each step as it was read in both directions."""
        return self.network.head(y)  # type: ignore[no-any-return]

    @torch.no_grad()
    def _ended(self, inputs: Tensor) -> Tensor:
        """(T, K) scores if the sequence ended at each step: read anew for each end, which is where backwards begins."""
        found = []
        for ends in torch.arange(1, len(inputs) + 1).split(AT_ONCE):
            several = inputs[: int(ends[-1]), None].expand(-1, len(ends), -1)
            found.append(self.network.scores(several, None, ends)[0])
        return torch.cat(found)

    def scores(self, y: Tensor, step: int) -> Tensor:
        """(K,) after `step` of the part shown."""
        seen = y[: step + 1]
        if self.from_start:
            return self.network.head(seen.sum(0) / len(seen))  # type: ignore[no-any-return]
        if self.network.readout == "step":
            return self.network.head(seen[-1])  # type: ignore[no-any-return]
        H = y.shape[1] // 2
        read = torch.cat([seen[-1, :H], seen[0, H:]]) if self.both else seen[-1]  # backwards ends at the first step
        return self.network.head(read)  # type: ignore[no-any-return]

    def loss(self, part: Part, inputs: Tensor) -> Loss:
        """Of the last answer shown whose truth is known; without one, of what the network itself says."""
        frame = self.view.frame
        return self._of_class(part, inputs) if frame is None else self._of_values(part, frame)

    def truth(self, part: Part) -> Array | None:
        """(T, K) the values that came; None for classes."""
        frame = self.view.frame
        return None if frame is None else Array.of(frame.truth(part.first, part.stop))

    def _of_class(self, part: Part, inputs: Tensor) -> Loss:
        known = self.view.truth
        if self.view.truths is not None and (tag := int(self.view.truths[part.stop - 1])) >= 0:
            known = tag
        target = known if known is not None else self._own(part, inputs)
        true = "against what came next" if self.view.asked == "after" else "against the true class"
        against = true if known is not None else "against its own answer"
        of = f"the cross-entropy of the answer at the last step shown, {against}, {_spelt(self.view.labels[target])}"
        wanted = torch.tensor([target])
        return Loss(of, "cross_entropy", part.steps - 1, target, lambda scores: self.output.loss(scores[None], wanted))

    def _of_values(self, part: Part, frame: Frame) -> Loss:
        wanted = frame.wanted(part.first, part.stop)
        known = np.flatnonzero(np.isfinite(wanted).all(1))
        if len(known) == 0:
            of = f"{self.view.first_of}, made at the last step shown"
            return Loss(of, "output", part.steps - 1, 0, lambda scores: scores[0])
        step = int(known[-1])
        target = torch.from_numpy(wanted[step].astype(np.float32))
        of = f"the squared error of {self.view.loss_of} made at step {part.first + step + 1:,}"
        return Loss(of, "squared_error", step, 0, lambda scores: self.output.loss(scores, target))

    @torch.no_grad()
    def _own(self, part: Part, inputs: Tensor) -> int:
        begin = part.first if self.network.looks_ahead else 0
        read = inputs[begin : part.stop, None]
        scores, _ = self.network.scores(read, None, torch.tensor([len(read)]))
        return int((scores[-1] if self.network.readout == "step" else scores).argmax())

    def _pooled(self, y: Tensor) -> Tensor:
        if not self.from_start:
            return y
        return y.cumsum(0) / torch.arange(1, len(y) + 1)[:, None]


def _spelt(label: str) -> str:
    """A label in a sentence, also where it is white."""
    return label if label.strip() else repr(label)
