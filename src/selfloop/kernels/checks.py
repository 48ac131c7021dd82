"""What is checked before native code is given addresses. It checks sizes, strides and lengths itself."""

from __future__ import annotations

import torch
from torch import Tensor

from selfloop.errors import ShapeError
from selfloop.kernels.call import CHECKPOINTS, GATES, KINDS, LSTM_CELL, NOTHING, REALS, Call, Way


def check_call(call: Call) -> None:
    """Raise unless everything lies in this machine's memory, with the shapes that the rest makes it have.

    Raises:
        ShapeError: something has another shape, dtype or device.
    """
    _check_kind(call)
    x, dtype, batch = call.x, call.x.dtype, call.batch
    if dtype not in REALS or not x.is_cpu:
        raise ShapeError(f"x is {dtype} on {x.device}; expected torch.float32 or torch.float64 on the CPU.")
    if call.batch_sizes is not None:
        _check_packed(call, call.batch_sizes)
    elif x.dim() != 3 or x.shape[1] != batch:
        raise ShapeError(f"x has shape {tuple(x.shape)}; expected (T, {batch}, I) for a batch of {batch}.")
    rows, I, H = len(call.kind.gates) * call.hidden, x.shape[-1], call.hidden  # noqa: E741
    shapes = ((rows, I), (rows, H), (rows,), (rows,))
    each = len(call.weights) // call.directions
    for k in (1, *range(len(call.weights))):  # W_hh first, which says what H is
        _expect(("W_ih", "W_hh", "b_ih", "b_hh")[k % each], call.weights[k], shapes[k % each], dtype)
    for name, state in (("h0", call.h0), ("c0", call.c0)):
        if state is not None:
            _expect(name, state, call.state, dtype)
    if call.c0 is not None and call.cell != LSTM_CELL:
        raise ShapeError(f"c0 was given; {call.kind.__name__} has no such state. Leave c0 out.")
    if call.lengths is not None:
        check_lengths(call.lengths, call.steps, batch)


def check_lengths(lengths: Tensor, steps: int, batch: int) -> None:
    """Raise unless there is a length for each sequence, from 0 to all steps.

    Raises:
        ShapeError: they are too many, too few, no int64, negative or too large.
    """
    _expect("lengths", lengths, (batch,), torch.int64)
    for b, length in enumerate(lengths.tolist()):
        if not 0 <= length <= steps:
            raise ShapeError(
                f"lengths[{b}] is {length}; expected 0 to {steps}, the steps of the input. "
                "Give the valid steps of each sequence."
            )


def check_way(call: Call, way: Way) -> None:
    """Raise unless what backward is given has the shapes that the call makes it have.

    Raises:
        ShapeError: something has another shape, dtype or device, or nothing was kept for backward.
    """
    if call.keep == NOTHING:
        raise ShapeError(
            "The forward pass kept nothing for backward; expected gates or checkpoints. Call it with keep."
        )
    y = (*call.x.shape[:-1], call.directions * call.hidden)
    _expect("y", way.y, y, call.x.dtype)
    elements = call.directions * sum(call.kept())
    if way.kept is not None or elements:
        _expect("kept", way.kept, (elements,), call.x.dtype)
    for name, gradient, shape in (("dy", way.dy, y), ("dhn", way.dhn, call.state), ("dcn", way.dcn, call.state)):
        if gradient is not None:
            _expect(name, gradient, shape, call.x.dtype)


def _check_kind(call: Call) -> None:
    """Raise unless there is such a cell, and a set of weights for each direction."""
    known = 0 <= call.cell < len(KINDS) and call.directions in (1, 2) and call.keep in (NOTHING, GATES, CHECKPOINTS)
    if not known or len(call.weights) not in (2 * call.directions, 4 * call.directions):
        raise ShapeError(
            f"The call has cell {call.cell}, {call.directions} directions, keep {call.keep} and {len(call.weights)} "
            f"weights; expected a cell below {len(KINDS)}, 1 or 2 directions, keep below 3, 2 or 4 weights a direction."
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
        raise ShapeError(
            f"{name} is {tensor.dtype} of shape {tuple(tensor.shape)} on {tensor.device}; "
            f"expected {dtype} of shape {shape} on the CPU."
        )
