"""`selfloop tour`: train RNN, LSTM and GRU to remember, see where each stops and why, and look inside."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise

from selfloop.data.generators import SYMBOLS
from selfloop.engine.processes import workers as engine
from selfloop.errors import SettingsError
from selfloop.inside.tour.look_inside import look_inside
from selfloop.inside.tour.train import HIDDEN, MOST_UPDATES, TESTS, Recipe, learn, signal
from selfloop.kinds import default_kinds
from selfloop.results.tour import Signal, Start, Tour, Trained
from selfloop.train.network import Network

LAGS = (5, 10, 20, 40, 80)
LONGEST_LAG = 1000
CELLS = tuple(kind.name for kind in sorted(default_kinds(), key=lambda kind: -len(kind.gates)))
STARTS: tuple[Start, ...] = ("chrono", "torch")
EXPLORED = 20  # steps: far enough to tell them apart, near enough to be stepped through
Pair = tuple[Trained, Network]


def tour(
    lags: Sequence[int] = LAGS,
    *,
    workers: int = 1,
    most_updates: int = MOST_UPDATES,
    say: Callable[[Trained, int, int], None] = lambda found, done, total: None,
) -> Tour:
    """Train every cell from every start for every lag.

    Args:
        lags: steps to remember, increasing.
        workers: processes, one thread each.
        most_updates: gradient steps that a network may take.
        say: is told of each network when it is done, with how many are, and how many there will be.

    Raises:
        SettingsError: no lags, or lags that make no sense.
    """
    _check(lags, workers, most_updates)
    began = time.perf_counter()
    recipes = [Recipe(cell, start, lag) for lag in lags for start in STARTS for cell in CELLS]
    learnt: dict[Recipe, Pair] = {}

    def note(recipe: Recipe, found: Pair) -> None:
        learnt[recipe] = found
        say(found[0], len(learnt), len(recipes))

    with engine(None, workers) as pool:  # one thread each: these networks are too small to share between cores
        for recipe in sorted(recipes, key=lambda recipe: -recipe.lag):  # the last to finish should be a short one
            pool.submit(partial(note, recipe), learn, recipe, most_updates)
        pool.drain()
    signals = _signals(lags[-1])
    explored = max((lag for lag in lags if lag <= EXPLORED), default=lags[0])
    chosen = [Recipe(cell, "chrono", explored) for cell in CELLS] + [Recipe(CELLS[0], "torch", explored)]
    return Tour(
        lags=tuple(lags), chance=1 / SYMBOLS, tests=TESTS, hidden_size=HIDDEN, most_updates=most_updates,
        trained=tuple(learnt[recipe][0] for recipe in recipes), signals=signals,
        exploration=look_inside([(recipe, *learnt[recipe]) for recipe in chosen], explored), explored_lag=explored,
        seconds=time.perf_counter() - began,
    )  # fmt: skip


def _signals(lag: int) -> tuple[Signal, ...]:
    return tuple(signal(Recipe(cell, start, lag)) for start in STARTS for cell in CELLS)


def _check(lags: Sequence[int], workers: int, most_updates: int) -> None:
    growing = all(a < b for a, b in pairwise(lags))
    if not lags or not growing or lags[0] < 1 or lags[-1] > LONGEST_LAG:
        said = ",".join(map(str, lags)) or "empty"
        raise SettingsError(f"lags are {said}; expected growing numbers from 1 to {LONGEST_LAG:,}, such as 5,10,20.")
    for name, value in (("workers", workers), ("most_updates", most_updates)):
        if value < 1:
            raise SettingsError(f"{name} is {value}; expected 1 or more.")
