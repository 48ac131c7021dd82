"""What a model is and how its data are to be read: the JSON of a model file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import msgspec

from selfloop.data.came import ClassType
from selfloop.data.sequences import Columns
from selfloop.tasks.model import Fields, Signature, Size

FORMAT = 1


@dataclass(frozen=True)
class Edition:
    """What every model file says of itself, whatever its format."""

    format: int
    version: str


@dataclass(frozen=True)
class Card:
    """What every model says of itself. What its task and its parts say beside that is in `more`.

    Attributes:
        format: of the file.
        version: of selfloop that wrote it.
        task: its name.
        candidate: its name.
        label: as people write it.
        columns: which column of a table plays which part.
        channels: names of the columns that it reads.
        classes: names of the classes; empty for none.
        class_type: what the labels were that the classes are the texts of.
        every: the step between two times, or None.
        outcomes: names of the numbers that it tells of each sequence; empty for none.
        layers: recurrent layers of a network.
        hidden_size: of a network.
        window: of a network without a self loop.
        more: the fields of the task, the pipeline or the baseline, in the same JSON object.
    """

    format: int
    version: str
    task: str
    candidate: str
    label: str
    columns: Columns
    channels: tuple[str, ...]
    classes: tuple[str, ...] = ()
    class_type: ClassType = "text"
    every: str | None = None
    outcomes: tuple[str, ...] = ()
    layers: Size = 1
    hidden_size: Size | None = None
    window: Size | None = None
    more: Fields = field(default_factory=dict)

    @property
    def signature(self) -> Signature:
        """The data that it reads."""
        target = 0 if self.columns.target is None else self.channels.index(self.columns.target)
        return Signature(self.channels, target, self.classes, self.every, self.outcomes)


OWN = tuple(each.name for each in fields(Card) if each.name != "more")


def to_text(card: Card) -> str:
    """One JSON object: the card's fields, then those of its task and parts."""
    own = {name: getattr(card, name) for name in OWN}
    return msgspec.json.encode({**own, **card.more}).decode()


def from_text(text: str) -> Card:
    """The inverse.

    Raises:
        msgspec.DecodeError: it is no such object.
    """
    held: Mapping[str, Any] = msgspec.json.decode(text, type=dict[str, Any])
    card = msgspec.convert({name: held[name] for name in OWN if name in held}, Card)
    return replace(card, more={name: value for name, value in held.items() if name not in OWN})
