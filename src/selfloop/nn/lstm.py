"""`selfloop.nn.LSTM`."""

from __future__ import annotations

from typing import Literal

import torch


class LSTM(torch.nn.LSTM):
    """Long short-term memory; everything is `torch.nn.LSTM`'s, the forward pass and projections too."""

    @property
    def backend(self) -> Literal["torch", "cells"]:
        """What runs the forward pass: "torch", its own."""
        return "torch"
