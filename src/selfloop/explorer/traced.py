"""A recurrent layer's own numbers on a part of a sequence, read from what the kernels kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from selfloop.errors import SettingsError
from selfloop.exploration import GATES, Array, CellKind, Gradients, Head, TracedModel
from selfloop.explorer.part import Part
from selfloop.kernels.call import KINDS
from selfloop.kernels.record import Missed, Record, recording

_KINDS: dict[str, CellKind] = {
    "RNN": "rnn", "ReluRNN": "rnn_relu", "LSTM": "lstm", "GRU": "gru", "ChoGRU": "gru_reset_before",
}  # fmt: skip
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
        records: a layer each, in order.
        outputs: (T, D*H) of the last layer.
    """

    records: tuple[Record, ...]
    outputs: Tensor


def read(layers: Sequence[nn.RNNBase], inputs: Tensor, part: Part, pull: Callable[[Tensor], Tensor] | None) -> Reading:
    """Run stacked layers over a sequence of inputs and keep what happened in the part shown.

    Steps before the part are read first, so that it starts from the states that the model had there.

    Args:
        layers: of `selfloop.nn`, the first one first; in both directions where they read so.
        inputs: (stop, I) from the start of the sequence.
        part: what is kept.
        pull: makes a scalar of the last layer's (T, D*H) outputs; its gradient is sent back. None: none is.

    Raises:
        SettingsError: the kernels cannot run a layer.
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
    for each in found:
        if isinstance(each, Missed):
            raise SettingsError(
                f"{each.module} ran on {each.backend}; expected a layer that selfloop's kernels run, which keep its "
                "gates: use float32 or float64 on a CPU, without projections."
            )
    return Reading(tuple(each for each in found if isinstance(each, Record)), y[:, 0].detach())


def _before(layers: Sequence[nn.RNNBase], x: Tensor) -> list[State]:
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
    record: Record,
    *,
    name: str,
    label: str,
    layer: int,
    layers: int,
    input_names: tuple[str, ...],
    head: Head | None = None,
    answers: Array | None = None,
    loss: Loss | None = None,
) -> TracedModel:
    """A layer as the page wants it: its forward direction, one sequence.

    Args:
        record: of the layer's call.
        name: unlike every other model's.
        label: as people write it.
        layer: which one, from 1.
        layers: of how many.
        input_names: I names.
        head: what reads its h, where it alone is read.
        answers: (T, K), as the model gave them.
        loss: whose gradient was sent back; None: none was.
    """
    call = record.call
    kind = _KINDS[KINDS[call.cell].__name__]
    H = call.hidden
    vectors, cells = record.vectors(0), record.cells(0)
    weights = [Array.of(weight.numpy()) for weight in call.weights]
    biased = len(call.weights) // call.directions == 4
    return TracedModel(
        name=name, label=label, cell=kind, layer=layer, layers=layers, input_names=input_names,
        inputs=Array.of(call.x[:, 0].numpy()),
        W_ih=weights[0], W_hh=weights[1], b_ih=weights[2] if biased else None, b_hh=weights[3] if biased else None,
        h0=_start(call.h0, H, record.y), c0=_start(call.c0, H, record.y) if kind == "lstm" else None,
        gates={} if kind.startswith("rnn") else {
            gate.symbol: Array.of(vectors[gate.symbol][:, 0].numpy()) for gate in GATES[kind]
        },
        hidden=Array.of(record.y[:, 0, :H].numpy()),
        cell_state=None if cells is None else Array.of(cells[:, 0].numpy()),
        head=head, answers=answers, gradients=None if loss is None else _gradients(record, loss),
    )  # fmt: skip


def _gradients(record: Record, loss: Loss) -> Gradients:
    hidden, cell = record.state_gradients()
    H = record.call.hidden
    return Gradients(
        loss.of, loss.kind, loss.step, loss.output,  # type: ignore[arg-type]
        hidden=Array.of(hidden[:, 0, :H].numpy()),
        cell=None if cell is None else Array.of(cell[:, 0, :H].numpy()),
    )  # fmt: skip


def _start(state: Tensor | None, H: int, like: Tensor) -> Array:
    return Array.of((like.new_zeros(H) if state is None else state[0, 0]).numpy())


def stacked(models: Sequence[TracedModel]) -> tuple[TracedModel, ...]:
    """Layers of one model, the one that answers first; a single one keeps its plain name."""
    if len(models) == 1:
        return tuple(models)
    return tuple(
        replace(each, name=f"{each.name}-{each.layer}", label=f"{each.label} layer {each.layer}")
        for each in reversed(models)
    )
