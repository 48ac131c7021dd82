"""A part of a call that a cell's equations ran: values are the call's own, gradients those of another run."""

from __future__ import annotations

from functools import cached_property

import torch
from torch import Tensor

from selfloop.kernels.rerun import Pull, Rerun
from selfloop.tracing.backward import BackwardPass
from selfloop.tracing.part import DIRECTIONS, Direction, Part


class EquationPart(Part):
    """Of a `Rerun`."""

    def __init__(self, rerun: Rerun, label: str, direction: Direction) -> None:
        super().__init__(rerun.kind, rerun.depth, direction)
        self._rerun, self._run = rerun, rerun.runs[DIRECTIONS.index(direction)]
        self._backward = BackwardPass(rerun.gradients, label, self._laid_pull)

    @cached_property
    def _vectors(self) -> dict[str, Tensor]:
        return {gate.symbol: self._laid_out(value) for gate, value in self._run.gates.items()}

    def _state(self, name: str) -> Tensor:
        return self._laid_out(self._run.states[name])

    def _start(self, name: str) -> Tensor:
        given = self._rerun.starts.get(name)
        last = self._run.last[name]
        return torch.zeros_like(last) if given is None else given[self._way].clone()

    def _read(self) -> Tensor:
        return self._laid_out(self._rerun.x)

    def _lengths(self) -> Tensor | None:
        return None if self._rerun.lengths is None else self._rerun.lengths.clone()

    def _sizes(self) -> tuple[int, int, int]:
        steps, batch, hidden = self._run.outputs.shape
        return steps, batch, hidden

    def _pull(self) -> Pull:
        return self._backward.get()

    def _laid_pull(self) -> Pull:
        found = self._rerun.pull(self._way)
        states, gates = (
            {name: self._laid_out(each) for name, each in named.items()} for named in (found.states, found.gates)
        )
        return Pull(states, gates)

    def _laid_out(
        self,
        numbers: Tensor,  # (T, B, W)
    ) -> Tensor:
        """A new tensor, zeros beyond each sequence's end."""
        lengths = self._rerun.lengths
        if lengths is None:
            return numbers.clone(memory_format=torch.contiguous_format)
        beyond = torch.arange(len(numbers), device=numbers.device)[:, None] >= lengths.to(numbers.device)
        return numbers.masked_fill(beyond[..., None], 0).contiguous()
