"""What a call by a cell's equations kept, for whoever wants to look inside afterwards: `record.Record` without kernels.

Values are the call's own. Gradients come of running the equations again and asking autograd at every gate and state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from selfloop.cells import Cell, Step, Unrolled, cells_of
from selfloop.cells.layers import turned
from selfloop.errors import ShapeError
from selfloop.kernels.copies import writes_to
from selfloop.kernels.record import Gradients
from selfloop.kinds import Kind


@dataclass(frozen=True, eq=False)
class Pull:
    """dL/d of every state by its name and of every gate by its symbol, (T, B, H); entry t belongs to input step t."""

    states: dict[str, Tensor]
    gates: dict[str, Tensor]


@dataclass(eq=False, slots=True)
class Rerun:
    """One call of a layer that runs by its equations, in one direction or both. Nothing here has a graph.

    Attributes:
        module: whose forward it was.
        equations: its cell.
        read: (T, B, I), the inputs.
        writes: how often they had been written to when this was recorded.
        starts: each state before the first step, (D, B, H), where one was given; copies.
        lengths: (B,) valid steps; None: all.
        weights: by their names in the layer's `state_dict`; copies.
        runs: what each direction did.
        gradients: filled by backward.
        depth: such layers are not stacked.
    """

    module: torch.nn.Module
    equations: type[Cell]
    read: Tensor
    writes: int
    starts: dict[str, Tensor]
    lengths: Tensor | None
    weights: dict[str, Tensor]
    runs: tuple[Unrolled, ...]
    gradients: Gradients = field(default_factory=Gradients)
    depth: int = 0

    @property
    def kind(self) -> Kind:
        """Of its cell."""
        return self.equations.kind

    @property
    def x(self) -> Tensor:
        """The inputs, (T, B, I).

        Raises:
            ShapeError: they were written to after the call.
        """
        if writes_to(self.read) != self.writes:
            raise ShapeError(
                "A recorded layer's input was written to after the call; expected the numbers that the layer read. "
                "Write to a copy (x = x + 1 in place of x += 1) while calls are recorded."
            )
        return self.read

    def pull(self, way: int) -> Pull:
        """What backward brought to the states and gates of a direction, all paths together.

        Before any backward all are zeros.

        Raises:
            ShapeError: the call's input was written to.
        """
        with torch.enable_grad():
            steps, held = self._again(way)
            states = {name: [step.states[name] for step in steps] for name in self.kind.states}
            gates = {gate.symbol: [step.gates[gate] for step in steps] for gate in self.kind.gates}
            outputs = [torch.stack([each["h"] for each in held]), *(held[-1][name] for name in self.kind.states)]
        asked = [tensor for each in (*states.values(), *gates.values()) for tensor in each]
        given = [(output, g) for output, g in zip(outputs, self._upstream(way), strict=True) if g is not None]
        found: Sequence[Tensor] = [torch.zeros_like(tensor) for tensor in asked]
        if given:
            ends, upstream = zip(*given, strict=True)
            found = torch.autograd.grad(ends, asked, upstream, allow_unused=True, materialize_grads=True)
        left = iter(found)
        of_states, of_gates = (
            {name: self._turned(torch.stack([next(left) for _ in each]), way) for name, each in named.items()}
            for named in (states, gates)
        )
        return Pull(of_states, of_gates)

    def _again(self, way: int) -> tuple[list[Step], list[dict[str, Tensor]]]:
        """The steps in the order of reading, and the states after each, with a graph."""
        weights = {name: weight.clone().requires_grad_() for name, weight in self.weights.items()}
        ((*ways,),) = cells_of(self.equations, weights)
        starts = {f"{name}0": state[way] for name, state in self.starts.items()}
        return ways[way].walk(self._turned(self.x, way), lengths=self.lengths, **starts)

    def _upstream(self, way: int) -> list[Tensor | None]:
        """dL/d of the outputs in the order of reading, and of each last state."""
        came, H = self.gradients, self.runs[0].outputs.shape[-1]
        dy = came.dy
        if dy is not None:
            dy = dy[..., way * H : (way + 1) * H]
            if self.lengths is not None:  # outputs beyond a sequence's end are zeros, whatever the weights
                beyond = torch.arange(len(dy), device=dy.device)[:, None] >= self.lengths.to(dy.device)
                dy = dy.masked_fill(beyond[..., None], 0)
            dy = self._turned(dy, way)
        last = (came.dhn, came.dcn)[: len(self.kind.states)]
        return [dy, *(None if state is None else state[way] for state in last)]

    def _turned(self, numbers: Tensor, way: int) -> Tensor:
        """From the order of the inputs to that of reading, and back."""
        return turned(numbers, self.lengths) if way else numbers


class Watched(torch.autograd.Function):
    """Outputs as they are, and a note of what backward brings to them, all at once."""

    @staticmethod
    def forward(ctx: Any, gradients: Gradients, *outputs: Tensor) -> tuple[Tensor, ...]:
        """Copies, because users may write into what a layer returns."""
        ctx.gradients = gradients
        ctx.set_materialize_grads(False)
        return tuple(output.clone() for output in outputs)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor | None) -> tuple[Tensor | None, ...]:
        """The same."""
        # Without a storage it stands for several backwards that run as one (`is_grads_batched`).
        if all(each is None or torch._C._has_storage(each) for each in gradients):
            ctx.gradients.note(*gradients, *(None,) * (3 - len(gradients)))
        return None, *gradients
