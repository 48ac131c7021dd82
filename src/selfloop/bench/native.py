"""What is measured of the kernels themselves: one step on NumPy arrays, and the microkernel's peak."""

from __future__ import annotations

import numpy as np

from selfloop.bench.inputs import Inputs
from selfloop.bench.plan import Work
from selfloop.bench.side import Arrays, Side
from selfloop.kernels.native import native
from selfloop.results.bench import Dtype

REALS: dict[Dtype, int] = {"float32": 0, "float64": 1}


def microkernel(dtype: Dtype, rounds: int) -> float:
    """Run so many rounds of the microkernel; returns the floating-point operations done."""
    return native.peak(REALS[dtype], rounds)


def step_side(work: Work, inputs: Inputs) -> Side:
    """One step on NumPy arrays, h and c updated in place."""
    weights = [inputs.weights[f"{name}_l0"].numpy() for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
    assert work.kind.native is not None, "what is timed has a kernel"
    step = native.Step(work.kind.native, *weights)
    x, h = inputs.x[0].numpy(), inputs.h.numpy().copy()
    c = inputs.c.numpy().copy() if "c" in work.kind.states else None
    states = {"h_n": h} if c is None else {"h_n": h, "c_n": c}

    def read(returned: None) -> Arrays:
        return {name: state.astype(np.float64) for name, state in states.items()}

    return Side("selfloop", lambda: step.step(x, h, c), read, "native")
