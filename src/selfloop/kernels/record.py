"""What calls of layers kept, for whoever wants to look inside afterwards. While nobody does, a call looks at one name.

>>> with recording(layer) as records:
...     layer(x)[0].sum().backward()
>>> records[0].vectors(0)["f"]              # (T, B, H), the forget gate of the forward direction
>>> grad_h, grad_c = records[0].state_gradients()
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor

from selfloop.errors import ShapeError
from selfloop.kernels.call import LSTM_CELL, NOTHING, REALS, Call, Way, kept_row
from selfloop.kernels.native import native
from selfloop.kernels.run import Outputs, run_forward, run_states_backward


@dataclass(eq=False)
class Gradients:
    """What backward brought to a call's outputs; None where nothing came. Of several backwards, the last."""

    dy: Tensor | None = None  # shaped as y
    dhn: Tensor | None = None  # (D, B, H)
    dcn: Tensor | None = None  # (D, B, H), the LSTM's


@dataclass(frozen=True, eq=False)
class Record:
    """One call of one layer of a module's stack, in one direction or both. Nothing here has a graph.

    Attributes:
        module: whose forward it was.
        depth: which layer of the stack.
        call: inputs and settings; weights and states are copies, because they may change before one looks.
        returned: the tensor that was returned as y.
        hn: (D, B, H).
        cn: the same for the LSTM, else None.
        kept: flat, as the kernels wrote it; `vectors` and `cells` read it. None where the cell keeps nothing.
        writes: how often x and y had been written to when this was recorded.
        gradients: filled by backward.
    """

    module: torch.nn.Module
    depth: int
    call: Call
    returned: Tensor
    hn: Tensor
    cn: Tensor | None
    kept: Tensor | None
    writes: tuple[int, int]
    gradients: Gradients = field(default_factory=Gradients)

    @property
    def x(self) -> Tensor:
        """The inputs, (T, B, I) or packed (rows, I).

        Raises:
            ShapeError: they were written to after the call.
        """
        if _writes(self.call.x) != self.writes[0]:
            raise ShapeError(
                "A recorded layer's input was written to after the call; expected the numbers that the layer read. "
                "Write to a copy (x = x + 1 in place of x += 1) while calls are recorded."
            )
        return self.call.x

    @property
    def y(self) -> Tensor:
        """The outputs, (T, B, D*H) or packed (rows, D*H); if they were written to, computed again: the same bits."""
        if _writes(self.returned) == self.writes[1]:
            return self.returned
        return run_forward(self.call._replace(keep=NOTHING, x=self.x))[0]

    def vectors(self, direction: int) -> dict[str, Tensor]:
        """Each gate by its symbol, (T, B, H) or packed (rows, H), views. "u" is the GRU's U h₋₁ + b' of the candidate.

        What lies beyond a sequence's end means nothing. The RNN has none but its outputs.
        """
        order = native.kept_order(self.call.cell)
        if not order:
            return {}
        gates, _, _ = self._parts(direction)
        info = native.info()
        lanes = info["lanes_f32"] if REALS[self.returned.dtype] == 0 else info["lanes_f64"]
        blocks = gates.view(self.call.rows, -1, len(order), lanes)
        return {symbol: self._shaped(blocks[:, :, k].flatten(1)) for k, symbol in enumerate(order)}

    def cells(self, direction: int) -> Tensor | None:
        """The LSTM's c after each step, shaped as a gate; None for the others."""
        if self.call.cell != LSTM_CELL:
            return None
        _, cells, width = self._parts(direction)
        return self._shaped(cells.view(self.call.rows, width))

    def state_gradients(self) -> tuple[Tensor, Tensor | None]:
        """dL/dh and dL/dc of every step, all paths together, each shaped as y: backward is run again.

        dL/dc is None but for the LSTM. Before any backward both are zeros.
        """
        way = Way(self.y, self.kept, self.gradients.dy, self.gradients.dhn, self.gradients.dcn)
        return run_states_backward(self.call._replace(x=self.x), way)

    def _parts(self, direction: int) -> tuple[Tensor, Tensor, int]:
        """A direction's gates and cells, flat, and the elements that a row of cells takes."""
        assert self.kept is not None, "the RNN keeps nothing, and nobody asks for it"
        gates, cells, _ = self.call.kept()
        start = direction * (gates + cells)
        width = kept_row(self.call.cell, REALS[self.returned.dtype], self.call.hidden)[1]
        return self.kept[start : start + gates], self.kept[start + gates : start + gates + cells], width

    def _shaped(self, rows: Tensor) -> Tensor:
        """Without the units that fill up the last block, and padded input's rows by step and sequence."""
        units = rows[:, : self.call.hidden]
        return units if self.call.batch_sizes is not None else units.view(-1, self.call.batch, self.call.hidden)


@dataclass(frozen=True, eq=False)
class Missed:
    """A call that the kernels did not run, so that nothing of it was kept."""

    module: torch.nn.Module
    backend: str  # "torch" or "cells"


@dataclass(frozen=True, eq=False)
class Recorder:
    """Who records: the modules, and what came of their calls, in their order."""

    modules: frozenset[int]  # by id
    found: list[Record | Missed] = field(default_factory=list)

    def wants(self, module: torch.nn.Module) -> bool:
        """Whether calls of this module are recorded."""
        return id(module) in self.modules

    def miss(self, module: torch.nn.Module, backend: str) -> None:
        """Note a call that others than the kernels run."""
        self.found.append(Missed(module, backend))

    def add(self, module: torch.nn.Module, depth: int, call: Call, outputs: Outputs) -> None:
        """Keep a call's inputs and outputs, and what backward will bring to the outputs."""
        weights = [weight.detach().clone() for weight in call.weights]
        plain = call._replace(x=call.x.detach(), h0=_copied(call.h0), c0=_copied(call.c0), weights=weights)
        y, hn, cn, kept = outputs
        writes = _writes(call.x), _writes(y)
        record = Record(module, depth, plain, y.detach(), _copied(hn), _copied(cn), _detached(kept), writes)
        self.found.append(record)
        for name, output in zip(("dy", "dhn", "dcn"), outputs, strict=False):
            if output is not None and output.requires_grad:
                note = partial(_note, record.gradients, name)
                output.register_hook(note)  # type: ignore[no-untyped-call]


def _note(gradients: Gradients, name: str, gradient: Tensor | None) -> None:
    """Hooks are called with None, too: where a backward reached the layer by its other outputs alone."""
    setattr(gradients, name, _detached(gradient))


def _copied(tensor: Any) -> Any:
    """States are small, and often written to: between sequences, where an episode ended."""
    return None if tensor is None else tensor.detach().clone()


def _writes(tensor: Tensor) -> int:
    """How often the tensor, or a view of it, has been written to."""
    return 0 if tensor.is_inference() else tensor._version  # inference mode counts nothing


def _detached(tensor: Tensor | None) -> Tensor | None:
    return None if tensor is None else tensor.detach()


active: Recorder | None = None


def recorder_of(module: torch.nn.Module) -> Recorder | None:
    """Who records this module's calls now."""
    return active if active is not None and active.wants(module) else None


@contextmanager
def recording(*modules: torch.nn.Module) -> Iterator[list[Record | Missed]]:
    """Record every call of these layers, from whatever thread, also without gradients.

    Gates are kept then even where the layer would compute them again. Under `torch.compile` the layer leaves the graph.
    An inner `recording` takes its modules' calls from an outer one.

    Yields:
        What was recorded so far: a `Record` for each layer of each call's stack, a `Missed` for a call that the kernels
        did not run.
    """
    global active
    outer, recorder = active, Recorder(frozenset(map(id, modules)))
    active = recorder
    try:
        yield recorder.found
    finally:
        active = outer
