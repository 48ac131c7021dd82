"""What stands at each address of the explorer, from the trace alone, by NumPy in float64: no code of the page's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from selfloop.results.exploration import Exploration, TracedModel

RECORDED = {"x", "gate", "state", "answer", "dh", "dc"}


@dataclass(frozen=True)
class Address:
    """ "model/kind/name/step/unit"."""

    model: str
    kind: str
    name: str
    t: int
    j: int

    @classmethod
    def of(cls, text: str) -> Address:
        model, kind, name, t, j = text.split("/")
        return cls(model, kind, name, int(t), int(j))


def expected(exploration: Exploration, text: str) -> float:
    """The value at an address of the unedited sequence."""
    address = Address.of(text)
    model = next(each for each in exploration.models if each.name == address.model)
    return float(getattr(Trace(model), address.kind)(address.name, address.t, address.j))


class Trace:
    """A traced model's numbers by kind; `name`, `t` and `j` as the page addresses them."""

    def __init__(self, model: TracedModel) -> None:
        self.model, self.H = model, model.hidden_size
        assert model.W_ih is not None
        assert model.W_hh is not None
        self.W_ih, self.W_hh = model.W_ih.numpy(), model.W_hh.numpy()
        self.gru = model.cell.startswith("gru")
        self.order = [gate.symbol for gate in model.kind.gates]
        self.inputs, self.hidden = model.inputs.numpy(), model.hidden.numpy()
        self.gates = {symbol: array.numpy() for symbol, array in model.gates.items()} or {"h": self.hidden}

    def x(self, name: str, t: int, i: int) -> float:
        return float(self.inputs[t, i])

    def gate(self, symbol: str, t: int, j: int) -> float:
        return float(self.gates[symbol][t, j])

    def state(self, name: str, t: int, j: int) -> float:
        return float(self._state(name, t)[j])

    def _state(self, name: str, t: int) -> np.ndarray:
        start, states = {"h": (self.model.h0, self.model.hidden), "c": (self.model.c0, self.model.cell_state)}[name]
        assert states is not None
        assert start is not None
        return start.numpy() if t < 0 else states.numpy()[t]

    def answer(self, name: str, t: int, k: int) -> float:
        assert self.model.answers is not None
        return float(self.model.answers.numpy()[t, k])

    def dh(self, name: str, t: int, j: int) -> float:
        assert self.model.gradients is not None
        return float(self.model.gradients.hidden.numpy()[t, j])

    def dc(self, name: str, t: int, j: int) -> float:
        assert self.model.gradients is not None
        assert self.model.gradients.cell is not None
        return float(self.model.gradients.cell.numpy()[t, j])

    def keep(self, name: str, t: int, j: int) -> float:
        gate, state = ("z", "h") if self.gru else ("f", "c")
        return float(self.gates[gate][t, j]) * float(self._state(state, t - 1)[j])

    def write(self, name: str, t: int, j: int) -> float:
        if self.gru:
            return (1 - float(self.gates["z"][t, j])) * float(self.gates["n"][t, j])
        return float(self.gates["i"][t, j]) * float(self.gates["g"][t, j])

    def rest(self, name: str, t: int, j: int) -> float:
        return 1 - float(self.gates[name][t, j])

    def squash(self, name: str, t: int, j: int) -> float:
        return float(np.tanh(float(self._state("c", t)[j])))

    def belt(self, name: str, t: int, j: int) -> float:
        if self.gru:
            return float(self.dh("-", t, j)) * float(self.gates["z"][t, j])
        return float(self.dc("-", t, j)) * float(self.gates["f"][t, j])

    def _rows(self, symbol: str) -> slice:
        first = self.order.index(symbol) * self.H
        return slice(first, first + self.H)

    def _parts(self, symbol: str, t: int) -> tuple[np.ndarray, np.ndarray]:
        """W x + b and U h + b' of a gate, all units."""
        m, rows = self.model, self._rows(symbol)
        b, b_hh = (np.zeros(self.H) if each is None else each.numpy()[rows].astype(float) for each in (m.b_ih, m.b_hh))
        h = self._state("h", t - 1).astype(float)
        if symbol == "n" and m.cell == "gru_reset_before":
            h = h * self.gates["r"][t]
        return self.W_ih[rows].astype(float) @ self.inputs[t] + b, self.W_hh[rows].astype(float) @ h + b_hh

    def before(self, symbol: str, t: int, j: int) -> float:
        own, past = self._parts(symbol, t)
        after = self.gates["r"][t].astype(float) if symbol == "n" and self.model.cell == "gru" else 1.0
        return float((own + after * past)[j])

    def u(self, name: str, t: int, j: int) -> float:
        return float(self._parts("n", t)[1][j])

    def weight(self, name: str, t: int, j: int) -> float:
        symbol, kind, index = name.split(".")
        if symbol == "answer":
            assert self.model.head is not None
            return float(self.model.head.W.numpy()[j, int(index)])
        W = (self.W_ih if kind == "input" else self.W_hh)[self._rows(symbol)]
        return float(W[j, int(index)])

    def factor(self, name: str, t: int, j: int) -> float:
        symbol, kind, index = name.split(".")
        if kind == "input":
            return float(self.inputs[t, int(index)])
        value = float(self._state("h", t if symbol == "answer" else t - 1)[int(index)])
        reset = symbol == "n" and self.model.cell == "gru_reset_before"
        return value * float(self.gates["r"][t, int(index)]) if reset else value

    def term(self, name: str, t: int, j: int) -> float:
        symbol, kind, _ = name.split(".")
        r = float(self.gates["r"][t, j]) if symbol == "n" and self.model.cell == "gru" else 1.0
        if kind == "bias":
            if symbol == "answer":
                assert self.model.head is not None
                return float(self.model.head.b.numpy()[j])
            assert self.model.b_ih is not None
            assert self.model.b_hh is not None
            rows = self._rows(symbol)
            return float(self.model.b_ih.numpy()[rows][j]) + r * float(self.model.b_hh.numpy()[rows][j])
        return (r if kind == "state" else 1.0) * float(self.factor(name, t, j)) * float(self.weight(name, t, j))

    def score(self, name: str, t: int, k: int) -> float:
        assert self.model.head is not None
        W, b = self.model.head.W.numpy().astype(float), self.model.head.b.numpy().astype(float)
        return float((W @ self.hidden[t].astype(float) + b)[k])

    def written(self, name: str, t: int, j: int) -> float:
        keep = self.gates["z" if self.gru else "f"].astype(float)[:, j]
        if name == "start":
            return float(np.prod(keep[: t + 1])) * float(self._state("h" if self.gru else "c", -1)[j])
        step = int(name)
        return float(np.prod(keep[step + 1 : t + 1])) * self.write("-", step, j)

    def dgate(self, symbol: str, t: int, j: int) -> float:
        """dL/d(the sum that the gate is made of), by the chain rule from what is recorded."""
        if not self.gru and self.model.cell != "lstm":
            return float(self.dh("-", t, j)) * (1 - float(self.hidden[t, j]) ** 2)
        g = {name: float(gate[t, j]) for name, gate in self.gates.items()}
        if self.gru:
            dh, h = float(self.dh("-", t, j)), float(self._state("h", t - 1)[j])
            dn = dh * (1 - g["z"]) * (1 - g["n"] ** 2)
            dz = dh * (h - g["n"]) * g["z"] * (1 - g["z"])
            assert self.model.cell == "gru"
            return {"n": dn, "z": dz, "r": dn * self.u("-", t, j) * g["r"] * (1 - g["r"])}[symbol]
        dc, before = float(self.dc("-", t, j)), float(self._state("c", t - 1)[j])
        slope = {name: value * (1 - value) for name, value in g.items()}
        return {
            "o": float(self.dh("-", t, j)) * self.squash("-", t, j) * slope["o"],
            "f": dc * before * slope["f"],
            "i": dc * g["g"] * slope["i"],
            "g": dc * g["i"] * (1 - g["g"] ** 2),
        }[symbol]

    def sent(self, name: str, t: int, j: int) -> float:
        """What one unit's own gates send to all of h of the step before, as a length."""
        assert self.model.cell != "gru_reset_before"
        back = np.zeros(self.H)
        for symbol in self.order if name == "gates" else [name]:
            after = float(self.gates["r"][t, j]) if symbol == "n" else 1.0
            back += self.dgate(symbol, t, j) * after * self.W_hh[self._rows(symbol)][j].astype(float)
        return float(np.linalg.norm(back))

    def base(self, name: str, t: int, k: int) -> float:
        """What an answer stands on without the network."""
        head = self.model.head
        assert head is not None
        assert head.offset is not None
        value = float(head.offset.numpy()[t, k])
        return float(np.exp(value)) if head.transform == "exp" else value

    def part(self, name: str, t: int, k: int) -> float:
        """What the network adds to that, or multiplies it by."""
        head = self.model.head
        assert head is not None
        value = self.score(name, t, k) * head.scale[k]
        return float(np.exp(value)) if head.transform == "exp" else value

    def path(self, name: str, t: int, _: int) -> float:
        """Norm over units of what a path hands to the step before."""
        if name == "belt":
            return float(np.linalg.norm([self.belt("-", t, j) for j in range(self.H)]))
        back = np.zeros(self.H)
        for symbol in self.order if name == "gates" else [name]:
            delta = np.array([self.dgate(symbol, t, j) for j in range(self.H)])
            after = self.gates["r"][t].astype(float) if symbol == "n" else 1.0
            back += (delta * after) @ self.W_hh[self._rows(symbol)].astype(float)
        return float(np.linalg.norm(back))
