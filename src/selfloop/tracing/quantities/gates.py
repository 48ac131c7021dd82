"""What the gates say by themselves: how long a unit keeps, and how often a gate is shut or open."""

from __future__ import annotations

import numpy as np

from selfloop.tracing.quantities.lags import Floats

SHUT, OPEN = 0.1, 0.9


def time_constants(keep: Floats) -> Floats:
    """1 / (1 − mean keeping gate) of each unit, in steps: a unit of 10 has 1/e of what it held left after about 10.

    Tallec & Ollivier 2018, "Can recurrent neural networks warp time?", arXiv:1804.11188. It says how long the gate
    would keep, and nothing about whether anything reads it: look at it beside the horizon and the gradient.

    Args:
        keep: (steps, H) the LSTM's forget gate, the GRU's update gate.

    Returns:
        (H,); infinite where the gate is always open.
    """
    with np.errstate(divide="ignore"):
        return np.asarray(1 / (1 - keep.mean(axis=0)))


def saturation(gate: Floats) -> tuple[Floats, Floats]:
    """(H,) shares of steps at which a gate (steps, H) is nearly shut, below 0.1, and nearly open, above 0.9.

    Karpathy, Johnson & Fei-Fei 2015, "Visualizing and understanding recurrent networks", arXiv:1506.02078.
    """
    return (gate < SHUT).mean(axis=0), (gate > OPEN).mean(axis=0)
