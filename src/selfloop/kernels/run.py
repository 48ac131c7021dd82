"""One layer's forward and backward in native code: tensors in, addresses down, tensors out. No autograd here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from selfloop.kernels.call import HAS_C, REALS, Call, Kept, Upstream, dense, walkable
from selfloop.kernels.checks import check_call, check_upstream
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
    y, hn, cn = call.outputs(POOL.output(call.written, call.x.dtype))
    parts = call.kept()
    elements = call.directions * sum(parts)
    kept = POOL.take(elements, y.dtype) if elements else None
    for d in range(call.directions):
        forward(*_layer(call, y, d), _state(hn, d), 0 if cn is None else _state(cn, d), *_kept(kept, parts, d))
    return y, hn, cn, kept


def run_backward(call: Call, upstream: Upstream, wanted: Sequence[bool]) -> list[Tensor | None]:
    """The gradients of x, h0, c0 and each of the weights, in this order.

    Args:
        call: as for `run_forward`.
        upstream: what forward returned, and the gradients of that.
        wanted: whether x, h0, c0 and the weights want theirs; what is not wanted comes back as None.

    Raises:
        ShapeError: shapes, dtypes or devices do not fit.
    """
    call, upstream = _checked(call, upstream)
    found = call.gradients(wanted)
    dx, dh0, dc0, *dW = found
    parts = call.kept()
    for d in range(call.directions):
        part = torch.empty_like(dx) if d and dx is not None else dx  # native code writes, and does not add
        backward(
            *_layer(call, upstream.y, d),
            *_kept(upstream.kept, parts, d),
            *_gradients(upstream, call, d),
            *(NOWHERE if part is None else _where(part, call)),
            *_weights(dW, call.directions, d),
            0 if dh0 is None else _state(dh0, d),
            0 if dc0 is None else _state(dc0, d),
            *NOWHERE,
            *NOWHERE,
        )
        if d and dx is not None and part is not None:
            dx += part
    return found


def run_states_backward(call: Call, upstream: Upstream) -> tuple[Tensor, Tensor | None]:
    """dL/dh and dL/dc of every step, all paths together, each shaped as y; dL/dc is None but for the LSTM.

    Raises:
        ShapeError: shapes, dtypes or devices do not fit.
    """
    call, upstream = _checked(call, upstream)
    grad_h = torch.empty_like(upstream.y)
    grad_c = torch.empty_like(upstream.y) if HAS_C[call.cell] else None
    for d in range(call.directions):
        backward(
            *_layer(call, upstream.y, d),
            *_kept(upstream.kept, call.kept(), d),
            *_gradients(upstream, call, d),
            *NOWHERE,
            *(0, 0, 0, 0, 0, 0),
            *_half(grad_h, call, d),
            *(NOWHERE if grad_c is None else _half(grad_c, call, d)),
        )
    return grad_h, grad_c


def _checked(call: Call, upstream: Upstream) -> tuple[Call, Upstream]:
    """Both as native code can read them."""
    check_call(call)
    check_upstream(call, upstream)
    y, kept, dy, dhn, dcn = upstream
    dy = None if dy is None else walkable(dy, call.batch_sizes)
    return call.readable(), Upstream(y.contiguous(), kept, dy, dense(dhn), dense(dcn))


def _layer(call: Call, y: Tensor, d: int) -> tuple[int, ...]:
    """The arguments that forward and backward begin with, for one direction."""
    cell, directions, _, batch, x, h0, c0, lengths, batch_sizes, weights = call
    steps, width = (x if batch_sizes is None else batch_sizes).shape[0], x.shape[-1]
    time, row = x.stride()[:2] if batch_sizes is None else x.stride()[:1] * 2
    return (
        cell,
        REALS[x.dtype],
        torch.get_num_threads(),
        steps,
        batch,
        width,
        call.hidden,
        d == 1,
        0 if lengths is None else lengths.data_ptr(),
        0 if batch_sizes is None else batch_sizes.data_ptr(),
        *_weights(weights, directions, d),
        x.data_ptr(),
        time,
        row,
        0 if h0 is None else _state(h0, d),
        0 if c0 is None else _state(c0, d),
        *_half(y, call, d),
    )


def _gradients(upstream: Upstream, call: Call, d: int) -> tuple[int, ...]:
    """dL/dy, dL/dhn and dL/dcn of a direction."""
    dy, dhn, dcn = upstream[2:]
    where = NOWHERE if dy is None else _half(dy, call, d)
    return *where, 0 if dhn is None else _state(dhn, d), 0 if dcn is None else _state(dcn, d)


def _weights(weights: Sequence[Tensor | None], directions: int, d: int) -> list[int]:
    """W_ih, W_hh, b_ih and b_hh of a direction."""
    each = len(weights) // directions
    own = weights[d * each : (d + 1) * each] if directions > 1 else weights
    found = [0 if weight is None else weight.data_ptr() for weight in own]
    return found if each == 4 else [*found, 0, 0]


def _where(x: Tensor, call: Call) -> Where:
    """A padded or packed tensor."""
    strides = x.stride()
    return x.data_ptr(), strides[0], strides[0 if call.batch_sizes is not None else 1]


def _half(y: Tensor, call: Call, d: int) -> Where:
    """A direction's part of (..., D*H)."""
    start, time, row = _where(y, call)
    return start + d * call.hidden * y.element_size() if d else start, time, row


def _state(state: Tensor, d: int) -> int:
    """A direction's part of (D, B, H), contiguous."""
    return state.data_ptr() + d * state.stride()[0] * state.element_size() if d else state.data_ptr()


def _kept(flat: Tensor | None, kept: Kept, d: int) -> tuple[int, int, int]:
    """A direction's gates, cells and checkpoints; 0 for what is not kept."""
    if flat is None:
        return NOWHERE
    gates, cells, checkpoints = kept
    size = flat.element_size()
    start = flat.data_ptr() + d * (gates + cells + checkpoints) * size
    return start if gates else 0, start + gates * size if cells else 0, start if checkpoints else 0
