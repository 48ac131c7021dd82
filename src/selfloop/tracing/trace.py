"""`selfloop.trace(model)`: record what happens inside a model's recurrent layers while a block of code runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import torch

from selfloop.errors import TraceError
from selfloop.kernels.record import Missed, Record, Recording, recording
from selfloop.kernels.rerun import Rerun
from selfloop.nn.layers import Layer
from selfloop.tracing.calls import TracedCall, TracedLayer
from selfloop.tracing.models import COMPILED, network_of, unknown

if TYPE_CHECKING:
    from selfloop.models.predictor import Predictor


class Trace(Mapping[str, TracedLayer]):
    """The recurrent layers of a model by their qualified names, with what they did inside the `with` block.

    A layer is had by its name, "" for the model itself, or by the module. Each `with` begins afresh.

    Attributes:
        model: the network.
        predictor: where the trace was made of a saved model or a `Predictor`: that, to predict with inside the block.
    """

    def __init__(self, model: torch.nn.Module, layers: dict[str, Layer], predictor: Predictor | None) -> None:
        self.model, self.predictor = model, predictor
        self._layers = layers
        self._recording: Recording | None = None
        self._begin([])

    def __enter__(self) -> Trace:
        """Begin to record.

        Raises:
            TraceError: it is recording already.
        """
        if self._recording is not None:
            raise TraceError("This trace is recording already; expected one `with` at a time: make a second trace.")
        self._recording = recording(*self._layers.values())
        self._begin(self._recording.__enter__())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """Stop; what was recorded stays."""
        ended, self._recording = self._recording, None
        if ended is not None:
            ended.__exit__(kind, error, where)

    def __getitem__(self, key: str | torch.nn.Module) -> TracedLayer:
        """A layer by its name or by itself.

        Raises:
            SettingsError: there is no such layer. (It is a KeyError, too.)
        """
        layer = getattr(key, COMPILED, key) if isinstance(key, torch.nn.Module) else self._layers.get(key)
        if not isinstance(layer, Layer) or layer not in self._names:
            raise unknown(self.model, key, list(self))
        name = key if isinstance(key, str) else self._names[layer]
        return TracedLayer(name, lambda: self._calls_of(layer))

    def __iter__(self) -> Iterator[str]:
        """Names; of a shared layer the first one."""
        return iter(self._names.values())

    def __len__(self) -> int:
        """Of our layers."""
        return len(self._names)

    def __repr__(self) -> str:
        """The layers and how often each was called."""
        calls = ", ".join(f"{name!r}: {len(self._calls_of(layer))}" for layer, name in self._names.items())
        return f"Trace of {type(self.model).__name__} (calls: {calls})"

    @cached_property
    def _names(self) -> dict[torch.nn.Module, str]:
        """Of a shared layer the first one. (Not made while a step is traced: that should cost little.)"""
        found: dict[torch.nn.Module, str] = {}
        for name, layer in self._layers.items():
            found.setdefault(layer, name)
        return found

    def _begin(self, found: list[Record | Rerun | Missed]) -> None:
        self._found, self._seen = found, 0
        self._calls: dict[torch.nn.Module, list[TracedCall]] = {}

    def _calls_of(self, layer: torch.nn.Module) -> list[TracedCall]:
        """Sort what was recorded since the last time into calls."""
        for entry in self._found[self._seen :]:
            calls = self._calls.setdefault(entry.module, [])
            if isinstance(entry, Record) and entry.depth:
                calls[-1].add(entry)
            else:
                name = self._names[entry.module]
                calls.append(TracedCall(f"Call {len(calls)} of {repr(name) if name else 'the model'}", entry))
            self._seen += 1
        return self._calls.get(layer, [])


def trace(model: torch.nn.Module | Predictor | str | Path) -> Trace:
    """Record what happens inside a model's recurrent layers.

    Inside the block call the model as always, and go backward; ask inside or afterwards. What was recorded is kept as
    long as the trace: trace a step or a sequence, not a whole training.

    Args:
        model: any module that holds layers of `selfloop.nn` (`selfloop.accelerate` turns torch's into them), also one
            that was given to `torch.compile`, which then runs the layers between its graphs; or a model that
            `selfloop compare` saved: its path, or a `Predictor` such as `Study.best_recurrent`.

    Raises:
        SettingsError: there is no recurrent layer of ours.
        ModelFileError: the path is not one of a model.

    Example:
        >>> with selfloop.trace(model) as t:
        ...     loss = criterion(model(x), target)
        ...     loss.backward()
        >>> t["encoder"].gates["forget"]        # (T, B, H), the forward's own bits
        >>> t["encoder"].grad_cell              # (T, B, H), dL/dc of every step
    """
    return Trace(*network_of(model))
