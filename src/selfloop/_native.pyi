"""The native module: forward, backward and one step of every layer, in the instruction set of this processor.

`forward` and `backward` read one layer in one direction, all its steps. Buffers are addresses (`tensor.data_ptr()`; 0
is none) of numbers of `real`, aligned to their size; strides are in elements, from one step or one row to the next; the
last dimension is always contiguous. What can be checked is checked (`ValueError`, one sentence); that an address holds
as many elements as the sizes say is the caller's word. The GIL is released. Any number of Python threads may call at
once.

Arguments are positional. `cell`: 0 tanh RNN, 1 relu RNN, 2 LSTM, 3 GRU (reset after the product, PyTorch's), 4 GRU
(reset before it, Cho's). `real`: 0 float32, 1 float64. `threads`: how many to use at most, 1 to 1,024; in a process
made by `fork` always one, because OpenMP's threads do not survive it.
"""

from typing import TypeAlias, TypedDict, final

import numpy as np
from numpy.typing import NDArray

_Array: TypeAlias = NDArray[np.float32] | NDArray[np.float64]

class _Info(TypedDict):
    isa: str
    fused: bool
    available: list[str]
    lanes_f32: int
    lanes_f64: int
    threads: str
    version: str

def info() -> _Info:
    """What runs: `isa`, whether it has `fused` multiply-add, the `available` ones, floats and doubles in a vector,
    where `threads` come from ("gomp", or "none" where there is no OpenMP), and the version that was built."""

def kept_row(cell: int, real: int, H: int, /) -> tuple[int, int]:
    """How many elements one step of one row takes in `gates` and in `cells`; 0 where the cell keeps nothing there."""

def kept_order(cell: int, /) -> tuple[str, ...]:
    """The vectors of one block of `gates`, in order; "u" is the GRU's U h + b' of the candidate, before the reset."""

def chunk_steps(cell: int, real: int, B: int, H: int, /) -> int:
    """Steps from one checkpoint of the LSTM to the next: `checkpoints` holds ceil(T / steps) * B rows of `cells`."""

def forward(
    cell: int,
    real: int,
    threads: int,
    T: int,
    B: int,
    I: int,
    H: int,
    reverse: bool,  # from each row's last step to its first
    lengths: int,  # int64[B], each 0..T: y is zero beyond; or 0
    batch_sizes: int,  # int64[T], falling from B: x, y and what is kept are a packed sequence's rows; or 0
    W_ih: int,  # [G*H, I]
    W_hh: int,  # [G*H, H]
    b_ih: int,  # [G*H] or 0
    b_hh: int,  # [G*H] or 0
    x: int,  # [T, B, I]
    x_time: int,
    x_row: int,
    h0: int,  # [B, H], or 0 for zeros
    c0: int,  # the LSTM's; as h0
    y: int,  # [T, B, H], written
    y_time: int,
    y_row: int,
    hn: int,  # [B, H], written
    cn: int,  # the LSTM's; as hn
    gates: int,  # [rows][blocks][kept gates][lanes], written; 0 keeps nothing. Row t * B + b, or the packed data's
    cells: int,  # [rows][blocks * lanes], the LSTM's, with gates
    checkpoints: int,  # the LSTM's, instead of gates: `backward` computes the gates again
    /,
) -> None:
    """Run all steps."""

def backward(
    cell: int,
    real: int,
    threads: int,
    T: int,
    B: int,
    I: int,
    H: int,
    reverse: bool,
    lengths: int,
    batch_sizes: int,
    W_ih: int,
    W_hh: int,
    b_ih: int,
    b_hh: int,
    x: int,
    x_time: int,
    x_row: int,
    h0: int,
    c0: int,
    y: int,
    y_time: int,
    y_row: int,
    gates: int,  # what forward kept; 0: computed again, for the same bits
    cells: int,
    checkpoints: int,
    dy: int,  # [T, B, H]: dL/dy, or 0 for zeros
    dy_time: int,
    dy_row: int,
    dhn: int,  # [B, H] or 0 for zeros
    dcn: int,  # the LSTM's; as dhn
    dx: int,  # [T, B, I], written, zero beyond lengths; 0: not wanted
    dx_time: int,
    dx_row: int,
    dW_ih: int,  # [G*H, I], written; 0: no gradients of weights at all
    dW_hh: int,  # [G*H, H], with dW_ih
    db_ih: int,  # [G*H] or 0
    db_hh: int,  # [G*H] or 0
    dh0: int,  # [B, H] or 0
    dc0: int,  # the LSTM's; as dh0
    grad_h: int,  # [T, B, H], written: dL/dh of each step, all paths together, zero beyond lengths; 0: not wanted
    grad_h_time: int,
    grad_h_row: int,
    grad_c: int,  # the LSTM's; as grad_h
    grad_c_time: int,
    grad_c_row: int,
    /,
) -> None:
    """The way back: every gradient that has a place to go. Nothing that `forward` wrote is changed."""

@final
class Step:
    """A layer one step at a time: weights are packed once and not looked at again."""

    def __init__(
        self,
        cell: int,
        W_ih: _Array,  # (G*H, I)
        W_hh: _Array,  # (G*H, H)
        b_ih: _Array | None,  # (G*H,)
        b_hh: _Array | None,  # (G*H,)
        /,
    ) -> None: ...
    def step(
        self,
        x: _Array,  # (B, I)
        h: _Array,  # (B, H), updated in place
        c: _Array | None,  # (B, H), updated in place; None but for the LSTM
        /,
    ) -> None:
        """From the state before to the state after, with the bits of `forward`. Short steps keep the GIL."""

def sigmoid(x: _Array, y: _Array, /) -> None:
    """y = sigmoid(x), as the kernels compute it."""

def tanh(x: _Array, y: _Array, /) -> None:
    """y = tanh(x), as the kernels compute it."""

def peak(real: int, rounds: int, /) -> float:
    """Run `rounds` rounds of the microkernel and return how many floating-point operations that were."""
