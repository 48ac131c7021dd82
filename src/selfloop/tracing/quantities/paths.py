"""The ways that a gradient takes from a step to the one before: along the belt, or through the gates.

Arpit, Kanuparthi, Kerg, Ke, Mitliagkas & Bengio 2019, "h-detach: modifying the LSTM gradient towards better
optimization", arXiv:1810.03023.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from selfloop.kinds import Kind
from selfloop.kinds.kind import Activation
from selfloop.tracing.quantities.lags import Floats

BELT = "belt"


def gradient_paths(
    kind: Kind,
    W_hh: Floats,  # (G*H, H)
    gates: Mapping[str, Floats],  # each (T, H)
    grad_gates: Mapping[str, Floats],  # each (T, H)
    carried: Floats,  # (T, H)
) -> dict[str, Floats]:
    """What each path carries from step t to step t − 1, (T, H) each: the terms that sum to dL/dh, or dL/dc, there.

    Args:
        kind: of the cell: plain, so that its paths are known.
        W_hh: the recurrent weights.
        gates: by symbol, after their activations; of the RNN, whose only gate is its state, h.
        grad_gates: dL/d of each, as `selfloop.trace` gives them; of the RNN dL/dh.
        carried: the gradient of what the belt carries, all paths together: the LSTM's dL/dc, the others' dL/dh.

    Returns:
        "belt", and each gate by its symbol. The belt's is the part of dL/dc₋₁ (the GRU's: dL/dh₋₁) that comes straight
        through the keeping gate; a gate's is the part of dL/dh₋₁ that comes through its weights. The RNN has but "h".
    """
    H = W_hh.shape[1]
    activations = {gate.symbol: gate.activation for gate in kind.gates}
    inside = {symbol: grad * _derivative(activations[symbol], gates[symbol]) for symbol, grad in grad_gates.items()}
    reset, candidate = kind.reset, "" if kind.candidate is None else kind.candidate.symbol
    if reset is not None and reset.after:  # U h₋₁ + b' is reset after the product
        inside[candidate] = inside[candidate] * gates[reset.gate.symbol]
    found = {gate.symbol: inside[gate.symbol] @ W_hh[kind.rows(gate, H)] for gate in kind.gates}
    if reset is not None and not reset.after:  # U reads r ⊙ h₋₁
        found[candidate] = found[candidate] * gates[reset.gate.symbol]
    return found if kind.keep is None else {BELT: carried * kind.keep.of(gates), **found}


def _derivative(activation: Activation, gate: Floats) -> Floats:
    """Of the gate's activation, from its value."""
    if activation == "relu":
        return (gate > 0).astype(np.float64)
    if activation == "linear":
        return np.ones_like(gate)
    return np.asarray(1 - gate**2 if activation == "tanh" else gate * (1 - gate))
