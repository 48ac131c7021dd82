"""Real explorations: small networks trained on `recall` for seconds, traced by the cells and by autograd alone."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from selfloop import cells
from selfloop.data.generators import recall
from selfloop.kinds import kind_of
from selfloop.kinds.gru import UPDATE
from selfloop.kinds.lstm import FORGET
from selfloop.results.array import Array
from selfloop.results.exploration import Exploration, Finding, Gradients, Head, Horizon, TracedModel
from selfloop.train.initialise import initialise

CELLS: dict[str, type[cells.Cell]] = {
    "rnn": cells.RNN,
    "rnn_relu": cells.ReluRNN,
    "lstm": cells.LSTM,
    "gru": cells.GRU,
    "gru_reset_before": cells.ChoGRU,
}
LAYERS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
LABELS = {"rnn": "RNN", "rnn_relu": "ReLU RNN", "lstm": "LSTM", "gru": "GRU", "gru_reset_before": "GRU (Cho)"}
Weights = dict[str, Tensor]  # W_ih, W_hh, b_ih, b_hh and the head's W, b


def train(kind: str, *, hidden_size: int, lag: int, epochs: int, seed: int = 0) -> Weights:
    """A network that has seen `recall` for a while."""
    torch.manual_seed(seed)
    data = recall(lag=lag, cases=1024, seed=1)
    values, offsets = torch.tensor(data.values, dtype=torch.float32), torch.tensor(data.offsets)
    labels, lengths = torch.tensor(data.labels), torch.tensor(data.offsets[1:] - data.offsets[:-1])
    layer, head = LAYERS[kind](9, hidden_size), nn.Linear(hidden_size, 8)
    initialise(layer, int(lengths.max()), "chrono")
    parameters = [*layer.parameters(), *head.parameters()]
    optimiser = torch.optim.Adam(parameters, lr=0.02)
    for _ in range(epochs):
        for cases in torch.randperm(len(lengths)).split(32):
            index = offsets[cases] + torch.arange(int(lengths[cases].max()))[:, None]
            x = values[torch.minimum(index, offsets[cases + 1] - 1)]
            h = layer(x)[0][lengths[cases] - 1, torch.arange(len(cases))]
            optimiser.zero_grad()
            cross_entropy(head(h), labels[cases]).backward()
            nn.utils.clip_grad_norm_(parameters, 1.0)
            optimiser.step()
    names = {"W_ih": layer.weight_ih_l0, "W_hh": layer.weight_hh_l0, "b_ih": layer.bias_ih_l0, "b_hh": layer.bias_hh_l0}
    return {name: weight.detach() for name, weight in {**names, "W": head.weight, "b": head.bias}.items()}


def untrained(
    kind: str, *, input_size: int, hidden_size: int, classes: int, dtype: torch.dtype, seed: int = 0
) -> Weights:
    """Weights as large as trained ones, at random."""
    made = torch.Generator().manual_seed(seed)
    rows = len(kind_of(kind).gates) * hidden_size
    sizes = {
        "W_ih": (rows, input_size), "W_hh": (rows, hidden_size), "b_ih": (rows,), "b_hh": (rows,),
        "W": (classes, hidden_size), "b": (classes,),
    }  # fmt: skip
    return {name: torch.randn(size, generator=made, dtype=dtype) / hidden_size**0.5 for name, size in sizes.items()}


def trace(
    kind: str,
    weights: Weights,
    x: Tensor,  # (T, I)
    *,
    names: tuple[str, ...],
    labels: tuple[str, ...],
    target: int,
    start: dict[str, Tensor] | None = None,
    **more: Any,
) -> TracedModel:
    """One sequence through a cell: the cells' own numbers, and autograd's gradients."""
    cell = CELLS[kind](*(weights[name] for name in ("W_ih", "W_hh", "b_ih", "b_hh")))
    states = {name: state.requires_grad_() for name, state in _start(cell, x, start).items()}
    steps, before = [], states
    for row in x:
        steps.append(cell.step(row[None], **before))
        before = steps[-1].states
        for state in before.values():
            state.retain_grad()
    cross_entropy(before["h"] @ weights["W"].T + weights["b"], torch.tensor([target])).backward()
    pull = {name: [_gradient(step.states[name]) for step in steps] for name in states}
    hidden = torch.cat([step.states["h"] for step in steps]).detach()
    gates = (
        {}
        if kind.startswith("rnn")
        else {
            gate.symbol: Array.of(torch.cat([step.gates[gate] for step in steps]).detach()) for gate in cell.kind.gates
        }
    )
    gated = {"lstm": FORGET, "gru": UPDATE, "gru_reset_before": UPDATE}.get(kind)
    return TracedModel(
        name=str(more.pop("name", kind)), label=str(more.pop("label", LABELS[kind])), cell=kind, layer=1, layers=1,
        input_names=names, inputs=Array.of(x),
        W_ih=Array.of(weights["W_ih"]), W_hh=Array.of(weights["W_hh"]),
        b_ih=Array.of(weights["b_ih"]), b_hh=Array.of(weights["b_hh"]),
        h0=Array.of(states["h"][0].detach()), c0=Array.of(states["c"][0].detach()) if "c" in states else None,
        gates=gates, hidden=Array.of(hidden),
        cell_state=Array.of(torch.cat([step.states["c"] for step in steps]).detach()) if "c" in states else None,
        head=Head("classes", "last", Array.of(weights["W"]), Array.of(weights["b"]), labels),
        answers=Array.of(torch.softmax(hidden @ weights["W"].T + weights["b"], dim=-1)),
        gradients=Gradients(
            "the cross-entropy of the answer at the last step", "cross_entropy", len(x) - 1, target,
            hidden=Array.of(torch.cat(pull["h"])), cell=Array.of(torch.cat(pull["c"])) if "c" in states else None,
            paths={"belt": Array.of(_belt(steps, pull, gated))} if gated else {},
        ),
        **more,
    )  # fmt: skip


def _start(cell: cells.Cell, x: Tensor, given: dict[str, Tensor] | None) -> dict[str, Tensor]:
    if given is not None:
        return {name: state[None] for name, state in given.items()}
    return {name: x.new_zeros(1, cell.hidden_size) for name in cell.kind.states}


def _gradient(state: Tensor) -> Tensor:
    return torch.zeros_like(state) if state.grad is None else state.grad


def _belt(steps: list[Any], pull: dict[str, list[Tensor]], gate: Any) -> Tensor:
    """(T,) norm of what goes straight back, times what was kept."""
    name = "c" if gate is FORGET else "h"
    kept = [step.gates[gate].detach() * gradient for step, gradient in zip(steps, pull[name], strict=True)]
    return torch.cat([each.norm()[None] for each in kept])


def explore(models: tuple[TracedModel, ...], x: Tensor, **more: Any) -> Exploration:
    """Models on one sequence, with words."""
    usual: dict[str, Any] = {
        "data": "recall, lag 12", "sequence": "7", "headline": "What these networks made of one sequence.", "facts": (),
        "raw_names": models[0].input_names, "raw": Array.of(x), "time": (), "first_step": 0, "total_steps": len(x),
        "target_class": 3,
    }  # fmt: skip
    return Exploration(models=models, **{**usual, **more})


@lru_cache(maxsize=2)
def recall_exploration(epochs: int = 4) -> Exploration:
    """An LSTM, a GRU and an RNN of 4 units each, which must recall a symbol over 12 steps."""
    data = recall(lag=12, cases=64, seed=5)
    case = 6
    assert data.labels is not None
    assert data.classes is not None
    steps = slice(int(data.offsets[case]), int(data.offsets[case + 1]))
    x, target = torch.tensor(data.values[steps], dtype=torch.float32), int(data.labels[case])
    models = tuple(
        trace(
            kind, train(kind, hidden_size=4, lag=12, epochs=epochs), x,
            names=data.channels, labels=data.classes, target=target,
        )
        for kind in ("lstm", "gru", "rnn")
    )  # fmt: skip
    return explore(models, x, **_words(models, target, len(x)), target_class=target)


def _words(models: tuple[TracedModel, ...], target: int, T: int) -> dict[str, Any]:
    """Said from the numbers, as the tracer will say it."""
    found = [float(model.answers.numpy()[-1, target]) for model in models if model.answers]
    label = models[0].head.labels[target] if models[0].head else ""
    parts = ", ".join(f"this {model.label} {100 * share:.0f} %" for model, share in zip(models, found, strict=True))
    return {
        "headline": f"After {T} steps, the probability of the symbol marked 12 steps before the end, {label}: {parts}.",
        "facts": ("8 symbols, chance is 12.5 %", "4 hidden units each"),
        "findings": (Finding("All three were trained alike, for the same number of epochs.", ""),),
    }


def with_extras(exploration: Exploration) -> Exploration:
    """The same with a horizon, a curve by lag and findings that hold markup."""
    first, *rest = exploration.models
    richer = replace(
        first, by_lag=tuple(0.5**k for k in range(9)), horizon=Horizon(12, 10, 14, 24, 0.01),
        findings=(Finding("Inputs older than 12 steps change the loss by under 1 %.", "nothing: <b>leave it</b>"),),
    )  # fmt: skip
    return replace(exploration, models=(richer, *rest))


def random_exploration(
    kinds: tuple[str, ...], *, T: int, input_size: int, hidden_size: int, dtype: torch.dtype = torch.float32
) -> Exploration:
    """Untrained networks on noise, with states that are not zero."""
    x = torch.tensor(np.random.default_rng(3).normal(size=(T, input_size)), dtype=dtype)
    made = torch.Generator().manual_seed(4)
    start = {name: torch.randn(hidden_size, generator=made, dtype=dtype) / 2 for name in ("h", "c")}
    names, labels = tuple(f"x{k + 1}" for k in range(input_size)), ("red", "green", "blue")
    models = tuple(
        trace(
            kind, untrained(kind, input_size=input_size, hidden_size=hidden_size, classes=3, dtype=dtype), x,
            names=names, labels=labels, target=1, start=start if kind == "lstm" else {"h": start["h"]},
        )
        for kind in kinds
    )  # fmt: skip
    return explore(models, x, data="noise", target_class=1)


def golden_exploration() -> Exploration:
    """Every cell in float64, small enough to keep as a file: what the page's own arithmetic is held to."""
    return random_exploration(tuple(CELLS), T=5, input_size=3, hidden_size=7, dtype=torch.float64)
