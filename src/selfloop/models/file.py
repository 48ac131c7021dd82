"""One safe file a model: safetensors for the numbers, JSON in its metadata for the rest, never pickle."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import safetensors
import safetensors.numpy

from selfloop.errors import ModelFileError
from selfloop.files import whole
from selfloop.models.card import FORMAT, Card, Edition, from_text, to_text
from selfloop.tasks.model import Arrays
from selfloop.tasks.registry import TASKS

KEY = "selfloop"
LARGEST = 2**31  # a count in a description, less one
# What numbers that do not fit their description lead to; a TypeError of ours is not among it.
DAMAGE = (KeyError, ValueError, RuntimeError, OverflowError, MemoryError)
# The names that arrays had in files of earlier versions,
EARLIER = {
    "quantiles": "half_widths",
    "network.first.weight": "network.encoder.first.weight",
    "network.first.bias": "network.encoder.first.bias",
    "network.second.weight": "network.encoder.second.weight",
    "network.second.bias": "network.encoder.second.bias",
}
# which had a list of layers for each direction.
DIRECTIONS = {"network.encoder.forwards.": "", "network.encoder.backwards.": "_reverse"}


def write(path: Path, card: Card, arrays: Arrays) -> None:
    """Write a model file. A file of that name is replaced when the new one is complete."""
    metadata = {KEY: to_text(card)}
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    # Not save_file, which lets nobody else read what it writes.
    with whole(path) as draft:
        draft.write_bytes(safetensors.numpy.save(contiguous, metadata=metadata))


def read(path: Path) -> tuple[Card, Arrays]:
    """The description and the numbers of a model file, of which each part checks its own.

    Raises:
        ModelFileError: missing, damaged, or not one of ours.
    """
    text, arrays = _open(path)
    card = _read_card(path, text)
    try:
        _check(card, arrays)
    except DAMAGE as error:
        raise damaged(path, error) from error
    return card, {_current(name): array for name, array in arrays.items()}


def damaged(path: Path, error: BaseException) -> ModelFileError:
    """What is said of a file whose numbers do not fit its description."""
    said = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
    return ModelFileError(
        f"{path} is damaged: its numbers do not fit its description ({said}); take another copy, or compare again."
    )


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
    # safetensors itself raises TypeError and AttributeError for numbers that NumPy does not know.
    except (safetensors.SafetensorError, OSError, TypeError, AttributeError, *DAMAGE) as error:
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
            return from_text(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise ModelFileError(
            f"{path} is damaged: its description cannot be read ({error}); take another copy, or compare again."
        ) from error
    raise ModelFileError(
        f"{path} has model format {edition.format}; this selfloop reads format {FORMAT}: "
        f"use the version that wrote it, {edition.version}."
    )


def _current(name: str) -> str:
    """The name that an array has now."""
    for earlier, direction in DIRECTIONS.items():
        if name.startswith(earlier):
            return f"network.encoder.layers.{name.removeprefix(earlier)}{direction}"
    return EARLIER.get(name, name)


def _check(card: Card, arrays: Arrays) -> None:
    """Refuse a description that no model of ours has, before anything is built after it."""
    counts = [value for value in card.more.values() if isinstance(value, int) and not isinstance(value, bool)]
    if not all(1 <= count < LARGEST for count in counts) or not card.channels:
        raise ValueError("a size below one or beyond reason")
    if card.columns.target is not None and card.columns.target not in card.channels:
        raise ValueError(f"{card.columns.target!r} is no channel")
    if card.task not in TASKS:
        raise ValueError(f"there is no task {card.task!r}")
    if card.layers > 1 + len(arrays):
        raise ValueError(f"{card.layers} layers in {len(arrays)} arrays")
