"""What units of a layer go along with in a text: the numbers of a table that the explorer shows. No torch here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Response:
    """A unit that goes along with a feature of what is read.

    Attributes:
        unit: which, from 0.
        feature: in words: "inside quotes".
        r: their correlation over steps, from −1 to 1.
    """

    unit: int
    feature: str
    r: float


@dataclass(frozen=True)
class Responses:
    """What units of a layer go along with.

    Attributes:
        state: of which state: "h", or "c" where there is one.
        steps: that correlations are over.
        features: that were looked at.
        limit: the |r| that the largest of all units and features passes by chance once in 20 times.
        found: units above it, each with its strongest feature, strongest first; not more than a page lists.
    """

    state: Literal["h", "c"]
    steps: int
    features: int
    limit: float
    found: tuple[Response, ...]
