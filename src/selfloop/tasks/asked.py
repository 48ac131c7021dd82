"""What a user may ask of a task."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Readout = Literal["step", "last", "mean"]
"""What an answer is made of: a step's own state, the state after all steps, or the mean over them."""
Pool = Literal["last", "mean"]
"""The readouts of one answer a sequence."""
Direction = Literal["one", "both"]
Short = Literal["drop", "error"]
"""What becomes of a series that is too short to be tested among others that are not."""


@dataclass(frozen=True)
class Asked:
    """What a user may ask of a task; None: inferred, or the task's default."""

    horizon: int | None = None
    season: int | None = None
    direction: Direction | None = None
    pool: Pool | None = None
    folds: int | None = None
    validation: float = 0.2  # share of each training part that choices are made on
    short: Short | None = None
