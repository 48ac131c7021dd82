"""Every wrong argument of the native calls is refused in one sentence, before an address is read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from native_backward import backward
from native_cases import Array, Case, address, buffers, forward

from selfloop.kernels.native import native

FORWARD_NAMES = """
    cell real threads T B I H reverse lengths batch_sizes W_ih W_hh b_ih b_hh x x_time x_row h0 c0
    y y_time y_row hn cn gates cells checkpoints
"""
NAMES = FORWARD_NAMES.split()
BACKWARD_NAMES = """
    dy dy_time dy_row dhn dcn dx dx_time dx_row dW_ih dW_hh db_ih db_hh dh0 dc0
    grad_h h_time h_row grad_c c_time c_row
"""
BACKWARD = BACKWARD_NAMES.split()
T, B, I, H = 4, 3, 5, 6  # noqa: E741
HUGE = 1 << 45
SIZES = np.array([3, 2, 2, 1])
ROOM = np.zeros((64, 64, 64))  # whatever is refused too late writes here


def call(function: str, cell: int = 2, **changed: Any) -> None:
    """A call of an LSTM that is right but for what is changed; arrays stand for their addresses."""
    arrays = {name: ROOM.ctypes.data + 4096 * k for k, name in enumerate([*NAMES, *BACKWARD])}
    given: dict[str, Any] = arrays | {
        "cell": cell, "real": 1, "threads": 1, "T": T, "B": B, "I": I, "H": H, "reverse": False, "lengths": 0,
        "batch_sizes": 0, "x_time": B * I, "x_row": I, "y_time": B * H, "y_row": H, "checkpoints": 0, "dy_time": B * H,
        "dy_row": H, "dx_time": B * I, "dx_row": I, "h_time": B * H, "h_row": H, "c_time": B * H, "c_row": H,
    }  # fmt: skip
    if cell != 2:
        given |= dict.fromkeys(("c0", "cn", "cells", "dcn", "dc0", "grad_c"), 0)
    given |= {name: address(value) if isinstance(value, np.ndarray) else value for name, value in changed.items()}
    names = NAMES if function == "forward" else [n for n in NAMES if n not in ("hn", "cn")] + BACKWARD
    getattr(native, function)(*(given[name] for name in names))


def lengths(*values: int) -> Array:
    return np.array(values, np.int64)


BOTH: list[tuple[dict[str, Any], str]] = [
    ({"cell": -1}, "cell is -1; expected 0 to 4."),
    ({"cell": 5}, "cell is 5; expected 0 to 4."),
    ({"real": 2}, "real is 2; expected 0"),
    ({"threads": 0}, "threads is 0; expected 1 to 1024."),
    ({"threads": 5000}, "threads is 5000; expected 1 to 1024."),
    ({"T": 0}, "The data have T, B = 0, 3; expected at least 1."),
    ({"B": -1}, "The data have T, B = 4, -1; expected at least 1."),
    ({"T": HUGE}, "The data's sizes T, B = .* are too large."),
    ({"B": 1 << 62}, "The data's sizes T, B = .* are too large."),
    ({"I": 0}, "The layer has sizes I, H = 0, 6; expected at least 1."),
    ({"H": -3}, "The layer has sizes I, H = 5, -3; expected at least 1."),
    ({"H": 1 << 31}, "The layer's sizes I, H = .* are too large."),
    ({"I": 1 << 62}, "The layer's sizes I, H = .* are too large."),
    ({"lengths": lengths(4, 5, 1)}, r"lengths\[1\] is 5; expected 0 to 4."),
    ({"lengths": lengths(4, -1, 1)}, r"lengths\[1\] is -1; expected 0 to 4."),
    ({"lengths": lengths(1, 1, 1), "batch_sizes": SIZES}, "lengths and batch_sizes are both given"),
    ({"lengths": 12345}, "lengths is not aligned to its elements of 8 bytes."),
    ({"batch_sizes": lengths(2, 2, 2, 1)}, r"batch_sizes\[0\] is 2; expected the number of rows, 3."),
    ({"batch_sizes": lengths(3, 1, 2, 1)}, r"batch_sizes\[2\] is 2; expected 1 to 1, falling."),
    ({"batch_sizes": lengths(3, 3, 3, 0)}, r"batch_sizes\[3\] is 0; expected 1 to 3, falling."),
    ({"W_ih": 0}, "W_ih is null."),
    ({"W_hh": 0}, "W_hh is null."),
    ({"x": 0}, "x is null."),
    ({"x": ROOM.ctypes.data + 3}, "x is not aligned to its elements of 8 bytes."),
    ({"x_time": -1}, r"x has strides \(-1, 5\) in elements; expected none negative and none beyond memory."),
    ({"x_row": HUGE}, r"x has strides \(15, \d+\) in elements; expected none negative and none beyond memory."),
    ({"gates": 0}, "gates and cells go together; one is null."),
    ({"checkpoints": ROOM}, "gates and checkpoints are both given; expected one of them."),
]
FORWARD: list[tuple[dict[str, Any], str]] = [
    ({"y": 0}, "y is null."),
    ({"hn": 0}, "hn is null."),
    ({"cn": 0}, "cn is null."),
    ({"y_row": H - 1}, r"y has strides \(18, 5\) in elements; 4 steps of 3 rows of 6 would overlap."),
    ({"y_time": H}, r"y has strides \(6, 6\) in elements; 4 steps of 3 rows of 6 would overlap."),
    ({"hn": ROOM, "y": ROOM}, "y is written and lies where hn does."),
    (
        {"batch_sizes": SIZES, "x_time": I},
        r"y has strides \(18, 6\) in elements; packed rows of 6 want the same stride",
    ),
    ({"cell": 3, "c0": ROOM}, "c0 is given; only the LSTM has a cell state."),
    ({"cell": 0, "c0": 0, "cn": 0}, "gates is given; an RNN keeps none."),
]
WAY_BACK: list[tuple[dict[str, Any], str]] = [
    ({"gates": 0, "cells": 0}, "gates and checkpoints are both null."),
    ({"dW_ih": 0}, "dW_ih and dW_hh go together; one is null."),
    ({"dW_ih": 0, "dW_hh": 0}, "db_ih or db_hh is given without dW_ih."),
    ({"dx_row": I - 1}, r"dx has strides \(15, 4\) in elements; 4 steps of 3 rows of 5 would overlap."),
    ({"dx": ROOM, "x": ROOM}, "dx is written and lies where x does."),
    ({"dh0": ROOM.ctypes.data + 4}, "dh0 is not aligned"),
    ({"dy_time": -8}, "dy has strides"),
]


def named(value: Any) -> str:
    """What is changed; addresses differ from process to process."""
    return "-".join(value) if isinstance(value, dict) else ""


@pytest.mark.parametrize(("changed", "sentence"), BOTH + FORWARD, ids=named)
def test_forward_refuses(changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as refused:
        call("forward", **changed)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize(("changed", "sentence"), BOTH + WAY_BACK, ids=named)
def test_backward_refuses(changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as refused:
        call("backward", **changed)
    assert str(refused.value).endswith(".")
    assert not ROOM.any()


def test_what_is_right_is_not_refused() -> None:
    given = buffers(Case(2, "float64", T, B, I, H, (T,) * B, "dense"))
    done = forward(given)
    everything = frozenset(("dx", "dW_ih", "dW_hh", "db_ih", "db_hh", "dh0", "dc0", "grad_h", "grad_c"))
    backward(given, done, np.ones((T, B, H)), everything, frozenset(("dy", "dhn", "dcn")))


@pytest.mark.parametrize("arguments", [(), ("lstm",), (2,) * 5, (2.5,) * 27])
def test_wrong_types_are_no_call(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError):
        native.forward(*arguments)
