"""`lengths=`: what is accepted, and how torch's own layers are made to obey it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from selfloop.errors import ShapeError
from selfloop.kernels.checks import check_lengths


def read_lengths(lengths: Any, input: Any, batch_first: bool) -> Tensor:
    """`lengths` as int64 on the CPU, one for each sequence of the input.

    Raises:
        ShapeError: they are no integers, too many, too few, negative or too large, or the input is not padded.
    """
    if not isinstance(input, Tensor) or input.dim() != 3:
        kind = "a PackedSequence, which has its own" if isinstance(input, PackedSequence) else "one unbatched sequence"
        raise ShapeError(f"lengths came with {kind}; expected padded input of shape (T, B, I). Leave lengths out.")
    batch, steps = (input.shape[0], input.shape[1]) if batch_first else (input.shape[1], input.shape[0])
    found = _as_tensor(lengths, batch)
    compiling = torch.compiler.is_compiling()  # there the operator checks, when it runs
    integers = not (found.is_floating_point() or found.is_complex() or found.dtype is torch.bool)
    if not integers or found.dim() != 1 or (not compiling and len(found) != batch):
        raise ShapeError(_refused(f"{found.dtype} of shape {tuple(found.shape)}", batch))
    found = found.to("cpu", torch.int64)
    if not compiling:
        check_lengths(found, steps, batch)
    return found


def _as_tensor(lengths: Any, batch: int) -> Tensor:
    """Whatever holds numbers, as a tensor that holds some."""
    try:
        found = lengths if isinstance(lengths, Tensor) else torch.as_tensor(lengths, device="cpu")
    except (TypeError, ValueError, RuntimeError):  # torch's words for what holds no numbers name no lengths
        raise ShapeError(_refused(repr(lengths), batch)) from None
    if found.is_meta:
        raise ShapeError(_refused("on the meta device, without numbers", batch))
    return found if len(found.shape) != 1 or found.numel() else found.long()  # an empty list has torch's default dtype


def _refused(what: str, batch: int) -> str:
    return f"lengths are {what}; expected integers of shape ({batch},). Give the valid steps of each sequence."


def padded_by_torch(
    forward: Callable[[Any, Any], Any],
    input: Tensor,  # (T, B, I), or (B, T, I)
    hx: Any,
    lengths: Tensor,  # (B,) int64
    batch_first: bool,
) -> Any:
    """What a layer of torch's returns for padded input of these lengths: it is packed on the way in.

    Args:
        forward: the layer's own, of packed input and states.
        input: padded.
        hx: as the layer takes it; None starts from zeros.
        lengths: valid steps of each sequence.
        batch_first: how `input` lies, and what is returned.
    """
    # Packing wants a step of each sequence; a sequence of none is read for one, and what came of it is put away.
    packed = pack_padded_sequence(input, lengths.clamp(min=1), batch_first=batch_first, enforce_sorted=False)
    outputs, last = forward(packed, hx)
    steps = input.shape[1 if batch_first else 0]
    y, _ = pad_packed_sequence(outputs, batch_first=batch_first, total_length=steps)
    empty = (lengths == 0).to(y.device)
    y = y.masked_fill(empty[:, None, None] if batch_first else empty[None, :, None], 0)
    given = hx if isinstance(hx, (tuple, list)) else (hx,) * 2
    if isinstance(last, tuple):
        return y, tuple(_start(state, start, empty) for state, start in zip(last, given, strict=True))
    return y, _start(last, given[0], empty)


def _start(last: Tensor, start: Tensor | None, empty: Tensor) -> Tensor:
    """Where there were no steps the first state is the last."""
    return torch.where(empty[:, None], last.new_zeros(()) if start is None else start, last)
