"""How a recorded call's numbers are laid out: time first, in the user's batch order, zeros beyond a sequence's end."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from selfloop.kernels.record import Record


def lengths_of(record: Record) -> Tensor | None:
    """(B,) valid steps of each sequence; None where all have all steps."""
    call = record.call
    if call.batch_sizes is None:
        return None if call.lengths is None else call.lengths.clone()
    steps = (call.batch_sizes[:, None] > torch.arange(call.batch)).sum(0)
    return in_order(record, steps)


def in_order(record: Record, states: Tensor) -> Tensor:
    """(B, ...) as a new tensor in the user's batch order."""
    return states.clone() if record.places is None else states[record.places]


def laid_out(
    record: Record,
    numbers: Tensor,  # (T, B, W), or packed (rows, W)
) -> Tensor:
    """(T, B, W), a new tensor."""
    call = record.call
    if call.batch_sizes is not None:
        return pad_packed_sequence(PackedSequence(numbers, call.batch_sizes, None, record.places))[0]
    if call.lengths is None:
        return numbers.clone(memory_format=torch.contiguous_format)
    beyond = torch.arange(len(numbers))[:, None] >= call.lengths
    return numbers.masked_fill(beyond[..., None], 0).contiguous()


def before_forward(
    states: Tensor,  # (T, B, H)
    start: Tensor,  # (B, H)
) -> Tensor:
    """(T, B, H): the state that each step began with."""
    return torch.cat([start[None], states[:-1]])


def before_backward(
    states: Tensor,  # (T, B, H)
    start: Tensor,  # (B, H)
    lengths: Tensor | None,  # (B,)
) -> Tensor:
    """The same for the direction that begins at each sequence's own last step: the step after, in the input's order."""
    found = torch.cat([states[1:], start[None]])
    if lengths is not None:
        begun = torch.arange(len(states))[:, None] == lengths - 1
        found = torch.where(begun[..., None], start, found)
    return found
