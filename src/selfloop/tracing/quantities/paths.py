"""The ways that a gradient takes from a step to the one before: along the belt, or through the gates.

Arpit, Kanuparthi, Kerg, Ke, Mitliagkas & Bengio 2019, "h-detach: modifying the LSTM gradient towards better
optimization", arXiv:1810.03023.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from selfloop.gates import rows
from selfloop.results.exploration import GATES, CellKind
from selfloop.tracing.quantities.lags import Floats

BELT = "belt"
TANHS = ("g", "n", "h")  # the other gates are sigmoids


def gradient_paths(
    cell: CellKind,
    W_hh: Floats,  # (G*H, H)
    gates: Mapping[str, Floats],  # each (T, H)
    grad_gates: Mapping[str, Floats],  # each (T, H)
    carried: Floats,  # (T, H)
) -> dict[str, Floats]:
    """What each path carries from step t to step t − 1, (T, H) each: the terms that sum to dL/dh, or dL/dc, there.

    Args:
        cell: which equations.
        W_hh: the recurrent weights, in gates.py's order.
        gates: by symbol, after their activations; of the RNN, whose only gate is its state, h.
        grad_gates: dL/d of each, as `selfloop.trace` gives them; of the RNN dL/dh.
        carried: the gradient of what the belt carries, all paths together: the LSTM's dL/dc, the others' dL/dh.

    Returns:
        "belt", and each gate by its symbol. The belt's is the part of dL/dc₋₁ (the GRU's: dL/dh₋₁) that comes straight
        through the keeping gate; a gate's is the part of dL/dh₋₁ that comes through its weights. The RNN has but "h".
    """
    H = W_hh.shape[1]
    inside = {symbol: grad * _derivative(cell, symbol, gates[symbol]) for symbol, grad in grad_gates.items()}
    if cell == "gru":  # U h₋₁ + b' is reset after the product
        inside["n"] = inside["n"] * gates["r"]
    found = {gate.symbol: inside[gate.symbol] @ W_hh[rows(GATES[cell], gate, H)] for gate in GATES[cell]}
    if cell == "gru_reset_before":  # U reads r ⊙ h₋₁
        found["n"] = found["n"] * gates["r"]
    keeping = {"lstm": "f", "gru": "z", "gru_reset_before": "z"}.get(cell)
    return found if keeping is None else {BELT: carried * gates[keeping], **found}


def _derivative(cell: CellKind, symbol: str, gate: Floats) -> Floats:
    """Of the gate's activation, from its value."""
    if cell == "rnn_relu":
        return (gate > 0).astype(np.float64)
    return np.asarray(1 - gate**2 if symbol in TANHS else gate * (1 - gate))
