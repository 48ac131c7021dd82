"""`accelerate` and `decelerate`: torch's recurrent layers inside any module into ours and back, in place.

A layer is turned by its class alone: parameters, buffers, hooks and whoever refers to it stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import torch

from selfloop.errors import SettingsError
from selfloop.nn.gru import GRU
from selfloop.nn.lstm import LSTM
from selfloop.nn.rnn import RNN

Model = TypeVar("Model", bound=torch.nn.Module)
Kind = type[torch.nn.RNNBase]
OURS: dict[Kind, Kind] = {torch.nn.RNN: RNN, torch.nn.LSTM: LSTM, torch.nn.GRU: GRU}
THEIRS: dict[Kind, Kind] = {ours: theirs for theirs, ours in OURS.items()}
OWN_ENTRIES = ("recompute", "reset_after", "_ran")  # what torch's layers have no use for


@dataclass(frozen=True)
class Swap:
    """A layer that was turned. Its name is as in `model.named_modules()`, "" for the model itself."""

    name: str
    was: str
    now: str

    def __str__(self) -> str:
        """One line."""
        return f"{self.name or '(the model)'}: {self.was} -> {self.now}"


@dataclass(frozen=True)
class Skip:
    """A layer that was left as it is."""

    name: str
    kind: str
    why: str

    def __str__(self) -> str:
        """One line."""
        return f"{self.name or '(the model)'}: {self.kind} left alone: {self.why}"


@dataclass(frozen=True)
class Summary:
    """What became of each recurrent layer of a model, in the order of `model.named_modules()`."""

    layers: tuple[Swap | Skip, ...]

    @property
    def swapped(self) -> tuple[Swap, ...]:
        """Those that were turned."""
        return tuple(layer for layer in self.layers if isinstance(layer, Swap))

    @property
    def skipped(self) -> tuple[Skip, ...]:
        """Those that were not."""
        return tuple(layer for layer in self.layers if isinstance(layer, Skip))

    def __str__(self) -> str:
        """A line for each layer."""
        if not self.layers:
            return "There are no recurrent layers."
        return "\n".join(map(str, self.layers))


Listener = Callable[[Summary], object]


def accelerate(model: Model, *, summary: Listener | None = None) -> Model:
    """Turn every `torch.nn.RNN`, `LSTM` and `GRU` of a model into ours, in place.

    Parameters stay the same tensors, so that optimisers, hooks and state dicts go on as before. Layers with a
    parametrisation (weight norm, spectral norm) keep it. Subclasses are left alone: their code may count on torch's.

    Args:
        model: any module, or a layer itself.
        summary: called with what was swapped, what was not, and why; `summary=print` shows it.

    Returns:
        The model.

    Raises:
        SettingsError: the model is no `torch.nn.Module`.

    Example:
        >>> model = selfloop.accelerate(model, summary=print)
        encoder.lstm: torch.nn.LSTM -> selfloop.nn.LSTM
    """
    return _turn(model, OURS, _why_not_ours, summary)


def decelerate(model: Model, *, summary: Listener | None = None) -> Model:
    """Turn every layer of ours in a model into torch's, in place: what `accelerate` did is undone.

    `recompute` is forgotten. A GRU that resets before the product stays: torch has none.

    Args:
        model: any module, or a layer itself.
        summary: called with what was swapped, what was not, and why; `summary=print` shows it.

    Returns:
        The model.

    Raises:
        SettingsError: the model is no `torch.nn.Module`.
    """
    return _turn(model, THEIRS, _why_not_theirs, summary)


def _turn(
    model: Model, kinds: dict[Kind, Kind], why_not: Callable[[torch.nn.RNNBase], str], summary: Listener | None
) -> Model:
    if not isinstance(model, torch.nn.Module):
        raise SettingsError(f"model is a {type(model).__name__}; expected a torch.nn.Module. Give the module itself.")
    found: list[Swap | Skip] = []
    for name, layer in model.named_modules():
        if not isinstance(layer, torch.nn.RNNBase):
            continue
        kind = _kind(layer)
        why = "its forward was replaced" if "forward" in vars(layer) else why_not(layer)
        if why or kind not in kinds:
            found.append(Skip(name, _name(kind), why or "it is a class of its own"))
        else:
            _become(layer, kinds[kind])
            found.append(Swap(name, _name(kind), _name(kinds[kind])))
    if summary is not None:
        summary(Summary(tuple(found)))
    return model


def _kind(layer: torch.nn.RNNBase) -> Kind:
    """The layer's class, without what a parametrisation put on top of it."""
    kind = type(layer)
    return kind.__bases__[0] if torch.nn.utils.parametrize.is_parametrized(layer) else kind


def _become(layer: torch.nn.RNNBase, kind: Kind) -> None:
    """Give the layer another class, and on top of it what its parametrisation had put on the old one."""
    if torch.nn.utils.parametrize.is_parametrized(layer):
        own = {name: value for name, value in vars(type(layer)).items() if name not in ("__dict__", "__weakref__")}
        kind = type(f"Parametrized{kind.__name__}", (kind,), own)
    for name in OWN_ENTRIES:
        layer.__dict__.pop(name, None)
    layer.__class__ = kind


def _why_not_ours(layer: torch.nn.RNNBase) -> str:
    if _kind(layer) in THEIRS:
        return "it is selfloop's already"
    return "with proj_size torch's own forward pass would run" if layer.proj_size else ""


def _why_not_theirs(layer: torch.nn.RNNBase) -> str:
    if _kind(layer) in OURS:
        return "it is torch's already"
    return "" if getattr(layer, "reset_after", True) else "torch has no GRU that resets before the product"


def _name(kind: Kind) -> str:
    module = "torch.nn" if kind.__module__ == "torch.nn.modules.rnn" else kind.__module__
    return f"{'selfloop.nn' if module.startswith('selfloop.nn.') else module}.{kind.__qualname__}"
