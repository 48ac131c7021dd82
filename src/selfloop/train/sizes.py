"""Hidden sizes chosen together, so that candidates have parameter counts as close as whole units allow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from selfloop.cells import CELLS
from selfloop.errors import SettingsError

ROOM = 0.1  # how far from the budget the common count may move for the candidates to come closer to each other
LARGEST = 4096


@dataclass(frozen=True)
class Sizes:
    """Hidden size and parameter count of each candidate."""

    hidden: dict[str, int]
    parameters: dict[str, int]

    @property
    def gap(self) -> float:
        """The largest count over the smallest, less one: 0.02 is 2 %."""
        return max(self.parameters.values()) / min(self.parameters.values()) - 1


def parameters(kind: str, shape: tuple[int, int, int, bool], hidden_size: int) -> int:
    """Weights and biases of an encoder and its head, without building them.

    Args:
        kind: "rnn", "lstm" or "gru".
        shape: inputs, outputs, layers, whether both directions are read.
        hidden_size: units of each layer and direction.
    """
    inputs, outputs, layers, both = shape
    directions = 2 if both else 1
    sizes = [inputs] + [hidden_size * directions] * (layers - 1)
    encoder = directions * sum(CELLS[kind].parameters(size, hidden_size) for size in sizes)
    return encoder + outputs * (hidden_size * directions + 1)


def sizes(counts: Mapping[str, Callable[[int], int]], budget: int) -> Sizes:
    """The hidden sizes with the smallest gap, among those near the budget.

    Args:
        counts: for each candidate, its parameter count as an increasing function of the hidden size.
        budget: parameters that each should have.

    Raises:
        SettingsError: not even one hidden unit fits the budget.
    """
    least = {name: count(1) for name, count in counts.items()}
    if budget < max(least.values()):
        raise SettingsError(
            f"a budget of {budget} parameters is too small: one hidden unit already takes {max(least.values())}; "
            f"give --params {max(least.values()) * 4} or more."
        )
    anchors = {name: _closest(count, budget) for name, count in counts.items()}
    coarsest = max(counts, key=lambda name: counts[name](anchors[name] + 1) - counts[name](anchors[name]))
    best: Sizes | None = None
    for size in range(max(anchors[coarsest] - 8, 1), anchors[coarsest] + 9):
        target = counts[coarsest](size)
        near = abs(target - budget) <= ROOM * budget or size == anchors[coarsest]
        hidden = {name: _closest(count, target) for name, count in counts.items()}
        found = Sizes(hidden, {name: counts[name](h) for name, h in hidden.items()})
        if near and (best is None or found.gap < best.gap):
            best = found
    assert best is not None, "the anchor itself is always near"
    return best


def _closest(count: Callable[[int], int], target: int) -> int:
    """The hidden size whose count is closest to the target, by bisection."""
    low, high = 1, LARGEST
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if count(middle) < target else (low, middle)
    return low - 1 if low > 1 and target - count(low - 1) < count(low) - target else low
