"""The layers as one would write them in JAX: input products at once, then a jitted `jax.lax.scan` of the cell."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from selfloop.bench.inputs import Inputs
from selfloop.bench.plan import Work
from selfloop.bench.side import Arrays, Side
from selfloop.kinds import Kind

Weights = dict[str, Any]


def start(threads: int) -> None:
    """Start JAX with so many threads; it never takes another number afterwards.

    XLA has no setting for it: its pool has as many threads as there are processors that the process may use when it
    starts.
    """
    jax = import_module("jax")
    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_enable_x64", True)
    if not hasattr(os, "sched_setaffinity"):
        jax.devices()
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(allowed)[:threads])
    try:
        jax.devices()
    finally:
        os.sched_setaffinity(0, allowed)


def jax_side(work: Work, inputs: Inputs) -> Side:
    """The layer in JAX, compiled."""
    jax = import_module("jax")
    weights = {name: jax.numpy.asarray(weight.numpy()) for name, weight in inputs.weights.items()}
    x, dy = jax.numpy.asarray(inputs.x.numpy()), jax.numpy.asarray(inputs.dy.numpy())
    run = _layer(work.kind)

    def loss(weights: Weights, x: Any, dy: Any) -> tuple[Any, Any]:
        y, last = run(weights, x)
        return (y * dy).sum(), (y, last)

    step, forward = jax.jit(jax.value_and_grad(loss, has_aux=True)), jax.jit(run)
    if work.mode == "training":
        return Side("jax", lambda: jax.block_until_ready(step(weights, x, dy)), _read_training, "jax")
    return Side("jax", lambda: jax.block_until_ready(forward(weights, x)), _read, "jax")


def _layer(kind: Kind) -> Callable[[Weights, Any], tuple[Any, Any]]:
    """y (T, B, H) and the last states, from x (T, B, I) and torch's weights."""
    jax = import_module("jax")

    def run(weights: Weights, x: Any) -> tuple[Any, Any]:
        U = weights["weight_hh_l0"]
        hidden = U.shape[1]
        inside = kind.reset is not None and kind.reset.after  # b' is multiplied by the reset
        b = weights["bias_ih_l0"] + (0 if inside else weights["bias_hh_l0"])
        a = x @ weights["weight_ih_l0"].T + b
        zero = jax.numpy.zeros((x.shape[1], hidden), x.dtype)
        step = STEPS[kind.name]
        start = (zero,) * len(kind.states)
        last, y = jax.lax.scan(lambda state, a: step(jax, U, weights["bias_hh_l0"], state, a), start, a)
        return y, last

    return run


def _rnn(jax: Any, U: Any, b: Any, state: Any, a: Any) -> Any:
    h = jax.numpy.tanh(a + state[0] @ U.T)
    return (h,), h


def _lstm(jax: Any, U: Any, b: Any, state: Any, a: Any) -> Any:
    i, f, g, o = jax.numpy.split(a + state[0] @ U.T, 4, axis=-1)
    c = jax.nn.sigmoid(f) * state[1] + jax.nn.sigmoid(i) * jax.numpy.tanh(g)
    h = jax.nn.sigmoid(o) * jax.numpy.tanh(c)
    return (h, c), h


def _gru(jax: Any, U: Any, b: Any, state: Any, a: Any) -> Any:
    (from_r, from_z, from_n), (r, z, n) = (jax.numpy.split(s, 3, axis=-1) for s in (state[0] @ U.T + b, a))
    r, z = jax.nn.sigmoid(r + from_r), jax.nn.sigmoid(z + from_z)
    n = jax.numpy.tanh(n + r * from_n)
    h = (1 - z) * n + z * state[0]
    return (h,), h


STEPS = {"rnn": _rnn, "lstm": _lstm, "gru": _gru}


def _read(returned: Any) -> Arrays:
    y, last = returned
    named = {"output": y, **dict(zip(("h_n", "c_n"), last, strict=False))}
    return {name: np.asarray(value, np.float64) for name, value in named.items()}


def _read_training(returned: Any) -> Arrays:
    (_, results), gradients = returned
    return _read(results) | {name: np.asarray(value, np.float64) for name, value in gradients.items()}
