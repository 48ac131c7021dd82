"""Calls of the native module on buffers that hold not one element more than they must.

Between rows lie gaps: NaN where the call reads, so that what is read by mistake shows in the results, and MARK where it
writes, so that what is written by mistake is missed there. Outputs are NaN before the call.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from native_reference import GATES, LSTM, RNN_RELU, Inputs
from numpy.typing import NDArray

from selfloop.kernels.native import native

Array = NDArray[Any]
MARK = -777.25


@dataclass(frozen=True)
class Case:
    """What is called, and how its buffers lie."""

    cell: int
    dtype: str  # "float32" or "float64"
    T: int
    B: int
    I: int  # noqa: E741
    H: int
    lengths: tuple[int, ...]
    mode: str  # "dense", "lengths" or "packed"
    reverse: bool = False
    biases: tuple[bool, bool] = (True, True)
    starts: bool = True  # h0 and c0 are given
    batch_first: bool = False
    gap: int = 0
    threads: int = 1
    seed: int = 0

    @property
    def real(self) -> int:
        return ("float32", "float64").index(self.dtype)

    @property
    def valid(self) -> Array:
        """(T, B): the steps that there are."""
        return np.arange(self.T)[:, None] < np.array(self.lengths)[None]


class Rows:
    """(T, B, width) in memory as the case wants it: padded or packed, with gaps."""

    def __init__(self, case: Case, width: int, values: Array | None = None) -> None:
        self.case, self.width = case, width
        stride = width + case.gap
        if case.mode == "packed":
            rows, self.time, self.row = sum(case.lengths), stride, stride
        else:
            rows, steps, apart = case.T * case.B, case.T, case.B
            self.time, self.row = (stride, steps * stride) if case.batch_first else (apart * stride, stride)
        self.memory = np.full((rows - 1) * stride + width, MARK if values is None else np.nan, case.dtype)
        self._grid = np.lib.stride_tricks.as_strided(
            self.memory, (rows, width), (stride * self.memory.itemsize, self.memory.itemsize)
        )
        self._grid[:] = np.nan
        if values is not None:
            self._grid[self._place()] = values[case.valid]

    def _place(self) -> Array:
        """The grid's row of each valid step, steps outermost."""
        t, b = np.nonzero(self.case.valid)
        if self.case.mode == "packed":
            return np.arange(len(t))
        return np.asarray(b * self.case.T + t if self.case.batch_first else t * self.case.B + b)

    @property
    def values(self) -> Array:
        """(T, B, width), NaN where the memory has no such step."""
        found = np.full((self.case.T, self.case.B, self.width), np.nan)
        if self.case.mode == "packed":
            found[self.case.valid] = self._grid
        else:
            order = (self.case.B, self.case.T) if self.case.batch_first else (self.case.T, self.case.B)
            grid = self._grid.reshape(*order, self.width)
            found = (grid.swapaxes(0, 1) if self.case.batch_first else grid).astype(float)
        return found

    def gaps_are_untouched(self) -> bool:
        """No number was written between rows."""
        gaps = np.ones(len(self.memory), bool)
        stride = self.width + self.case.gap
        np.lib.stride_tricks.as_strided(gaps, self._grid.shape, (stride, 1))[:] = False
        return bool((self.memory[gaps] == MARK).all())

    @property
    def triple(self) -> tuple[int, int, int]:
        return address(self.memory), self.time, self.row


NO_ROWS = (0, 0, 0)


def address(array: Array | None) -> int:
    return 0 if array is None else array.ctypes.data


@dataclass(eq=False)
class Buffers:
    """A case's inputs, rounded to its type, in memory of their own."""

    case: Case
    inputs: Inputs
    x: Rows
    arrays: dict[str, Array | None]
    sizes: Array | None  # lengths or batch sizes, as int64
    head: tuple[Any, ...] = field(init=False)

    def __post_init__(self) -> None:
        case, of = self.case, self.arrays
        ends = address(self.sizes)
        where = {"dense": (0, 0), "lengths": (ends, 0), "packed": (0, ends)}[case.mode]
        weights = (address(of[name]) for name in ("W_ih", "W_hh", "b_ih", "b_hh"))
        sizes = (case.T, case.B, case.I, case.H)
        state = (address(of["h0"]), address(of["c0"]))
        self.head = (case.cell, case.real, case.threads, *sizes, case.reverse, *where, *weights, *self.x.triple, *state)


def buffers(case: Case) -> Buffers:
    """Random inputs whose sums stay near 1, so that errors add up over steps and do not multiply."""
    random = np.random.default_rng(case.seed)

    def draw(*shape: int, scale: float = 1.0) -> Array:
        return (scale * random.standard_normal(shape)).astype(case.dtype)

    T, B, I, H, G = case.T, case.B, case.I, case.H, GATES[case.cell]  # noqa: E741
    values: dict[str, Array | None] = {
        "W_ih": draw(G * H, I, scale=I**-0.5),
        "W_hh": draw(G * H, H, scale=0.5 * H**-0.5),
        "b_ih": draw(G * H, scale=0.5) if case.biases[0] else None,
        "b_hh": draw(G * H, scale=0.5) if case.biases[1] else None,
        "h0": draw(B, H, scale=0.5) if case.starts else None,
        "c0": draw(B, H) if case.starts and case.cell == LSTM else None,
    }
    x = draw(T, B, I)
    zeros = {"W_ih": (), "W_hh": (), "b_ih": (G * H,), "b_hh": (G * H,), "h0": (B, H), "c0": (B, H)}
    exact = {name: np.zeros(zeros[name]) if v is None else v.astype(float) for name, v in values.items()}
    inputs = Inputs(
        case.cell, case.lengths, case.reverse, x=x.astype(float), bump_h=np.zeros((T, B, H)),
        bump_c=np.zeros((T, B, H)), **exact,
    )  # fmt: skip
    sizes = {"dense": None, "lengths": np.array(case.lengths), "packed": case.valid.sum(axis=1)}[case.mode]
    sizes = None if sizes is None else sizes.astype(np.int64)
    return Buffers(case, inputs, Rows(case, I, x), values, sizes)


@dataclass(eq=False)
class Forward:
    """What forward wrote."""

    y: Rows
    hn: Array
    cn: Array | None
    gates: Array | None
    cells: Array | None
    checkpoints: Array | None

    @property
    def kept(self) -> tuple[int, int, int]:
        return address(self.gates), address(self.cells), address(self.checkpoints)


def forward(given: Buffers, keep: str = "gates") -> Forward:
    """Call forward; `keep` is "gates", "checkpoints" or "nothing"."""
    case = given.case

    def empty(*shape: int) -> Array:
        return np.full(shape, np.nan, case.dtype)

    lstm = case.cell == LSTM
    steps = sum(case.lengths) if case.mode == "packed" else case.T * case.B
    gate_row, cell_row = native.kept_row(case.cell, case.real, case.H)
    gates = empty(steps * gate_row) if keep == "gates" and gate_row else None
    cells = empty(steps * cell_row) if keep == "gates" and cell_row else None
    chunks = -(-case.T // native.chunk_steps(case.cell, case.real, case.B, case.H))
    checkpoints = empty(chunks * case.B * cell_row) if keep == "checkpoints" and lstm else None
    out = Forward(
        Rows(case, case.H), empty(case.B, case.H), empty(case.B, case.H) if lstm else None, gates, cells, checkpoints
    )
    arguments: tuple[Any, ...] = (*given.head, *out.y.triple, address(out.hn), address(out.cn), *out.kept)
    native.forward(*arguments)
    return out


def kept_gates(case: Case, gates: Array) -> dict[str, Array]:
    """(T, B, H) of each gate from the buffer's layout [row][block][gate][lane]; NaN where there is no step."""
    names = native.kept_order(case.cell)
    info = native.info()
    lanes = info["lanes_f32"] if case.real == 0 else info["lanes_f64"]
    rows = gates.reshape(-1, -(-case.H // lanes), len(names), lanes)
    found = {}
    for k, name in enumerate(names):
        flat = rows[:, :, k].reshape(len(rows), -1)[:, : case.H]
        found[name] = in_grid(case, flat)
    return found


def in_grid(case: Case, rows: Array) -> Array:
    """(T, B, width) of rows as forward keeps them."""
    grid = np.full((case.T, case.B, rows.shape[1]), np.nan)
    if case.mode == "packed":
        grid[case.valid] = rows
        return grid
    return rows.reshape(grid.shape).astype(float)


def tolerance(given: Buffers) -> float:
    """An a-priori bound of the rounding error of a state, loose by the size of its constant.

    A sum of n products errs by at most n eps times the sum of magnitudes; the activations and products around it by a
    few eps; and over T steps such errors add up, as W_hh's gain is about one half.
    """
    case, of = given.case, given.inputs
    states = 1 + float(np.abs(of.h0).max(initial=0)) + float(np.abs(of.c0).max(initial=0))
    if case.cell == RNN_RELU:  # unbounded; its states are sums themselves
        states *= 4
    magnitude = np.abs(of.W_ih).sum(1).max() * np.abs(of.x).max() + np.abs(of.W_hh).sum(1).max() * states + 2
    return float(2 * case.T * (case.I + case.H + 16) * np.finfo(case.dtype).eps * magnitude)
