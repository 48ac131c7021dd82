"""What calls of layers kept, for whoever wants to look inside afterwards. While nobody does, a call looks at one name.

>>> with recording(layer) as records:
...     layer(x)[0].sum().backward()
>>> records[0].vectors(0)["f"]              # (T, B, H), the forget gate of the forward direction
>>> grad_h, grad_c = records[0].state_gradients()
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from selfloop.errors import ShapeError
from selfloop.kernels.call import HAS_C, NOTHING, REALS, Call, Upstream, kept_row
from selfloop.kernels.copies import copied, held, same, writes_to
from selfloop.kernels.native import native
from selfloop.kernels.run import Outputs, run_forward, run_states_backward

if TYPE_CHECKING:
    from selfloop.kernels.rerun import Rerun


@dataclass(eq=False, slots=True)
class Gradients:
    """What backward brought to a call's outputs; None where nothing came. Of several backwards, the last."""

    dy: Tensor | None = None  # shaped as y
    dhn: Tensor | None = None  # (D, B, H)
    dcn: Tensor | None = None  # (D, B, H), the LSTM's

    @property
    def came(self) -> bool:
        """Whether a backward reached the call."""
        return not (self.dy is None and self.dhn is None and self.dcn is None)

    def note(self, dy: Tensor | None, dhn: Tensor | None, dcn: Tensor | None) -> None:
        """What backward begins with, None where it reached the layer by its other outputs alone."""
        self.dy, self.dhn, self.dcn = _detached(dy), _detached(dhn), _detached(dcn)


@dataclass(eq=False, slots=True)  # not frozen: that takes longer, and a small layer's call a tenth of a millisecond
class Record:
    """One call of one layer of a module's stack, in one direction or both. Nothing here has a graph.

    Attributes:
        module: whose forward it was.
        depth: which layer of the stack.
        call: inputs and settings; weights, states and lengths are copies, because they may change before one looks.
        places: (B,) for each sequence of the user's batch, where it stands in a packed one; None: in that order.
        returned: the tensor that was returned as y.
        kept: flat, as the kernels wrote it; `vectors` and `cells` read it. None where the cell keeps nothing.
        writes: how often x and y had been written to when this was recorded.
        gradients: filled by backward.
    """

    module: torch.nn.Module
    depth: int
    call: Call
    places: Tensor | None
    returned: Tensor
    kept: Tensor | None
    writes: tuple[int, int]
    gradients: Gradients = field(default_factory=Gradients)

    @property
    def x(self) -> Tensor:
        """The inputs, (T, B, I) or packed (rows, I).

        Raises:
            ShapeError: they were written to after the call.
        """
        if writes_to(self.call.x) != self.writes[0]:
            raise ShapeError(
                "A recorded layer's input was written to after the call; expected the numbers that the layer read. "
                "Write to a copy (x = x + 1 in place of x += 1) while calls are recorded."
            )
        return self.call.x

    @property
    def y(self) -> Tensor:
        """The outputs, (T, B, D*H) or packed (rows, D*H); if they were written to, computed again: the same bits."""
        return self.returned if writes_to(self.returned) == self.writes[1] else self._again()[0]

    @property
    def hn(self) -> Tensor:
        """(D, B, H), computed again."""
        return self._again()[1]

    @property
    def cn(self) -> Tensor | None:
        """(D, B, H), computed again; None but for the LSTM."""
        return self._again()[2]

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
        if not HAS_C[self.call.cell]:
            return None
        _, cells, width = self._parts(direction)
        return self._shaped(cells.view(self.call.rows, width))

    def state_gradients(self) -> tuple[Tensor, Tensor | None]:
        """dL/dh and dL/dc of every step, all paths together, each shaped as y: backward is run again.

        dL/dc is None but for the LSTM. Before any backward both are zeros.
        """
        upstream = Upstream(self.y, self.kept, self.gradients.dy, self.gradients.dhn, self.gradients.dcn)
        return run_states_backward(self.call._replace(x=self.x), upstream)

    def _again(self) -> Outputs:
        return run_forward(self.call._replace(keep=NOTHING, x=self.x))

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
    found: list[Record | Rerun | Missed] = field(default_factory=list)
    copies: dict[tuple[int, int], list[Tensor]] = field(default_factory=dict)  # by a module's id and a layer's depth

    def miss(self, module: torch.nn.Module, backend: str) -> None:
        """Note a call that others than the kernels run."""
        self.found.append(Missed(module, backend))

    def add(self, records: Sequence[Record | Rerun]) -> None:
        """Note a call's layers at once, so that calls from several threads do not mix."""
        self.found.extend(records)

    def record(
        self, module: torch.nn.Module, depth: int, call: Call, outputs: Outputs, places: Tensor | None
    ) -> Record:
        """Keep a layer's inputs and outputs, and what backward will bring to the outputs.

        Args:
            module: whose layer it is.
            depth: which one, from 0.
            call: what the kernels were given.
            outputs: what they returned.
            places: of packed rows: where they lie in (T, B); None for padded ones.
        """
        cell, directions, keep, batch, x, h0, c0, lengths, batch_sizes, given = call
        weights = self.weights_of((id(module), depth), given)
        if h0 is not None:
            h0 = h0.detach().clone()
        if c0 is not None:
            c0 = c0.detach().clone()
        if lengths is not None:
            lengths = lengths.clone()
        plain = Call(cell, directions, keep, batch, held(x), h0, c0, lengths, batch_sizes, weights)
        y, _, _, kept = outputs
        writes, gradients = (writes_to(x), writes_to(y)), Gradients()
        node = y.grad_fn
        if node is not None:
            node.note = gradients.note  # type: ignore[attr-defined]  # ops.Layer's context
        return Record(module, depth, plain, places, held(y), kept, writes, gradients)

    def weights_of(self, key: tuple[int, int], given: Sequence[Tensor]) -> list[Tensor]:
        """One copy for all calls with the same weights: a decoder of a thousand calls has one."""
        known = self.copies.get(key)
        if known is None or not same(known, given):
            known = self.copies[key] = copied(given)
        return known


def _detached(tensor: Tensor | None) -> Tensor | None:
    return None if tensor is None else tensor.detach()


active: Recorder | None = None


def recorder_of(module: torch.nn.Module) -> Recorder | None:
    """Who records this module's calls now."""
    return active if active is not None and id(module) in active.modules else None


class Recording:
    """The context of `recording`. Not a generator's, which takes three times as long."""

    def __init__(self, modules: Iterable[torch.nn.Module]) -> None:
        self._recorder = Recorder(frozenset(map(id, modules)))
        self._outer: Recorder | None = None

    def __enter__(self) -> list[Record | Rerun | Missed]:
        """Begin."""
        global active
        self._outer, active = active, self._recorder
        return self._recorder.found

    def __exit__(self, *error: object) -> None:
        """Go on with what was before; what was recorded stays."""
        global active
        active = self._outer


def recording(*modules: torch.nn.Module) -> Recording:
    """Record every call of these layers, from whatever thread, also without gradients.

    Gates are kept then even where the layer would compute them again. Under `torch.compile` the layer leaves the graph.
    An inner `recording` takes its modules' calls from an outer one.

    Returns:
        A context; in it, and afterwards, what was recorded so far: a `Record` for each layer of each call's stack, a
        `Rerun` for a call of a layer without kernels, a `Missed` for a call that the kernels did not run.
    """
    return Recording(modules)
