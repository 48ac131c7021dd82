"""How a model goes on by itself, and what it makes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from selfloop.tasks.model import Model, Signature


@dataclass(frozen=True)
class Continuation:
    """How a model goes on by itself.

    Attributes:
        prompt: what it reads before.
        temperature: what scores are divided by: above 1 bolder, below 1 closer to the likeliest, which 0 is.
        top_k: so many of the likeliest are drawn from; None: from all.
        top_p: the likeliest that together have this probability are drawn from; None: all.
        seed: of the draws.
    """

    prompt: str = ""
    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    seed: int = 0


@dataclass(frozen=True)
class Continued:
    """What a model makes by itself, piece by piece as it is asked for.

    Attributes:
        start: what it read before, as it is shown.
        unknown: what it did not know of that.
        pieces: texts that are written one behind the other; or (channels,) frames.
        channels: their names; empty for texts.
    """

    start: str
    unknown: tuple[str, ...]
    pieces: Iterator[Any]
    channels: tuple[str, ...] = ()


@runtime_checkable
class Continues(Protocol):
    """A task whose models go on by themselves."""

    def continued(self, model: Model, signature: Signature, asked: Continuation) -> Continued:
        """What a saved model makes.

        Args:
            model: says what comes next.
            signature: of the data that it learnt from.
            asked: from where, and how boldly.

        Raises:
            SettingsError: it cannot be asked so.
        """
        ...
