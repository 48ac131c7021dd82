"""Hidden sizes chosen together, so that candidates have parameter counts as close as whole units allow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from selfloop.errors import SettingsError
from selfloop.kinds import kind_of

ROOM = 0.1  # how far from the budget a count may move for the candidates to come closer to each other
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
        kind: its name.
        shape: inputs, outputs, layers, whether both directions are read.
        hidden_size: units of each layer and direction.
    """
    inputs, outputs, layers, both = shape
    directions = 2 if both else 1
    sizes = [inputs] + [hidden_size * directions] * (layers - 1)
    encoder = directions * sum(kind_of(kind).parameters(size, hidden_size) for size in sizes)
    return encoder + outputs * (hidden_size * directions + 1)


def sizes(counts: Mapping[str, Callable[[int], int]], budget: int, tables: int = 0) -> Sizes:
    """The hidden sizes with the smallest gap, among those near the budget; of equals, those closest to it.

    What all of them have alike hides no difference between them: sizes are chosen by what is beside it.

    Args:
        counts: for each candidate, its parameter count as an increasing function of the hidden size.
        budget: parameters that each should have, beside the tables.
        tables: parameters of the tables of symbols that each has as well.

    Raises:
        SettingsError: not even one hidden unit fits the budget.
    """
    least = {name: count(1) for name, count in counts.items()}
    if budget < max(least.values()):
        raise SettingsError(
            f"a budget of {budget + tables} parameters is too small: one hidden unit already takes "
            f"{max(least.values()) + tables}; give --params {max(least.values()) * 4 + tables} or more."
        )
    closest = [count(_closest(count, budget)) for count in counts.values()]
    low, high = min((1 - ROOM) * budget, *closest), max((1 + ROOM) * budget, *closest)
    near = sorted((count(h), name, h) for name, count in counts.items() for h in _between(count, low, high))
    last: dict[str, tuple[int, int]] = {}  # the largest of each so far: the closest set whose largest is the newest
    best: tuple[float, int, Sizes] | None = None
    for parameters_, name, hidden_size in near:
        last[name] = hidden_size, parameters_
        if len(last) < len(counts):
            continue
        found = Sizes({n: last[n][0] for n in counts}, {n: last[n][1] for n in counts})
        off = sum(abs(count - budget) for count in found.parameters.values())
        if best is None or (found.gap, off) < best[:2]:
            best = found.gap, off, found
    assert best is not None, "the counts closest to the budget are near it"
    return Sizes(best[2].hidden, {name: count + tables for name, count in best[2].parameters.items()})


def _between(count: Callable[[int], int], low: float, high: float) -> range:
    """The hidden sizes whose counts are from `low` to `high`."""
    first, last = _closest(count, int(low)), _closest(count, int(high))
    first += count(first) < low
    last -= count(last) > high
    return range(first, last + 1)


def _closest(count: Callable[[int], int], target: int) -> int:
    """The hidden size whose count is closest to the target, by bisection."""
    low, high = 1, LARGEST
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if count(middle) < target else (low, middle)
    return low - 1 if low > 1 and target - count(low - 1) < count(low) - target else low
