"""Cells stacked in layers and read in both directions, from a torch layer's state_dict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count

import torch
from torch import Tensor

from selfloop.cells.base import Cell, Unrolled
from selfloop.errors import SettingsError, ShapeError
from selfloop.kinds import Gate

DIRECTIONS = ("", "_reverse")


@dataclass(frozen=True, eq=False)
class Layers:
    """What stacked layers returned; L layers, D directions.

    Attributes:
        outputs: (T, B, D*H), of the last layer; zeros beyond a sequence's end.
        last: "h", and for the LSTM "c", each (L*D, B, H), in the order of torch's h_n.
        runs: L*D traces in that order. A backward one is turned round: its entry t belongs to input step t.
    """

    outputs: Tensor
    last: dict[str, Tensor]
    runs: tuple[Unrolled, ...]


def run_layers(
    equations: type[Cell],
    state_dict: Mapping[str, Tensor],
    x: Tensor,  # (T, B, I)
    *,
    h0: Tensor | None = None,  # (L*D, B, H)
    c0: Tensor | None = None,  # (L*D, B, H), the LSTM's
    lengths: Tensor | None = None,  # (B,) steps to read of each sequence, 0 to T
    between: Callable[[Tensor], Tensor] | None = None,
) -> Layers:
    """What a torch layer with this state_dict computes, by the equations of a cell.

    Args:
        equations: RNN, ReluRNN, LSTM, GRU, ChoGRU, or a cell of one's own.
        state_dict: torch's names ("weight_ih_l0", "bias_hh_l1_reverse"); tells layers, directions and biases.
        x: inputs; what they hold beyond a sequence's end is not read.
        h0: hidden states before the first step (the backward direction's: before the last); zeros if left out.
        c0: the same for the LSTM's cell states.
        lengths: read only so many steps of each sequence; the backward direction starts at each sequence's own end.
            A sequence of no steps ends in the state that it started from.
        between: applied to a layer's outputs, (T, B, D*H), before the next layer reads them: dropout.

    Raises:
        SettingsError: the state_dict is not that of a layer without projections.
        ShapeError: a shape does not fit.
    """
    cells = cells_of(equations, state_dict)
    starts = _starts(equations, {"h": h0, "c": c0}, len(cells) * len(cells[0]))
    _check(lengths, x)
    runs: list[Unrolled] = []
    for depth, directions in enumerate(cells):
        if depth and between is not None:
            x = between(x)
        found: list[Unrolled] = []
        for cell, read in zip(directions, (_forwards, _backwards), strict=False):
            given = {f"{name}0": state[len(runs) + len(found)] for name, state in starts.items()}
            found.append(read(cell, x, given, lengths))
        runs += found
        x = torch.cat([run.outputs for run in found], dim=-1)
    last = {name: torch.stack([run.last[name] for run in runs]) for name in equations.kind.states}
    return Layers(x if lengths is None else _blank(x, lengths), last, tuple(runs))


def cells_of(equations: type[Cell], state_dict: Mapping[str, Tensor]) -> list[list[Cell]]:
    """The cells of a torch layer: a list a layer, in it the forward and, if there is one, the backward cell.

    Raises:
        SettingsError: names are missing, or belong to something else (projections, another module).
        ShapeError: the weights' shapes do not fit together.
    """
    weights = equations.kind.weights
    needed = [weight.name for weight in weights if not weight.bias]
    layers: list[list[dict[str, str]]] = []  # for each cell, the name of each weight
    for layer in count():
        found = [{weight.name: f"{weight.parameter}_l{layer}{way}" for weight in weights} for way in DIRECTIONS]
        found = [names for names in found if needed and all(names[name] in state_dict for name in needed)]
        if not found or found[0][needed[0]].endswith(DIRECTIONS[1]):
            break
        layers.append(found)
    used = {name for found in layers for names in found for name in names.values()}
    strange = sorted(set(state_dict) - used)
    if not weights and not strange:
        return [[equations()]]
    if strange or len({len(found) for found in layers}) != 1:
        raise SettingsError(
            f"the state_dict has {', '.join(strange or sorted(state_dict)) or 'no entries'}; expected "
            f"{_expected(equations)}. Give layer.state_dict()."
        )
    return [
        [
            equations(**{field: state_dict[name] for field, name in names.items() if name in state_dict})
            for names in found
        ]
        for found in layers
    ]


def _expected(equations: type[Cell]) -> str:
    """What a state_dict holds, in words."""
    if equations.kind.other_weights is None:
        return "weight_ih_l0, weight_hh_l0, bias_ih_l0, ... of one torch layer without projections"
    names = ", ".join(f"{weight.parameter}_l0" for weight in equations.kind.weights)
    return f"{names} of one layer of {equations.kind.label}"


def _starts(equations: type[Cell], given: dict[str, Tensor | None], expected: int) -> dict[str, Tensor]:
    """The states that were given, each with an entry for every layer and direction."""
    starts = {name: state for name, state in given.items() if state is not None}
    for name, state in starts.items():
        if len(state) != expected:
            raise ShapeError(
                f"{name}0 has shape {tuple(state.shape)}; expected ({expected}, B, H), an entry for each layer and "
                f"direction of {equations.__name__}. Leave {name}0 out to start from zeros."
            )
    return starts


def _check(lengths: Tensor | None, x: Tensor) -> None:
    """Raise unless there is a length from 0 to T for each sequence, or none at all."""
    if lengths is not None and (
        lengths.shape != x.shape[1:2] or not bool(((lengths >= 0) & (lengths <= len(x))).all())
    ):
        raise ShapeError(
            f"lengths are {lengths.tolist()}; expected one for each of {x.shape[1]} sequences, "
            f"from 0 to {len(x)} steps. Give the valid steps of each sequence."
        )


def _forwards(cell: Cell, x: Tensor, given: dict[str, Tensor], lengths: Tensor | None) -> Unrolled:
    """Read from the first step to the last."""
    return cell.run(x, lengths=lengths, **given)


def _backwards(cell: Cell, x: Tensor, given: dict[str, Tensor], lengths: Tensor | None) -> Unrolled:
    """Read from the last step to the first, the trace in the order of the inputs."""
    run = cell.run(turned(x, lengths), lengths=lengths, **given)
    states = {name: turned(state, lengths) for name, state in run.states.items()}
    gates: dict[Gate, Tensor] = {gate: turned(value, lengths) for gate, value in run.gates.items()}
    return Unrolled(states, gates, run.last)


def turned(
    x: Tensor,  # (T, B, ...)
    lengths: Tensor | None,  # (B,)
) -> Tensor:
    """The same with each sequence's steps turned round in their place; the steps beyond its end stay."""
    if lengths is None:
        return x.flip(0)
    steps = torch.arange(len(x), device=x.device)[:, None]
    lengths = lengths.to(x.device)
    index = torch.where(steps < lengths, lengths - 1 - steps, steps)
    return x[index, torch.arange(x.shape[1], device=x.device)]


def _blank(x: Tensor, lengths: Tensor) -> Tensor:
    """(T, B, D*H) with zeros beyond each sequence's end."""
    beyond = torch.arange(len(x), device=x.device)[:, None] >= lengths.to(x.device)
    return x.masked_fill(beyond[..., None], 0)
