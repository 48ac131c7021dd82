"""What a call of one layer is given, its sizes, and how what forward keeps lies in one flat tensor."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, cast

import torch
from torch import Tensor

from selfloop.kernels.native import native
from selfloop.kinds import NATIVE, Kind

HAS_C = tuple("c" in kind.states for kind in NATIVE)  # at the numbers that native code knows the cells by
REALS = {torch.float32: 0, torch.float64: 1}
NOTHING, GATES, CHECKPOINTS = 0, 1, 2  # what forward keeps for backward

MANY = 1 << 16  # hidden units of which no step fits: then the rows alone say how many steps there are

kept_row = lru_cache(native.kept_row)


def checkpoint_steps(cell: int, real: int, batch: int, H: int) -> int:
    """Steps from one checkpoint to the next.

    Args:
        cell: the native module's number of it.
        real: 0 float32, 1 float64.
        batch: sequences; also a symbol, under torch.compile.
        H: hidden units.
    """
    if isinstance(batch, int):
        return native.chunk_steps(cell, real, batch, H)
    elements, rows = native.chunk_steps(cell, real, 1, 1), native.chunk_steps(cell, real, 1, MANY)
    return cast(int, torch.sym_max(elements // (batch * H), (rows + batch - 1) // batch))


class Kept(NamedTuple):
    """Elements that one direction takes of the flat tensor, in this order; 0 for what is not kept."""

    gates: int
    cells: int
    checkpoints: int


NONE_KEPT = Kept(0, 0, 0)


class Call(NamedTuple):
    """One layer, read in one direction or both. Also the operators' arguments, in their order."""

    cell: int  # index of kinds.NATIVE
    directions: int  # D
    keep: int
    batch: int  # B
    x: Tensor  # (T, B, I), or a packed sequence's (rows, I)
    h0: Tensor | None  # (D, B, H)
    c0: Tensor | None  # (D, B, H), the LSTM's
    lengths: Tensor | None  # (B,) int64, each 0..T
    batch_sizes: Tensor | None  # (T,) int64, of a packed sequence
    weights: Sequence[Tensor]  # W_ih, W_hh and, with biases, b_ih, b_hh; then the backward direction's

    @property
    def kind(self) -> Kind:
        """Of the cell."""
        return NATIVE[self.cell]

    @property
    def steps(self) -> int:
        """T, of the longest sequence."""
        return self.x.shape[0] if self.batch_sizes is None else self.batch_sizes.shape[0]

    @property
    def rows(self) -> int:
        """Steps of all sequences: T*B, or the packed data's."""
        return self.x.shape[0] * self.batch if self.batch_sizes is None else self.x.shape[0]

    @property
    def hidden(self) -> int:
        """H."""
        return self.weights[1].shape[-1]

    @property
    def state(self) -> tuple[int, int, int]:
        """The shape of a state."""
        return self.directions, self.batch, self.hidden

    def kept(self) -> Kept:
        """What one direction keeps."""
        if self.keep == NOTHING:
            return NONE_KEPT
        real = REALS[self.x.dtype]
        H = int(self.hidden)  # symbolic under torch.compile with dynamic shapes: fixed here
        gates, cells = kept_row(self.cell, real, H)
        if self.keep == GATES:
            return Kept(gates * self.rows, cells * self.rows, 0)
        if self.keep == CHECKPOINTS and cells:
            apart = checkpoint_steps(self.cell, real, self.batch, H)
            return Kept(0, 0, -(-self.steps // apart) * self.batch * cells)
        return NONE_KEPT

    @property
    def written(self) -> tuple[int, ...]:
        """The shape of y."""
        return (*self.x.shape[:-1], self.directions * self.hidden)

    def outputs(self, y: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor | None]:
        """y (a new one if none is given), hn and cn to be written; cn is None but for the LSTM."""
        x, state = self.x, self.state
        y = x.new_empty(self.written) if y is None else y
        return y, x.new_empty(state), x.new_empty(state) if HAS_C[self.cell] else None

    def gradients(self, wanted: Sequence[bool]) -> list[Tensor | None]:
        """Of x, h0, c0 and each of the weights, to be written; None where none is wanted."""
        x = self.x
        of_x = torch.empty_like(x) if wanted[0] else None
        if of_x is not None and of_x.stride()[-1] != 1:  # where windows overlap, torch orders the new one as it likes
            of_x = x.new_empty(x.shape)
        states = [x.new_empty(self.state) if want else None for want in wanted[1:3]]
        return [of_x, *states, *(torch.empty_like(weight) if wanted[3] else None for weight in self.weights)]

    def readable(self) -> Call:
        """The same with every tensor as native code can walk over it: the same object, where it already is."""
        _, _, _, _, x, h0, c0, lengths, batch_sizes, weights = self
        rest = (x, h0, c0, lengths, batch_sizes, *weights)
        for tensor in rest:
            if tensor is not None and (not tensor.is_contiguous() or tensor.is_neg()):
                break
        else:
            return self
        return self._replace(
            x=walkable(x, batch_sizes),
            h0=dense(h0),
            c0=dense(c0),
            lengths=dense(lengths),
            batch_sizes=dense(batch_sizes),
            weights=[weight.resolve_neg().contiguous() for weight in weights],
        )


class Upstream(NamedTuple):
    """What a backward pass starts from: forward's outputs, and the gradients that come from upstream of them."""

    y: Tensor  # as forward returned it
    kept: Tensor | None  # as forward returned it
    dy: Tensor | None  # dL/dy; None is zeros
    dhn: Tensor | None  # (D, B, H)
    dcn: Tensor | None  # (D, B, H), the LSTM's


def walkable(x: Tensor, batch_sizes: Tensor | None) -> Tensor:
    """x itself where its last dimension is contiguous, and packed rows do not overlap; else a copy.

    Nor is it walkable where its numbers lie in memory with the other sign (`z.conj().imag`).
    """
    x = x.resolve_neg()
    strides, width = x.stride(), x.shape[-1]
    fits = strides[-1] == 1 or width == 1
    return x if fits and (batch_sizes is None or strides[0] >= width) else x.contiguous()


def dense(tensor: Tensor | None) -> Tensor | None:
    """The tensor itself where it is contiguous, else a copy."""
    return None if tensor is None else tensor.resolve_neg().contiguous()
