"""Cells of nobody's, in plain NumPy, and explorations of them made by hand: what a page has no drawing for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import pytest

from selfloop.kinds import Gate, Kind, Reset, Share, register, registry
from selfloop.results.array import Array
from selfloop.results.exploration import Exploration, Gradients, Head, TracedModel

LEAK = Gate("leak", "a", "#D55E00", meaning="clear is 0: keep the old · full is 1: write the new")
PROPOSAL = Gate("proposal", "v", "#CC79A7", "tanh")
SELECTOR = Gate("selector", "s", "#009E73")
MASK = Gate("mask", "m", "#44AA99")
PUSH, SQUEEZE = Gate("push", "p", "#117733", "relu"), Gate("squeeze", "q", "#AA4499")

# The belt is h itself, and one gate's rest keeps.
LEAKY = Kind(
    name="leaky", label="Leaky cell", gates=(PROPOSAL, LEAK), colour="#117733", dark="#66CC99",
    keep=Share(LEAK, rest=True), write=Share(LEAK), candidate=PROPOSAL,
    formula="h<sub>t</sub> = (1 − a) ⊙ h<sub>t−1</sub> + a ⊙ v", file=__file__, equations="Leaky",
)  # fmt: skip
# A belt beside h, and a gate that resets.
SELECTIVE = Kind(
    name="selective", label="Selective cell", gates=(LEAK, SELECTOR, MASK, PROPOSAL), states=("h", "c"),
    colour="#AA4499", dark="#DD88CC", keep=Share(LEAK), write=Share(SELECTOR), candidate=PROPOSAL,
    reset=Reset(MASK, after=False), formula="c<sub>t</sub> = a ⊙ c<sub>t−1</sub> + s ⊙ v, h<sub>t</sub> = tanh(c)",
)  # fmt: skip
# Nothing is said of what it keeps, nor how its gates are made.
BLOB = Kind(name="blob", label="Blob", gates=(PUSH, SQUEEZE), plain=False)
OWN = (LEAKY, SELECTIVE, BLOB)
Row = dict[str, np.ndarray]  # gates and states of a step by symbol, (H,) each


Total = Callable[[str, np.ndarray], np.ndarray]  # W x + U v of a gate, for this v


def sigmoid(a: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-a)))


class Leaky:
    """One step of the leaky cell."""

    def step(self, total: Total, h: np.ndarray) -> Row:
        a = sigmoid(total("a", h))
        v = np.tanh(total("v", h))
        h = (1 - a) * h + a * v
        return {"a": a, "v": v, "h": h}


def _selective(total: Total, h: np.ndarray, c: np.ndarray) -> Row:
    a, s, m = (sigmoid(total(symbol, h)) for symbol in "asm")
    v = np.tanh(total("v", m * h))
    c = a * c + s * v
    return {"a": a, "s": s, "m": m, "v": v, "c": c, "h": np.tanh(c)}


def _blob(total: Total, h: np.ndarray) -> Row:
    p, q = np.maximum(total("p", h**2), 0), sigmoid(total("q", h))
    return {"p": p, "q": q, "h": q * np.minimum(p, 3)}


def _step(kind: Kind, total: Total, states: Row) -> Row:
    if kind is LEAKY:
        return Leaky().step(total, states["h"])
    return _selective(total, **states) if kind is SELECTIVE else _blob(total, states["h"])


@contextmanager
def registered(*kinds: Kind) -> Iterator[None]:
    """The table of cells with these in it, for as long as it takes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "_KINDS", dict(registry._KINDS))
        for kind in kinds:
            register(kind)
        yield


@dataclass(frozen=True)
class Sizes:
    """T steps of I inputs, H units, K classes."""

    T: int = 26
    I: int = 3  # noqa: E741
    H: int = 5
    K: int = 3


def traced(kind: Kind, x: np.ndarray, sizes: Sizes) -> TracedModel:
    """One sequence through a cell of random weights; needs the kind to be registered."""
    made = np.random.default_rng(len(kind.name))
    G, (T, H, K) = len(kind.gates), (len(x), sizes.H, sizes.K)
    W, U = made.normal(size=(G * H, sizes.I)), made.normal(size=(G * H, H))
    states = {"h": made.normal(size=H) / 2, "c": made.normal(size=H) / 2}
    start, rows = dict(states), []
    place = {gate.symbol: slice(k * H, (k + 1) * H) for k, gate in enumerate(kind.gates)}
    for inputs in x:
        row = _step(kind, lambda symbol, v: W[place[symbol]] @ inputs + U[place[symbol]] @ v, states)  # noqa: B023
        states = {name: row.get(name, states[name]) for name in states}
        rows.append(row)
    of = {symbol: np.array([row[symbol] for row in rows], np.float32) for symbol in rows[0]}
    W_out = made.normal(size=(K, H)).astype(np.float32)
    powers = np.exp(of["h"] @ W_out.T)
    pull = (made.normal(size=(T, H)) * 0.6 ** np.arange(T)[::-1, None]).astype(np.float32)
    cell = "c" in kind.states
    return TracedModel(
        name=kind.name, label=kind.label, cell=kind.name, layer=1, layers=1,
        input_names=tuple(f"x{k + 1}" for k in range(sizes.I)), inputs=Array.of(x.astype(np.float32)),
        W_ih=Array.of(W), W_hh=Array.of(U), b_ih=None, b_hh=None,
        h0=Array.of(start["h"].astype(np.float32)), c0=Array.of(start["c"].astype(np.float32)) if cell else None,
        gates={gate.symbol: Array.of(of[gate.symbol]) for gate in kind.gates}, hidden=Array.of(of["h"]),
        cell_state=Array.of(of["c"]) if cell else None,
        head=Head("classes", "last", Array.of(W_out), Array.of(np.zeros(K)), ("red", "green", "blue")[:K]),
        answers=Array.of((powers / powers.sum(-1, keepdims=True)).astype(np.float32)),
        gradients=Gradients(
            "the cross-entropy of the answer at the last step", "cross_entropy", T - 1, 1, hidden=Array.of(pull),
            cell=Array.of(pull * np.float32(0.5)) if cell else None,
        ),
        by_lag=tuple(0.6**k for k in range(9)),
    )  # fmt: skip


def own_exploration(*kinds: Kind, sizes: Sizes = Sizes()) -> Exploration:
    """Cells of one's own on one sequence of noise."""
    x = np.random.default_rng(3).normal(size=(sizes.T, sizes.I)).astype(np.float32)
    models = tuple(traced(kind, x.astype(float), sizes) for kind in kinds)
    return Exploration(
        data="noise", sequence="7", headline="What cells of one's own made of one sequence.", facts=(), models=models,
        raw_names=models[0].input_names, raw=Array.of(x), time=(), first_step=0, total_steps=sizes.T, target_class=1,
    )  # fmt: skip


def beside(exploration: Exploration, kind: Kind) -> Exploration:
    """The same sequence through one more cell."""
    first = exploration.models[0]
    sizes = Sizes(T=first.steps, I=first.input_size)
    return replace(exploration, models=(*exploration.models, traced(kind, first.inputs.numpy().astype(float), sizes)))
