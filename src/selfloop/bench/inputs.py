"""The numbers that all sides of a pair are given: the same weights, inputs, states and output gradients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from selfloop.bench.plan import Work
from selfloop.kinds import Kind
from selfloop.results.bench import Dtype

DTYPES: dict[Dtype, torch.dtype] = {"float32": torch.float32, "float64": torch.float64}
SEED = 20_140_903


@dataclass(frozen=True, eq=False)
class Inputs:
    """What a call reads.

    Attributes:
        weights: as in a torch layer's `state_dict`, initialised as torch does.
        x: (T, B, I), standard normal.
        dy: (T, B, H), standard normal: dL/dy, where backward starts.
        h: (B, H), between -1 and 1: before one step at a time. A whole pass starts from zeros, as most do.
        c: (B, H), standard normal; the LSTM's.
    """

    weights: dict[str, Tensor]
    x: Tensor
    dy: Tensor
    h: Tensor
    c: Tensor

    def to(self, dtype: torch.dtype) -> Inputs:
        """The same in another format."""
        weights = {name: weight.to(dtype) for name, weight in self.weights.items()}
        return Inputs(weights, *(tensor.to(dtype) for tensor in (self.x, self.dy, self.h, self.c)))

    def off_by(self, relative: float) -> Inputs:
        """The same with every number off by that much up or down, by chance."""
        generator = torch.Generator().manual_seed(SEED)

        def moved(tensor: Tensor) -> Tensor:
            up = torch.randint(2, tensor.shape, generator=generator, dtype=torch.int8)
            return tensor * (1 + relative * (2 * up.to(tensor.dtype) - 1))

        weights = {name: moved(weight) for name, weight in self.weights.items()}
        return Inputs(weights, *(moved(tensor) for tensor in (self.x, self.dy, self.h, self.c)))


def torch_layer(kind: Kind) -> Callable[..., torch.nn.RNNBase]:
    """torch's class for a cell."""
    return partial(getattr(torch.nn, kind.layer), **dict(kind.settings))


def make(work: Work, dtype: Dtype) -> Inputs:
    """The inputs of a work: the same in every run and process."""
    shape, kind = work.shape, DTYPES[dtype]
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(SEED)
        layer = torch_layer(work.kind)(shape.inputs, shape.hidden)
        x = torch.randn(shape.steps, shape.batch, shape.inputs)
        dy = torch.randn(shape.steps, shape.batch, shape.hidden)
        h = torch.randn(shape.batch, shape.hidden).tanh()
        c = torch.randn(shape.batch, shape.hidden)
    weights = {name: weight.detach() for name, weight in layer.state_dict().items()}
    return Inputs(weights, x, dy, h, c).to(kind)
