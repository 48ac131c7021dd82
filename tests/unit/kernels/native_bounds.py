"""How far off one step may be, before it is run: from the sums of magnitudes Σ|w||x|, and from nothing measured.

A sum of n products by fma errs by at most n u Σ|w||x|, u the unit roundoff (Higham 2002, section 3.1); an activation by
a few units in the last place of its value, and by the error of its argument times its largest slope, 1/4 for the
sigmoid and 1 for tanh; the products around them by u each. Errors are seen to be 20 to 500 times smaller: they cancel.
"""

from __future__ import annotations

import numpy as np
from native_reference import GRU, LSTM, RNN_RELU, RNN_TANH, Inputs, split, type_of_array

ULP = 3.0  # of an activation; tests/unit/kernels/test_native_activations.py
SECOND_ORDER = 1.01  # products of errors, which float32's are far too small to feel


def step_bound(
    given: Inputs, eps: float, x: type_of_array, h: type_of_array, c: type_of_array, gates: dict[str, type_of_array]
) -> tuple[type_of_array, type_of_array]:
    """The error of h and of c after a step from exact x, h and c; `gates`: the exact ones of this step."""
    u, H = eps / 2, h.shape[1]
    n = x.shape[1] + H + 3

    def sums(inputs: type_of_array, W: type_of_array, b: type_of_array) -> list[type_of_array]:
        return [np.abs(inputs) @ np.abs(w).T + np.abs(bias) for w, bias in split(given, W, b)]

    from_x, from_h = sums(x, given.W_ih, given.b_ih), sums(h, given.W_hh, given.b_hh)
    total = [n * u * (a + b) for a, b in zip(from_x, from_h, strict=True)]
    ulp = ULP * eps
    if given.cell == RNN_RELU:
        return SECOND_ORDER * total[0], np.zeros_like(h)
    if given.cell == RNN_TANH:
        return SECOND_ORDER * (total[0] + ulp), np.zeros_like(h)
    gate = {
        name: total[k] / 4 + ulp * np.abs(gates[name]) for k, name in enumerate("ifgo" if given.cell == LSTM else "rz")
    }
    if given.cell == LSTM:
        i, f, g, o = (gates[name] for name in "ifgo")
        gate["g"] = total[2] + ulp * np.abs(g)
        bound_c = np.abs(c) * gate["f"] + np.abs(g) * gate["i"] + i * gate["g"]
        bound_c += 2 * u * (np.abs(f * c) + np.abs(i * g))
        belt = np.abs(np.tanh(f * c + i * g))
        return SECOND_ORDER * (belt * gate["o"] + o * (bound_c + (ulp + u) * belt)), SECOND_ORDER * bound_c
    return SECOND_ORDER * gru_bound(
        given, u, ulp, h, gates, gate, (n * u * from_x[2], n * u * from_h[2])
    ), np.zeros_like(h)


def gru_bound(
    given: Inputs,
    u: float,
    ulp: float,
    h: type_of_array,
    gates: dict[str, type_of_array],
    gate: dict[str, type_of_array],
    candidate: tuple[type_of_array, type_of_array],
) -> type_of_array:
    """The error of the GRU's h; `gate`: those of r and z; `candidate`: those of its sums over x and over h."""
    r, z, n = gates["r"], gates["z"], gates["n"]
    if given.cell == GRU:
        inside = candidate[0] + np.abs(gates["u"]) * gate["r"] + r * candidate[1]
        inside += 2 * u * (np.abs(r * gates["u"]) + np.abs(np.arctanh(n)))
    else:
        U = np.abs(split(given, given.W_hh, given.b_hh)[2][0])
        inside = candidate[0] + candidate[1] + (np.abs(h) * (gate["r"] + u * r)) @ U.T
    error_n = inside + ulp * np.abs(n)
    error: type_of_array = np.abs(n - h) * gate["z"] + (1 - z) * error_n + 4 * u * (np.abs(n) + np.abs(h))
    return error
