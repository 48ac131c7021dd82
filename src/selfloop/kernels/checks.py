"""What is checked before native code is given addresses. It checks sizes, strides and lengths itself."""

from __future__ import annotations

import torch
from torch import Tensor

from selfloop.errors import ShapeError
from selfloop.kernels.call import CHECKPOINTS, GATES, HAS_C, NOTHING, REALS, Call, Upstream
from selfloop.kinds import NATIVE

NAMES = ("W_ih", "W_hh", "b_ih", "b_hh")


def check_call(call: Call) -> None:
    """Raise unless everything lies in this machine's memory, with the shapes that the rest makes it have.

    Raises:
        ShapeError: something has another shape, dtype or device.
    """
    _check_kind(call)
    cell, directions, _, batch, x, h0, c0, lengths, batch_sizes, weights = call
    dtype = x.dtype
    if dtype not in REALS or not x.is_cpu:
        raise ShapeError(f"x is {dtype} on {x.device}; expected torch.float32 or torch.float64 on the CPU.")
    if batch_sizes is not None:
        _check_packed(call, batch_sizes)
    elif x.dim() != 3 or x.shape[1] != batch:
        raise ShapeError(f"x has shape {tuple(x.shape)}; expected (T, {batch}, I) for a batch of {batch}.")
    I, H = x.shape[-1], weights[1].shape[-1]  # noqa: E741
    rows, each = len(call.kind.gates) * H, len(weights) // directions
    shapes = ((rows, I), (rows, H), (rows,), (rows,))
    if weights[1].shape != shapes[1]:  # first, because it says what H is
        _refuse(NAMES[1], weights[1], shapes[1], dtype)
    for k, weight in enumerate(weights):
        shape = shapes[k % each]
        if weight.shape != shape or weight.dtype is not dtype or not weight.is_cpu:
            _refuse(NAMES[k % each], weight, shape, dtype)
    state = (directions, batch, H)
    if h0 is not None:
        _expect("h0", h0, state, dtype)
    if c0 is not None:
        _expect("c0", c0, state, dtype)
        if not HAS_C[cell]:
            raise ShapeError(f"c0 was given; {call.kind.equations} has no such state. Leave c0 out.")
    if lengths is not None:
        check_lengths(lengths, call.steps, batch)


def check_lengths(lengths: Tensor, steps: int, batch: int) -> None:
    """Raise unless there is a length for each sequence, from 0 to all steps.

    Raises:
        ShapeError: they are too many, too few, no int64, negative or too large.
    """
    _expect("lengths", lengths, (batch,), torch.int64)
    values = lengths.tolist()
    if values and (min(values) < 0 or max(values) > steps):
        b, length = next((b, length) for b, length in enumerate(values) if not 0 <= length <= steps)
        raise ShapeError(
            f"lengths[{b}] is {length}; expected 0 to {steps}, the steps of the input. "
            "Give the valid steps of each sequence."
        )


def check_upstream(call: Call, upstream: Upstream) -> None:
    """Raise unless what backward is given has the shapes that the call makes it have.

    Raises:
        ShapeError: something has another shape, dtype or device, or nothing was kept for backward.
    """
    if call.keep == NOTHING:
        raise ShapeError(
            "The forward pass kept nothing for backward; expected gates or checkpoints. Call it with keep."
        )
    (y, kept, dy, dhn, dcn), dtype, state = upstream, call.x.dtype, call.state
    shape = (*call.x.shape[:-1], state[0] * state[2])
    _expect("y", y, shape, dtype)
    elements = state[0] * sum(call.kept())
    if kept is not None or elements:
        _expect("kept", kept, (elements,), dtype)
    if dy is not None:
        _expect("dy", dy, shape, dtype)
    if dhn is not None:
        _expect("dhn", dhn, state, dtype)
    if dcn is not None:
        _expect("dcn", dcn, state, dtype)


def _check_kind(call: Call) -> None:
    """Raise unless there is such a cell, and a set of weights for each direction."""
    cell, directions, keep = call[:3]
    known = 0 <= cell < len(NATIVE) and directions in (1, 2) and keep in (NOTHING, GATES, CHECKPOINTS)
    if not known or len(call.weights) not in (2 * directions, 4 * directions):
        raise ShapeError(
            f"The call has cell {call.cell}, {call.directions} directions, keep {call.keep} and {len(call.weights)} "
            f"weights; expected a cell below {len(NATIVE)}, 1 or 2 directions, keep below 3, 2 or 4 weights a "
            "direction."
        )


def _check_packed(call: Call, batch_sizes: Tensor) -> None:
    """Raise unless the packed data have a row for each sequence at each step."""
    if call.lengths is not None:
        raise ShapeError("lengths came with a packed sequence, which has its own; leave lengths out.")
    _expect("batch_sizes", batch_sizes, (len(batch_sizes),), torch.int64)
    rows = int(batch_sizes.sum())
    if call.x.dim() != 2 or len(call.x) != rows:
        raise ShapeError(f"The packed data have shape {tuple(call.x.shape)}; expected ({rows}, I), as batch_sizes say.")


def _expect(name: str, tensor: Tensor | None, shape: tuple[int, ...], dtype: torch.dtype) -> None:
    if tensor is None:
        raise ShapeError(f"{name} is None; expected {dtype} of shape {shape} on the CPU.")
    if tensor.shape != shape or tensor.dtype is not dtype or not tensor.is_cpu:
        _refuse(name, tensor, shape, dtype)


def _refuse(name: str, tensor: Tensor, shape: tuple[int, ...], dtype: torch.dtype) -> None:
    raise ShapeError(
        f"{name} is {tensor.dtype} of shape {tuple(tensor.shape)} on {tensor.device}; "
        f"expected {dtype} of shape {shape} on the CPU."
    )
