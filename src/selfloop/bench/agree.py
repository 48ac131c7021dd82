"""Do two sides compute the same? Asked before anything is timed; what is allowed follows from rounding alone.

The model is backward error analysis. A sum of n products, computed in a format with unit roundoff u in whatever order,
is the exact sum of numbers that are each off by a few √n·u at most (Higham & Mary 2019, with a probability next to 1),
and an activation that is off by a few ulp moves its argument no further. So a right result is the exact one of weights,
inputs and states off by (√n + 8)·u. How far that moves it is measured: by a pass in float64 with every number moved by
so much, up or down by chance. A weight's gradient is besides a sum over T·B terms: √(T·B)·u of its size. Twice both
together is allowed, in the largest absolute difference within each tensor.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
import torch

from selfloop.bench.inputs import Inputs, torch_layer
from selfloop.bench.plan import Work
from selfloop.bench.side import Arrays, Side
from selfloop.bench.torch_side import of_layer
from selfloop.errors import AgreementError

ACTIVATION_ULPS = 8.0  # of activations and the products after them, in units of u
RESULTS = ("output", "h_n", "c_n")  # without gradients
SAFETY = 2.0  # "a few": the constant of the probabilistic bound


@dataclass(frozen=True, eq=False)
class Reference:
    """The results in float64, and how far from each a side may be."""

    work: Work
    exact: Arrays
    allowed: dict[str, float]

    def of(self, work: Work) -> Reference:
        """The same for a work without gradients."""
        if work.mode == self.work.mode:
            return self
        exact = {name: value for name, value in self.exact.items() if name in RESULTS}
        return Reference(work, exact, self.allowed)


def reference(work: Work, inputs: Inputs) -> Reference:
    """What the work gives in float64 by torch's own layer, and what rounding to the format of `inputs` may change."""
    unit = torch.finfo(inputs.x.dtype).eps / 2
    shape = work.shape
    wide = inputs.to(torch.float64)
    exact = _run(work, wide)
    moved = _run(work, wide.off_by((sqrt(shape.inputs + shape.hidden + 2) + ACTIVATION_ULPS) * unit))
    allowed = {}
    for name, value in exact.items():
        terms = shape.steps * shape.batch if name in inputs.weights else 1
        rounding = sqrt(terms) * unit * np.abs(value).max()
        allowed[name] = SAFETY * float(np.abs(moved[name] - value).max() + rounding)
    return Reference(work, exact, allowed)


def check(side: Side, results: Arrays, expected: Reference) -> float:
    """Raise unless the results are right.

    Returns:
        The largest error, in units of what is allowed.

    Raises:
        AgreementError: a result is missing, has another shape, is not finite, or is further off than allowed.
    """
    what = f"{side.name}'s {expected.work.kind.label} at B,T,I,H = {expected.work.shape} ({expected.work.mode})"
    worst = 0.0
    for name, exact in expected.exact.items():
        found = results.get(name)
        if found is None or found.shape != exact.shape:
            shape = "nothing" if found is None else f"shape {found.shape}"
            raise AgreementError(f"{what} returned {shape} for {name}; expected {exact.shape}. It was not timed.")
        error = float(np.abs(found - exact).max())
        if not error <= expected.allowed[name]:
            raise AgreementError(
                f"{what} is wrong: {name} is off by {error:.2g} from the exact result; expected at most "
                f"{expected.allowed[name]:.2g} from rounding. It was not timed."
            )
        worst = max(worst, error / expected.allowed[name])
    return worst


def _run(work: Work, inputs: Inputs) -> Arrays:
    """Once through torch's layer."""
    side = of_layer("exact", torch_layer(work.kind), inputs, work.mode)
    return side.read(side.call())
