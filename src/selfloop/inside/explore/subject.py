"""One model on one sequence: what its layers are fed, how their outputs become an answer, what a loss asks of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from selfloop.inside.explore.answers import Answers
from selfloop.inside.explore.beyond import Beyond
from selfloop.inside.explore.shown_steps import Part
from selfloop.inside.explore.traced import Loss, read, stacked, traced
from selfloop.nn.layers import Layer, kind_of_layer
from selfloop.results.exploration import TracedModel
from selfloop.tasks.places import pieces


@dataclass(frozen=True, eq=False)
class Subject:
    """One model on one sequence.

    Attributes:
        name: unlike every other model's on the page.
        label: as people write it.
        layers: recurrent layers, the first one first.
        inputs: (T, I) of the whole sequence, as the first layer is fed.
        input_names: I names.
        answering: what answers from the last layer's h; None for a layer of the user's own, which answers nothing.
        beyond: more of the user's data, as the first layer is fed, of which correlations are; None: there is none.
    """

    name: str
    label: str
    layers: tuple[Layer, ...]
    inputs: Tensor
    input_names: tuple[str, ...]
    answering: Answers | None = None
    beyond: Beyond | None = None

    @property
    def both(self) -> bool:
        """Whether it reads in both directions: the forward one is shown."""
        return self.layers[0].bidirectional

    @property
    def edges(self) -> tuple[int, ...]:
        """Where a part of the sequence must begin, and where the last one ends; empty: anywhere."""
        if self.answering is not None and self.answering.network.looks_ahead:
            return tuple(pieces(np.array([0, len(self.inputs)])).tolist())
        whole = self.both or (self.answering is not None and self.answering.from_start)
        return (0, len(self.inputs)) if whole else ()

    @property
    def outputs(self) -> int:
        """K, or 0 where nothing answers."""
        return 0 if self.answering is None else self.answering.output.size

    def trace(self, part: Part) -> tuple[TracedModel, ...]:
        """Its layers on the steps shown, the one that answers first."""
        answering = self.answering
        loss = None if answering is None else answering.loss(part, self.inputs)
        pull = None if answering is None or loss is None else _pull(answering, loss)
        begin = part.first if self.both else 0  # what is read in both directions has no state to start from
        reading = read(self.layers, self.inputs[begin:], Part(part.first - begin, part.stop - begin), pull)
        head, answers = (None, None) if answering is None else answering.said(reading.outputs, part, self.inputs)
        count, models, names = len(self.layers), [], self.input_names
        for k, (layer, module) in enumerate(zip(reading.layers, self.layers, strict=True), start=1):
            last = k == count
            found = None if self.beyond is None else self.beyond.responses(k - 1)
            models.append(
                traced(
                    layer, module, name=self.name, label=self.label, layer=k, layers=count, input_names=names,
                    head=head if last else None, answers=answers if last else None, loss=loss, responses=found,
                )
            )  # fmt: skip
            names = tuple(f"layer {k} unit {j + 1}" for j in range(module.hidden_size * (1 + self.both)))
        return stacked(models)

    def weigh(self) -> tuple[int, int]:
        """Bytes that do not depend on the steps, and bytes of a step: float32 in the layers, float64 of answers."""
        weights = sum(parameter.numel() for layer in self.layers for parameter in layer.parameters())
        kind = kind_of_layer(self.layers[0])
        entries = len(kind.shown) + 2 * len(kind.states)  # (T, H) arrays: gates, states and the states' gradients
        each = sum(entries * layer.hidden_size + layer.input_size for layer in self.layers)
        size = self.inputs.element_size()
        return size * weights * 4 // 3, size * each + 24 * self.outputs


def _pull(answering: Answers, loss: Loss) -> Callable[[Tensor], Tensor]:
    """From the last layer's outputs to the loss."""
    return lambda y: loss.of_scores(answering.scores(y, loss.step))
