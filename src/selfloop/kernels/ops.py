"""The layers as torch operators, `torch.ops.selfloop.forward` and `backward`, with fakes and derivatives.

`layer` is what the layers call. Under `torch.compile`, `torch.export`, a dispatch mode or with tensor subclasses it
calls the operator; with plain tensors in eager mode it calls the same functions without the dispatcher, which takes
longer than a small layer (measured in docs/kernels.md). The autograd function is one for both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import torch
from torch import Tensor

from selfloop.kernels.call import HAS_C, NOTHING, Call, Upstream
from selfloop.kernels.equations import differentiable_gradients, transforming
from selfloop.kernels.flops import let_torch_count
from selfloop.kernels.run import Outputs, run_backward, run_forward

Gradients = list[Tensor | None]
PLAIN = {Tensor, torch.nn.Parameter}
NO_NUMBERS = torch.empty(0, device="cpu")

_CALL = (
    "int cell, int directions, int keep, SymInt batch, Tensor x, Tensor? h0, Tensor? c0, Tensor? lengths, "
    "Tensor? batch_sizes, Tensor[] weights"
)
_LIBRARY: Any = torch.library.Library("selfloop", "DEF")
_LIBRARY.define(f"forward({_CALL}) -> (Tensor y, Tensor hn, Tensor cn, Tensor kept)")
_LIBRARY.define(
    f"backward({_CALL}, Tensor y, Tensor kept, Tensor? dy, Tensor? dhn, Tensor? dcn, bool[] wanted) -> Tensor[]"
)
_ARGUMENTS = len(Call._fields)


def layer(call: Call) -> Outputs:
    """Run a layer; with gradient where one is asked for and `call.keep` is not NOTHING.

    Returns:
        y, (T, B, D*H) or (rows, D*H); hn, (D, B, H); cn, the same for the LSTM; what is kept. For what there is not,
        None or an empty tensor.

    Raises:
        ShapeError: shapes, dtypes or devices do not fit.
        ValueError: a length is negative or larger than T; there are no steps or no sequences.
    """
    if torch.compiler.is_compiling() or not _is_plain(call):
        return cast(Outputs, torch.ops.selfloop.forward.default(*call))
    return run_forward(call) if call.keep == NOTHING else _differentiable(call, run_forward, run_backward)


def _is_plain(call: Call) -> bool:
    """Whether nothing wants to see the operator: no dispatch mode, no tensor subclass."""
    return torch._C._len_torch_dispatch_stack() == 0 and PLAIN.issuperset(map(type, _tensors(call)))


def _tensors(call: Call) -> list[Tensor]:
    given = (call.x, call.h0, call.c0, call.lengths, call.batch_sizes, *call.weights)
    return [tensor for tensor in given if tensor is not None]


def _differentiable(
    call: Call, forward: Callable[[Call], Outputs], backward: Callable[[Call, Upstream, Sequence[bool]], Gradients]
) -> Outputs:
    given = (call.x, call.h0, call.c0, call.lengths, call.batch_sizes, *call.weights)
    return cast(Outputs, Layer.apply(call[:4], forward, backward, *given))  # type: ignore[no-untyped-call]  # torch gives `apply` none


class Layer(torch.autograd.Function):
    """Forward and its derivative. The derivative's own derivative comes from the cells' equations."""

    @staticmethod
    def forward(
        ctx: Any,
        settings: tuple[int, int, int, int],
        forward: Callable[[Call], Outputs],
        backward: Callable[[Call, Upstream, Sequence[bool]], Gradients],
        *given: Any,  # x, h0, c0, lengths, batch_sizes, weights
    ) -> Outputs:
        """Run, and save what backward reads.

        Args:
            ctx: torch's, which backward receives.
            settings: the fields of a `Call` that are no tensors.
            forward: computes the outputs.
            backward: computes the gradients, where they need no graph themselves.
            given: the other fields of the `Call`, its weights one by one.
        """
        call = Call(*settings, *given[:5], given[5:])  # type: ignore[call-arg]
        y, hn, cn, kept = forward(call)
        own = forward is run_forward
        ctx.save_for_backward(y.data if own else y.clone(), kept, *given)  # a compiler leaves that copy out
        ctx.written = _writes_of(y) if own else None
        ctx.settings, ctx.backward = settings, backward
        ctx.note = None  # who records the call puts a function here
        beside = (kept,) if HAS_C[call.cell] else (kept, cn)
        ctx.mark_non_differentiable(*(tensor for tensor in beside if tensor is not None))
        ctx.set_materialize_grads(False)
        return y, hn, cn, kept

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor | None) -> tuple[Any, ...]:
        """The gradients of what was given, None where none is wanted."""
        y, kept, *given = ctx.saved_tensors
        call = Call(*ctx.settings, *given[:5], given[5:])  # type: ignore[call-arg]
        if ctx.written is not None and ctx.written._version:
            y = run_forward(call._replace(keep=NOTHING))[0]  # the same bits
        upstream = Upstream(y, kept, *gradients[:3])
        needs = ctx.needs_input_grad[3:]
        wanted = [*needs[:3], any(needs[5:])]
        # Grad mode is on here only for create_graph=True: then the gradients must have a graph themselves. What has no
        # storage stands for several backwards that run as one (`is_grads_batched`).
        single = not transforming() and all(dy is None or torch._C._has_storage(dy) for dy in gradients)
        if single and ctx.note is not None:
            ctx.note(*gradients[:3])
        find = ctx.backward if single and not torch.is_grad_enabled() else differentiable_gradients
        dx, dh0, dc0, *dW = find(call, upstream, wanted)
        found = (dx, dh0, dc0, None, None, *dW)
        return None, None, None, *(value if need else None for value, need in zip(found, needs, strict=True))


def _writes_of(y: Tensor) -> Tensor:
    """No memory, but y's own count of writes (`_version`, still 0): users may write into y, as torch lets them.

    `save_for_backward` would refuse that. Saved is an alias with a count of its own; after a write y is computed again.
    """
    seen = y.detach()
    seen.data = NO_NUMBERS
    return seen


def _forward(*arguments: Any) -> tuple[Tensor, ...]:
    call = Call(*arguments)
    return tuple(_filled(run_forward(call), call.x))


def _backward(*arguments: Any) -> list[Tensor]:
    call, upstream, wanted = _split(arguments)
    return _filled(run_backward(call, upstream, wanted), call.x)


def _fake_forward(*arguments: Any) -> tuple[Tensor, ...]:
    call = Call(*arguments)
    return tuple(_filled((*call.outputs(), call.x.new_empty(call.directions * sum(call.kept()))), call.x))


def _fake_backward(*arguments: Any) -> list[Tensor]:
    call, _, wanted = _split(arguments)
    return _filled(call.readable().gradients(wanted), call.x)


def _filled(found: Sequence[Tensor | None], like: Tensor) -> list[Tensor]:
    """Operators return tensors: empty ones for what there is not."""
    return [like.new_empty(0) if tensor is None else tensor for tensor in found]


def _split(arguments: tuple[Any, ...]) -> tuple[Call, Upstream, Sequence[bool]]:
    return Call(*arguments[:_ARGUMENTS]), Upstream(*arguments[_ARGUMENTS:-1]), arguments[-1]


def _autograd_forward(*arguments: Any) -> Outputs:
    call = Call(*arguments)
    if torch.is_grad_enabled() and any(tensor.requires_grad for tensor in _tensors(call)):
        return _differentiable(call, _below_forward, _below_backward)
    return _below_forward(call)


def _below_forward(call: Call) -> Outputs:
    with torch._C._AutoDispatchBelowAutograd():
        return cast(Outputs, torch.ops.selfloop.forward.default(*call))


def _below_backward(call: Call, upstream: Upstream, wanted: Sequence[bool]) -> Gradients:
    return cast(Gradients, torch.ops.selfloop.backward.default(*call, *upstream, wanted))


_LIBRARY.impl("forward", _forward, "CPU")
_LIBRARY.impl("backward", _backward, "CPU")
_LIBRARY.impl("forward", _autograd_forward, "Autograd")
_LIBRARY._register_fake("forward", _fake_forward)
_LIBRARY._register_fake("backward", _fake_backward)
let_torch_count()
