"""What `torch.utils.flop_counter.FlopCounterMode` counts for our operators: their products, as it counts torch's.

Two operations for a multiply-add; activations and sums of biases are not counted. Both are of the rows that were
computed: T*B of padded input, whatever lengths it has, as torch pads.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import torch

from selfloop.kernels.call import Call
from selfloop.kernels.when_imported import when_imported

COUNTER = "torch.utils.flop_counter"


def forward_operations(*arguments: Any, **_: Any) -> int:
    """W x and U h₋₁ of every row."""
    call = Call(*arguments[: len(Call._fields)])
    return sum(_products(call))


def backward_operations(*arguments: Any, **_: Any) -> int:
    """dx where it is wanted, dh₋₁, and both weights' gradients where they are wanted."""
    call, wanted = Call(*arguments[: len(Call._fields)]), arguments[-1]
    of_x, of_h = _products(call)
    return of_h + (of_x if wanted[0] else 0) + (of_x + of_h if wanted[3] else 0)


def _products(call: Call) -> tuple[int, int]:
    """Operations of W x and of U h₋₁, over all rows and both directions."""
    each = 2 * call.rows * call.directions * len(call.kind.gates) * call.hidden
    return each * call.x.shape[-1], each * call.hidden


def _register(counter: ModuleType) -> None:
    """`get_raw`: the formulas are given the tensors themselves."""
    counter.register_flop_formula(torch.ops.selfloop.forward, get_raw=True)(forward_operations)
    counter.register_flop_formula(torch.ops.selfloop.backward, get_raw=True)(backward_operations)


def let_torch_count() -> None:
    """Register the formulas, now or as soon as the counter is imported."""
    when_imported(COUNTER, _register)
