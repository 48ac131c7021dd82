"""What happened inside recurrent layers: gates, states and their gradients at every step.

The package can be called: `selfloop.trace(model)` is `selfloop.trace.trace(model)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from selfloop.packages import make_callable

if TYPE_CHECKING:
    from selfloop.trace.calls import TracedCall as TracedCall
    from selfloop.trace.calls import TracedLayer as TracedLayer
    from selfloop.trace.part import Part as Part
    from selfloop.trace.tracing import Trace as Trace
    from selfloop.trace.tracing import trace as trace

__all__ = ["Part", "Trace", "TracedCall", "TracedLayer", "trace"]

make_callable(
    __name__,
    {"Part": "part", "Trace": "tracing", "TracedCall": "calls", "TracedLayer": "calls", "trace": "tracing"},
)  # the quantities are of use without torch
