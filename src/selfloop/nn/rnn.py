"""`selfloop.nn.RNN`."""

from __future__ import annotations

import torch

from selfloop.nn.base import Recurrent


class RNN(Recurrent, torch.nn.RNN):
    """The simple recurrent network: `torch.nn.RNN`, with `lengths=` in calls and `recompute` below.

    Args:
        *args: as for `torch.nn.RNN`.
        recompute: keyword only; keep only what backward cannot compute again. The RNN keeps nothing but its outputs
            anyway, so this changes nothing; it is here so that the three layers take the same arguments.
        **kwargs: as for `torch.nn.RNN`.

    Raises:
        SettingsError: `recompute` is neither True nor False.
        ValueError, TypeError: as `torch.nn.RNN` raises them.
    """
