"""One layer's forward and backward in native code: tensors in, addresses down, tensors out. No autograd here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from selfloop.kernels.call import LSTM_CELL, REALS, Call, Way, dense, walkable
from selfloop.kernels.checks import check_call, check_way
from selfloop.kernels.native import native
from selfloop.kernels.pool import POOL

Outputs = tuple[Tensor, Tensor, Tensor | None, Tensor | None]  # y, hn, cn, kept
forward: Callable[..., None] = native.forward
backward: Callable[..., None] = native.backward

Where = tuple[int, int, int]  # an address, and the strides from step to step and from row to row, in elements
NOWHERE: Where = (0, 0, 0)


def run_forward(call: Call) -> Outputs:
    """All steps of a layer.

    Returns:
        y, (T, B, D*H) or (rows, D*H); hn, (D, B, H); cn, the same for the LSTM, else None; and what is kept for
        backward, flat, None if nothing is.

    Raises:
        ShapeError: shapes, dtypes or devices do not fit.
        ValueError: a length is negative or larger than T; there are no steps or no sequences.
    """
    check_call(call)
    call = call.readable()  # held until native code has returned: addresses hold nothing
    y, hn, cn = call.outputs()
    elements = call.directions * sum(call.kept())
    kept = POOL.take(elements, y.dtype) if elements else None
    for d in range(call.directions):
        forward(*_layer(call, y, d), _state(hn, call, d), _state(cn, call, d), *_kept(kept, call, d))
    return y, hn, cn, kept


def run_backward(call: Call, way: Way, wanted: Sequence[bool]) -> list[Tensor | None]:
    """The gradients of x, h0, c0 and each of the weights, in this order.

    Args:
        call: as for `run_forward`.
        way: what forward returned, and the gradients of that.
        wanted: whether x, h0, c0 and the weights want theirs; what is not wanted comes back as None.

    Raises:
        ShapeError: shapes, dtypes or devices do not fit.
    """
    call, way = _checked(call, way)
    found = call.gradients(wanted)
    dx, dh0, dc0, *dW = found
    for d in range(call.directions):
        part = torch.empty_like(dx) if d and dx is not None else dx  # native code writes, and does not add
        backward(
            *_layer(call, way.y, d),
            *_kept(way.kept, call, d),
            *_gradients(way, call, d),
            *(NOWHERE if part is None else _where(part, call)),
            *_weights(dW, call, d),
            _state(dh0, call, d),
            _state(dc0, call, d),
            *NOWHERE,
            *NOWHERE,
        )
        if d and dx is not None and part is not None:
            dx += part
    return found


def run_states_backward(call: Call, way: Way) -> tuple[Tensor, Tensor | None]:
    """dL/dh and dL/dc of every step, all paths together, each shaped as y; dL/dc is None but for the LSTM.

    Raises:
        ShapeError: shapes, dtypes or devices do not fit.
    """
    call, way = _checked(call, way)
    grad_h = torch.empty_like(way.y)
    grad_c = torch.empty_like(way.y) if call.cell == LSTM_CELL else None
    for d in range(call.directions):
        backward(
            *_layer(call, way.y, d),
            *_kept(way.kept, call, d),
            *_gradients(way, call, d),
            *NOWHERE,
            *(0, 0, 0, 0, 0, 0),
            *_half(grad_h, call, d),
            *(NOWHERE if grad_c is None else _half(grad_c, call, d)),
        )
    return grad_h, grad_c


def _checked(call: Call, way: Way) -> tuple[Call, Way]:
    """Both as native code can read them."""
    check_call(call)
    check_way(call, way)
    dy = None if way.dy is None else walkable(way.dy, call.batch_sizes)
    return call.readable(), way._replace(y=way.y.contiguous(), dy=dy, dhn=dense(way.dhn), dcn=dense(way.dcn))


def _layer(call: Call, y: Tensor, d: int) -> tuple[int, ...]:
    """The arguments that forward and backward begin with, for one direction."""
    return (
        call.cell,
        REALS[y.dtype],
        torch.get_num_threads(),
        call.steps,
        call.batch,
        call.x.shape[-1],
        call.hidden,
        d == 1,
        0 if call.lengths is None else call.lengths.data_ptr(),
        0 if call.batch_sizes is None else call.batch_sizes.data_ptr(),
        *_weights(call.weights, call, d),
        *_where(call.x, call),
        _state(call.h0, call, d),
        _state(call.c0, call, d),
        *_half(y, call, d),
    )


def _gradients(way: Way, call: Call, d: int) -> tuple[int, ...]:
    """dL/dy, dL/dhn and dL/dcn of a direction."""
    dy = NOWHERE if way.dy is None else _half(way.dy, call, d)
    return *dy, _state(way.dhn, call, d), _state(way.dcn, call, d)


def _weights(weights: Sequence[Tensor | None], call: Call, d: int) -> tuple[int, ...]:
    """W_ih, W_hh, b_ih and b_hh of a direction."""
    each = len(weights) // call.directions
    found = tuple(0 if weight is None else weight.data_ptr() for weight in weights[d * each : (d + 1) * each])
    return found if each == 4 else (*found, 0, 0)


def _where(x: Tensor, call: Call) -> Where:
    """A padded or packed tensor."""
    strides = x.stride()
    return x.data_ptr(), strides[0], strides[0 if call.batch_sizes is not None else 1]


def _half(y: Tensor, call: Call, d: int) -> Where:
    """A direction's part of (..., D*H)."""
    start, time, row = _where(y, call)
    return start + d * call.hidden * y.element_size(), time, row


def _state(state: Tensor | None, call: Call, d: int) -> int:
    """A direction's part of (D, B, H)."""
    return 0 if state is None else state.data_ptr() + d * call.batch * call.hidden * state.element_size()


def _kept(flat: Tensor | None, call: Call, d: int) -> tuple[int, int, int]:
    """A direction's gates, cells and checkpoints; 0 for what is not kept."""
    if flat is None:
        return NOWHERE
    gates, cells, checkpoints = call.kept()
    size = flat.element_size()
    start = flat.data_ptr() + d * (gates + cells + checkpoints) * size
    return start if gates else 0, start + gates * size if cells else 0, start if checkpoints else 0
