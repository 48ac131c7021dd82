"""The newer cells as their papers write them, one number after the other; nothing of selfloop is used.

A vector is a list, a matrix a list of rows. Weights have the layout and the signs of the papers; `Counted` numbers
count how often a number is multiplied or divided by another one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

Vector = list[Any]
Matrix = list[Vector]
EPSILON = 1e-5  # beside the variance


class Counted:
    """A number that counts products and quotients; sums and functions cost nothing."""

    products = 0

    def __init__(self, value: float) -> None:
        self.value = value

    def __add__(self, other: Counted | float) -> Counted:
        return Counted(self.value + float(other))

    __radd__ = __add__

    def __sub__(self, other: Counted | float) -> Counted:
        return Counted(self.value - float(other))

    def __rsub__(self, other: Counted | float) -> Counted:
        return Counted(float(other) - self.value)

    def __mul__(self, other: Counted) -> Counted:
        Counted.products += 1
        return Counted(self.value * other.value)

    def __truediv__(self, other: Counted) -> Counted:
        Counted.products += 1
        return Counted(self.value / other.value)

    def __float__(self) -> float:
        return self.value


def applied(function: Callable[[float], float], a: Any) -> Any:
    return Counted(function(float(a))) if isinstance(a, Counted) else function(a)


def sigmoid(a: Any) -> Any:
    return applied(lambda v: 1 / (1 + math.exp(-v)), a)


def tanh(a: Any) -> Any:
    return applied(math.tanh, a)


def dot(row: Vector, v: Vector) -> Any:
    total = row[0] * v[0]
    for a, b in zip(row[1:], v[1:], strict=True):
        total = total + a * b
    return total


def mean(v: Sequence[Any]) -> Any:
    total = v[0]
    for each in v[1:]:
        total = total + each
    return applied(lambda value: value / len(v), total)


def layer_norm(a: Vector, gain: Vector, bias: Vector) -> Vector:
    """Ba et al. 2016, equation 15: LN(z; α, β) = (z − μ) / σ ⊙ α + β over the whole vector."""
    mu = mean(a)
    centred = [each - mu for each in a]
    sigma = applied(lambda v: math.sqrt(v + EPSILON), mean([each * each for each in centred]))
    return [each / sigma * g + b for each, g, b in zip(centred, gain, bias, strict=True)]


def peephole(w: dict[str, Any], x: Vector, h: Vector, c: Vector) -> tuple[Vector, Vector]:
    """Gers & Schmidhuber 2000, equations 3 to 8, with g and h of the paper as tanh: each block has its own weights."""
    new_h, new_c = [], []
    for j in range(len(h)):
        net_in = dot(w["in_x"][j], x) + dot(w["in_y"][j], h) + w["in_c"][j] * c[j] + w["in_b"][j]
        net_phi = dot(w["phi_x"][j], x) + dot(w["phi_y"][j], h) + w["phi_c"][j] * c[j] + w["phi_b"][j]
        net_c = dot(w["c_x"][j], x) + dot(w["c_y"][j], h) + w["c_b"][j]
        s = sigmoid(net_phi) * c[j] + sigmoid(net_in) * tanh(net_c)
        net_out = dot(w["out_x"][j], x) + dot(w["out_y"][j], h) + w["out_c"][j] * s + w["out_b"][j]
        new_c.append(s)
        new_h.append(sigmoid(net_out) * tanh(s))
    return new_h, new_c


def cifg(w: dict[str, Any], x: Vector, h: Vector, c: Vector) -> tuple[Vector, Vector]:
    """Greff et al. 2017, CIFG without peepholes: f = 1 − i."""
    new_h, new_c = [], []
    for j in range(len(h)):
        z = tanh(dot(w["z_x"][j], x) + dot(w["z_y"][j], h) + w["z_b"][j])
        i = sigmoid(dot(w["i_x"][j], x) + dot(w["i_y"][j], h) + w["i_b"][j])
        f = 1 - i
        o = sigmoid(dot(w["o_x"][j], x) + dot(w["o_y"][j], h) + w["o_b"][j])
        new_c.append(z * i + c[j] * f)
        new_h.append(tanh(new_c[-1]) * o)
    return new_h, new_c


def ln_lstm(w: dict[str, Any], x: Vector, h: Vector, c: Vector) -> tuple[Vector, Vector]:
    """Ba et al. 2016, equations 20 to 22: the rows of W_h and W_x are those of f, i, o and g, in that order."""
    H = len(h)
    of_h = layer_norm([dot(row, h) for row in w["W_h"]], w["alpha_1"], w["beta_1"])
    of_x = layer_norm([dot(row, x) for row in w["W_x"]], w["alpha_2"], w["beta_2"])
    total = [a + b for a, b in zip(of_h, of_x, strict=True)]
    f, i, o, g = (total[k * H : (k + 1) * H] for k in range(4))
    new_c = [sigmoid(f[j]) * c[j] + sigmoid(i[j]) * tanh(g[j]) for j in range(H)]
    shown = layer_norm(new_c, w["alpha_3"], w["beta_3"])
    return [sigmoid(o[j]) * tanh(shown[j]) for j in range(H)], new_c


def min_gru(w: dict[str, Any], x: Vector, h: Vector) -> tuple[Vector]:
    """Feng et al. 2024, section 3.1: h = (1 − z) ⊙ h₋₁ + z ⊙ h̃, where z writes."""
    new_h = []
    for j in range(len(h)):
        z = sigmoid(dot(w["z"][j], x) + w["z_b"][j])
        proposed = dot(w["h"][j], x) + w["h_b"][j]
        new_h.append((1 - z) * h[j] + z * proposed)
    return (new_h,)


def ind_rnn(w: dict[str, Any], x: Vector, h: Vector) -> tuple[Vector]:
    """Li et al. 2018, equation 4: h = σ(W x + u ⊙ h₋₁ + b), σ the rectifier."""
    return ([applied(lambda v: max(v, 0.0), dot(w["W"][n], x) + w["u"][n] * h[n] + w["b"][n]) for n in range(len(h))],)
