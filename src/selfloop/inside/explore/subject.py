"""One model on one sequence: what its layers are fed, how their outputs become an answer, what a loss asks of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from selfloop.inside.explore.shown_steps import Part
from selfloop.inside.explore.traced import Loss, read, stacked, traced
from selfloop.nn.layers import Layer, kind_of_layer
from selfloop.results.array import Array
from selfloop.results.exploration import Head, TracedModel


@dataclass(frozen=True, eq=False)
class Subject(ABC):
    """What every kind of model has.

    Attributes:
        name: unlike every other model's on the page.
        label: as people write it.
        layers: recurrent layers, the first one first.
        inputs: (T, I) of the whole sequence, as the first layer is fed.
        input_names: I names.
    """

    name: str
    label: str
    layers: tuple[Layer, ...]
    inputs: Tensor
    input_names: tuple[str, ...]

    @property
    def both(self) -> bool:
        """Whether it reads in both directions: then no head reads the shown one alone."""
        return self.layers[0].bidirectional

    @property
    def from_start(self) -> bool:
        """Whether a part must begin at the sequence's first step."""
        return self.both

    @property
    @abstractmethod
    def outputs(self) -> int:
        """K, or 0 where nothing answers."""

    @abstractmethod
    def head(self, part: Part) -> Head | None:
        """What answers from the last layer's h."""

    @abstractmethod
    def answers(self, y: Tensor, part: Part) -> Array | None:
        """(T, K) as the model gives them, from (T, D*H) outputs."""

    @abstractmethod
    def loss(self, part: Part) -> Loss | None:
        """Whose gradient goes back."""

    @abstractmethod
    def scores(self, y: Tensor, step: int) -> Tensor:
        """(K,) scores after `step` of the part shown."""

    def trace(self, part: Part) -> tuple[TracedModel, ...]:
        """Its layers on the steps shown, the one that answers first."""
        loss = self.loss(part)
        pull = None if loss is None else self._pull(loss)
        reading = read(self.layers, self.inputs, part, pull)
        answers = self.answers(reading.outputs, part)
        count, models, names = len(self.layers), [], self.input_names
        for k, (layer, module) in enumerate(zip(reading.layers, self.layers, strict=True), start=1):
            last = k == count
            models.append(
                traced(
                    layer, module, name=self.name, label=self.label, layer=k, layers=count, input_names=names,
                    head=self.head(part) if last else None, answers=answers if last else None, loss=loss,
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

    def _pull(self, loss: Loss) -> Callable[[Tensor], Tensor]:
        return lambda y: loss.of_scores(self.scores(y, loss.step))


@dataclass(frozen=True, eq=False)
class LayerSubject(Subject):
    """A layer of the user's own, without a head: its loss is the mean square of its last h."""

    @property
    def outputs(self) -> int:
        """None answers."""
        return 0

    def head(self, part: Part) -> Head | None:
        """There is none."""
        return None

    def answers(self, y: Tensor, part: Part) -> Array | None:
        """There are none."""
        return None

    def loss(self, part: Part) -> Loss | None:
        """Without a head the page could not compute it again."""
        return None

    def scores(self, y: Tensor, step: int) -> Tensor:
        """There are none."""
        return torch.empty(0)
