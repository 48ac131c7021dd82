"""A recurrent layer's own numbers on a part of a sequence, read from what the kernels kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from selfloop.errors import SettingsError
from selfloop.inside.explore.shown_steps import Part
from selfloop.kernels.record import recording
from selfloop.kinds import Kind
from selfloop.nn.layers import Layer, kind_of_layer
from selfloop.results.array import Array
from selfloop.results.exploration import Gradients, Head, TracedModel
from selfloop.results.responses import Responses
from selfloop.tracing.calls import TracedCall
from selfloop.tracing.part import Part as TracedPart
from selfloop.tracing.quantities import gradient_paths
from selfloop.tracing.quantities.lags import Floats

State = Tensor | tuple[Tensor, ...] | None


@dataclass(frozen=True)
class Loss:
    """What the gradients are of: as `exploration.Gradients` describes it, without the numbers.

    `of_scores` makes it of the scores (K,) that the head gives at `step`, counted from the first step shown.
    """

    of: str
    kind: str
    step: int
    output: int
    of_scores: Callable[[Tensor], Tensor]


@dataclass(frozen=True, eq=False)
class Reading:
    """One pass over the steps shown.

    Attributes:
        layers: each one's forward direction, in order.
        outputs: (T, D*H) of the last layer.
    """

    layers: tuple[TracedPart, ...]
    outputs: Tensor


def read(layers: Sequence[Layer], inputs: Tensor, part: Part, pull: Callable[[Tensor], Tensor] | None) -> Reading:
    """Run stacked layers over a sequence of inputs and keep what happened in the part shown.

    Steps before the part are read first, so that it starts from the states that the model had there.

    Args:
        layers: of `selfloop.nn`, the first one first; in both directions where they read so.
        inputs: (stop, I) from the start of the sequence.
        part: what is kept.
        pull: makes a scalar of the last layer's (T, D*H) outputs; its gradient is sent back. None: none is.

    Raises:
        TraceError: the kernels cannot run a layer.
    """
    x = inputs[:, None]
    with torch.no_grad():
        states = _before(layers, x[: part.first])
    shown = x[part.first : part.stop].detach().clone().requires_grad_(pull is not None)
    with torch.set_grad_enabled(pull is not None), recording(*layers) as found:
        y = shown
        for layer, state in zip(layers, states, strict=True):
            y = layer(y, state)[0]
        if pull is not None:
            torch.autograd.grad(pull(y[:, 0]), shown)
    traced = [TracedCall(f"Layer {k}", each).at() for k, each in enumerate(found, start=1)]
    return Reading(tuple(traced), y[:, 0].detach())


def _before(layers: Sequence[Layer], x: Tensor) -> list[State]:
    """Each layer's state after the steps `x`."""
    states: list[State] = []
    for layer in layers:
        if len(x) == 0:
            states.append(None)
            continue
        if layer.bidirectional:
            raise SettingsError(
                "This model reads in both directions, so a part of a sequence has no state to start from; expected to "
                "show it from its first step: leave first out."
            )
        x, state = layer(x)
        states.append(state)
    return states


def traced(
    part: TracedPart,
    module: Layer,
    *,
    name: str,
    label: str,
    layer: int,
    layers: int,
    input_names: tuple[str, ...],
    head: Head | None = None,
    answers: Array | None = None,
    loss: Loss | None = None,
    responses: Responses | None = None,
) -> TracedModel:
    """A layer as the page wants it: its forward direction, one sequence.

    Args:
        part: what happened in it.
        module: whose weights those are.
        name: unlike every other model's.
        label: as people write it.
        layer: which one, from 1.
        layers: of how many.
        input_names: I names.
        head: what reads its h, where it alone is read.
        answers: (T, K), as the model gave them.
        loss: whose gradient was sent back; None: none was.
        responses: what its units go along with.
    """
    kind = kind_of_layer(module)
    W_ih, W_hh, b_ih, b_hh = _sums(module, kind)
    return TracedModel(
        name=name, label=label, cell=kind.name, layer=layer, layers=layers, input_names=input_names,
        inputs=_one(part.x), W_ih=W_ih, W_hh=W_hh, b_ih=b_ih, b_hh=b_hh,
        h0=_shown(part.h0[0]), c0=None if part.c0 is None else _shown(part.c0[0]),
        gates={symbol: _one(gate) for symbol, gate in kind.by_symbol(part.gates).items()},
        hidden=_one(part.hidden), cell_state=None if part.cell is None else _one(part.cell),
        head=head, answers=answers, gradients=None if loss is None else _gradients(part, kind, W_hh, loss),
        responses=responses,
    )  # fmt: skip


def _sums(module: Layer, kind: Kind) -> list[Array | None]:
    """W_ih, W_hh, b_ih and b_hh, where the cell has torch's four weights: the page makes the gates' sums of them."""
    if kind.other_weights is not None:
        return [None] * 4
    found = [getattr(module, f"{weight.parameter}_l0", None) for weight in kind.weights]
    return [None if weight is None else _shown(weight) for weight in found]


def _gradients(part: TracedPart, kind: Kind, W_hh: Array | None, loss: Loss) -> Gradients:
    return Gradients(
        loss.of, loss.kind, loss.step, loss.output,  # type: ignore[arg-type]
        hidden=_one(part.grad_hidden), cell=None if part.grad_cell is None else _one(part.grad_cell),
        paths=_paths(part, kind, W_hh),
    )  # fmt: skip


def _paths(part: TracedPart, kind: Kind, W_hh: Array | None) -> dict[str, Array]:
    """(T,) norms of what each path carries; none where the kind's paths are not known."""
    if not kind.plain or W_hh is None:
        return {}
    gates, pulls = ({s: _numbers(v) for s, v in kind.by_symbol(each).items()} for each in (part.gates, part.grad_gates))
    carried = _numbers(part.grad_hidden if part.grad_cell is None else part.grad_cell)
    if not gates:
        gates, pulls = {"h": _numbers(part.hidden)}, {"h": carried}
    paths = gradient_paths(kind, W_hh.numpy().astype(np.float64), gates, pulls, carried)
    return {name: Array.of(np.linalg.norm(path, axis=1)) for name, path in paths.items()}


def _one(numbers: Tensor) -> Array:
    """(T, W) of the one sequence of (T, 1, W)."""
    return _shown(numbers[:, 0])


def _numbers(numbers: Tensor) -> Floats:
    return numbers[:, 0].double().numpy()


def _shown(tensor: Tensor) -> Array:
    return Array.of(tensor.detach().numpy())


def stacked(models: Sequence[TracedModel]) -> tuple[TracedModel, ...]:
    """Layers of one model, the one that answers first; a single one keeps its plain name."""
    if len(models) == 1:
        return tuple(models)
    return tuple(
        replace(each, name=f"{each.name}-{each.layer}", label=f"{each.label} layer {each.layer}")
        for each in reversed(models)
    )
