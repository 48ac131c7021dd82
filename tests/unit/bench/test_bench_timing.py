from __future__ import annotations

import gc
import time
from collections import Counter
from functools import partial
from itertools import pairwise

import pytest

from selfloop.bench.plan import LEAST_PAIRS
from selfloop.bench.timing import BLOCK, interleave, order, ratios


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
    times = interleave({"a": lambda: time.sleep(0.002), "b": lambda: time.sleep(0.004)}, seconds=1e-9)
    assert [len(t) for t in times.values()] == [LEAST_PAIRS] * 2
    assert all(ratio > 1 for ratio in ratios(times, "a", "b"))
    assert all(second > 0.004 for second in times["b"])


def test_quick_calls_are_timed_many_at_once_and_as_often_on_both_sides() -> None:
    calls = Counter[str]()
    times = interleave({name: partial(calls.update, [name]) for name in "ab"}, seconds=0.05)
    rounds = len(times["a"])
    each = (calls["a"] - 3) / rounds  # three to find out how long one takes
    assert calls["a"] == calls["b"]
    assert each > 10
    assert min(times["a"]) * each > BLOCK / 10


def test_no_collection_hits_one_side_of_a_pair() -> None:
    seen = []
    interleave({"a": lambda: seen.append(gc.isenabled())}, seconds=1e-9)
    assert not any(seen)
    assert gc.isenabled()


def test_collection_goes_on_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError):
        interleave({"a": lambda: 1 / 0}, seconds=1.0)
    assert gc.isenabled()
