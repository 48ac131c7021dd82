"""How far off the activations are, in units in the last place: the table in docs/kernels.md.

    python benchmarks/activations.py            # prints the table; half a minute
    python benchmarks/activations.py --write    # and puts it into docs/kernels.md

Float32 against float64, on every sixteenth float of either sign; float64 against mpmath, on draws from every power of
two and more from where the functions change. Results below the smallest normal number are left out: they are zero.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import torch
from numpy.typing import NDArray
from tables import put

from selfloop.kernels.native import native

PAGE = Path(__file__).resolve().parent.parent / "docs" / "kernels.md"
APART = 16  # floats from one that is tried to the next
Array = NDArray[Any]
Function = Callable[[Array], Array]


def ours(name: str) -> Function:
    def function(x: Array) -> Array:
        y = np.empty_like(x)
        getattr(native, name)(x, y)
        return y

    return function


def torchs(name: str) -> Function:
    return lambda x: getattr(torch, name)(torch.from_numpy(x)).numpy()


def floats() -> Iterator[Array]:
    """Finite float32 numbers of both signs, some millions at a time."""
    step = 1 << 26
    for start in range(0, 0x7F800000, step):
        found = np.arange(start, min(start + step, 0x7F800000), APART, dtype=np.uint32).view(np.float32)
        yield found
        yield -found


def largest_float32(name: str, function: Function) -> float:
    worst = 0.0
    for x in floats():
        wide = x.astype(np.float64)
        with np.errstate(over="ignore"):
            exact = np.tanh(wide) if name == "tanh" else 1 / (1 + np.exp(-wide))
        size = np.abs(exact)
        normal = size >= np.finfo(np.float32).tiny
        error = np.abs(function(x).astype(np.float64) - exact) / np.spacing(size.astype(np.float32)).astype(np.float64)
        worst = max(worst, float(error[normal].max(initial=0)))
    return worst


def largest_float64(name: str, function: Function) -> float:
    random = np.random.default_rng(0)
    powers = 2.0 ** np.arange(-1021, 11)
    drawn = [powers * random.uniform(1, 2, len(powers)) for _ in range(4)]
    drawn += [random.uniform(0, most, 5000) for most in (1e-3, 1, 10, 50, 700)]
    x = np.concatenate([*drawn, *(-part for part in drawn)])
    worst = 0.0
    with mpmath.workprec(200):
        for value, point in zip(function(x), x, strict=True):
            exact = mpmath.tanh(point) if name == "tanh" else 1 / (1 + mpmath.exp(-mpmath.mpf(point)))
            if abs(exact) >= np.finfo(np.float64).tiny:
                unit = mpmath.mpf(np.spacing(abs(float(exact))))
                worst = max(worst, float(abs(mpmath.mpf(float(value)) - exact) / unit))
    return worst


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true")
    lines = ["| largest error, ulp | float32 | float32, torch | float64 | float64, torch |", "|---|---|---|---|---|"]
    for name in ("sigmoid", "tanh"):
        found = [largest(name, of(name)) for largest in (largest_float32, largest_float64) for of in (ours, torchs)]
        lines.append(f"| {name} | " + " | ".join(f"{value:.2f}" for value in found) + " |")
    table = "\n".join(lines)
    print(table)
    if parser.parse_args().write:
        put(PAGE, "activations", table)


if __name__ == "__main__":
    main()
