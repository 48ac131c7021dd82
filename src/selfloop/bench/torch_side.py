"""torch's layers and cells, and whatever has their interface: ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from selfloop.bench.inputs import Inputs
from selfloop.bench.plan import Work
from selfloop.bench.side import Arrays, Side
from selfloop.results.bench import Mode

Layer = Callable[..., torch.nn.RNNBase]


def of_layer(name: str, kind: Layer, inputs: Inputs, mode: Mode) -> Side:
    """A layer with torch's interface.

    Args:
        name: the side's.
        kind: makes the layer, of sizes and a dtype.
        inputs: its weights, and what it computes on.
        mode: what is timed.
    """
    width = inputs.x.shape[-1]
    hidden = inputs.weights["weight_hh_l0"].shape[1]
    layer = kind(width, hidden, dtype=inputs.x.dtype)
    layer.load_state_dict(inputs.weights)
    calls = {"training": _training, "forward": _forward, "step": _stepping}
    call, read = calls[mode](layer, inputs)
    return Side(name, call, read, str(getattr(layer, "backend", "torch")))


def of_cell(work: Work, inputs: Inputs) -> Side:
    """torch's cell, one step at a time."""
    cell = getattr(torch.nn, f"{work.kind.layer}Cell")(work.shape.inputs, work.shape.hidden, dtype=inputs.x.dtype)
    cell.load_state_dict({name.removesuffix("_l0"): weight for name, weight in inputs.weights.items()})
    x = inputs.x[0]
    state: Any = (inputs.h, inputs.c) if "c" in work.kind.states else inputs.h

    def call() -> Any:
        nonlocal state
        with torch.no_grad():
            state = cell(x, state)
        return state

    return Side("torch cell", call, _states, "torch")


def _forward(layer: torch.nn.Module, inputs: Inputs) -> tuple[Callable[[], Any], Callable[[Any], Arrays]]:
    """A pass without gradient."""
    x = inputs.x

    def call() -> Any:
        with torch.no_grad():
            return layer(x)

    return call, lambda returned: {"output": _array(returned[0]), **_states(returned[1])}


def _training(layer: torch.nn.Module, inputs: Inputs) -> tuple[Callable[[], Any], Callable[[Any], Arrays]]:
    """Forward, backward, and the gradients of all weights."""
    x, dy = inputs.x, inputs.dy
    weights = list(layer.parameters())

    def call() -> Any:
        for weight in weights:
            weight.grad = None
        y, state = layer(x)
        y.backward(dy)
        return y, state

    def read(returned: Any) -> Arrays:
        gradients = {name: _array(weight.grad) for name, weight in layer.named_parameters() if weight.grad is not None}
        return {"output": _array(returned[0]), **_states(returned[1]), **gradients}

    return call, read


def _stepping(layer: torch.nn.Module, inputs: Inputs) -> tuple[Callable[[], Any], Callable[[Any], Arrays]]:
    """One step at a time without gradient, the state carried."""
    x, state = inputs.x[:1], inputs.h[None]
    carried: Any = (state, inputs.c[None]) if isinstance(layer, torch.nn.LSTM) else state

    def call() -> Any:
        nonlocal carried
        with torch.no_grad():
            _, carried = layer(x, carried)
        return carried

    return call, _states


def _states(state: Any) -> Arrays:
    """h, or h and c, as (B, H) arrays."""
    parts = state if isinstance(state, tuple) else (state,)
    return {name: _array(part).reshape(part.shape[-2:]) for name, part in zip(("h_n", "c_n"), parts, strict=False)}


def _array(tensor: Tensor) -> NDArray[np.float64]:
    return tensor.detach().to(torch.float64).numpy()
