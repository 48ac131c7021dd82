"""How far rounding alone may move a layer's states: a first-order a-priori bound, step by step, in float64 NumPy.

A sum of n products computed in any order is off by at most n·u·Σ|w||x| (Higham 2002, section 3.1), u the unit
roundoff. From there each equation is differentiated: a sigmoid s passes on s(1 − s) of its argument's error, a tanh t
1 − t², a product |a| of b's error and |b| of a's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selfloop.cells import GRU, LSTM, RNN, Cell, ChoGRU, Layers, ReluRNN
from selfloop.kinds import Gate
from selfloop.kinds.gru import CANDIDATE, RESET, UPDATE
from selfloop.kinds.lstm import CELL_CANDIDATE, FORGET, INPUT, OUTPUT

Array = NDArray[np.float64]
ULPS = 4  # of an activation, in units of u: no better is promised for exp, tanh and the division
HIGHER = 1.01  # for the products of errors that first order leaves out


@dataclass(frozen=True)
class Past:
    """States before a step, with the bounds of their errors."""

    h: Array
    eh: Array
    c: Array | None
    ec: Array | None


class Rounding:
    """The bound for one cell with its weights, in a number format with unit roundoff `u`."""

    def __init__(self, kind: type[Cell], weights: list[Array], u: float) -> None:
        self.u, self.gates = u, kind.kind.gates
        self.W, self.U, b, bb = (np.abs(w) for w in weights)
        self.b, self.bb = b, bb
        self.n = self.W.shape[1] + self.U.shape[1] + 3
        steps: dict[type[Cell], Callable[..., tuple[Array, Array | None]]]
        steps = {RNN: self.rnn, ReluRNN: self.relu, LSTM: self.lstm, GRU: self.gru, ChoGRU: self.cho}
        self.step = steps[kind]

    def linear(self, M: Array, v: Array, ev: Array, b: Array) -> dict[Gate, Array]:
        error = ev @ M.T + self.n * self.u * (np.abs(v) @ M.T + b)
        return dict(zip(self.gates, np.split(error, len(self.gates), axis=-1), strict=True))

    def sums(self, x: Array, ex: Array, past: Past) -> dict[Gate, Array]:
        W, U = self.linear(self.W, x, ex, self.b), self.linear(self.U, past.h, past.eh, self.bb)
        return {gate: W[gate] + U[gate] for gate in self.gates}

    def sigmoid(self, s: Array, error: Array) -> Array:
        return s * (1 - s) * error + ULPS * self.u * s

    def tanh(self, t: Array, error: Array) -> Array:
        return (1 - t**2) * error + ULPS * self.u * np.abs(t)

    def rnn(self, x: Array, ex: Array, past: Past, g: dict[Gate, Array], h: Array, _: None) -> tuple[Array, None]:
        return self.tanh(h, self.sums(x, ex, past)[self.gates[0]]), None

    def relu(self, x: Array, ex: Array, past: Past, g: dict[Gate, Array], h: Array, _: None) -> tuple[Array, None]:
        return self.sums(x, ex, past)[self.gates[0]], None

    def lstm(self, x: Array, ex: Array, past: Past, v: dict[Gate, Array], h: Array, c: Array) -> tuple[Array, Array]:
        assert past.c is not None
        assert past.ec is not None
        a = self.sums(x, ex, past)
        i, f, g, o = (np.abs(v[gate]) for gate in (INPUT, FORGET, CELL_CANDIDATE, OUTPUT))
        ei, ef, eo = (self.sigmoid(s, a[gate]) for s, gate in ((i, INPUT), (f, FORGET), (o, OUTPUT)))
        eg = self.tanh(g, a[CELL_CANDIDATE])
        ec = f * past.ec + np.abs(past.c) * ef + i * eg + g * ei
        ec += 2 * self.u * (f * np.abs(past.c) + i * g)
        tanh_c = np.abs(np.tanh(c))
        return o * self.tanh(tanh_c, ec) + tanh_c * eo + self.u * np.abs(h), ec

    def gru(self, x: Array, ex: Array, past: Past, v: dict[Gate, Array], h: Array, _: None) -> tuple[Array, None]:
        a, r, n = self.sums(x, ex, past), v[RESET], np.abs(v[CANDIDATE])
        W, U = self.linear(self.W, x, ex, self.b), self.linear(self.U, past.h, past.eh, self.bb)
        largest = np.split(np.abs(past.h) @ self.U.T + self.bb, 3, axis=-1)[2]  # |U h₋₁ + b'| is at most this
        er = self.sigmoid(r, a[RESET])
        en = self.tanh(n, W[CANDIDATE] + r * U[CANDIDATE] + largest * (er + self.u * r))
        return self.mix(past, v[UPDATE], self.sigmoid(v[UPDATE], a[UPDATE]), n, en), None

    def cho(self, x: Array, ex: Array, past: Past, v: dict[Gate, Array], h: Array, _: None) -> tuple[Array, None]:
        a, r, n = self.sums(x, ex, past), v[RESET], np.abs(v[CANDIDATE])
        er = self.sigmoid(r, a[RESET])
        rh = r * np.abs(past.h)
        e_rh = r * past.eh + np.abs(past.h) * er + self.u * rh
        W, U = self.linear(self.W, x, ex, self.b), self.linear(self.U, rh, e_rh, self.bb)
        en = self.tanh(n, W[CANDIDATE] + U[CANDIDATE])
        return self.mix(past, v[UPDATE], self.sigmoid(v[UPDATE], a[UPDATE]), n, en), None

    def mix(self, past: Past, z: Array, ez: Array, n: Array, en: Array) -> Array:
        h = np.abs(past.h)
        return (1 - z) * en + z * past.eh + (n + h) * ez + 3 * self.u * ((1 - z) * n + z * h)


def bound(
    kind: type[Cell], ran: Layers, weights: dict[str, Array], x: Array, starts: dict[str, Array], u: float
) -> Array:
    """(T, B, D*H): how far the last layer's outputs can be from the exact ones, given a float64 run of the same."""
    suffixes = ["", "_reverse"] if any("reverse" in name for name in weights) else [""]
    ex = np.zeros_like(x)
    for depth in range(len(ran.runs) // len(suffixes)):
        errors, outputs = [], []
        for d, suffix in enumerate(suffixes):
            k = depth * len(suffixes) + d
            names = ("weight_ih_l", "weight_hh_l", "bias_ih_l", "bias_hh_l")
            rounding = Rounding(kind, [weights[f"{name}{depth}{suffix}"] for name in names], u)
            order = slice(None, None, -1) if suffix else slice(None)
            run = ran.runs[k]
            values = {gate: value.numpy()[order] for gate, value in run.gates.items()}
            states = {name: state.numpy()[order] for name, state in run.states.items()}
            zero = np.zeros_like(starts["h0"][k])
            past = Past(starts["h0"][k], zero, starts["c0"][k] if "c0" in starts else None, zero)
            found = []
            for t in range(len(x)):
                h, c = states["h"][t], states["c"][t] if "c" in states else None
                now = {gate: value[t] for gate, value in values.items()}
                eh, ec = rounding.step(x[order][t], ex[order][t], past, now, h, c)
                past = Past(h, eh, c, ec)
                found.append(eh)
            errors.append(np.stack(found)[order])
            outputs.append(run.outputs.numpy())
        x, ex = np.concatenate(outputs, axis=-1), np.concatenate(errors, axis=-1)
    return HIGHER * ex
