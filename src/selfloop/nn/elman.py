"""`selfloop.nn.RNN`."""

from __future__ import annotations

from typing import Literal

import torch


class RNN(torch.nn.RNN):
    """The simple recurrent network; everything is `torch.nn.RNN`'s, the forward pass too."""

    @property
    def backend(self) -> Literal["torch", "cells"]:
        """What runs the forward pass: "torch", its own."""
        return "torch"
