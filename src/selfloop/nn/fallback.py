"""Where torch's own forward pass is called for, and what autocast makes of ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

PLAIN = {Tensor, torch.nn.Parameter}


def wants_torch() -> bool:
    """Whether the call is read into a form that knows torch's operators alone: TorchScript's tracing, ONNX."""
    if torch.compiler.is_exporting():
        return torch.onnx.is_in_onnx_export()
    return bool(torch._C._get_tracing_state())


@torch._disable_dynamo  # type: ignore[attr-defined]
def eagerly(forward: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call outside the graph that `torch.compile` is reading, as it does with torch's own layers."""
    return forward(*args, **kwargs)


def as_leaf(layer: torch.nn.Module, input: torch.fx.Proxy, *rest: Any) -> torch.fx.Proxy:
    """One call of the layer in a graph of `torch.fx.symbolic_trace`, which looks into all layers but torch's."""
    given = (input, *rest)
    while given[-1] is None:
        given = given[:-1]
    tracer: Any = input.tracer
    found: torch.fx.Proxy = tracer.create_proxy("call_module", tracer.path_of_module(layer), given, {})
    return found


def autocast_to(weight: Tensor, input: Any) -> torch.dtype | None:
    """The half dtype of an autocast that our layer answers for; None where there is none."""
    if not torch._C._is_any_autocast_enabled() or not torch.is_autocast_enabled("cpu"):
        return None
    x = input.data if isinstance(input, PackedSequence) else input
    half = torch.get_autocast_dtype("cpu")
    reads = isinstance(x, Tensor) and x.is_cpu and x.dtype in (torch.float32, half)
    return half if reads and weight.dtype is torch.float32 and weight.is_cpu else None


def given_as(input: Any, hx: Any, half: torch.dtype) -> tuple[torch.dtype, torch.dtype | None]:
    """The dtypes of what is read and of the states to start from, the widest of several; None: none are given."""
    x = input.data if isinstance(input, PackedSequence) else input
    states = hx if isinstance(hx, (tuple, list)) else (hx,)
    kinds = {state.dtype for state in states if isinstance(state, Tensor)}
    return x.dtype, next(iter(kinds - {half} or kinds), None)


def expanded(weights: list[Any]) -> bool:
    """Whether torch finds per-sample gradients by weights that stand for one a sample: its own operators know them."""
    return not PLAIN.issuperset(map(type, weights)) and "ExpandedWeight" in {
        type(weight).__name__ for weight in weights
    }


def cast(value: Any, source: torch.dtype | None, target: torch.dtype) -> Any:
    """The same with every tensor (of the source dtype; None is all) in the target dtype: packed, in tuples, alone."""
    if isinstance(value, PackedSequence):
        return repacked(value, cast(value.data, source, target))
    if isinstance(value, (tuple, list)):
        return tuple(cast(part, source, target) for part in value)
    return value.to(target) if isinstance(value, Tensor) and source in (None, value.dtype) else value


def repacked(packed: PackedSequence, data: Tensor) -> PackedSequence:
    """The same with other data. (torch.compile makes an empty tuple of `_replace`.)"""
    return PackedSequence(data, packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices)
