"""From what a user holds (a model, a file of one, a layer; a file, a frame, an array) to subjects to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from selfloop.data import Missing, Sequences, load_like
from selfloop.data.draft import label_text
from selfloop.data.sequences import Floats
from selfloop.errors import DataError, SettingsError, nearest
from selfloop.inside.explore.answers import Answers
from selfloop.inside.explore.beyond import Beyond, more_of
from selfloop.inside.explore.subject import Subject
from selfloop.models.predictor import Predictor
from selfloop.nn.accelerate import accelerate
from selfloop.nn.equation_layer import EquationLayer
from selfloop.nn.layers import Layer, kind_of_layer
from selfloop.tasks.places import pieces
from selfloop.tasks.task import Task
from selfloop.tracing.models import predictor_of
from selfloop.train.encoder import RecurrentEncoder
from selfloop.train.model import NetworkModel
from selfloop.train.network import Network

MATRIX = 2  # dimensions of one sequence: steps and channels


@dataclass(frozen=True, eq=False)
class Case:
    """One sequence of the user's, and every model's view of it.

    Attributes:
        subjects: a model each.
        data: the sequence alone.
        place: which of the data it is, in words; empty for the only one.
        task: what the models do with it; None for layers alone.
    """

    subjects: tuple[Subject, ...]
    data: Sequences
    place: str
    task: Task | None


def case_of(
    models: Sequence[Any], sequence: Any, sequence_id: str | None, missing: Missing, axes: str | None = None
) -> Case:
    """Read the sequence as the models do.

    Args:
        models: layers, or predictors that answer the same question.
        sequence: a tensor for layers; what predictors predict on.
        sequence_id: of a table with several.
        missing: what is done about missing values.
        axes: of arrays for predictors, where shape and channels do not decide.

    Raises:
        SettingsError: a model has no recurrent layer, or the models do not do the same.
        DataError: the data have other columns, or no such sequence.
    """
    if isinstance(models[0], nn.Module):
        return _layers(models, sequence)
    predictors = predictors_of(models)
    return case_in(predictors, data_for(predictors, sequence, missing, axes), sequence_id)


def predictors_of(models: Sequence[Any]) -> list[Predictor]:
    """Models with a recurrent layer that do the same on the same columns.

    Raises:
        SettingsError: they do not.
        ModelFileError: a path is not one of a model.
    """
    predictors = [predictor_of(model, "a layer of torch.nn or selfloop.nn") for model in models]
    first = predictors[0].card
    for predictor in predictors[1:]:
        card = predictor.card
        same = (card.task, card.signature) == (first.task, first.signature)
        if not same:
            raise SettingsError(
                f"{card.label} was trained for another task or on other columns than {first.label}; expected models "
                "of one comparison."
            )
    return predictors


def data_for(predictors: Sequence[Predictor], source: Any, missing: Missing, axes: str | None = None) -> Sequences:
    """The data as these models read them.

    Args:
        predictors: of one task and the same columns.
        source: what they predict on.
        missing: what is done about missing values.
        axes: of arrays, where shape and channels do not decide.

    Raises:
        DataError: they have other columns.
    """
    return load_like(source, predictors[0].card, missing=missing, axes=axes)


def case_in(predictors: Sequence[Predictor], data: Sequences, sequence_id: str | None) -> Case:
    """One sequence of the data, the first one if none is named.

    Raises:
        DataError: there is no such sequence.
    """
    k = _which(data, sequence_id)
    place = "" if len(data) == 1 or sequence_id is not None else f"the first of {len(data):,}"
    one, names = data.take([k]), _names([predictor.card.candidate for predictor in predictors])
    labels = _labels(predictors, names)
    more = more_of(data)
    subjects = tuple(
        _subject(predictor, one, name, label, more)
        for predictor, name, label in zip(predictors, names, labels, strict=True)
    )
    return Case(subjects, one, place, predictors[0].task)


def _subject(predictor: Predictor, one: Sequences, name: str, label: str, more: Sequences | None) -> Subject:
    model, signature = predictor.model, predictor.card.signature
    assert isinstance(model, NetworkModel), "checked when the model was read"
    predictor.check(one)
    view = predictor.task.view(model, one, signature)
    network, front = model.network, model.network.front

    def fed(inputs: Floats) -> Tensor:
        return network.fed(torch.from_numpy(inputs.astype(np.float32))).detach()

    names = view.input_names if front is None else front.names(view.input_names)
    layers, beyond = layers_of(network), None
    if more is not None:
        edges = pieces(more.offsets) if network.looks_ahead else more.offsets
        beyond = Beyond(layers, fed(predictor.task.view(model, more, signature).inputs), edges, more)
    return Subject(name, label, layers, fed(view.inputs), names, Answers(network, model.output, view), beyond)


def layers_of(network: Network) -> tuple[Layer, ...]:
    """The recurrent layers of a network."""
    assert isinstance(network.encoder, RecurrentEncoder), "checked when the model was read"
    return tuple(layer for layer in network.encoder.layers if isinstance(layer, Layer))


def _layers(models: Sequence[Any], sequence: Any) -> Case:
    """Layers of the user's own, on one array (T, I) as they are fed."""
    values = _array(sequence)
    layers = [_ours(model) for model in models]
    subjects, names = [], _names([kind_of_layer(layer).name for layer in layers])
    for layer, name in zip(layers, names, strict=True):
        if layer.input_size != values.shape[1]:
            raise DataError(
                f"The sequence has {values.shape[1]} channels; expected {layer.input_size}, the layer's input_size."
            )
        kind, dtype = kind_of_layer(layer), next((weight.dtype for weight in layer.parameters()), torch.float32)
        channels = tuple(f"x{k + 1}" for k in range(values.shape[1]))
        label = kind.label + name.removeprefix(kind.name)
        subjects.append(Subject(name, label, (layer,), values.to(dtype), channels))
    plain = values.double().numpy()
    data = Sequences(
        "one array", plain, np.array([0, len(plain)]), tuple(f"x{k + 1}" for k in range(plain.shape[1])), ("1",)
    )
    return Case(tuple(subjects), data, "", None)


def _ours(model: Any) -> Layer:
    """A copy that selfloop runs, time first, without the user's hooks and modes touched."""
    from copy import deepcopy

    if isinstance(model, nn.RNNBase | EquationLayer) and model.num_layers == 1 and not model.proj_size:
        copied = accelerate(deepcopy(model)).eval()
        if isinstance(copied, Layer):
            copied.batch_first = False
            return copied
    raise SettingsError(
        f"model is a {type(model).__name__}; expected one layer: an RNN, LSTM or GRU with num_layers=1 and "
        "without projections. Give the layers of a larger model one by one."
    )


def _array(sequence: Any) -> Tensor:
    values = torch.as_tensor(sequence, dtype=torch.float64)
    if values.dim() == 1:
        values = values[:, None]
    if values.dim() != MATRIX or 0 in values.shape:
        raise DataError(
            f"The sequence has shape {tuple(values.shape)}; expected (steps, channels), one or more of each."
        )
    return values.detach()


def _which(data: Sequences, sequence_id: str | None) -> int:
    if sequence_id is None:
        return 0
    name = label_text(sequence_id)  # 7 is the sequence "7"
    if name not in data.ids:
        raise DataError(f"{data.name} has no sequence {name!r}. {nearest(name, data.ids[:50])}")
    return data.ids.index(name)


def _names(candidates: Sequence[str]) -> list[str]:
    """Unlike each other: lstm, lstm-2."""
    seen: dict[str, int] = {}
    names = []
    for candidate in candidates:
        seen[candidate] = seen.get(candidate, 0) + 1
        names.append(candidate if seen[candidate] == 1 else f"{candidate}-{seen[candidate]}")
    return names


def _labels(predictors: Sequence[Predictor], names: Sequence[str]) -> list[str]:
    labels = [predictor.card.label for predictor in predictors]
    return [
        label if labels.count(label) == 1 else f"{label} {name.partition('-')[2] or 1}"
        for label, name in zip(labels, names, strict=True)
    ]
