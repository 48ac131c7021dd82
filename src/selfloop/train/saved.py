"""One safe file a model: safetensors for the numbers, JSON in its metadata for the rest, never pickle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec
import numpy as np
import safetensors
import safetensors.numpy
import torch
from numpy.typing import NDArray

from selfloop.data.sequences import Columns
from selfloop.errors import ModelFileError
from selfloop.kinds import kinds
from selfloop.tasks.classify.baselines import Majority, Scaler, SummaryClassifier, summary_features
from selfloop.tasks.classify.task import Direction, Pool
from selfloop.tasks.forecast.baselines import Naive, RidgeForecaster
from selfloop.tasks.forecast.fitted import FittedTreatment
from selfloop.tasks.forecast.intervals import LEVELS
from selfloop.tasks.forecast.ridge import Ridge
from selfloop.tasks.forecast.treatment import Kind, Scale, Treatment
from selfloop.train.classifying import NetworkClassifier, SequenceClassifier, WindowClassifier
from selfloop.train.encoder import RecurrentEncoder, WindowEncoder
from selfloop.train.fit_classify import SequenceModel
from selfloop.train.fit_forecast import Forecaster
from selfloop.train.forecasting import ForecastNetwork, NetworkForecaster

FORMAT = 1
KEY = "selfloop"
BY_CHANNEL = ("level", "spread", "change", "seasonal")
SCALES = (*BY_CHANNEL, "answer", "floor")
WITHOUT_LOOP = {
    "forecast": ("naive", "seasonal_naive", "ridge_ar", "feed_forward"),
    "classify": ("majority", "summary", "feed_forward"),
}
DAMAGE = (KeyError, RuntimeError, ValueError, TypeError, AttributeError, AssertionError, OverflowError, MemoryError)
Arrays = dict[str, NDArray[Any]]
N = TypeVar("N", bound=torch.nn.Module)


@dataclass(frozen=True)
class Edition:
    """What every model file says of itself, whatever its format."""

    format: int
    version: str


@dataclass(frozen=True)
class Card:
    """What a model is and how its data are to be read: the JSON of a model file."""

    format: int
    version: str  # of selfloop that wrote it
    task: Literal["forecast", "classify"]
    candidate: str
    label: str
    columns: Columns
    channels: tuple[str, ...]
    classes: tuple[str, ...] = ()
    every: str | None = None
    horizon: int = 1
    season: int = 1
    direction: Direction = "one"
    pool: Pool = "last"
    layers: int = 1
    hidden_size: int | None = None
    window: int | None = None  # of a network without a self loop
    treatment: Kind | None = None
    log: bool = False
    ridge_window: int | None = None
    penalty: float | None = None
    series: tuple[str, ...] = ()  # whose scales are known


def write(path: Path, card: Card, model: Forecaster | SequenceModel, quantiles: NDArray[np.float64] | None) -> None:
    """Write a model file. A file of that name is replaced when the new one is complete."""
    arrays: Arrays = dict(_arrays(model))
    if quantiles is not None:
        arrays["quantiles"] = quantiles.astype(np.float64)
    metadata = {KEY: msgspec.json.encode(card).decode()}
    whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    unfinished = path.with_name(path.name + ".unfinished")
    # Not save_file, which lets nobody else read what it writes.
    unfinished.write_bytes(safetensors.numpy.save(whole, metadata=metadata))
    unfinished.replace(path)


def read(path: Path) -> tuple[Card, Forecaster | SequenceModel, NDArray[np.float64] | None]:
    """Read a model file.

    Raises:
        ModelFileError: missing, damaged, or not one of ours.
    """
    text, arrays = _open(path)
    card = _read_card(path, text)
    try:
        _check(card, arrays)
        quantiles = _floats(arrays, "quantiles", len(LEVELS), card.horizon) if "quantiles" in arrays else None
        return card, _model(card, arrays), quantiles
    except DAMAGE as error:
        said = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise ModelFileError(
            f"{path} is damaged: its numbers do not fit its description ({said}); take another copy, or compare again."
        ) from error


def _open(path: Path) -> tuple[str, Arrays]:
    """The description and the numbers."""
    if path.is_dir():
        raise ModelFileError(f"{path} is a folder; expected a model file that `selfloop compare` wrote in it.")
    if not path.is_file():
        raise ModelFileError(f"{path} does not exist; expected a model file that `selfloop compare` wrote.")
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  (no dict)
    except (safetensors.SafetensorError, OSError, *DAMAGE) as error:
        raise ModelFileError(
            f"{path} is not a model file, or is damaged ({error}); expected one that `selfloop compare` wrote."
        ) from error
    if KEY not in metadata:
        raise ModelFileError(
            f"{path} is a safetensors file, but not a selfloop model; expected {KEY!r} in its metadata."
        )
    return metadata[KEY], arrays


def _read_card(path: Path, text: str) -> Card:
    try:
        edition = msgspec.json.decode(text, type=Edition)
        if edition.format == FORMAT:
            return msgspec.json.decode(text, type=Card)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise ModelFileError(
            f"{path} is damaged: its description cannot be read ({error}); take another copy, or compare again."
        ) from error
    raise ModelFileError(
        f"{path} has model format {edition.format}; this selfloop reads format {FORMAT}: "
        f"use the version that wrote it, {edition.version}."
    )


def _check(card: Card, arrays: Arrays) -> None:
    """Refuse a description that no model of ours has, before anything is built after it."""
    counts = (card.horizon, card.season, card.layers, card.hidden_size, card.window, card.ridge_window)
    if not all(count is None or 1 <= count < 2**31 for count in counts) or not card.channels:
        raise ValueError("a size below one or beyond reason")
    if card.candidate not in (*WITHOUT_LOOP[card.task], *(kind.name for kind in kinds())):
        raise ValueError(f"{card.candidate!r} is no candidate of task {card.task!r}")
    if card.task == "classify" and len(card.classes) < 2:
        raise ValueError("fewer than two classes")
    if card.layers > 1 + len(arrays):
        raise ValueError(f"{card.layers} layers in {len(arrays)} arrays")


def _floats(arrays: Arrays, name: str, *shape: int) -> NDArray[np.float64]:
    """An array that must be there, in float64, of that shape, finite."""
    array = arrays[name]
    if array.shape != shape or array.dtype != np.float64 or not np.isfinite(array).all():
        raise ValueError(f"{name} is {array.dtype} {array.shape}; expected finite float64 {shape}")
    return array


def _arrays(model: Forecaster | SequenceModel) -> Arrays:
    match model:
        case Naive():
            return {}
        case RidgeForecaster():
            return {**_scales(model.fitted), **_ridge(model.model)}
        case NetworkForecaster():
            skip = _ridge(model.skip.model) if model.skip else {}
            return {**_scales(model.fitted), **skip, **_weights(model.network)}
        case Majority():
            return {"shares": model.shares}
        case SummaryClassifier():
            return {**_scaler(model.scaler), "weight": model.weight, "bias": model.bias}
        case NetworkClassifier():
            return {**_scaler(model.scaler), **_weights(model.network)}


def _model(card: Card, arrays: Arrays) -> Forecaster | SequenceModel:
    match card.candidate:
        case "naive":
            return Naive(1, card.horizon)
        case "seasonal_naive":
            return Naive(card.season, card.horizon)
        case "ridge_ar":
            return RidgeForecaster(_fitted(card, arrays), _read_ridge(card, arrays))
        case "majority":
            return Majority(_floats(arrays, "shares", len(card.classes)))
        case "summary":
            assert card.penalty is not None, "a summary model has a penalty"
            features, classes = summary_features(len(card.channels)), len(card.classes)
            weight, bias = _floats(arrays, "weight", classes, features), _floats(arrays, "bias", classes)
            return SummaryClassifier(_read_scaler(arrays, features), weight, bias, card.penalty)
    if card.task == "classify":
        return NetworkClassifier(_read_scaler(arrays, len(card.channels)), _loaded(partial(_classifier, card), arrays))
    fitted = _fitted(card, arrays)
    skip = RidgeForecaster(fitted, _read_ridge(card, arrays)) if card.ridge_window else None
    return NetworkForecaster(fitted, _loaded(partial(_forecaster, card, fitted.treatment), arrays), skip)


def _forecaster(card: Card, treatment: Treatment) -> ForecastNetwork:
    features = treatment.features(len(card.channels))
    assert card.hidden_size is not None, "a network has a size"
    if card.window is not None:
        return ForecastNetwork(WindowEncoder(features, card.hidden_size, card.window), card.horizon)
    encoder = RecurrentEncoder(card.candidate, features, card.hidden_size, card.layers, both=False)
    return ForecastNetwork(encoder, card.horizon)


def _classifier(card: Card) -> SequenceClassifier | WindowClassifier:
    channels, classes = len(card.channels), len(card.classes)
    assert card.hidden_size is not None, "a network has a size"
    if card.window is not None:
        return WindowClassifier(channels, card.hidden_size, card.window, classes)
    encoder = RecurrentEncoder(card.candidate, channels, card.hidden_size, card.layers, card.direction == "both")
    return SequenceClassifier(encoder, card.pool, classes)


def _weights(network: torch.nn.Module) -> Arrays:
    return {f"network.{name}": tensor.numpy() for name, tensor in network.state_dict().items()}


def _loaded(build: Callable[[], N], arrays: Arrays) -> N:
    with torch.device("meta"):  # without memory, and without drawing from the user's random numbers
        network = build()
    own = {name[8:]: torch.from_numpy(array) for name, array in arrays.items() if name.startswith("network.")}
    for name, tensor in own.items():
        if tensor.dtype != torch.float32 or not bool(tensor.isfinite().all()):
            raise ValueError(f"network.{name} is {tensor.dtype}; expected finite float32")
    network.load_state_dict(own, assign=True)
    return network.eval()


def _scaler(scaler: Scaler) -> Arrays:
    return {"scaler.mean": scaler.mean, "scaler.deviation": scaler.deviation}


def _read_scaler(arrays: Arrays, features: int) -> Scaler:
    return Scaler(_floats(arrays, "scaler.mean", features), _floats(arrays, "scaler.deviation", features))


def _ridge(model: Ridge) -> Arrays:
    return {"ridge.weight": model.weight, "ridge.bias": model.bias}


def _read_ridge(card: Card, arrays: Arrays) -> Ridge:
    assert card.ridge_window is not None, "a ridge model has a window"
    assert card.treatment is not None, "a ridge model has a treatment"
    channels = len(card.channels)
    others = Treatment(card.treatment, card.log, card.season, card.horizon).features(channels) - channels
    weight = _floats(arrays, "ridge.weight", card.horizon, channels * card.ridge_window + others)
    return Ridge(card.ridge_window, card.penalty or 0.0, weight, _floats(arrays, "ridge.bias", card.horizon))


def _scales(fitted: FittedTreatment) -> Arrays:
    scales = fitted.scales.values()
    return {f"scale.{name}": np.array([getattr(scale, name) for scale in scales]) for name in SCALES}


def _fitted(card: Card, arrays: Arrays) -> FittedTreatment:
    assert card.treatment is not None, "a forecaster that learns has a treatment"
    treatment = Treatment(card.treatment, card.log, card.season, card.horizon)
    series, channels = len(card.series), len(card.channels)
    shapes = [(series, channels) if name in BY_CHANNEL else (series,) for name in SCALES]
    columns = [_floats(arrays, f"scale.{name}", *shape) for name, shape in zip(SCALES, shapes, strict=True)]
    scales = {
        name: Scale(level, spread, change, seasonal, float(answer), float(floor))
        for name, level, spread, change, seasonal, answer, floor in zip(card.series, *columns, strict=True)
    }
    return FittedTreatment(treatment, scales)
