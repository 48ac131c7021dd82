"""Calls of the native backward on buffers of exact size, and what its gradients must be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from native_cases import NO_ROWS, Array, Buffers, Forward, Rows, address
from native_reference import LSTM, Outputs

from selfloop.kernels.native import native

STATES = ("dhn", "dcn", "dh0", "dc0", "grad_c")


@dataclass(eq=False)
class Gradients:
    """What comes in (None: zeros) and what was written (None: not wanted)."""

    dy: Rows | None
    dhn: Array | None
    dcn: Array | None
    written: dict[str, Rows | Array]

    def loss(self, dy: Array) -> Any:
        """The function of the outputs whose gradients dy, dhn and dcn are."""

        def of(out: Outputs) -> Any:
            total = (dy * out.y).sum() if self.dy is not None else 0
            total += (self.dhn * out.hn).sum() if self.dhn is not None else 0
            return total + ((self.dcn * out.cn).sum() if self.dcn is not None else 0)

        return of


def backward(given: Buffers, done: Forward, dy: Array, wanted: frozenset[str], incoming: frozenset[str]) -> Gradients:
    """Call backward. dy: (T, B, H); `wanted` and `incoming` name buffers as the binding does."""
    case, of = given.case, given.arrays
    if case.cell != LSTM:
        wanted, incoming = wanted - set(STATES[3:]), incoming - {"dcn"}
    random = np.random.default_rng(case.seed + 1)
    states = {name: random.standard_normal((case.B, case.H)).astype(case.dtype) for name in ("dhn", "dcn")}
    shapes = {"dW_ih": of["W_ih"], "dW_hh": of["W_hh"], "db_ih": of["b_ih"], "db_hh": of["b_hh"]}
    written: dict[str, Rows | Array] = {}
    for name in wanted & {"dx", "grad_h", "grad_c"}:
        written[name] = Rows(case, case.I if name == "dx" else case.H)
    for name in wanted & {"dh0", "dc0"}:
        written[name] = np.full((case.B, case.H), np.nan, case.dtype)
    for name, weight in shapes.items():
        if name in wanted and weight is not None:
            written[name] = np.full(weight.shape, np.nan, case.dtype)
    out = Gradients(
        Rows(case, case.H, dy.astype(case.dtype)) if "dy" in incoming else None,
        states["dhn"] if "dhn" in incoming else None,
        states["dcn"] if "dcn" in incoming else None,
        written,
    )

    def rows(name: str) -> tuple[int, int, int]:
        found = written.get(name)
        return found.triple if isinstance(found, Rows) else NO_ROWS

    def one(name: str) -> int:
        found = written.get(name)
        return address(found) if isinstance(found, np.ndarray) else 0

    arguments: tuple[Any, ...] = (
        *given.head, *done.y.triple, *done.kept,
        *(out.dy.triple if out.dy else NO_ROWS), address(out.dhn), address(out.dcn), *rows("dx"),
        one("dW_ih"), one("dW_hh"), one("db_ih"), one("db_hh"), one("dh0"), one("dc0"),
        *rows("grad_h"), *rows("grad_c"),
    )  # fmt: skip
    native.backward(*arguments)
    return out
