"""`selfloop.nn.LSTM`."""

from __future__ import annotations

import torch

from selfloop.nn.base import Recurrent


class LSTM(Recurrent, torch.nn.LSTM):
    """Long short-term memory: `torch.nn.LSTM`, with `lengths=` in calls and `recompute` below.

    Args:
        *args: as for `torch.nn.LSTM`.
        recompute: keyword only; keep no gates, only every k-th cell state, and compute them again on the way back: the
            same gradients to the bit in less memory, for about a third more time.
        **kwargs: as for `torch.nn.LSTM`. With `proj_size` torch's own forward pass runs.

    Raises:
        SettingsError: `recompute` is neither True nor False.
        ValueError, TypeError: as `torch.nn.LSTM` raises them.
    """

    def _rounded_to(self, x: torch.dtype, state: torch.dtype | None, half: torch.dtype) -> torch.dtype:
        return (
            half if x is torch.float32 or state is None else state
        )  # oneDNN's; of a half x, c is as wide as its start
