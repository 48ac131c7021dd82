"""Drawing what comes next: temperature, the likeliest few, the nucleus."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from selfloop.data.sequences import Floats
from selfloop.errors import SettingsError


@dataclass(frozen=True)
class Sampler:
    """How boldly is drawn.

    Attributes:
        temperature: 0: always the likeliest.
        top_k: None: all.
        top_p: the nucleus of Holtzman et al. 2020; None: all.
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None

    def __post_init__(self) -> None:
        """Refuse what is none."""
        if not (math.isfinite(self.temperature) and self.temperature >= 0):
            raise SettingsError(
                f"temperature is {self.temperature:g}; expected 0 or more: 0 is always the likeliest, 1 as the model "
                "has it. Give another --temperature."
            )
        if self.top_k is not None and self.top_k < 1:
            raise SettingsError(f"top_k is {self.top_k}; expected 1 or more, or none at all. Give another --top-k.")
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise SettingsError(
                f"top_p is {self.top_p:g}; expected a share above 0, up to 1, such as 0.9. Give another --top-p."
            )

    def weights(self, probabilities: Floats) -> Floats:
        """(K,) what is drawn by: the temperature first, then the likeliest few, then of those the nucleus."""
        order = np.argsort(-probabilities, kind="stable")
        if self.temperature == 0:
            return np.where(np.arange(len(order)) == order[0], 1.0, 0.0)
        with np.errstate(divide="ignore"):  # what cannot come stays so: the exponential of −∞
            scores = np.log(probabilities[order]) / self.temperature
        sorted_ = np.exp(scores - scores[0])
        if self.top_k is not None:
            sorted_[self.top_k :] = 0.0
        sorted_ /= sorted_.sum()
        if self.top_p is not None:
            before = np.cumsum(sorted_) - sorted_
            sorted_[before >= self.top_p] = 0.0
            sorted_ /= sorted_.sum()
        found: Floats = np.empty(len(sorted_))
        found[order] = sorted_
        return found

    def draw(self, probabilities: Floats, rng: np.random.Generator) -> int:
        """One of K."""
        running = np.cumsum(self.weights(probabilities))
        place = int(np.searchsorted(running, rng.random() * running[-1], side="right"))
        return min(place, int(np.flatnonzero(np.diff(running, prepend=0.0) > 0)[-1]))

    def draw_on(self, probabilities: Floats, rng: np.random.Generator) -> Floats:
        """(channels,) 1 for on, 0 for off, each drawn by itself.

        Raises:
            SettingsError: only of symbols are there likeliest few.
        """
        if self.top_k is not None or self.top_p is not None:
            raise SettingsError("top_k and top_p choose among symbols, and this model makes frames: leave them out.")
        if self.temperature == 0:
            return np.asarray(probabilities >= 0.5, dtype=np.float64)
        odds = (np.log(probabilities) - np.log1p(-probabilities)) / self.temperature
        return (rng.random(len(odds)) < 1 / (1 + np.exp(-np.clip(odds, -700, 700)))).astype(np.float64)
