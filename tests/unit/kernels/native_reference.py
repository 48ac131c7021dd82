"""The cells in NumPy, forward only and for complex numbers, from the papers' equations.

Gradients come from forward alone, by the complex step (Squire & Trapp 1998): Im L(p + i e d) / e is the derivative of L
along d, without cancellation. So no backward pass stands here that could share a slip with the one that is tested.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

type_of_array = NDArray[Any]
RNN_TANH, RNN_RELU, LSTM, GRU, GRU_RESET_BEFORE = range(5)
GATES = (1, 1, 4, 3, 3)
STEP = 1e-30


def sigmoid(x: type_of_array) -> type_of_array:
    with np.errstate(over="ignore"):  # 1 / inf is right
        return np.asarray(1 / (1 + np.exp(-x)))


def relu(x: type_of_array) -> type_of_array:
    return np.where(x.real > 0, x, 0)


@dataclass(frozen=True, eq=False)
class Inputs:
    """All that the outputs depend on; `bump_h` and `bump_c`, zero, are added to the states after each step."""

    cell: int
    lengths: tuple[int, ...]  # of the B rows
    reverse: bool
    W_ih: type_of_array
    W_hh: type_of_array
    b_ih: type_of_array
    b_hh: type_of_array
    x: type_of_array  # (T, B, I)
    h0: type_of_array  # (B, H)
    c0: type_of_array
    bump_h: type_of_array  # (T, B, H)
    bump_c: type_of_array


@dataclass(frozen=True, eq=False)
class Outputs:
    y: type_of_array  # (T, B, H), zero beyond lengths
    hn: type_of_array
    cn: type_of_array
    cells: type_of_array  # (T, B, H)
    gates: dict[str, type_of_array] = field(default_factory=dict)  # (T, B, H) each


def run(given: Inputs) -> Outputs:
    """All steps, row by row in its own order; rows that have ended are left as they are."""
    T, B, H = given.bump_h.shape
    kind = np.result_type(*(v for v in vars(given).values() if isinstance(v, np.ndarray)))
    h, c = given.h0.astype(kind), given.c0.astype(kind)
    y, cells = np.zeros((T, B, H), kind), np.zeros((T, B, H), kind)
    gates: dict[str, type_of_array] = {}
    lengths = np.array(given.lengths)
    for s in range(int(lengths.max(initial=0))):
        rows = np.flatnonzero(lengths > s)
        t = lengths[rows] - 1 - s if given.reverse else np.full(len(rows), s)
        h_new, c_new, values = step(given, given.x[t, rows], h[rows], c[rows])
        h[rows], c[rows] = h_new + given.bump_h[t, rows], c_new + given.bump_c[t, rows]
        if given.cell == LSTM:  # c reaches h in its own step, too, and dL/dc_t has all paths
            h[rows] = values["o"] * np.tanh(c[rows]) + given.bump_h[t, rows]
        y[t, rows], cells[t, rows] = h[rows], c[rows]
        for name, value in values.items():
            gates.setdefault(name, np.zeros((T, B, H), kind))[t, rows] = value
    return Outputs(y, h, c, cells, gates)


def step(
    given: Inputs, x: type_of_array, h: type_of_array, c: type_of_array
) -> tuple[type_of_array, type_of_array, dict[str, type_of_array]]:
    """One step of some rows: h and c after it, and the gates."""
    from_x = [x @ W.T + b for W, b in split(given, given.W_ih, given.b_ih)]
    from_h = [h @ W.T + b for W, b in split(given, given.W_hh, given.b_hh)]
    if given.cell == LSTM:
        i, f, g, o = (a + b for a, b in zip(from_x, from_h, strict=True))
        i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
        c = f * c + i * g
        return o * np.tanh(c), c, {"i": i, "f": f, "g": g, "o": o}
    if given.cell in (GRU, GRU_RESET_BEFORE):
        r, z = (sigmoid(a + b) for a, b in zip(from_x[:2], from_h[:2], strict=True))
        if given.cell == GRU:
            u = from_h[2]
            n = np.tanh(from_x[2] + r * u)
            return (1 - z) * n + z * h, c, {"n": n, "r": r, "z": z, "u": u}
        W, b = split(given, given.W_hh, given.b_hh)[2]
        n = np.tanh(from_x[2] + (r * h) @ W.T + b)
        return (1 - z) * n + z * h, c, {"n": n, "r": r, "z": z}
    activation = np.tanh if given.cell == RNN_TANH else relu
    return activation(from_x[0] + from_h[0]), c, {}


def split(given: Inputs, W: type_of_array, b: type_of_array) -> list[tuple[type_of_array, type_of_array]]:
    G = GATES[given.cell]
    return list(zip(np.split(W, G), np.split(b, G), strict=True))


def slope(given: Inputs, loss: Callable[[Outputs], Any], name: str, direction: type_of_array) -> float:
    """The derivative of `loss` along `direction` of one of the inputs."""
    moved = replace(given, **{name: getattr(given, name) + 1j * STEP * direction})
    return float(np.imag(loss(run(moved))) / STEP)
