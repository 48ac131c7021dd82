"""From what a user holds (a module, a saved model's path, a predictor) to the network and its recurrent layers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import torch

from selfloop.errors import SettingsError, nearest
from selfloop.nn.layers import Layer
from selfloop.tracing.part import UnknownNameError

if TYPE_CHECKING:
    from selfloop.models.predictor import Predictor

COMPILED = "_orig_mod"  # where torch.compile's wrapper holds the model


def network_of(model: Any) -> tuple[torch.nn.Module, dict[str, Layer], Predictor | None]:
    """The network, our layers by their qualified names (of a shared one all of them), and whose network it is.

    Raises:
        SettingsError: there is no network with a recurrent layer of ours.
        ModelFileError: the path is not one of a model.
    """
    if isinstance(model, torch.nn.Module):
        return model, _layers_of(model) or _refuse(model), None
    predictor = predictor_of(model, "a torch.nn.Module")
    network: torch.nn.Module = predictor.model.network  # type: ignore[attr-defined]  # it has layers
    return network, _layers_of(network), predictor


def predictor_of(model: Any, other: str) -> Predictor:
    """A saved model with a recurrent layer, from its path or as it is.

    Args:
        model: whatever a user gave.
        other: what else would have done, for the error.

    Raises:
        SettingsError: it is none, or has no recurrent layer.
        ModelFileError: the path is not one of a model.
    """
    # Training and data are not loaded for a module alone.
    from selfloop.models.predictor import Predictor
    from selfloop.train.saved import load_model

    predictor = load_model(model) if isinstance(model, str | Path) else model
    if not isinstance(predictor, Predictor):
        raise SettingsError(
            f"model is a {type(model).__name__}; expected a saved model's path, a Predictor such as "
            f"Study.best_recurrent, or {other}."
        )
    network = getattr(predictor.model, "network", None)
    if network is None or not _layers_of(network):
        raise SettingsError(
            f"{predictor.card.label} has no recurrent layer to look inside; expected an RNN, LSTM or GRU: take "
            "Study.best_recurrent, or the file that the study saved as its best recurrent model."
        )
    return predictor


def _layers_of(network: torch.nn.Module) -> dict[str, Layer]:
    found = network.named_modules(remove_duplicate=False)
    return {plain(name): module for name, module in found if isinstance(module, Layer)}


def plain(name: str) -> str:
    """A qualified name without torch.compile's wrappers."""
    return ".".join(part for part in name.split(".") if part != COMPILED) if COMPILED in name else name


def unknown(network: torch.nn.Module, key: object, known: list[str]) -> UnknownNameError:
    """What to say about a key that is none of our layers."""
    modules = {plain(name): module for name, module in network.named_modules(remove_duplicate=False)}
    if isinstance(key, torch.nn.Module):
        names = [name for name, module in modules.items() if module is key]
        if not names:
            return UnknownNameError(f"This {type(key).__name__} is no part of the model. {_listed(known)}")
        key = names[0]
    if not isinstance(key, str):
        return UnknownNameError(f"{key!r} is no name; expected a layer's name or the module itself. {_listed(known)}")
    module = modules.get(key)
    if module is None:
        return UnknownNameError(f"The model has no layer {key!r}. {_listed(known, key)}")
    what = f"{key!r} is a {type(module).__name__}" if key else f"The model is a {type(module).__name__}"
    if isinstance(module, torch.nn.RNNBase):
        return UnknownNameError(f"{what} of torch's, which keeps no gates. Call selfloop.accelerate(model) first.")
    inside = [name for name in known if name.startswith(f"{key}.") or not key]
    return UnknownNameError(f"{what}; expected a recurrent layer. {_listed(inside or known)}")


def _listed(known: list[str], key: str = "") -> str:
    if known == [""]:
        return 'The model is itself the only one: "".'
    return nearest(key, [name or '""' for name in known])


def _refuse(model: torch.nn.Module) -> NoReturn:
    """Say what is missing."""
    if any(isinstance(module, torch.nn.RNNBase) for module in model.modules()):
        remedy = "its recurrent layers are torch's: call selfloop.accelerate(model) first"
    else:
        remedy = "give a model that has one, such as selfloop.nn.LSTM"
    raise SettingsError(f"{type(model).__name__} has no RNN, LSTM or GRU of selfloop.nn; {remedy}.")
