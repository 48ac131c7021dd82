"""Explanations from data alone: cells in NumPy with random weights, and curves with a shape that a reader knows."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from selfloop.kinds import kind_of
from selfloop.results.array import Array
from selfloop.results.explanation import Explanation, HorizonCurve, LagGradient, Ledger, ModelInsight, Saturation
from selfloop.results.exploration import Exploration, Finding, Head, Horizon, TracedModel

Numbers = npt.NDArray[np.float64]
LABELS = {"rnn": "RNN", "rnn_relu": "ReLU RNN", "lstm": "LSTM", "gru": "GRU", "gru_reset_before": "GRU (Cho)"}
DECAY = {"rnn": 0.78, "rnn_relu": 0.7, "lstm": 0.985, "gru": 0.96, "gru_reset_before": 0.95}


def _sigmoid(x: Numbers) -> Numbers:
    return 1 / (1 + np.exp(-x))


def _single(values: Numbers) -> Array:
    return Array.of(values.astype(np.float32))


def _weights(kind: str, random: np.random.Generator, inputs: int, hidden: int) -> dict[str, Numbers]:
    """As large as trained ones; the keeping gate is open for a time of its own in each unit."""
    rows = len(kind_of(kind).gates) * hidden
    made = {
        "W_ih": random.normal(size=(rows, inputs)) / inputs**0.5,
        "W_hh": random.normal(size=(rows, hidden)) / hidden**0.5,
        "b_ih": random.normal(size=rows) / 4, "b_hh": np.zeros(rows),
    }  # fmt: skip
    if rows > hidden:
        made["b_ih"][hidden : 2 * hidden] += np.log(random.uniform(1, 60, size=hidden))
    return made


def _run(kind: str, weights: dict[str, Numbers], x: Numbers, state: dict[str, Numbers]) -> dict[str, Numbers]:
    """Every gate and state of every step, (T, H) each: the equations of Hochreiter, Gers and Cho, written once more."""
    hidden = len(state["h"])
    W, U = (weights[name].reshape(-1, hidden, weights[name].shape[1]) for name in ("W_ih", "W_hh"))
    b, d = (weights[name].reshape(-1, hidden) for name in ("b_ih", "b_hh"))
    h, c, rows = state["h"], state.get("c"), []
    for row in x:
        read, past = W @ row + b, U @ h + d
        if kind == "lstm":
            assert c is not None
            i, f, g, o = read + past
            i, f, g, o = _sigmoid(i), _sigmoid(f), np.tanh(g), _sigmoid(o)
            c = f * c + i * g
            h = o * np.tanh(c)
            rows.append({"i": i, "f": f, "g": g, "o": o, "c": c, "h": h})
        elif kind.startswith("gru"):
            r, z = _sigmoid(read[0] + past[0]), _sigmoid(read[1] + past[1])
            inner = r * past[2] if kind == "gru" else U[2] @ (r * h) + d[2]
            n = np.tanh(read[2] + inner)
            h = (1 - z) * n + z * h
            rows.append({"r": r, "z": z, "n": n, "h": h})
        else:
            total = read[0] + past[0]
            h = np.tanh(total) if kind == "rnn" else np.maximum(total, 0)
            rows.append({"h": h})
    return {name: np.stack([each[name] for each in rows]) for name in rows[0]}


def _ledger(kind: str, ran: dict[str, Numbers], state: dict[str, Numbers]) -> Ledger | None:
    if kind.startswith("rnn"):
        return None
    keep = ran["f"] if kind == "lstm" else ran["z"]
    wrote = ran["i"] * ran["g"] if kind == "lstm" else (1 - ran["z"]) * ran["n"]
    start, held = (state["c"], ran["c"][-1]) if kind == "lstm" else (state["h"], ran["h"][-1])
    left = np.vstack([np.cumprod(keep[::-1], axis=0)[::-1], np.ones((1, keep.shape[1]))])  # (T + 1, H)
    units = np.argsort(-np.abs(held), kind="stable")
    return Ledger(
        tuple(int(unit) for unit in units),
        Array.of((left * np.vstack([start, wrote])).T[units]),
        Array.of(held[units]),
    )  # fmt: skip


def sample_raw(steps: int, channels: int, random: np.random.Generator) -> Numbers:
    """Waves of several lengths, with noise."""
    time = np.arange(steps)[:, None]
    return np.asarray(np.sin(time / (3 + 4 * np.arange(channels))) + random.normal(size=(steps, channels)) / 4)


def _model(kind: str, name: str, label: str, x: Numbers, hidden: int, seed: int) -> tuple[TracedModel, ModelInsight]:
    random = np.random.default_rng(seed)
    weights = _weights(kind, random, x.shape[1], hidden)
    state = {key: random.normal(size=hidden) / 2 for key in (("h", "c") if kind == "lstm" else ("h",))}
    ran = _run(kind, weights, x, state)
    single: dict[str, Any] = {key: _single(value) for key, value in {**weights, **ran}.items()}
    scores = random.normal(size=(3, hidden)) / hidden**0.5
    odds = np.exp(ran["h"] @ scores.T)
    gates = {} if kind.startswith("rnn") else {gate.symbol: single[gate.symbol] for gate in kind_of(kind).gates}
    model = TracedModel(
        name=name, label=label, cell=kind, layer=1, layers=1, input_names=tuple(f"x{k + 1}" for k in range(x.shape[1])),
        inputs=_single(x), **{key: single[key] for key in weights},
        h0=_single(state["h"]), c0=_single(state["c"]) if "c" in state else None,
        gates=gates, hidden=single["h"], cell_state=single.get("c"),
        head=Head("classes", "last", _single(scores), _single(np.zeros(3)), ("red", "green", "blue")),
        answers=_single(odds / odds.sum(axis=1, keepdims=True)),
    )  # fmt: skip
    keep = {"lstm": "f", "gru": "z", "gru_reset_before": "z"}.get(kind)
    constants = () if keep is None else tuple(float(v) for v in 1 / (1 - ran[keep].mean(axis=0)))
    saturation = tuple(
        Saturation(
            gate.name, gate.symbol, tuple(float(v) for v in (ran[gate.symbol] < 0.1).mean(axis=0)),
            tuple(float(v) for v in (ran[gate.symbol] > 0.9).mean(axis=0)),
        )
        for gate in kind_of(kind).gates if gate.symbol in "ifozr" and not kind.startswith("rnn")
    )  # fmt: skip
    insight = ModelInsight(
        name=name, label=label, cell=kind, hidden_size=hidden, loss=0.41, uninformed=1.08,
        baseline="guessing by the classes’ frequencies",
        gradient=sample_gradient(DECAY[kind], len(x)),
        horizon=sample_horizon(len(x), DECAY[kind]), no_horizon="", time_constants=constants, saturation=saturation,
        ledger=_ledger(kind, ran, state),
        findings=(Finding(f"Little reaches 50 steps back in this {label}.", "Chrono biases.", "vanishing"),),
    )  # fmt: skip
    return model, insight


def sample_gradient(decay: float, steps: int) -> LagGradient:
    """A gradient that shrinks by the same factor at every step."""
    values = tuple(0.4 * decay**k for k in range(steps))
    return LagGradient(values, float(np.log(decay)) if steps > 1 else None, 96, 1.0, 1.6, 2.4)


def sample_horizon(steps: int, decay: float) -> HorizonCurve:
    """A change that shrinks with the lag, down to nothing measurable."""
    lags = tuple(k for k in (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192) if k < steps) or (1,)
    change = tuple(3.0 * decay ** (3 * k) - 0.001 for k in lags)
    small = [k for k, each in zip(lags, change, strict=True) if each < 0.01]
    found = small[0] if small else None
    horizon = Horizon(
        found, max(1, found - found // 5) if found else None, found + found // 4 + 1 if found else None, steps, 0.01
    )
    low, high = tuple(0.7 * each - 0.004 for each in change), tuple(1.3 * each + 0.004 for each in change)
    return HorizonCurve(lags, change, low, high, 0.41, horizon, 64)


def sample_explanation(
    kinds: tuple[str, ...] = ("lstm", "gru", "rnn"),
    *,
    T: int = 40,
    channels: int = 3,
    hidden_size: int = 8,
    **more: Any,
) -> Explanation:
    """Models with random weights on waves; the same for the same arguments. Two models of one kind get two names."""
    random = np.random.default_rng(7)
    raw = sample_raw(T, channels, random)
    made = []
    for place, kind in enumerate(kinds):
        again = kinds[:place].count(kind)
        name = f"{kind}-{again + 1}" if again else kind
        made.append(_model(kind, name, LABELS[kind], raw, hidden_size, seed=place))
    exploration = Exploration(
        data="waves", sequence="7", headline="One sequence, step by step.", facts=(),
        models=tuple(model for model, _ in made), raw=Array.of(raw),
        raw_names=tuple(f"x{k + 1}" for k in range(channels)), time=(), first_step=0, total_steps=T, target_class=1,
    )  # fmt: skip
    usual: dict[str, Any] = {
        "headline": "This LSTM uses the last 48 steps of the waves; what is older changes its loss by under 1 %.",
        "facts": ("96 sequences", "one layer each", f"{hidden_size} hidden units"),
        "loss": "cross-entropy of the answer at the end",
        "models": tuple(insight for _, insight in made),
        "findings": (Finding("The LSTM’s signal reaches further back than the others’.", "Keep the LSTM."),),
        "exploration": exploration,
    }
    return Explanation(**{**usual, **more})
