"""What is the same for every candidate of a study, and what may differ between two runs of one candidate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from selfloop.results.study import Setting

Scheme = Literal["chrono", "torch"]
"""How a network's weights begin: see `selfloop.train.initialise`."""


@dataclass(frozen=True)
class Budget:
    """The budget and the shape that all candidates share.

    Attributes:
        epochs: passes over the training part that a run is expected to need.
        limit: passes at most, where it goes on getting better.
        patience: epochs without a better validation loss before stopping.
        learning_rates: to try.
        layers: recurrent layers on top of each other.
        scheme: how weights begin.
        hidden: units of each recurrent candidate, for the closest parameter counts.
        variant: how the task shows the data to networks.
        decay: whether the learning rate falls to nothing over a run, whose length is known then.
        dropout: share of what is fed and of what the head reads that is left out at random in training.
        window: steps the feed-forward network sees; None: chosen on validation.
    """

    epochs: int
    patience: int
    learning_rates: tuple[float, ...]
    layers: int
    scheme: Scheme
    hidden: dict[str, int]
    variant: str = ""
    window: int | None = None
    limit: int = 0  # 0: as many as `epochs`
    decay: bool = False
    dropout: float = 0.0

    @property
    def most_epochs(self) -> int:
        """Where training ends, whatever validation says."""
        return max(self.limit, self.epochs)

    @property
    def middle_rate(self) -> float:
        """The learning rate to try first."""
        return self.learning_rates[len(self.learning_rates) // 2]

    def recurrent_options(self, candidate: str) -> tuple[Option, ...]:
        """Each learning rate."""
        return tuple(Option(rate, self.hidden[candidate]) for rate in self.learning_rates)

    @property
    def rate_options(self) -> tuple[Option, ...]:
        """Each learning rate, for what has sizes of its own."""
        return tuple(Option(rate, 0) for rate in self.learning_rates)

    def window_options(
        self, windows: tuple[int, ...], sizes: tuple[int, ...]
    ) -> tuple[tuple[Option, ...], tuple[float, ...]]:
        """Each window and size at the middle rate, and the rates left to try on the best of them."""
        seen = (self.window,) if self.window else windows
        first = tuple(Option(self.middle_rate, size, window) for window in seen for size in sizes)
        return first, tuple(rate for rate in self.learning_rates if rate != self.middle_rate)


@dataclass(frozen=True)
class Option:
    """One setting to try: validation picks among a candidate's options."""

    learning_rate: float
    hidden_size: int  # 0: the user's own module has sizes of its own
    window: int | None = None  # of a network without a self loop

    @property
    def settings(self) -> dict[str, Setting]:
        """As recorded with a trial."""
        chosen: dict[str, Setting] = {"learning_rate": self.learning_rate}
        chosen |= {"hidden_size": self.hidden_size} if self.hidden_size else {}
        return chosen if self.window is None else {**chosen, "window": self.window}


def option_of(settings: dict[str, Setting]) -> Option:
    """The option that a trial recorded."""
    window = settings.get("window")
    rate, hidden = settings["learning_rate"], settings.get("hidden_size", 0)
    assert isinstance(rate, float)
    assert isinstance(hidden, int)
    assert not isinstance(window, str | float)
    return Option(rate, hidden, window)
