"""A layer's call by the cells' equations, in plain torch: where the kernels' own derivative is not enough.

That is while a `torch.func` transform or a forward-mode level is active, for second derivatives, and for numbers that
the kernels do not have.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd import forward_ad
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from selfloop.cells import equations_of, run_layers
from selfloop.kernels.call import HAS_C, Call, Upstream
from selfloop.kernels.run import Outputs

NAMES = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")


def transforming() -> bool:
    """Whether a `torch.func` transform or a forward-mode level is active: an operator's tangents would be zeros."""
    return torch._C._are_functorch_transforms_active() or forward_ad._current_level >= 0


def equations(call: Call) -> Outputs:
    """y, hn, cn (None but for the LSTM) and nothing kept, as `ops.layer` returns them.

    Raises:
        ShapeError: a shape does not fit; a length is negative or larger than T; there are no steps.
    """
    each = len(call.weights) // call.directions
    weights = {NAMES[k % each] + ("_reverse" if k >= each else ""): weight for k, weight in enumerate(call.weights)}
    x, lengths = call.x, call.lengths
    if call.batch_sizes is not None:
        x, lengths = pad_packed_sequence(PackedSequence(x, call.batch_sizes))
    ran = run_layers(equations_of(call.kind), weights, x, h0=call.h0, c0=call.c0, lengths=lengths)
    y = ran.outputs
    if call.batch_sizes is not None:
        assert lengths is not None
        y = pack_padded_sequence(y, lengths).data
    return y, ran.last["h"], ran.last["c"] if HAS_C[call.cell] else None, None


def differentiable_gradients(call: Call, upstream: Upstream, wanted: Sequence[bool]) -> list[Tensor | None]:
    """As `run_backward` returns them; with a graph of their own where grad mode is on."""
    create_graph = torch.is_grad_enabled()
    sources = [call.x, call.h0, call.c0, *call.weights]
    asked = [*wanted[:3], *(wanted[3] and weight.requires_grad for weight in call.weights)]
    with torch.enable_grad():
        # Views: this run's graph ends at them, and goes on to where the tensors themselves came from.
        views: list[Any] = [None if source is None else source.view_as(source) for source in sources]
        x, h0, c0, *weights = views
        outputs = equations(call._replace(x=x, h0=h0, c0=c0, weights=weights))
    given = [
        (output, gradient)
        for output, gradient in zip(outputs, (upstream.dy, upstream.dhn, upstream.dcn), strict=False)
        if output is not None and gradient is not None
    ]
    found = torch.autograd.grad(
        [output for output, _ in given],
        [view for view, ask in zip(views, asked, strict=True) if ask and view is not None],
        [gradient for _, gradient in given],
        create_graph=create_graph,
        allow_unused=True,
        materialize_grads=True,
    )
    left = iter(found)
    return [next(left) if ask else None for ask in asked]
