"""The ways that a gradient takes from a step to the one before: along the belt, or through the gates.

Arpit, Kanuparthi, Kerg, Ke, Mitliagkas & Bengio 2019, "h-detach: modifying the LSTM gradient towards better
optimization", arXiv:1810.03023.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from selfloop.exploration import GATES, CellKind
from selfloop.gates import rows
from selfloop.trace.quantities.lags import Floats

BELT = "belt"


def gradient_paths(
    cell: CellKind,
    W_hh: Floats,  # (G*H, H)
    gates: Mapping[str, Floats],  # each (T, H)
    hidden: Floats,  # (T, H)
    before: Floats,  # (T, H)
    grad_hidden: Floats,  # (T, H)
    grad_cell: Floats | None = None,  # (T, H)
) -> dict[str, Floats]:
    """What each path carries from step t to step t − 1, (T, H) each: the terms that sum to dL/dh, or dL/dc, there.

    Args:
        cell: which equations.
        W_hh: the recurrent weights, in gates.py's order.
        gates: by symbol; empty for the RNN. The GRU that resets after also needs "u", U h₋₁ + b' of its candidate.
        hidden: h after each step, for the LSTM c.
        before: h before each step, for the LSTM c.
        grad_hidden: dL/dh of each step, all paths together.
        grad_cell: dL/dc of each step, the LSTM's.

    Returns:
        "belt", and each gate by its symbol. The belt's is the part of dL/dc₋₁ (the GRU's: dL/dh₋₁) that comes straight
        through the keeping gate; a gate's is the part of dL/dh₋₁ that comes through its weights. The RNN has but "h".
    """
    if cell in ("rnn", "rnn_relu"):
        derivative = 1 - hidden**2 if cell == "rnn" else (hidden > 0).astype(np.float64)
        return {"h": (grad_hidden * derivative) @ W_hh}
    if cell == "lstm":
        assert grad_cell is not None, "an LSTM has a cell state"
        return _lstm(W_hh, gates, hidden, before, grad_hidden, grad_cell)
    return _gru(cell, W_hh, gates, before, grad_hidden)


def _lstm(
    W_hh: Floats, gates: Mapping[str, Floats], c: Floats, c_prev: Floats, dh: Floats, dc: Floats
) -> dict[str, Floats]:
    i, f, g, o = (gates[symbol] for symbol in "ifgo")
    pulls = {
        "i": dc * g * i * (1 - i),
        "f": dc * c_prev * f * (1 - f),
        "g": dc * i * (1 - g**2),
        "o": dh * np.tanh(c) * o * (1 - o),
    }
    return {BELT: dc * f, **_through("lstm", W_hh, pulls)}


def _gru(cell: CellKind, W_hh: Floats, gates: Mapping[str, Floats], h_prev: Floats, dh: Floats) -> dict[str, Floats]:
    r, z, n = (gates[symbol] for symbol in "rzn")
    dn = dh * (1 - z) * (1 - n**2)  # in the candidate's sum
    dz = dh * (h_prev - n) * z * (1 - z)
    if cell == "gru":
        return {BELT: dh * z, **_through(cell, W_hh, {"r": dn * gates["u"] * r * (1 - r), "z": dz, "n": dn * r})}
    from_n = _through(cell, W_hh, {"n": dn})["n"]  # in r ⊙ h₋₁
    return {
        BELT: dh * z,
        **_through(cell, W_hh, {"r": from_n * h_prev * r * (1 - r), "z": dz}),
        "n": from_n * r,
    }


def _through(cell: CellKind, W_hh: Floats, pulls: Mapping[str, Floats]) -> dict[str, Floats]:
    """What the gradients in the gates' sums become in h₋₁."""
    H = W_hh.shape[1]
    return {
        gate.symbol: pulls[gate.symbol] @ W_hh[rows(GATES[cell], gate, H)]
        for gate in GATES[cell]
        if gate.symbol in pulls
    }
