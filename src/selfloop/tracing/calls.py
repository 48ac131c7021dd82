"""A traced layer: its calls, and the parts of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from selfloop.errors import SettingsError, TraceError, nearest
from selfloop.kernels.call import REALS
from selfloop.kernels.record import Missed, Record
from selfloop.kernels.rerun import Rerun
from selfloop.tracing.backward import BackwardPass
from selfloop.tracing.equation_part import EquationPart
from selfloop.tracing.native_part import NativePart
from selfloop.tracing.part import DIRECTIONS, Part

T = TypeVar("T")
RAN = {"torch": "torch's own forward pass", "cells": "the cells' equations"}
PROPERTIES = (name for name, value in vars(Part).items() if not name.startswith("_") and not callable(value))
OF_A_PART = frozenset((*PROPERTIES, "layer", "direction"))


class TracedCall:
    """One call of a module.

    Attributes:
        label: which one, in words.
        backend: what ran it: "native", "cells" for a layer without kernels, for calls that kept nothing "torch" or
            "cells".
        parts: by layer, in each the forward and, if there is one, the backward direction; empty where nothing was kept.
    """

    def __init__(self, label: str, first: Record | Rerun | Missed) -> None:
        self.label, self.backend = label, "native"
        self._parts: list[tuple[Part, ...]] = []
        self._missed: Missed | None = None
        if isinstance(first, Missed):
            self.backend, self._missed = first.backend, first
        elif isinstance(first, Rerun):
            self.backend, ways = "cells", DIRECTIONS[: len(first.runs)]
            self._parts.append(tuple(EquationPart(first, label, way) for way in ways))
        else:
            self.add(first)

    def add(self, record: Record) -> None:
        """The next layer of the stack."""
        backward = BackwardPass(record.gradients, self.label, record.state_gradients)
        self._parts.append(tuple(NativePart(record, backward, way) for way in DIRECTIONS[: record.call.directions]))

    @property
    def parts(self) -> tuple[Part, ...]:
        """All of them, as h_n has them: layer by layer, forward before backward."""
        return tuple(part for layer in self._parts for part in layer)

    def at(self, *, layer: int = 0, direction: str = "forward") -> Part:
        """One of its parts.

        Args:
            layer: of the module's stack, from 0; from the end where it is negative.
            direction: "forward" or "backward".

        Raises:
            SettingsError: there is no such part.
            TraceError: nothing was kept.
        """
        if self._missed is not None:
            raise TraceError(f"{self.label} ran on {RAN[self.backend]}, so no gates were kept: {_why(self._missed)}.")
        directions = _indexed(self._parts, layer, "layer", self.label)
        if direction not in DIRECTIONS:
            raise SettingsError(f"direction is {direction!r}. {nearest(str(direction), DIRECTIONS)}")
        if direction == "backward" and len(directions) == 1:
            raise SettingsError(f"{self.label} reads forward only; expected direction='forward', got 'backward'.")
        return directions[direction == "backward"]

    def __repr__(self) -> str:
        """Which, and what ran it."""
        return f"TracedCall({self.label}, backend={self.backend!r}, parts={len(self.parts)})"


class TracedLayer:
    """A recurrent layer of a traced model, with all its calls.

    Where it was called once, and has one layer and one direction, it has that `Part`'s attributes itself:
    `t["encoder"].gates["forget"]`. Otherwise `at` chooses.
    """

    def __init__(self, name: str, calls: Callable[[], Sequence[TracedCall]]) -> None:
        self.name = name
        self._calls = calls

    @property
    def calls(self) -> tuple[TracedCall, ...]:
        """All calls so far, in their order. (Activation checkpointing calls a layer a second time.)"""
        return tuple(self._calls())

    def at(self, *, call: int = -1, layer: int = 0, direction: str = "forward") -> Part:
        """What happened in one layer of one call, in one direction.

        Args:
            call: which one, from 0; from the end where it is negative: left out, the last one.
            layer: of the module's stack, from 0; from the end where it is negative.
            direction: "forward" or "backward".

        Raises:
            SettingsError: there is no such part.
            TraceError: there was no call, or nothing of it was kept.
        """
        found = _indexed(self._called(), call, "call", label_of(self.name))
        return found.at(layer=layer, direction=direction)

    def __getattr__(self, name: str) -> Any:
        """Of the only part.

        Raises:
            TraceError: there is none, or several.
        """
        if name not in OF_A_PART:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(self._only(), name)

    def __dir__(self) -> Iterable[str]:
        """The only part's attributes, too."""
        return sorted({*super().__dir__(), *OF_A_PART})

    def __repr__(self) -> str:
        """Its name and calls."""
        return f"TracedLayer({self.name!r}, calls={len(self.calls)})"

    def _called(self) -> tuple[TracedCall, ...]:
        calls = self.calls
        if not calls:
            raise TraceError(
                f"{label_of(self.name)} was not called; expected a call of the model that reaches it, inside "
                "`with selfloop.trace(model)`."
            )
        return calls

    def _only(self) -> Part:
        calls = self._called()
        if len(calls) == 1 and len(calls[0].parts) <= 1:
            return calls[0].at()
        layers = max((part.layer + 1 for call in calls for part in call.parts), default=1)
        both = any(part.direction == "backward" for call in calls for part in call.parts)
        raise TraceError(
            f"{label_of(self.name)} has {_count(len(calls), 'call')} of {_count(layers, 'layer')}"
            f"{' in both directions' if both else ''}; expected to be told which one: "
            f't[{self.name!r}].at(call=-1, layer=0, direction="forward").'
        )


def label_of(name: str) -> str:
    """A layer at the beginning of a sentence."""
    return f"Layer {name!r}" if name else "The model"


def _indexed(found: Sequence[T], k: int, what: str, label: str) -> T:
    if not isinstance(k, int) or not -len(found) <= k < len(found):
        raise SettingsError(
            f"{what} is {k!r}; {label} has {_count(len(found), what)}: give 0 to {len(found) - 1}, or -1 for the last."
        )
    return found[k]


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _why(missed: Missed) -> str:
    """Why the kernels did not run a call, and what to do."""
    layer, weight = missed.module, next(missed.module.parameters())
    if getattr(layer, "proj_size", 0):
        return f"the layer has projections, proj_size={layer.proj_size}; make it without"
    if not weight.is_cpu:
        return f"the layer is on {weight.device}; move model and input to the CPU"
    if weight.dtype not in REALS:
        return f"its weights are {weight.dtype}; make model and input float32 or float64"
    if missed.backend == "cells":
        return (
            "a torch.func transform or a forward-mode level was active, or the input was empty; call the model itself"
        )
    return "the input was empty or did not fit the layer, or the call was traced into a graph; call the model itself"
