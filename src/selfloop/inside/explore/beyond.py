"""More of the user's data than a page shows, read by the same layers: what correlations of units are over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.inside.explore.indicators import indicators
from selfloop.inside.explore.responses import responses
from selfloop.kernels.record import recording
from selfloop.nn.layers import Layer, kind_of_layer
from selfloop.results.responses import Responses
from selfloop.tracing.calls import TracedCall

MOST_STEPS = 20_000
MOST_SEQUENCES = 1_000  # each is read by itself
AT_ONCE = 1_000  # steps whose gates are held


def more_of(data: Sequences) -> Sequences | None:
    """The first 20,000 steps of the data, or of their first 1,000 sequences; None where no step has symbol or label."""
    if data.tags is None and not any(data.symbols):
        return None
    some = data.take(np.flatnonzero(data.lengths > 0)[:MOST_SEQUENCES])
    kept = np.clip(MOST_STEPS - some.offsets[:-1], 0, some.lengths)
    return some.take(np.flatnonzero(kept > 0)).until(kept[kept > 0])


@dataclass(frozen=True, eq=False)
class Beyond:
    """Steps of several sequences through a model's layers.

    Attributes:
        layers: the first one first.
        inputs: (steps, I) as the first one is fed, all sequences one after the other.
        edges: where reading begins anew, and the end.
        data: the sequences.
    """

    layers: tuple[Layer, ...]
    inputs: Tensor
    edges: Ints
    data: Sequences

    def responses(self, layer: int) -> Responses | None:
        """What the units of a layer, counted from 0, go along with: c where there is one, else h."""
        if not self._features:
            return None
        return responses(self._states[layer], self._features, self._carried)

    @property
    def _carried(self) -> Literal["h", "c"]:
        return "c" if self._has_c else "h"

    @cached_property
    def _features(self) -> dict[str, Floats]:
        return indicators(self.data)

    @cached_property
    def _has_c(self) -> bool:
        return "c" in kind_of_layer(self.layers[0]).states

    @cached_property
    def _states(self) -> list[Floats]:
        """(steps, H) of each layer's forward direction."""
        found: list[list[Floats]] = [[] for _ in self.layers]
        for first, stop in zip(self.edges[:-1].tolist(), self.edges[1:].tolist(), strict=True):
            for k, part in enumerate(self._sequence(self.inputs[first:stop, None])):
                found[k].append(part)
        return [np.concatenate(each) for each in found]

    @torch.no_grad()
    def _sequence(self, x: Tensor) -> list[Floats]:
        both = self.layers[0].bidirectional
        states: Sequence[object] = [None] * len(self.layers)
        parts: list[list[Floats]] = [[] for _ in self.layers]
        for some in x.split(len(x) if both else AT_ONCE):
            with recording(*self.layers) as found:
                y, after = some, []
                for layer, state in zip(self.layers, states, strict=True):
                    y, state = layer(y, state)
                    after.append(state)
            states = after
            for k, each in enumerate(found):
                traced = TracedCall(f"Layer {k + 1}", each).at()
                kept = traced.hidden if traced.cell is None else traced.cell
                parts[k].append(kept[:, 0].double().numpy())
        return [np.concatenate(each) for each in parts]
