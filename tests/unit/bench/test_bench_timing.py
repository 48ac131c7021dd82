from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import pytest

from selfloop.bench.plan import LEAST_PAIRS
from selfloop.bench.timing import BLOCK, MOST_ROUNDS, interleave, order, ratios


class Clock:
    """Time passes in calls alone; in powers of two, so that sums of them are exact."""

    def __init__(self) -> None:
        self.now = 0.0
        self.calls = Counter[str]()

    def __call__(self) -> float:
        return self.now

    def passing(self, seconds: float, name: str) -> Callable[[], None]:
        """A call that takes so long."""

        def call() -> None:
            self.now += seconds
            self.calls[name] += 1

        return call


def test_two_sides_follow_each_other_as_often_as_themselves() -> None:
    turns = [side for number in range(8) for side in order(["a", "b"], number)]
    assert turns[:8] == ["a", "b", "b", "a", "b", "a", "a", "b"]
    follows = Counter(pairwise(turns))
    assert follows["a", "a"] == follows["b", "b"]
    assert abs(follows["a", "b"] - follows["b", "a"]) <= 1


def test_of_three_sides_each_has_every_place() -> None:
    places = [Counter(order(["a", "b", "c"], number)[place] for number in range(6)) for place in range(3)]
    assert all(set(count.values()) == {2} for count in places)


def test_slow_calls_are_paired_at_least_six_times() -> None:
    clock = Clock()
    times = interleave({"a": clock.passing(2**-9, "a"), "b": clock.passing(2**-8, "b")}, 1e-9, clock)
    assert times == {"a": [2**-9] * LEAST_PAIRS, "b": [2**-8] * LEAST_PAIRS}
    assert ratios(times, "a", "b") == [2.0] * LEAST_PAIRS
    assert clock.calls == {"a": LEAST_PAIRS + 3, "b": LEAST_PAIRS + 3}  # three to find out how long one takes


def test_rounds_go_on_until_the_time_is_used_up_and_not_for_ever() -> None:
    clock = Clock()
    calls = {"a": clock.passing(2**-9, "a"), "b": clock.passing(2**-8, "b")}
    assert len(interleave(calls, 10.5 * (2**-9 + 2**-8), clock)["a"]) == 11
    assert len(interleave(calls, float("inf"), clock)["b"]) == MOST_ROUNDS


def test_quick_calls_are_timed_many_at_once_and_as_often_on_both_sides() -> None:
    clock = Clock()
    quick, slower = 2**-20, 2**-18
    times = interleave({"a": clock.passing(quick, "a"), "b": clock.passing(slower, "b")}, 0.05, clock)
    each, rest = divmod(clock.calls["a"] - 3, len(times["a"]))
    assert rest == 0
    assert clock.calls["a"] == clock.calls["b"]
    assert each * quick >= BLOCK > (each - 1) * quick
    assert set(times["a"]) == {quick}
    assert set(times["b"]) == {slower}


def test_no_collection_hits_one_side_of_a_pair() -> None:
    seen = []
    interleave({"a": lambda: seen.append(gc.isenabled())}, seconds=1e-9)
    assert not any(seen)
    assert gc.isenabled()


def test_collection_goes_on_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError):
        interleave({"a": lambda: 1 / 0}, seconds=1.0)
    assert gc.isenabled()
